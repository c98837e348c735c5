package roster

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"arengo/process/fault"
)

// Limits bound a contact file. Cell is the length of one cell in characters.
type Limits struct {
	Bytes int64
	Rows  int
	Cell  int
}

// DefaultLimits are those of the import page: 5 MB, 50 000 rows, 1 000
// characters a cell.
var DefaultLimits = Limits{Bytes: 5 << 20, Rows: 50_000, Cell: 1_000}

// Row is one line of the file as it was written, trimmed and without control
// characters. Line is where it begins in the file, from 1. Problem is a locale
// key, empty when the row could be read.
type Row struct {
	Line    int
	Email   string
	Name    string
	Place   string // name of the municipality
	Code    string // ISTAT code of the municipality
	Locale  string // one of notify.Locales, or "" when the row names none
	Tongue  string // the language as written, when it is none of ours
	Problem string
}

// Sheet is a contact file as read. Sum is the SHA-256 of its bytes in
// hexadecimal; Ignored are the headings that were not understood.
type Sheet struct {
	Sum       string
	Separator rune
	Ignored   []string
	Rows      []Row
}

const field = "file" // the form field of every refusal of a whole file

// Read reads a contact file: UTF-8 with or without byte order mark, separated
// by semicolon, comma or tab, headings in Italian or English. It touches
// nothing else. What is wrong with the whole file is fault.Invalid at "file":
// roster.csv_too_big, csv_empty, csv_encoding, csv_utf16, csv_binary,
// csv_no_email, csv_column_twice, csv_quote, csv_no_rows, csv_too_many; what
// is wrong with one row is its Problem. Text that looks like a formula is text.
func Read(r io.Reader, limits Limits) (Sheet, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return Sheet{}, err
	}
	if int64(len(raw)) > limits.Bytes {
		return Sheet{}, fault.Field(field, "roster.csv_too_big", "max", limits.Bytes>>20)
	}
	sheet := Sheet{Sum: Sum(raw)}
	text, err := decode(raw)
	if err != nil {
		return sheet, err
	}
	text, skipped, named := preamble(text)
	sheet.Separator = named
	if named == 0 {
		sheet.Separator = separator(firstLine(text))
	}
	err = sheet.read(text, skipped, limits)
	return sheet, err
}

// Sum is the fingerprint by which a dry run and its import recognise the same
// file: SHA-256 in hexadecimal.
func Sum(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// decode removes the byte order mark and refuses what is not UTF-8 text.
func decode(raw []byte) (string, error) {
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		return "", fault.Field(field, "roster.csv_utf16")
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return "", fault.Field(field, "roster.csv_binary", "line", lineAt(raw, i))
	}
	if i := badUTF8(raw); i >= 0 {
		return "", fault.Field(field, "roster.csv_encoding", "line", lineAt(raw, i))
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return "", fault.Field(field, "roster.csv_empty")
	}
	text := string(raw)
	if !strings.Contains(text, "\n") {
		// Line ends of the oldest Macintosh, which some exports still write.
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

func badUTF8(raw []byte) int {
	if utf8.Valid(raw) {
		return -1
	}
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func lineAt(raw []byte, i int) int { return 1 + bytes.Count(raw[:i], []byte("\n")) }

// preamble skips blank lines and a line "sep=;", by which spreadsheets name
// the separator; it returns how many lines it skipped and the separator.
func preamble(text string) (rest string, lines int, sep rune) {
	for {
		line, after, found := strings.Cut(text, "\n")
		trimmed := strings.ToLower(strings.TrimSpace(line))
		named, isSep := strings.CutPrefix(trimmed, "sep=")
		switch {
		case isSep && len(named) == 1 && strings.Contains(";,", named):
			sep = rune(named[0])
		case trimmed == "sep=": // the tab was trimmed away
			sep = '\t'
		case trimmed != "" || !found:
			return text, lines, sep
		}
		text, lines = after, lines+1
		if !found {
			return "", lines, sep
		}
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// separator is the one of the three that the heading line has most of outside
// quotes; the semicolon, which Italian spreadsheets write, when it has none.
func separator(line string) rune {
	count := map[rune]int{}
	quoted := false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[r]++
		}
	}
	best := ';'
	for _, r := range []rune{'\t', ','} {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}

func (s *Sheet) read(text string, skipped int, limits Limits) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = s.Separator, -1, true
	headings, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fault.Field(field, "roster.csv_empty")
	}
	if err != nil {
		return fault.Field(field, "roster.csv_quote", "line", skipped+1).Because(err)
	}
	columns, err := s.understand(headings)
	if err != nil {
		return err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		row := Row{}
		switch bad := (*csv.ParseError)(nil); {
		case errors.As(err, &bad) && errors.Is(bad.Err, csv.ErrBareQuote):
			// The reader goes on with the next line: nothing was swallowed.
			row = Row{Line: skipped + bad.StartLine, Problem: "roster.row_quote"}
		case errors.As(err, &bad):
			return fault.Field(field, "roster.csv_quote", "line", skipped+bad.StartLine).Because(err)
		case err != nil:
			return err
		case blank(record):
			continue
		default:
			line, _ := r.FieldPos(0)
			row = columns.row(record, limits.Cell)
			row.Line = skipped + line
		}
		if len(s.Rows) == limits.Rows {
			return fault.Field(field, "roster.csv_too_many", "max", limits.Rows)
		}
		s.Rows = append(s.Rows, row)
	}
	if len(s.Rows) == 0 {
		return fault.Field(field, "roster.csv_no_rows")
	}
	return nil
}

func blank(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// row picks the cells that were understood.
func (c columns) row(record []string, limit int) Row {
	var cells [len(words)]string
	row := Row{}
	for i, cell := range record {
		if i >= len(c) && strings.TrimSpace(cell) != "" {
			// A separator inside a value has shifted the rest of the row.
			row.Problem = "roster.row_extra"
		}
		if i >= len(c) || c[i] == unknown {
			continue
		}
		if utf8.RuneCountInString(cell) > limit {
			row.Problem, cell = "roster.row_too_long", string([]rune(cell[:min(len(cell), 4*limit)])[:limit])
		}
		cells[c[i]] = plain(cell)
	}
	row.Email, row.Place, row.Code = cells[email], cells[place], cells[code]
	row.Name = cells[full]
	if row.Name == "" {
		row.Name = strings.TrimSpace(cells[first] + " " + cells[last])
	}
	if utf8.RuneCountInString(row.Name) > maxName {
		row.Problem, row.Name = "roster.row_too_long", string([]rune(row.Name)[:maxName])
	}
	row.Locale, row.Tongue = tongue(cells[language])
	return row
}

// maxName keeps a name within what a mail header can carry.
const maxName = 200

// plain makes one line of a cell and drops control characters: a name goes
// into the header of a mail, where a line end would begin another header.
func plain(cell string) string {
	cell = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, cell)
	return strings.Join(strings.Fields(cell), " ")
}

func tongue(cell string) (locale, unknown string) {
	switch fold(cell) {
	case "":
		return "", ""
	case "it", "ita", "it it", "italiano", "italian":
		return "it", ""
	case "en", "eng", "en gb", "en us", "inglese", "english":
		return "en", ""
	case "de", "deu", "ger", "de de", "de at", "de ch", "de it", "tedesco", "german", "deutsch":
		return "de", ""
	case "fr", "fra", "fre", "fr fr", "fr ch", "francese", "french", "francais":
		return "fr", ""
	}
	return "", cell
}
