package encode_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
)

// lines are of a file, not of what it says.
var lines = regexp.MustCompile(`"Line": \d+`)

func text(t interface{ Fatal(...any) }, d definition.Definition) string {
	b, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return lines.ReplaceAllString(string(b), `"Line": 0`)
}

type tester interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// again checks what is written of a definition and holds the two against each
// other.
func again(t tester, d definition.Definition) []byte {
	b, err := encode.YAML(d)
	if err != nil {
		t.Fatal(err)
	}
	c, problems := definition.Check("again.yaml", b, nil)
	if problems != nil {
		t.Fatalf("%v\nin\n%s", problems, b)
	}
	if one, two := text(t, d), text(t, c.Definition); one != two {
		t.Fatalf("%s became %s by\n%s", one, two, b)
	}
	return b
}

func TestEveryShippedDefinitionComesBack(t *testing.T) {
	t.Parallel()
	files := []string{"../testdata/consultation.yaml", "../testdata/area-path.yaml"}
	for _, glob := range []string{"../../../fixtures/templates/*.yaml", "../../../process/*/workflow.yaml"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, problems := definition.Check(file, b, nil)
		if problems != nil {
			t.Fatal(problems)
		}
		again(t, c.Definition)
	}
}

// Whatever an author writes in a text comes back, but for space around it.
func TestAnyTextComesBack(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../testdata/consultation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := definition.Check("f.yaml", source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	word := rapid.StringMatching(`[a-zà ù'":#&*!|>%@{}\[\],?~\-0-9.\n]{1,40}`)
	rapid.Check(t, func(r *rapid.T) {
		d := c.Definition
		title := strings.TrimSpace(word.Draw(r, "title"))
		if title == "" {
			return
		}
		d.Title = definition.Text{"it": title, "en": title}
		again(r, d)
	})
}

func FuzzEncode(f *testing.F) {
	for _, file := range []string{"../testdata/consultation.yaml", "../testdata/area-path.yaml"} {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, source string) {
		if c, problems := definition.Check("f.yaml", []byte(source), nil); problems == nil {
			again(t, c.Definition)
		}
	})
}
