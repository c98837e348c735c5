package templates_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"arengo/notify/catalogue"
	"arengo/notify/templates"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// unresolved is what a template leaves behind when it goes wrong.
var unresolved = regexp.MustCompile(`<no value>|\{\{|\}\}|\[\[|\]\]|ZgotmplZ|%!|[\x{E000}-\x{F8FF}]`)

func TestEveryKindInEveryLocale(t *testing.T) {
	t.Parallel()
	names, locales := templates.Names(), templates.Locales()
	if len(names) != 43 || len(locales) < 2 {
		t.Fatalf("%d kinds in %d locales, want 43 in at least 2", len(names), len(locales))
	}
	for _, locale := range locales {
		for _, name := range names {
			for _, facts := range []struct {
				name string
				f    templates.Facts
			}{{"full", templates.Preview(name, locale)}, {"bare", bare(name, locale)}} {
				t.Run(locale+"/"+name+"/"+facts.name, func(t *testing.T) {
					t.Parallel()
					page, err := templates.Render(name, facts.f)
					if err != nil {
						t.Fatal(err)
					}
					checkPage(t, page, facts.f)
				})
			}
		}
	}
}

// bare has only what every kind must be given, and the kind what it requires.
func bare(kind, locale string) templates.Facts {
	full := templates.Preview(kind, locale)
	f := templates.Facts{
		Recipient: templates.Recipient{Locale: locale, Link: full.Recipient.Link},
		Meeting:   templates.Meeting{Title: "x", Start: full.Meeting.Start, End: full.Meeting.End},
		Deadline:  full.Deadline,
		Activity:  templates.Activity{Title: "y"},
		Process:   templates.Process{Title: "z"},
		Own:       templates.Own{Subject: map[string]string{"it": "s"}, Text: map[string]string{"it": "{due}, {reason}"}},
		Extra:     map[string]string{}, Lists: map[string][]map[string]string{},
	}
	k, _ := catalogue.Named(kind)
	for _, field := range k.Fields {
		if field.Required {
			f.Extra[field.Name], f.Lists[field.Name] = full.Extra[field.Name], full.Lists[field.Name]
		}
	}
	return f
}

func checkPage(t *testing.T, page templates.Page, f templates.Facts) {
	t.Helper()
	for part, text := range map[string]string{"subject": page.Subject, "preview": page.Preview, "text": page.Text, "html": page.HTML} {
		if text == "" {
			t.Errorf("%s is empty", part)
		}
		if found := unresolved.FindString(text); found != "" {
			t.Errorf("%s holds %q: %s", part, found, text)
		}
	}
	if strings.ContainsAny(page.Subject, "\r\n") || utf8.RuneCountInString(page.Subject) > 120 {
		t.Errorf("subject: %q", page.Subject)
	}
	if len(page.HTML) > 100_000 {
		t.Errorf("%d bytes of HTML", len(page.HTML))
	}
	for _, line := range strings.Split(page.Text, "\n") {
		if utf8.RuneCountInString(line) > 72 && !strings.Contains(line, "https://") {
			t.Errorf("long line: %q", line)
		}
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page.HTML))
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d headings", n)
	}
	if n := doc.Find("img, script, style, link").Length(); n != 0 {
		t.Errorf("%d elements that a mail must not have", n)
	}
	buttons := doc.Find(`a[href="` + f.Recipient.Link + `"]`)
	if buttons.Length() != 1 {
		t.Errorf("%d buttons, want one", buttons.Length())
	}
	if !strings.Contains(page.Text, f.Recipient.Link) {
		t.Error("the text lacks the link")
	}
	if n := doc.Find("td > td, tr > tr, td > tr").Length(); n != 0 {
		t.Errorf("%d rows inside rows", n)
	}
}

func TestNastyValues(t *testing.T) {
	t.Parallel()
	f := templates.Preview("invitation", "it")
	f.Activity.Title = "<script>alert(1)</script> **bold** [[button: x]] {{.Extra}} \r\nBcc: a@b.it"
	f.Recipient.Name = "Mario\r\nSubject: x <b>"
	f.Recipient.Link = "javascript:alert(1)"
	f.Process.PrivacyURL = `"><img src=x>`
	page, err := templates.Render("invitation", f)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(page.Subject, "\r\n") {
		t.Errorf("subject %q", page.Subject)
	}
	for _, bad := range []string{"<script>", `href="javascript:`, "<img", "<b>", "<strong>bold"} {
		if strings.Contains(page.HTML, bad) {
			t.Errorf("HTML holds %s", bad)
		}
	}
	if strings.Contains(page.Subject, "  ") || !strings.Contains(page.Subject, "Bcc: a@b.it") {
		t.Errorf("the title's lines were not joined: %q", page.Subject)
	}
	if !strings.Contains(page.HTML, "**bold**") {
		t.Error("a value was read as Markdown")
	}
}

