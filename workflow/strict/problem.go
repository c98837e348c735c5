package strict

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Problem is one fault of a file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"` // in English, see In

	// Original is what a library says of it in its own words, in English, where
	// Message has none for it; mostly "".
	Original string `json:"original,omitempty"`

	said Phrase
}

// In is the problem with its message in a locale ("it", "en"); one that was not
// noted by a Reader stays as it is.
func (p Problem) In(locale string) Problem {
	if p.said.format != "" {
		p.Message = p.said.In(locale)
	}
	return p
}

// String is the form scripts rely on: file:line: message, one line whatever the
// file holds.
func (p Problem) String() string {
	text := p.Message
	if p.Original != "" {
		text += " (" + p.Original + ")"
	}
	return fmt.Sprintf("%s:%d: %s", visible(p.File), p.Line, visible(text))
}

// visible writes out what would break a line, command a terminal or hide.
func visible(text string) string {
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hidden(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Problems are all the faults of a file, by line.
type Problems []Problem

// In is the problems with their messages in a locale, in the same order.
func (ps Problems) In(locale string) Problems {
	out := make(Problems, len(ps))
	for i, p := range ps {
		out[i] = p.In(locale)
	}
	return out
}

// Error joins the problems in English, one a line.
func (ps Problems) Error() string {
	s := ""
	for i, p := range ps {
		if i > 0 {
			s += "\n"
		}
		s += p.String()
	}
	return s
}
