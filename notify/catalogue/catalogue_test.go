package catalogue_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"arengo/notify/catalogue"
)

func TestTheCatalogueIsSound(t *testing.T) {
	t.Parallel()
	if err := catalogue.Load(); err != nil {
		t.Fatal(err)
	}
	kinds, topics := catalogue.Kinds(), map[string]int{}
	if len(kinds) != 43 || len(catalogue.Locales()) != 4 {
		t.Fatalf("%d kinds in %v, want 43", len(kinds), catalogue.Locales())
	}
	for _, k := range kinds {
		topics[k.Topic]++
		if k.TimeToLive <= 0 || k.Account && k.Adaptable {
			t.Errorf("%+v", k)
		}
		for _, locale := range catalogue.Locales() {
			if catalogue.Source(k.Name, locale) == "" || k.Title.In(locale) == "" {
				t.Errorf("%s says nothing in %s", k.Name, locale)
			}
		}
	}
	for _, topic := range catalogue.Topics() {
		if topics[topic.Name] == 0 || topic.Title.In("it") == "" || topic.Description.In("en") == "" {
			t.Errorf("topic %+v", topic)
		}
	}
	if k, ok := catalogue.Named("registration-cancelled"); !ok || k.Calendar != catalogue.Cancel || k.Priority != catalogue.Urgent || k.TimeToLive != 7*24*time.Hour {
		t.Errorf("%+v, %t", k, ok)
	}
	if _, ok := catalogue.Named("no-such"); ok {
		t.Error("an unknown kind was found")
	}
}

// German is written so that it is right north and south of the Alps, French with
// the spaces that it wants, and nobody is called by the wrong form of address.
func TestLanguages(t *testing.T) {
	t.Parallel()
	kinds := catalogue.Kinds()
	if len(kinds) < 42 {
		t.Fatalf("%d kinds", len(kinds))
	}
	unsaid := map[string]*regexp.Regexp{
		"it": regexp.MustCompile(`“|”|'`),
		"en": regexp.MustCompile(`[«»]|'`),
		"de": regexp.MustCompile(`[ß«»’']|”|(^|[^\p{L}])([Dd]u|[Dd]ein|dir|euch)([^\p{L}]|$)`),
		"fr": regexp.MustCompile(`[“”„']|« | [»:;?!]|(^|[^\p{L}])(tu|ton|ta|tes|toi)([^\p{L}]|$)`),
	}
	for _, k := range kinds {
		for _, locale := range catalogue.Locales() {
			source := action.ReplaceAllString(catalogue.Source(k.Name, locale), "")
			if bad := unsaid[locale].FindString(source); bad != "" {
				t.Errorf("%s in %s says %q", k.Name, locale, bad)
			}
			for _, text := range []catalogue.Text{k.Title, k.When, k.To} {
				if bad := unsaid[locale].FindString(text[locale]); bad != "" {
					t.Errorf("%s in %s says %q", k.Name, locale, bad)
				}
			}
			if a, b := len(action.FindAllString(catalogue.Source(k.Name, locale), -1)), len(action.FindAllString(catalogue.Source(k.Name, "it"), -1)); a < b-1 {
				t.Errorf("%s in %s has %d actions, in Italian %d", k.Name, locale, a, b)
			}
		}
	}
}

var action = regexp.MustCompile(`\{\{[^}]*\}\}|^\[\[`)

