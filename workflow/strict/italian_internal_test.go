package strict

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// formats finds every format that is said in the packages of workflow, and
// where.
func formats(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "*", "*.go"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	rooms, err := filepath.Glob(filepath.Join("..", "*", "scenario", "*.go"))
	if err != nil || len(rooms) < 2 {
		t.Fatalf("%d files of scenarios, %v", len(rooms), err)
	}
	files = append(files, rooms...)
	found, set := map[string]string{}, token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at, said := map[string]int{"Say": 0, "Bad": 1}[called(call.Fun)]
			if !said || len(call.Args) <= at || call.Ellipsis.IsValid() { // Bad passes on what it was given
				return true
			}
			where := set.Position(call.Pos()).String()
			text, ok := call.Args[at].(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				t.Errorf("%s: the format must be written out, or it has no translation", where)
				return true
			}
			format, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[format] = where
			return true
		})
	}
	return found
}

func called(f ast.Expr) string {
	switch f := f.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([a-z%])`)

// verbs are those of a format in the order of their arguments.
func verbs(format string) []string {
	var out []string
	for i, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[1] == "" {
			m[1] = strconv.Itoa(i + 1)
		}
		out = append(out, m[1]+m[2])
	}
	slices.Sort(out)
	return out
}

func TestEveryFormatHasItsItalian(t *testing.T) {
	t.Parallel()
	said := formats(t)
	if len(said) < 80 {
		t.Fatalf("only %d formats found", len(said))
	}
	for format, where := range said {
		it, ok := italian[format]
		if !ok && strings.ContainsFunc(verb.ReplaceAllString(format, ""), func(r rune) bool { return r >= 'A' && r <= 'z' }) {
			t.Errorf("%s: %q has no Italian text", where, format)
		}
		if ok && !slices.Equal(verbs(format), verbs(it)) {
			t.Errorf("%s: the verbs of %q and %q differ", where, format, it)
		}
	}
	for _, format := range slices.Sorted(maps.Keys(italian)) {
		if said[format] == "" {
			t.Errorf("nothing says %q", format)
		}
		if regexp.MustCompile(`\pL'\pL`).MatchString(italian[format]) {
			t.Errorf("a straight apostrophe in %q", italian[format])
		}
		if strings.HasPrefix(format, " ") != strings.HasPrefix(italian[format], " ") {
			t.Errorf("%q must begin as %q", italian[format], format)
		}
	}
}

func TestPhrasesNest(t *testing.T) {
	t.Parallel()
	place := Say("transition %s", "go").At("requires")
	p := Say("%s: unknown word %q%s", place, "pepole", Suggest("pepole", []string{"people"}))
	for locale, want := range map[string]string{
		"en": `transition go: requires: unknown word "pepole" (did you mean "people"?)`,
		"it": `transizione go: requires: parola sconosciuta "pepole" (volevi scrivere "people"?)`,
		"fr": `transition go: requires: unknown word "pepole" (did you mean "people"?)`,
	} {
		if got := p.In(locale); got != want {
			t.Errorf("%s: %s", locale, got)
		}
	}
	if p.String() != p.In("en") {
		t.Error(p.String())
	}
	if at := (Problem{File: "f", Line: 1, Message: "as it is"}).In("it"); at.Message != "as it is" {
		t.Error(at)
	}
}

// TestAProblemIsOneLine: what a file holds can neither forge another problem nor
// speak to the terminal.
func TestAProblemIsOneLine(t *testing.T) {
	t.Parallel()
	r := New("a\nb.yaml")
	r.Bad(3, "state %s", "z\nfoo.yaml:9: \x1b[31mred\u202e\u2028è")
	want := `a\nb.yaml:3: state z\nfoo.yaml:9: \x1b[31mred\u202e\u2028è`
	if got := r.Problems()[0].String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.Problems().In("it")[0].String(); got != strings.Replace(want, "state", "stato", 1) {
		t.Error(got)
	}
}

func TestRootIsOneMappingWithoutAliases(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"\ufeffa: b\n":              "",
		"- a\n- b\n":                "f:1: il file deve essere una mappa di chiavi e valori",
		"just words":                "f:1: il file deve essere una mappa di chiavi e valori",
		"a: &x {b: c}\nd: *x\n":     "f:1: ancore e rimandi (&, *, <<) non si leggono: scrivi il valore per esteso",
		"a: {b: c}\nd:\n  <<: *x\n": "f:3: ancore e rimandi (&, *, <<) non si leggono: scrivi il valore per esteso",
	} {
		r := New("f")
		root, got := r.Root([]byte(source)), ""
		if len(r.Problems()) > 0 {
			got = r.Problems().In("it")[0].String()
		}
		if got != want || (root == nil) != (want != "") {
			t.Errorf("%q: %v, %s, want %s", source, root, got, want)
		}
	}
}
