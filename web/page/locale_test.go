package page_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"arengo/process/fault"
	"arengo/web/locale"
	"arengo/web/page"
)

var placeholder = regexp.MustCompile(`\{[^}]+\}`)

func readCatalogue(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := fs.ReadFile(locale.FS, file)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return texts
}

// Every language has the same files, keys and placeholders as the first.
func TestLanguagesMatch(t *testing.T) {
	t.Parallel()
	first := page.Languages[0]
	files, err := fs.Glob(locale.FS, first+"/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d catalogues of %s, %v", len(files), first, err)
	}
	for _, lang := range page.Languages[1:] {
		theirs, err := fs.Glob(locale.FS, lang+"/*.json")
		if err != nil || len(theirs) != len(files) {
			t.Errorf("%s has %d files, %s has %d (%v)", lang, len(theirs), first, len(files), err)
		}
		for _, file := range files {
			t.Run(lang+"/"+path.Base(file), func(t *testing.T) {
				compareCatalogues(t, readCatalogue(t, file), readCatalogue(t, lang+"/"+path.Base(file)))
			})
		}
	}
}

func compareCatalogues(t *testing.T, ours, theirs map[string]string) {
	t.Helper()
	if len(ours) == 0 {
		t.Error("no texts")
	}
	for key, text := range ours {
		other, ok := theirs[key]
		if !ok {
			t.Errorf("%s is not translated", key)
			continue
		}
		if strings.TrimSpace(text) == "" || strings.TrimSpace(other) == "" {
			t.Errorf("%s is empty", key)
		}
		// Patterns of dates may use different parts; sentences may not.
		if !strings.HasPrefix(key, "page.date.as.") && !slices.Equal(holders(text), holders(other)) {
			t.Errorf("%s: placeholders %v and %v", key, holders(text), holders(other))
		}
		if one, plural := strings.CutSuffix(key, ".one"); plural {
			if _, ok := ours[one+".other"]; !ok {
				t.Errorf("%s has no plural", key)
			}
		}
	}
	for key := range theirs {
		if _, ok := ours[key]; !ok {
			t.Errorf("%s is only in the translation", key)
		}
	}
}

func holders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestT(t *testing.T) {
	t.Parallel()
	cat, err := page.LoadCatalogue(fstest.MapFS{
		"it/a.json": {Data: []byte(`{"a.n.zero":"nessuno","a.n.one":"una","a.n.other":"{n} persone","a.b":"<b>{x}</b> e {y}"}`)},
		"en/a.json": {Data: []byte(`{"a.n.one":"one","a.n.other":"{n} people","a.b":"<b>{x}</b> and {y}"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	cat.OnMissing(func(lang, key string) { missing = append(missing, lang+" "+key) })
	n := func(v int) map[string]any { return map[string]any{"n": v} }
	cases := []struct{ name, got, want string }{
		{"zero", cat.T("it", "a.n", n(0)), "nessuno"},
		{"one", cat.T("it", "a.n", n(1)), "una"},
		{"many", cat.T("it", "a.n", n(2480)), "2480 persone"},
		{"no zero form", cat.T("en", "a.n", n(0)), "0 people"},
		{"unknown language is the first", cat.T("xx", "a.n", n(1)), "una"},
		{"missing argument stays", cat.T("en", "a.b", map[string]any{"x": "<i>"}), "<b><i></b> and {y}"},
		{"html escapes arguments", string(cat.HTML("en", "a.b", map[string]any{"x": "<i>", "y": 1})), "<b>&lt;i&gt;</b> and 1"},
		{"an argument is not expanded again", cat.T("en", "a.b", map[string]any{"x": "{y}", "y": "z"}), "<b>{y}</b> and z"},
		{"unknown key", cat.T("it", "a.none", nil), "a.none"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
	if !slices.Equal(missing, []string{"it a.none"}) {
		t.Errorf("missing keys told: %v", missing)
	}
}

func TestLoadCatalogueRefuses(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"a foreign prefix": `{"b.x":"y"}`, "malformed JSON": `{"a.x":`, "nested texts": `{"a.x":{"y":"z"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := page.LoadCatalogue(fstest.MapFS{"it/a.json": {Data: []byte(bad)}, "en/a.json": {Data: []byte(`{"a.x":"y"}`)}}); err == nil {
				t.Error("accepted")
			}
		})
	}
	twice := fstest.MapFS{"it/a.json": {Data: []byte(`{"a.x":"y"}`)}, "it/fault.json": {Data: []byte(`{"a.x":"y"}`)}, "en/a.json": {Data: []byte(`{"a.x":"y"}`)}}
	if _, err := page.LoadCatalogue(twice); err == nil {
		t.Error("a key in two files was accepted")
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  error
		want string
		code int
	}{
		{"own key", fault.New(fault.Closed, "page.date.ago", "n", 3), "3 giorni fa", 409},
		{"no key", fault.New(fault.NotFound, ""), "Questa pagina non esiste, o non esiste più.", 404},
		{"internal", errors.New("pq: secret detail"), "Qualcosa non ha funzionato dalla nostra parte. Riprova fra qualche minuto.", 500},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := page.Explain("it", c.err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := page.Status(c.err); got != c.code {
				t.Errorf("status %d, want %d", got, c.code)
			}
		})
	}
	list := fault.List{fault.Field("email", "page.date.today"), fault.Field("fine", "page.date.tomorrow")}
	got := page.FieldErrors("en", list.Err())
	want := []page.FieldError{{Field: "email", Message: "today"}, {Field: "fine", Message: "tomorrow"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if page.FieldErrors("it", errors.New("x")) != nil {
		t.Error("an internal fault has field errors")
	}
}

// Each code of fault has a text and a title.
func TestEveryCodeHasTexts(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.Closed, fault.TooMany} {
		for _, key := range []string{"fault.code." + string(code), "fault.title." + string(code)} {
			if !page.Texts().Has(key) {
				t.Errorf("no %s", key)
			}
		}
	}
}
