package catalogue

import "strings"

// unbroken are the spaces of French that no line may end at: inside guillemets
// and before double signs. The sources are written with plain ones, which are
// easier to see and to type.
var unbroken = strings.NewReplacer(
	"« ", "«\u00a0", " »", "\u00a0»", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!",
)

// Typeset brings a text of ours into the shape that its language wants.
func Typeset(locale, text string) string {
	if locale != "fr" {
		return text
	}
	return unbroken.Replace(text)
}

// UnmarshalYAML reads a text and typesets it.
func (t *Text) UnmarshalYAML(read func(any) error) error {
	said := map[string]string{}
	if err := read(&said); err != nil {
		return err
	}
	for locale, text := range said {
		said[locale] = Typeset(locale, text)
	}
	*t = said
	return nil
}
