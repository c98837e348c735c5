package roster_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"arengo/process/roster"
)

var (
	ownKey      = regexp.MustCompile(`"(roster\.[a-z0-9_]+)"`)
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
)

// TestTexts: every key that the package can give has a text in every language,
// with the same placeholders, and no text is left over.
func TestTexts(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
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
	for _, s := range roster.RowStatuses {
		wanted["roster.status_"+string(s)] = true
	}
	for _, s := range roster.InvitationStatuses {
		wanted["roster.invitation_"+string(s)] = true
	}
	for _, s := range roster.ContactStates {
		wanted["roster.contact_"+string(s)] = true
	}
	if len(wanted) < 40 {
		t.Fatalf("found only %d keys", len(wanted))
	}
	it, en := texts(t, "it"), texts(t, "en")
	for key := range wanted {
		if it[key] == "" && (it[key+".one"] == "" || it[key+".other"] == "") {
			t.Errorf("%s has no text", key)
		}
	}
	for key, text := range it {
		if !wanted[strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")] {
			t.Errorf("%s is said by nobody", key)
		}
		a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(en[key], -1)
		if en[key] == "" || len(a) != len(b) {
			t.Errorf("%s: %q in Italian, %q in English", key, text, en[key])
		}
	}
	if len(it) != len(en) {
		t.Errorf("%d texts in Italian, %d in English", len(it), len(en))
	}
}

func texts(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../web/locale/" + lang + "/roster.json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
