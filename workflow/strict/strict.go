// Package strict reads YAML files of a known shape: unknown, doubled and empty
// keys are problems, every problem has its line, and one problem does not hide
// the next.
package strict

import (
	"bytes"
	"errors"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Reader walks the syntax tree of one file and collects problems, so that a
// mistake in one place does not hide the next.
type Reader struct {
	file     string
	problems Problems
	noted    map[int]bool // lines that have one
}

// New begins to read a file; its name stands in the problems.
func New(file string) *Reader { return &Reader{file: file, noted: map[int]bool{}} }

// Bad notes a problem, see Say.
func (r *Reader) Bad(line int, format string, args ...any) {
	said := Say(format, args...)
	r.noted[line] = true
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Message: said.String(), Original: said.original, said: said})
}

// Noted reports that something was said of a line already.
func (r *Reader) Noted(line int) bool { return r.noted[line] }

// Problems gives the problems by line, each once.
func (r *Reader) Problems() Problems {
	sort.Slice(r.problems, func(i, j int) bool {
		a, b := r.problems[i], r.problems[j]
		return a.Line < b.Line || a.Line == b.Line && a.Message < b.Message
	})
	var out Problems
	for i, p := range r.problems {
		if i == 0 || p.String() != r.problems[i-1].String() {
			out = append(out, p)
		}
	}
	return out
}

// Root parses the bytes and gives the top mapping, or nil with a problem.
func (r *Reader) Root(source []byte) (node ast.Node) {
	defer func() {
		// The library panics on some malformed input; a definition is a file
		// from outside, so that is a problem of the file.
		if p := recover(); p != nil {
			r.Bad(1, "the file cannot be read as YAML")
			node = nil
		}
	}()
	if !utf8.Valid(source) {
		r.Bad(1, "the file is not text in UTF-8: save it as such")
		return nil
	}
	if !r.bounded(source) {
		return nil
	}
	f, err := parser.ParseBytes(bytes.TrimPrefix(source, []byte("\ufeff")), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at, message := 1, strings.SplitN(err.Error(), "\n", 2)[0]
		var syntax interface {
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			at, message = syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		r.Bad(at, "%s", Translate(message, usualYAML, Say("the line is not valid YAML")))
		return nil
	}
	var bodies []ast.Node
	for _, d := range f.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		r.Bad(1, "the file is empty")
		return nil
	case len(bodies) > 1:
		r.Bad(Line(bodies[1]), "the file holds %d documents: leave one, without the line ---", len(bodies))
		return nil
	}
	if !r.written(bodies[0]) {
		return nil
	}
	switch bodies[0].Type() {
	case ast.MappingType, ast.MappingValueType:
		return bodies[0]
	}
	r.Bad(Line(bodies[0]), "the file must be a mapping of keys to values")
	return nil
}

// written asks that every value stands where it is meant.
func (r *Reader) written(body ast.Node) bool {
	before := len(r.problems)
	for _, kind := range []ast.NodeType{ast.AnchorType, ast.AliasType, ast.MergeKeyType} {
		for _, n := range ast.Filter(kind, body) {
			r.Bad(Line(n), "%s", noAliases())
		}
	}
	return len(r.problems) == before
}

// Line is the line of a node in its file, 1 when the node has none.
func Line(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

// Pair is one entry of a mapping.
type Pair struct {
	Key   string
	Line  int
	Value ast.Node
}

// Pairs lists a mapping's entries in order; what names it in problems.
func (r *Reader) Pairs(n ast.Node, what Phrase) []Pair {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.Bad(Line(n), "%s must be a mapping of keys to values", what)
		return nil
	}
	var out []Pair
	seen := map[string]int{}
	for _, v := range values {
		key, ok := Scalar(v.Key)
		if !ok {
			r.Bad(Line(v.Key), "%s: a key must be a plain word", what)
			continue
		}
		if first, twice := seen[key]; twice {
			r.Bad(Line(v.Key), "%s: %q is written twice (first on line %d)", what, key, first)
			continue
		}
		seen[key] = Line(v.Key)
		out = append(out, Pair{key, Line(v.Key), v.Value})
	}
	return out
}

// Fields maps a mapping's keys to what reads their values.
type Fields map[string]func(ast.Node)

// Object reads a mapping with known keys and gives the line it begins on.
func (r *Reader) Object(n ast.Node, what Phrase, known Fields) int {
	at := 0
	for _, p := range r.Pairs(n, what) {
		if at == 0 {
			at = p.Line
		}
		read, ok := known[p.Key]
		if !ok {
			r.Bad(p.Line, "%s: unknown key %q%s", what, p.Key, Suggest(p.Key, keys(known)))
			continue
		}
		if p.Value == nil || p.Value.Type() == ast.NullType {
			r.Bad(p.Line, "%s: %q has no value", what, p.Key)
			continue
		}
		read(p.Value)
	}
	if at == 0 {
		at = Line(n)
	}
	return at
}

// Each reads a list.
func (r *Reader) Each(n ast.Node, what Phrase, read func(ast.Node)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.Bad(Line(n), "%s must be a list", what)
		return
	}
	for _, v := range s.Values {
		if v == nil || v.Type() == ast.NullType {
			r.Bad(Line(n), "%s has an empty entry", what)
			continue
		}
		read(v)
	}
}

// Scalar is a node as text, as it was written; false for lists and mappings.
func Scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	case *ast.MappingKeyNode:
		return Scalar(v.Value)
	}
	return "", false
}

// Text reads a scalar; anything else is a problem that names what it is for.
func (r *Reader) Text(n ast.Node, what Phrase) string {
	s, ok := Scalar(n)
	if !ok {
		r.Bad(Line(n), "%s must be a text", what)
	}
	return s
}

// Number reads a whole number from 0 to 100000.
func (r *Reader) Number(n ast.Node, what Phrase) int {
	v, err := strconv.Atoi(r.Text(n, what))
	if err != nil || v < 0 || v > 100000 {
		r.Bad(Line(n), "%s must be a whole number from 0 to 100000", what)
		return 0
	}
	return v
}

// Flag reads true or false.
func (r *Reader) Flag(n ast.Node, what Phrase) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.Bad(Line(n), "%s must be true or false", what)
		return false
	}
	return b.Value
}

// Words reads one word or a list of words, each from a declared list (any
// when it is nil).
func (r *Reader) Words(n ast.Node, what Phrase, list []string) []string {
	var out []string
	read := func(v ast.Node) {
		w := r.Word(v, what, list)
		if w == "" {
			return
		}
		if slices.Contains(out, w) {
			r.Bad(Line(v), "%s: %q is named twice", what, w)
			return
		}
		out = append(out, w)
	}
	if n.Type() == ast.SequenceType {
		r.Each(n, what, read)
	} else {
		read(n)
	}
	return out
}

// Word reads one word of a declared list (any when it is nil); an unknown one is
// a problem that suggests the nearest.
func (r *Reader) Word(n ast.Node, what Phrase, list []string) string {
	w := r.Text(n, what)
	if list != nil && !slices.Contains(list, w) {
		r.Bad(Line(n), "%s: unknown word %q%s", what, w, Suggest(w, list))
		return ""
	}
	return w
}

func keys(m Fields) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
