package templates_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/notify/catalogue"
	"arengo/notify/templates"
	"arengo/workflow/definition"
)

// What a value looks like never matters: it is neither a placeholder, nor
// Markdown, nor markup.
func TestOwnWordsAreData(t *testing.T) {
	t.Parallel()
	f := templates.Preview("announcement", "it")
	f.Process.Title = "{due} <b>{{.X}}</b>"
	f.Own = templates.Own{
		Subject: map[string]string{"it": "Su {process}\nBcc: a@example.org"},
		Text:    map[string]string{"it": "Primo **non grassetto**\nancora primo.\n\n\n<i>Secondo</i> {reason}"},
	}
	page, err := templates.Render("announcement", f)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Su {due} <b>{{.X}}</b> Bcc: a@example.org"; page.Subject != want {
		t.Errorf("subject %q, want %q", page.Subject, want)
	}
	for _, want := range []string{
		">Primo **non grassetto** ancora primo.</td>", "&lt;i&gt;Secondo&lt;/i&gt; le scuole erano chiuse per neve.</td>", "&lt;b&gt;",
	} {
		if !strings.Contains(page.HTML, want) {
			t.Errorf("no %q in %s", want, page.HTML)
		}
	}
	if strings.Contains(page.HTML, "<i>") || strings.Contains(page.HTML, "<b>") {
		t.Error("words became markup")
	}
	if strings.Contains(page.Text, "Gli orari") {
		t.Error("speaks of a time that the words do not name")
	}
}

// The sentence around what is unknown still stands, and the language is the
// reader's.
func TestOwnWordsWithoutValues(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"it":    "entro una data ancora da fissare. Il motivo: non è stato indicato",
		"en-GB": "by a date yet to be set. The reason: none was given",
	} {
		f := templates.Preview("staff-notice", locale)
		f.Deadline, f.Extra, f.Own.Phase = templates.Deadline{}, nil, nil
		page, err := templates.Render("staff-notice", f)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(page.Text), " ")
		if !strings.Contains(text, want) || !strings.Contains(text, f.Process.Phase.Title) {
			t.Errorf("%s: want %q in %s", locale, want, text)
		}
	}
	for _, own := range []templates.Own{
		{Text: map[string]string{"it": "x"}}, {Subject: map[string]string{"it": "x"}, Text: map[string]string{"it": " \n\n "}},
	} {
		f := templates.Preview("announcement", "it")
		f.Own = own
		if _, err := templates.Render("announcement", f); err == nil {
			t.Errorf("%+v was rendered", own)
		}
	}
}

// What a process announces says what it is about: no subject ends in a name
// that is not there.
func TestOfAProcess(t *testing.T) {
	t.Parallel()
	for _, name := range definition.Notices {
		if slices.Contains(definition.ActivityNotices, name) {
			continue
		}
		for _, locale := range templates.Locales() {
			f := bare(name, locale)
			f.Activity, f.Meeting = templates.Activity{}, templates.Meeting{}
			f.Process.Title, f.Process.Phase = "Piazza nuova", templates.Phase{Title: "Ascolto"}
			page, err := templates.Render(name, f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(strings.TrimSpace(page.Subject), ":") || !strings.Contains(page.Text, "Piazza nuova") && !strings.Contains(page.Text, "Ascolto") {
				t.Errorf("%s in %s: %q\n%s", name, locale, page.Subject, page.Text)
			}
			if strings.Contains(page.Text, "“”") || strings.Contains(page.Text, "«»") {
				t.Errorf("%s in %s names nothing:\n%s", name, locale, page.Text)
			}
		}
	}
}

// Whoever adapts a text gets every variable with a value, and one that is not
// known said to be so.
func TestValues(t *testing.T) {
	t.Parallel()
	names := templates.Names()
	if len(names) < 37 {
		t.Fatalf("%d kinds", len(names))
	}
	for _, name := range names {
		for _, locale := range templates.Locales() {
			values, err := templates.Values(name, templates.Preview(name, locale))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range catalogue.Variables(name) {
				if said, ok := values[v.Name]; !ok || said == "" && v.Preview != nil {
					t.Errorf("%s in %s: {%s} is %q", name, locale, v.Name, said)
				}
			}
		}
	}
	f := templates.Preview("invitation", "en")
	f.Deadline = templates.Deadline{}
	f.Process.Title = "a\r\nb"
	values, err := templates.Values("invitation", f)
	if err != nil || values["due"] != "a date yet to be set" || values["process"] != "a b" || values["items"] != "20" || values["zone"] != "Rome time" {
		t.Errorf("%v, %v", values, err)
	}
	f.Extra["items"] = "many"
	if _, err := templates.Values("invitation", f); err == nil || strings.Contains(err.Error(), "many") {
		t.Errorf("%v", err)
	}
}

// A definition speaks Italian and English: to whoever reads German it is Italian, the
// day within its sentence as well.
func TestOwnWordsInOneLanguage(t *testing.T) {
	t.Parallel()
	page, err := templates.Render("announcement", templates.Preview("announcement", "de"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Guten Tag Miriam", "va fatta entro domenica 29 novembre 2026 alle 23:59", "Seite des Prozesses"} {
		if text := strings.Join(strings.Fields(page.Text), " "); !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
}
