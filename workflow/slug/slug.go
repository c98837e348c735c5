// Package slug makes names of titles: for addresses, documents and phases.
package slug

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Of is a title as lower-case ASCII letters and digits, without accents, with one
// hyphen for whatever stands between them, of at most most bytes; empty where the
// title has neither.
func Of(title string, most int) string {
	var b strings.Builder
	gap := ""
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if b.Len()+len(gap) >= most {
				return b.String()
			}
			b.WriteString(gap)
			b.WriteRune(r)
			gap = ""
		case !unicode.Is(unicode.Mn, r) && b.Len() > 0:
			gap = "-"
		}
	}
	return b.String()
}
