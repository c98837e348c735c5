package strict

import "fmt"

// Phrase is a sentence about a file, or a part of one such as a place in it,
// that can be said in each language. The English format is the key of its
// translations.
type Phrase struct {
	format  string
	args    []any // phrases and texts among them are translated too
	english string

	original string // of a library, see Translate
}

// Say makes a phrase of an English format, which must have a text in every
// other language (see italian), with the same verbs.
func Say(format string, args ...any) Phrase {
	p := Phrase{format: format, args: args, english: fmt.Sprintf(format, inLocale(args, "en")...)}
	for _, arg := range args {
		if inner, ok := arg.(Phrase); ok && inner.original != "" {
			p.original = inner.original
		}
	}
	return p
}

// inLocale is the arguments with those that have words in each language in one.
func inLocale(list []any, locale string) []any {
	out := make([]any, len(list))
	for i, arg := range list {
		if inner, ok := arg.(interface{ In(locale string) string }); ok {
			arg = inner.In(locale)
		}
		out[i] = arg
	}
	return out
}

// Plain is a phrase that is the same in every language: a key of the format, or
// the words of a library.
func Plain(text string) Phrase { return Say("%s", text) }

// At is the place of a key within a place: "state analysis: term".
func (p Phrase) At(key string) Phrase { return Say("%s: %s", p, key) }

// Original is what a library says in its own words, in English, where the phrase
// has none for it, see Translate; else "".
func (p Phrase) Original() string { return p.original }

// String is the phrase in English.
func (p Phrase) String() string { return p.english }

// In is the phrase in a locale, in English where that has no text for it.
func (p Phrase) In(locale string) string {
	format := p.format
	if locale == "it" && italian[format] != "" {
		format = italian[format]
	}
	return fmt.Sprintf(format, inLocale(p.args, locale)...)
}