func TestMissingFieldIsAnError(t *testing.T) {
	t.Parallel()
	f := templates.Preview("role-assigned", "it")
	f.Extra = nil
	if _, err := templates.Render("role-assigned", f); err == nil || !strings.Contains(err.Error(), "role") {
		t.Errorf("error %v, want one that names the field", err)
	}
	if _, err := templates.Render("no-such-kind", f); err == nil {
		t.Error("an unknown kind was rendered")
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, locale, zone, want string
		at                       time.Time
	}{
		{"midnight is the day before", "it", "", "domenica 29 novembre 2026 alle 23:59**, ora di Roma", time.Date(2026, 11, 30, 0, 0, 0, 0, rome)},
		{"an hour is itself", "it", "", "lunedì 30 novembre 2026 alle 12:30**, ora di Roma", time.Date(2026, 11, 30, 12, 30, 0, 0, rome)},
		{"first of the month", "it", "Europe/Zurich", "martedì 1° dicembre 2026 alle 10:00**, ora di Zurigo", time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)},
		{"summer time", "it", "", "domenica 28 marzo 2027 alle 23:59**, ora di Roma", time.Date(2027, 3, 28, 22, 0, 0, 0, time.UTC)},
		{"end of summer time", "it", "", "domenica 25 ottobre 2026 alle 23:59**, ora di Roma", time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC)},
		{"English", "en", "", "Sunday 29 November 2026 at 23:59**, Rome time", time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC)},
		{"German", "de", "", "Sonntag, 29. November 2026 um 23:59 Uhr**, Ortszeit Rom", time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC)},
		{"a German first", "de", "Europe/Zurich", "Dienstag, 1. Dezember 2026 um 10:00 Uhr**, Ortszeit Zürich", time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)},
		{"French", "fr", "", "dimanche 29 novembre 2026 à 23 h 59**, heure de Rome", time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC)},
		{"a French first, on the hour", "fr", "", "mardi 1er décembre 2026 à 9 h**, heure de Rome", time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := templates.Preview("invitation", c.locale)
			f.Deadline = templates.Deadline{At: c.at, Zone: c.zone}
			page, err := templates.Render("invitation", f)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(c.want, "**", "")
			if text := strings.Join(strings.Fields(page.Text), " "); !strings.Contains(text, want) {
				t.Errorf("want %q in %s", want, text)
			}
		})
	}
}

func TestLocales(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"it": "Buongiorno", "it-CH": "Buongiorno", "en_GB": "Hello", "de-CH": "Guten Tag", "fr": "Bonjour", "rm": "Buongiorno", "": "Buongiorno"} {
		f := templates.Preview("receipt", "it")
		f.Recipient.Locale = locale
		page, err := templates.Render("receipt", f)
		if err != nil || !strings.Contains(page.Text, want) {
			t.Errorf("%q: %v, want %q in %s", locale, err, want, page.Text)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	names := templates.Names()
	if len(names) != 43 {
		t.Fatalf("%d kinds, want 43", len(names))
	}
	for _, name := range names {
		for _, locale := range templates.Locales() {
			page, err := templates.Render(name, templates.Preview(name, locale))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+"/"+locale+".txt", "Subject: "+page.Subject+"\nPreview: "+page.Preview+"\n\n"+page.Text)
			golden(t, name+"/"+locale+".html", page.HTML+"\n")
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look at the difference after -update:\n%s", name, got)
	}
}

// What is told of a whole process leads to its page, which nobody need keep to
// themselves.
func TestAProcessHasNoPersonalAddress(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"deadline-shortened", "held", "resumed", "reopened", "deadline-extended"} {
		for locale, private := range map[string]string{"it": "personale", "en": "personal", "de": "persönliche", "fr": "personnelle"} {
			for _, title := range []string{"", "Vivere l’Area vasta"} { // a follower's has no link of its own either
				f := templates.Preview(kind, locale)
				f.Activity, f.Recipient.Link, f.Recipient.Shared = templates.Activity{Title: title}, f.Process.URL, true
				page, err := templates.Render(kind, f)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(page.Text+page.HTML, private) || strings.Contains(page.Text, "«»") || strings.Contains(page.Text, "“”") {
					t.Errorf("%s in %s of %q:\n%s", kind, locale, title, page.Text)
				}
			}
		}
	}
}

