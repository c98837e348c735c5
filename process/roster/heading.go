package roster

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"arengo/process/fault"
)

// column is what a heading was understood as.
type column int

const (
	email column = iota
	first
	last
	full
	place
	code
	language
	unknown
)

// words are the headings of each column, folded; the first one names the
// column to a person.
var words = [unknown][]string{
	email: {
		"email", "e mail", "mail", "posta elettronica", "indirizzo email", "indirizzo e mail", "indirizzo mail",
		"indirizzo di posta elettronica", "indirizzo posta elettronica", "email address", "e mail address",
	},
	first:    {"nome", "name", "first name", "given name"},
	last:     {"cognome", "surname", "last name", "family name"},
	full:     {"nome e cognome", "cognome e nome", "nome cognome", "cognome nome", "nominativo", "nome completo", "full name"},
	place:    {"comune", "comune di residenza", "municipality", "municipality of residence", "town", "city", "citta"},
	code:     {"codice istat", "istat", "cod istat", "codice istat comune", "codice istat del comune", "codice comune", "istat code", "municipality code"},
	language: {"lingua", "language", "locale", "lang"},
}

// columns says what each cell of a record is.
type columns []column

// understand reads the headings; what it does not know goes to s.Ignored.
func (s *Sheet) understand(headings []string) (columns, error) {
	cols := make(columns, len(headings))
	var seen [unknown]bool
	for i, heading := range headings {
		cols[i] = columnOf(heading)
		switch {
		case cols[i] == unknown:
			if name := plain(heading); name != "" {
				s.Ignored = append(s.Ignored, clip(name))
			}
		case seen[cols[i]]:
			return nil, fault.Field(field, "roster.csv_column_twice", "column", clip(plain(heading)))
		default:
			seen[cols[i]] = true
		}
	}
	if !seen[email] {
		return nil, fault.Field(field, "roster.csv_no_email", "found", clip(strings.Join(shown(headings), ", ")))
	}
	return cols, nil
}

func columnOf(heading string) column {
	folded := fold(heading)
	for c, list := range words {
		if slices.Contains(list, folded) {
			return column(c)
		}
	}
	return unknown
}

func shown(headings []string) []string {
	out := make([]string, len(headings))
	for i, h := range headings {
		out[i] = plain(h)
	}
	return out
}

// clip keeps what a refusal repeats of a file within a line or two.
func clip(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// fold makes texts comparable that people write in different ways: lower case,
// no accents, and one space for whatever is neither letter nor digit, so that
// "Forlì", "FORLI'" and "forli" are one, and so are the two apostrophes.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.M, r):
		default:
			gap = true
		}
	}
	return b.String()
}
