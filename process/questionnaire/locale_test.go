package questionnaire_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var ownKey = regexp.MustCompile(`"(answer\.[a-z0-9_]+)"`)

// TestTexts: every refusal of the package has a text in both languages.
func TestTexts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ownKey.FindAllStringSubmatch(string(source), -1) {
			wanted[m[1]] = true
		}
	}
	if len(wanted) < 10 {
		t.Fatalf("found only %d keys", len(wanted))
	}
	for _, lang := range []string{"it", "en"} {
		raw, err := os.ReadFile("../../web/locale/" + lang + "/answer.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		for key := range wanted {
			if texts[key] == "" {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
	}
}
