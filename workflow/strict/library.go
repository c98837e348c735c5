package strict

import "regexp"

// Saying is a message of a library that is usual, and what it is in words of
// ours. Say gets what the pattern found, its groups after the whole.
type Saying struct {
	Pattern *regexp.Regexp
	Words   func(found []string) Phrase
}

// Translate says what a library says in English in words of ours; where it has
// none, it is the other phrase, with the library's words as its original.
func Translate(message string, usual []Saying, other Phrase) Phrase {
	for _, s := range usual {
		if found := s.Pattern.FindStringSubmatch(message); found != nil {
			return s.Words(found)
		}
	}
	other.original = message
	return other
}

// usualYAML are the faults that people who write YAML make.
var usualYAML = []Saying{
	{regexp.MustCompile(`tab character|'\t' that cannot`), func([]string) Phrase {
		return Say("a tab stands where spaces belong: indent with spaces")
	}},
	{regexp.MustCompile(`^',' or '\]' must|^sequence end token`), func([]string) Phrase { return unclosed("[") }},
	{regexp.MustCompile(`^',' or '}' must|flow mapping end token|flow map content`), func([]string) Phrase { return unclosed("{") }},
	{regexp.MustCompile(`^could not find '.' character corresponding to '(.)'`), func(m []string) Phrase {
		return Say("%s closes nothing: a text with such a sign goes in quotes", m[1])
	}},
	{regexp.MustCompile(`value is not allowed in this context|value cannot be placed`), func([]string) Phrase {
		return Say("this cannot stand here: look at the indentation, and put a text with “: ” in quotes")
	}},
	{regexp.MustCompile(`^non-map value|^unexpected key name|^could not find value for mapping key|^unexpected map key|^found an invalid key|^unexpected end content`), func([]string) Phrase {
		return Say("this is no `key: value`: after the key go a colon and a space, and the lines of a long text are indented")
	}},
	{regexp.MustCompile(`^could not find end character of (?:single|double)-quoted text`), func([]string) Phrase {
		return Say("a text in quotes is not closed")
	}},
	{regexp.MustCompile(`^(?:'(.)' is a reserved character|unexpected directive)`), func(m []string) Phrase {
		sign := m[1]
		if sign == "" {
			sign = "%"
		}
		return Say("a text cannot begin with %s: put it in quotes", sign)
	}},
	{regexp.MustCompile(`^found unknown escape character '(.)'`), func(m []string) Phrase {
		return Say("\\%s means nothing between double quotes: use single ones", m[1])
	}},
	{regexp.MustCompile(`sequence entries are not allowed`), func([]string) Phrase {
		return Say("a list does not begin beside its key: write each “- ” on a line of its own, or [a, b]")
	}},
	{regexp.MustCompile(`\b(?:anchors?|alias)\b`), func([]string) Phrase { return noAliases() }},
	{regexp.MustCompile(`^expected sequence element`), func([]string) Phrase { return Say("a value is missing before the comma") }},
}

func unclosed(sign string) Phrase {
	return Say("a %s is not closed, or a comma is missing before this", sign)
}

func noAliases() Phrase {
	return Say("anchors and aliases (&, *, <<) are not read: write the value out")
}