// Who works on a process is reminded of what is to be done in the workspace, and
// nobody else is.
func TestAReminderOfAPhaseToWhoWorksOnIt(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"it": "spazio di lavoro", "en": "workspace", "de": "Arbeitsbereich", "fr": "espace de travail"} {
		for _, kind := range []string{"reminder", "last-days"} {
			for works, says := range map[string]bool{"yes": true, "": false} {
				f := templates.Preview(kind, locale)
				f.Activity, f.Extra["works"] = templates.Activity{}, works
				page, err := templates.Render(kind, f)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Count(page.Text, want) >= 2 != says {
					t.Errorf("%s in %s, works %q:\n%s", kind, locale, works, page.Text)
				}
			}
		}
	}
}

// A rest of a process names what rests with it, in the list and without a personal
// word of one activity.
func TestARestNamesWhatRestsWithIt(t *testing.T) {
	t.Parallel()
	f := templates.Preview("held", "it")
	f.Along = []templates.Along{{Title: "Questionario", Deadline: f.Deadline}, {Title: "Serata", Starts: f.Starts}, {Title: "Laboratori", Starts: []time.Time{f.Meeting.Start, f.Meeting.Start.AddDate(0, 0, 1), f.Meeting.Start.AddDate(0, 0, 2)}}}
	for kind, want := range map[string][]string{
		"held":    {"Sospeso: " + f.Process.Title, "- «Questionario»\n", "- «Serata»: l’incontro di martedì 1° dicembre 2026 alle 18:00 non si fa", "- «Laboratori»: gli incontri di martedì 1° dicembre 2026 alle 18:00, mercoledì 2 dicembre 2026 alle 18:00 e giovedì 3 dicembre 2026 alle 18:00 non si fanno"},
		"resumed": {"Si riprende: " + f.Process.Title, "- «Questionario»: fino a domenica 29 novembre 2026 alle 23:59", "- «Serata»: l’incontro si fa martedì 1° dicembre 2026", "- «Laboratori»: gli incontri si fanno martedì 1° dicembre 2026 alle 18:00, mercoledì"},
	} {
		page, err := templates.Render(kind, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range want {
			if text := page.Subject + "\n" + page.Text; !strings.Contains(text, word) && !strings.Contains(strings.Join(strings.Fields(text), " "), word) {
				t.Errorf("%s does not say %q:\n%s", kind, word, text)
			}
		}
		if strings.Contains(page.Text, f.Activity.Title) || !strings.Contains(page.HTML, "<li") {
			t.Errorf("%s:\n%s", kind, page.Text)
		}
	}
}

// What each message says of one, of a vote and of minutes.
func TestWordsFitTheCase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind       string
		extra      map[string]string
		want, none string
	}{
		{"invitation", map[string]string{"items": "1"}, "È una sola domanda.", "1 domande"},
		{"activity-closed", map[string]string{"answered": "1", "invited": "1"}, "C’è una risposta su un invito.", "1 inviti"},
		{"activity-opened", map[string]string{"vote": "yes"}, "Si vota fino a", "C’è tempo"},
		{"activity-opened", nil, "Biblioteca comunale", "C’è tempo"},
		{"meeting-materials", map[string]string{"minutes_out": "yes"}, "Leggi il verbale:", "materiali"},
		{"reminder", map[string]string{"invited_on": "2026-03-09"}, "il 9 marzo 2026 ti abbiamo scritto", "qualche giorno"},
		{"focusgroup-invitation", nil, "prima dell’incontro", "Rispondi entro"},
	} {
		f := templates.Preview(tt.kind, "it")
		f.Extra = tt.extra
		page, err := templates.Render(tt.kind, f)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(page.Text), " ")
		if !strings.Contains(text, tt.want) || strings.Contains(page.Subject+text, tt.none) || strings.Contains(text, "[##") {
			t.Errorf("%s: want %q and no %q in %s: %s", tt.kind, tt.want, tt.none, page.Subject, text)
		}
	}
}
