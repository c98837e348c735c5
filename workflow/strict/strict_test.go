package strict_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/strict"
)

// shape reads {name: text, sizes: [number], open: flag, colour: word}.
func shape(source string) (name string, sizes []int, problems strict.Problems) {
	r := strict.New("f.yaml")
	root := r.Root([]byte(source))
	if root == nil {
		return "", nil, r.Problems()
	}
	r.Object(root, strict.Plain("shape"), strict.Fields{
		"name": func(n ast.Node) { name = r.Text(n, strict.Plain("name")) },
		"sizes": func(n ast.Node) {
			r.Each(n, strict.Plain("sizes"), func(n ast.Node) { sizes = append(sizes, r.Number(n, strict.Plain("size"))) })
		},
		"open":   func(n ast.Node) { r.Flag(n, strict.Plain("open")) },
		"colour": func(n ast.Node) { r.Words(n, strict.Plain("colour"), []string{"red", "green"}) },
	})
	return name, sizes, r.Problems()
}

func TestShape(t *testing.T) {
	t.Parallel()
	name, sizes, problems := shape("name: 2026\nsizes: [1, 2]\nopen: true\ncolour: red\n")
	if problems != nil || name != "2026" || len(sizes) != 2 {
		t.Errorf("%q, %v, %v", name, sizes, problems)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, source, want string }{
		{"unknown", "name: a\nnaem: b\n", `f.yaml:2: shape: unknown key "naem" (did you mean "name"?)`},
		{"nothing near", "zzzzzz: b\n", "(known: colour, name, open, sizes)"},
		{"doubled", "name: a\nname: b\n", `f.yaml:2: shape: "name" is written twice (first on line 1)`},
		{"empty", "name:\n", `f.yaml:1: shape: "name" has no value`},
		{"not a text", "name: [a]\n", "name must be a text"},
		{"not a list", "sizes: 3\n", "sizes must be a list"},
		{"empty entry", "sizes: [1, ~]\n", "sizes has an empty entry"},
		{"not a number", "sizes: [-1]\n", "size must be a whole number"},
		{"not a flag", "open: yes\n", "open must be true or false"},
		{"not a word", "colour: [red, gren]\n", `unknown word "gren" (did you mean "green"?)`},
		{"word twice", "colour: [red, red]\n", `"red" is named twice`},
		{"two documents", "name: a\n---\nname: b\n", "f.yaml:3: the file holds 2 documents"},
		{"nothing", "# only a comment\n", "the file is empty"},
		{"latin", "name: \xe8\n", "f.yaml:1: the file is not text in UTF-8"},
		{"a list", "- a\n", "must be a mapping"},
		{"an alias", "name: &x a\ncolour: *x\n", "are not read: write the value out"},
		{"broken", "name: [a\n", "a [ is not closed"},
		{"tab", "name: a\n\tsizes: []\n", "indent with spaces"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, problems := shape(c.source)
			if !strings.Contains(problems.Error(), c.want) {
				t.Errorf("%q is missing in %q", c.want, problems.Error())
			}
		})
	}
}

// TestHostileFilesCostLittle reads files on which the parser itself would take
// gigabytes: they are refused for a few megabytes.
func TestHostileFilesCostLittle(t *testing.T) {
	for name, c := range map[string]struct {
		piece string
		times int
		want  string
	}{
		"lists":    {"[", 29000, "bad.yaml:1: values nest too deeply: at most 64 within each other"},
		"mappings": {"{a: ", 9000, "bad.yaml:1: values nest too deeply: at most 64 within each other"},
		"dashes":   {"- ", 29000, "bad.yaml:1: values nest too deeply: at most 64 within each other"},
		"keys":     {"? ", 29000, "bad.yaml:1: values nest too deeply: at most 64 within each other"},
		"wide":     {"a: 1\n", 50000, "bad.yaml:10001: the file is too large: write at most 30000 words and signs"},
	} {
		source := []byte(strings.Repeat(c.piece, c.times))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := strict.New("bad.yaml")
		if r.Root(source) != nil {
			t.Errorf("%s: read", name)
		}
		runtime.ReadMemStats(&after)
		if got := r.Problems(); len(got) != 1 || got[0].String() != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 200 {
			t.Errorf("%s: %d MB", name, took)
		}
	}
}