func TestVariables(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"invitation":      "process organisation phase activity intro name link due zone items minutes",
		"waiting-list":    "process organisation phase name link meeting when place position",
		"webhook-stopped": "name link organisation host",
		"no-such":         "",
	} {
		var names []string
		for _, v := range catalogue.Variables(kind) {
			names = append(names, v.Name)
			if v.Description.In("it") == "" || v.Description.In("en") == "" {
				t.Errorf("%s: %+v", kind, v)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	i := slices.IndexFunc(catalogue.Variables("webhook-stopped"), func(v catalogue.Variable) bool { return v.Name == "host" })
	if v := catalogue.Variables("receipt"); !v[len(v)-1].Kept || v[0].Kept {
		t.Errorf("an adapted receipt may leave out its code: %+v", v)
	}
	if v := catalogue.Variables("webhook-stopped")[i]; !v.Required || v.Preview.In("en") != "dati.example.org" || v.Type != catalogue.Words {
		t.Errorf("%+v", v)
	}
}

// Every mistake is named with its file and line, and all of them at once.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, old, new string
		want                 []string
	}{
		{"an undeclared value", "receipt/it.md", "{{hello .}}", "{{hello .}} {{.Extra.recept}}", []string{"receipt/it.md:6: .Extra.recept is declared"}},
		{"an undeclared fact", "held/en.md", "“{{.Title}}”", "“{{.Titel}}”", []string{"held/en.md:18: .Along.Titel is declared"}},
		{"a value nobody says", "receipt/notice.yaml", "name: sent_at", "name: sent_on", []string{
			"no text says sent_on", "receipt/it.md:8: .Extra.sent_at is declared", "receipt/en.md:8: .Extra.sent_at is declared",
		}},
		{"a flag in a sentence", "meeting-moved/en.md", "{{hello .}}", "{{.Extra.waiting}}", []string{"meeting-moved/en.md:6: waiting is a flag"}},
		{"an unknown function", "receipt/it.md", "{{hello .}}", "{{helo .}}", []string{"receipt/it.md:6: no function is called helo"}},
		{"a variable", "receipt/it.md", "{{hello .}}", "{{$x := 1}}{{hello .}}", []string{"receipt/it.md:6: $x := 1"}},
		{"an open brace", "receipt/it.md", "{{hello .}}", "{{if .Activity.Title}}", []string{"receipt/it.md:"}},
		{"a language that lacks", "receipt/en.md", "", "", []string{`receipt/en.md:0: receipt has no text in "en"`}},
		{"an unknown category", "receipt/notice.yaml", "category: transactional", "category: trans", []string{`receipt/notice.yaml:1: "trans" is none of transactional`}},
		{"an unknown topic", "receipt/notice.yaml", "topic: invitations", "topic: inv", []string{`receipt/notice.yaml:2: "inv" is none of invitations`}},
		{"no length of time", "receipt/notice.yaml", "ttl: 7d", "ttl: 0d", []string{`receipt/notice.yaml:3: ttl: "0d"`}},
		{"an unknown key", "receipt/notice.yaml", "ttl: 7d", "tttl: 7d", []string{`receipt/notice.yaml:3: unknown field "tttl"`}},
		{"an unknown type", "receipt/notice.yaml", "type: text", "type: txt", []string{`receipt/notice.yaml:36: "txt" is none of text`}},
		{"a title in one language", "receipt/notice.yaml", "  en: Receipt\n", "", []string{`title has no text in "en"`}},
		{"no YAML", "receipt/notice.yaml", "title:", "title: [", []string{"receipt/notice.yaml:"}},
		{"no preview of what is required", "webhook-stopped/notice.yaml", "    preview:\n      it: dati.example.org\n      en: dati.example.org\n      de: dati.example.org\n      fr: dati.example.org\n", "", []string{"host is required and has no preview"}},
		{"a list without rows", "receipt/notice.yaml", "type: text", "type: list", []string{"receipt: a list has fields"}},
		{"a choice without words", "receipt/notice.yaml", "type: text", "type: choice", []string{"receipt: a choice has words"}},
		{"a word in one language", "common.yaml", "editor: {it: redattore, en: editor, ", "editor: {it: redattore, ", []string{`role: editor has no text in "en"`}},
		{"a field that nobody shares", "reminder/notice.yaml", "- name: items\n", "- name: things\n", []string{`"" is none of text`, "things: its description has no text"}},
		{"nothing to keep", "receipt/notice.yaml", "keeps: [receipt]", "keeps: [recept]", []string{`receipt/notice.yaml:6: keeps: "recept" is no variable`}},
		{"a name in capitals", "receipt/notice.yaml", "name: receipt", "name: Receipt", []string{`a field is a lower-case word, "Receipt"`}},
		{"a common variable nobody says", "common.yaml", "says: [zone]", "says: [zonk]", []string{"common.yaml:", "no text says zone", "no function is called zone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := catalogue.Check(spoilt(t, c.file, c.old, c.new))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want %q in:\n%v", want, err)
				}
			}
		})
	}
}

// spoilt is the catalogue with a mistake in one file; without it when there is
// nothing to replace.
func spoilt(t *testing.T, file, old, now string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(catalogue.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(catalogue.Files(), path)
		out[path] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil || out[file] == nil {
		t.Fatalf("no %s: %v", file, err)
	}
	source := string(out[file].Data)
	if !strings.Contains(source, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	out[file].Data = []byte(strings.Replace(source, old, now, 1))
	if old == "" {
		delete(out, file)
	}
	return out
}
