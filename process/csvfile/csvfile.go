// Package csvfile writes tables for spreadsheets as they are opened in Italy:
// UTF-8 with a byte order mark, semicolons, lines that end in CR LF, and no cell
// that would be taken for a formula.
package csvfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Type is the media type of the files.
const Type = "text/csv; charset=utf-8"

// mark tells spreadsheets that the file is UTF-8.
const mark = "\ufeff"

var number = regexp.MustCompile(`^-?[0-9]{1,15}([.,][0-9]+)?$`)

// blanks are what programs pass over before they look for a formula.
const blanks = " \u00a0\ufeff"

// neutral makes a cell harmless: one that would be read as a formula gets an
// apostrophe in front. Plain numbers stay numbers.
func neutral(cell string) string {
	begin := strings.TrimLeft(cell, blanks)
	if begin == "" || number.MatchString(cell) || !strings.ContainsAny(begin[:1], "=+-@\t\r\n") {
		return cell
	}
	return "'" + cell
}

// Writer writes one file, line by line. Close must be called in the end.
type Writer struct{ csv *csv.Writer }

// New begins a file.
func New(w io.Writer) (*Writer, error) {
	if _, err := io.WriteString(w, mark); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return &Writer{csv: out}, nil
}

// Line writes the cells of one line.
func (w *Writer) Line(cells ...string) error {
	safe := make([]string, len(cells))
	for n, c := range cells {
		safe[n] = neutral(c)
	}
	if err := w.csv.Write(safe); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// Close writes what is left; it does not close what it writes to.
func (w *Writer) Close() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// Write writes a whole file.
func Write(w io.Writer, lines [][]string) error {
	out, err := New(w)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := out.Line(line...); err != nil {
			return err
		}
	}
	return out.Close()
}
