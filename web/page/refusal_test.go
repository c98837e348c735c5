package page_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"arengo/web/page"
)

// literal finds the keys that the source gives to a refusal word for word.
var literal = regexp.MustCompile(`fault\.New\(\s*fault\.\w+,\s*"([a-z][a-z0-9_.]+[a-z0-9])"|` +
	`fault\.Field\(\s*(?:"[^"]*"(?:\s*\+\s*[\w.]+)?|[\w.]+),\s*"([a-z][a-z0-9_.]+[a-z0-9])"|` +
	`\bKey:\s+"([a-z]+\.[a-z0-9_.]+[a-z0-9])"`)

// Every refusal in the program's source has its text in every catalogue, as
// one sentence or as a plural.
func TestEveryRefusalHasItsText(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	for _, dir := range []string{"../../process", "../../workflow", "../../notify", "../../web", "../../cmd"} {
		collectRefusals(t, dir, found)
	}
	if len(found) < 60 {
		t.Fatalf("found only %d refusals", len(found))
	}
	for _, known := range []string{"form.required", "workflow.extend_beyond_max", "person.email_bad"} {
		if found[known] == "" {
			t.Errorf("the search does not find %s", known)
		}
	}
	cat := page.Texts()
	for key, file := range found {
		if !cat.Has(key) {
			t.Errorf("%s: refusal %s has no text", file, key)
		}
	}
}

func collectRefusals(t *testing.T, dir string, found map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			for _, key := range m[1:] {
				if key != "" {
					found[key] = path
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
