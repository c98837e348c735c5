package schema_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"arengo/workflow/definition"
	"arengo/workflow/definition/schema"
	"arengo/workflow/guard"
)

// wordsOf collects the keys and the words of a schema.
func wordsOf(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, below := range v {
			if keys, ok := below.(map[string]any); ok && key == "properties" {
				for k := range keys {
					into[k] = true
				}
			}
			wordsOf(below, into)
		}
	case []any:
		for _, below := range v {
			wordsOf(below, into)
		}
	case []string:
		for _, w := range v {
			into[w] = true
		}
	}
}

// The reference of the language names all of it.
func TestTheReferenceIsWhole(t *testing.T) {
	t.Parallel()
	doc := read(t, "../../../docs/definitions.md")
	words := map[string]bool{}
	s := schema.Of(nil)
	wordsOf(s, words)
	for _, plain := range []string{"object", "string", "number", "boolean", "it", "en"} { // of schemas, and of texts
		delete(words, plain)
	}
	if len(words) < 150 {
		t.Fatalf("only %d words", len(words))
	}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		if !strings.Contains(doc, "`"+w+"`") && !strings.Contains(doc, "`"+w+":") && !strings.Contains(doc, "{"+w+"}") && !strings.Contains(doc, "{"+w+":") && !strings.Contains(doc, "{"+w+",") && !strings.Contains(doc, ", "+w+"}") {
			t.Errorf("%q is not in docs/definitions.md", w)
		}
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[guard.ProcessFacts](), reflect.TypeFor[guard.ActivityFacts](), reflect.TypeFor[guard.TermFacts](), reflect.TypeFor[guard.Population](),
	} {
		for i := range of.NumField() {
			fact := of.Field(i).Tag.Get("cel")
			if !strings.Contains(doc, "`"+fact+"`") && !strings.Contains(doc, "."+fact) {
				t.Errorf("the fact %q of %s is not in docs/definitions.md", fact, of.Name())
			}
		}
	}
}

// The example of the reference is right as it stands.
func TestTheExampleIsRight(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(read(t, "../../../docs/definitions.md"), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	if _, problems := definition.Check("definitions.md", []byte(example), nil); problems != nil {
		t.Error(problems)
	}
}
