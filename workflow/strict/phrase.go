package strict

import "fmt"

// Phrase is a sentence about a file, or a part of one such as a place in it,
// that can be said in each language. The English format is the key of its
// translations.
type Phrase struct {
	format  string
	args    []any // phrases among them are translated too
	english string
}

// Say makes a phrase of an English format, which must have a text in every
// other language (see italian), with the same verbs.
func Say(format string, args ...any) Phrase {
	return Phrase{format, args, fmt.Sprintf(format, args...)}
}

// Plain is a phrase that is the same in every language: a key of the format, or
// the words of a library.
func Plain(text string) Phrase { return Say("%s", text) }

// At is the place of a key within a place: "state analysis: term".
func (p Phrase) At(key string) Phrase { return Say("%s: %s", p, key) }

// String is the phrase in English.
func (p Phrase) String() string { return p.english }

// In is the phrase in a locale, in English where that has no text for it.
func (p Phrase) In(locale string) string {
	format := p.format
	if locale == "it" && italian[format] != "" {
		format = italian[format]
	}
	args := make([]any, len(p.args))
	for i, arg := range p.args {
		if inner, ok := arg.(Phrase); ok {
			arg = inner.In(locale)
		}
		args[i] = arg
	}
	return fmt.Sprintf(format, args...)
}
