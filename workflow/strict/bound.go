package strict

import (
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// The parser's memory grows with the square of how deep values nest and of how
// many entries one mapping has: 20 kB of brackets would take a gigabyte. These
// bounds are ten times what the largest template needs.
const (
	mostTokens = 30_000
	mostDeep   = 64  // brackets within brackets
	mostIndent = 200 // columns before the dash of a list
)

// bounded reports that a text is small and flat enough to be parsed, and notes
// what is not. The lexer's own cost is linear.
func (r *Reader) bounded(source []byte) bool {
	if len(source) > mostTokens*100 {
		r.Bad(1, "the file is too large: write at most %d words and signs", mostTokens)
		return false
	}
	tokens, deep := lexer.Tokenize(string(source)), 0
	if len(tokens) > mostTokens {
		r.Bad(tokens[mostTokens].Position.Line, "the file is too large: write at most %d words and signs", mostTokens)
		return false
	}
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			deep++
		case token.SequenceEndType, token.MappingEndType:
			deep--
		case token.SequenceEntryType, token.MappingKeyType:
			if deep == 0 && t.Position.Column > mostIndent {
				deep = mostDeep + 1
			}
		}
		if deep > mostDeep {
			r.Bad(t.Position.Line, "values nest too deeply: at most %d within each other", mostDeep)
			return false
		}
	}
	return true
}
