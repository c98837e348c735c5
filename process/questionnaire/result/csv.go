package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
)

// bom tells spreadsheets that the file is UTF-8.
const bom = "\ufeff"

var numeric = regexp.MustCompile(`^-?[0-9]{1,15}([.,][0-9]+)?$`)

// neutral makes a cell harmless in a spreadsheet: one that would be read as a
// formula gets an apostrophe in front. Plain numbers stay numbers.
func neutral(s string) string {
	if s == "" || numeric.MatchString(s) || !strings.ContainsAny(s[:1], "=+-@\t\r\n") {
		return s
	}
	return "'" + s
}

type writer struct{ csv *csv.Writer }

func newWriter(w io.Writer) (*writer, error) {
	if _, err := io.WriteString(w, bom); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return &writer{csv: out}, nil
}

func (w *writer) line(cells []string) error {
	safe := make([]string, len(cells))
	for n, c := range cells {
		safe[n] = neutral(c)
	}
	if err := w.csv.Write(safe); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (w *writer) close() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// WriteTables writes tables as CSV: UTF-8 with a byte order mark, semicolons,
// each table under its caption, an empty line between.
func WriteTables(w io.Writer, tables ...Table) error {
	out, err := newWriter(w)
	if err != nil {
		return err
	}
	for n, t := range tables {
		lines := [][]string{{t.Caption}, t.Head}
		if n > 0 {
			lines = append([][]string{{""}}, lines...)
		}
		for _, row := range append(append([]TableRow{}, t.Rows...), t.Foot...) {
			cells := []string{row.Label}
			for _, v := range row.Values {
				cells = append(cells, v.Text)
			}
			lines = append(lines, cells)
		}
		for _, cells := range lines {
			if err := out.line(cells); err != nil {
				return err
			}
		}
	}
	return out.close()
}

// column is one column of the raw answers: an item, or one option of a
// multiple choice.
type column struct {
	item   *form.Item
	option *form.Option
}

// WriteAnswers writes one line a response, in random order and without any
// identity or stratum: a column an item ("q1: its text"), and for multiple
// choices a column an option with 1 or 0, empty where the item was not
// answered. Choices are written as their texts in the language of w.
//
// Every response is held in memory until the last is read, because an order
// that follows the storage would tell who answered when. A nil rng takes the
// process's own source.
func (w Words) WriteAnswers(to io.Writer, f *form.Form, rows iter.Seq2[Row, error], rng *rand.Rand) error {
	var columns []column
	var head []string
	for _, page := range f.Pages() {
		item := page.Item
		name := item.Code + ": " + item.Label(w.Lang)
		switch item.Type {
		case form.Note:
		case form.Multiple:
			for n := range item.Options {
				columns = append(columns, column{item, &item.Options[n]})
				head = append(head, name+": "+item.Options[n].Text.In(w.Lang))
			}
		default:
			columns = append(columns, column{item: item})
			head = append(head, name)
		}
	}
	var lines [][]string
	for row, err := range rows {
		if err != nil {
			return fmt.Errorf("read responses: %w", err)
		}
		line := make([]string, len(columns))
		for n, c := range columns {
			line[n] = w.raw(c, row.Answers[c.item.Code])
		}
		lines = append(lines, line)
	}
	shuffle(rng, lines)
	out, err := newWriter(to)
	if err != nil {
		return err
	}
	if err := out.line(head); err != nil {
		return err
	}
	for _, line := range lines {
		if err := out.line(line); err != nil {
			return err
		}
	}
	return out.close()
}

func (w Words) raw(c column, a form.Answer) string {
	switch {
	case a.Blank():
		return ""
	case c.option != nil:
		if a.Has(c.option.Code) {
			return "1"
		}
		return "0"
	case a.Unsure:
		if c.item.Scale == nil {
			return ""
		}
		return c.item.Scale.Unsure.In(w.Lang)
	case a.Number != nil:
		s := strconv.FormatFloat(*a.Number, 'f', -1, 64)
		return strings.Replace(s, ".", w.T(w.Lang, "page.number.decimal", nil), 1)
	case c.item.Type.One():
		if o := c.item.Option(a.Text); o != nil {
			return o.Text.In(w.Lang)
		}
	}
	return a.Text
}
