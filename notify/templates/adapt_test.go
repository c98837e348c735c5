package templates_test

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/notify/catalogue"
	"arengo/notify/templates"
)

func adaptable(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, k := range catalogue.Kinds() {
		if k.Adaptable {
			out = append(out, k.Name)
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d kinds can be adapted", len(out))
	}
	return out
}

// TestDraftsCanBeAdapted: what a promoter begins with is good as it is, keeps the
// button and says what the kind's own text says.
func TestDraftsCanBeAdapted(t *testing.T) {
	t.Parallel()
	for _, kind := range adaptable(t) {
		for _, locale := range templates.Locales() {
			t.Run(kind+"/"+locale, func(t *testing.T) {
				t.Parallel()
				w, err := templates.Draft(kind, locale)
				if err != nil {
					t.Fatal(err)
				}
				if testing.Verbose() {
					t.Logf("%s\n%s", w.Subject, w.Body)
				}
				a, problems, err := templates.Adapt(kind, locale, w)
				if err != nil || len(problems) > 0 {
					t.Fatalf("%v %v in\n%s\n%s", problems, err, w.Subject, w.Body)
				}
				f := templates.Preview(kind, locale)
				own, err := templates.Render(kind, f)
				if err != nil {
					t.Fatal(err)
				}
				f.Wordings = templates.Wordings{locale: a}
				page, err := templates.Render(kind, f)
				if err != nil {
					t.Fatal(err)
				}
				if page.Subject != own.Subject || page.Text != own.Text {
					t.Errorf("%s\n%s\nwant %s\n%s", page.Subject, page.Text, own.Subject, own.Text)
				}
				if strings.Count(page.HTML, f.Recipient.Link) < 2 && strings.Contains(own.HTML, f.Recipient.Link) {
					t.Error("the button is lost")
				}
			})
		}
	}
}

func TestAdaptRefuses(t *testing.T) {
	t.Parallel()
	const subject, due = "Rispondi", "Entro {due}.\n\n"
	tests := []struct {
		name, subject, body string
		want                []templates.Problem
	}{
		{"nothing", "", "", []templates.Problem{{"subject", 0, "form.required", "", ""}, {"body", 0, "form.required", "", ""}}},
		{"unknown, mistyped", subject, due + "Ciao {nome}, {activty}", []templates.Problem{
			{"body", 3, "wording.unknown", "nome", "name"}, {"body", 3, "wording.unknown", "activty", "activity"},
		}},
		{"unknown, by its description", subject, "{scadenza}", []templates.Problem{
			{"body", 0, "wording.lacks", "due", ""}, {"body", 1, "wording.unknown", "scadenza", "due"},
		}},
		{"unknown in the subject", "{xyzzy}", due, []templates.Problem{{"subject", 1, "wording.unknown", "xyzzy", ""}}},
		{"what must be said", subject, "Rispondi presto.", []templates.Problem{{"body", 0, "wording.lacks", "due", ""}}},
		{"subject of two lines", "a\nb", due, []templates.Problem{{"subject", 0, "wording.subject_lines", "", ""}}},
		{"long subject", strings.Repeat("è", 121), due, []templates.Problem{{"subject", 0, "wording.subject_long", "", ""}}},
		{"long body", subject, strings.Repeat("a", 10<<10+1), []templates.Problem{{"body", 0, "wording.body_long", "", ""}}},
		{"open brace", subject, due + "a { b", []templates.Problem{{"body", 3, "wording.brace", "", ""}}},
		{"template", subject, due + "{{.Recipient.Link}}", []templates.Problem{{"body", 3, "wording.unknown", ".Recipient.Link", ""}, {"body", 3, "wording.brace", "", ""}}},
		{"directive", subject, due + "[[button: Via]]", []templates.Problem{{"body", 3, "wording.brackets", "", ""}}},
		{"word of the frame", subject, due + "a [[word why]]", []templates.Problem{{"body", 3, "wording.brackets", "", ""}}},
		{"html", subject, due + "<b>a</b>", []templates.Problem{{"body", 3, "wording.no_html", "", ""}, {"body", 3, "wording.no_html", "", ""}}},
		{"html block", subject, due + "<div>\na\n</div>", []templates.Problem{{"body", 3, "wording.no_html", "", ""}}},
		{"image", subject, due + "![a](https://x.org/a.png)", []templates.Problem{{"body", 3, "wording.no_image", "", ""}}},
		{"code", subject, due + "a\n\n    b", []templates.Problem{{"body", 5, "wording.no_code", "", ""}}},
		{"rule", subject, due + "a\n\n* * *", []templates.Problem{{"body", 5, "wording.no_rule", "", ""}}},
		{"heading", subject, due + "## a", []templates.Problem{{"body", 3, "wording.no_heading", "", ""}}},
		{"second heading", subject, due + "# a\n\n# b", []templates.Problem{{"body", 5, "wording.no_heading", "", ""}}},
		{"nested list", subject, due + "- a\n  - b", []templates.Problem{{"body", 3, "wording.no_nesting", "", ""}}},
		{"script in a link", subject, due + "[a](javascript:alert(1))", []templates.Problem{{"body", 3, "wording.link", "javascript:alert(1)", ""}}},
		{"link without a scheme", subject, due + "[a](www.example.org)", []templates.Problem{{"body", 3, "wording.link", "www.example.org", ""}}},
		{"link to words", subject, due + "[a]({name})", []templates.Problem{{"body", 3, "wording.link", "{name}", ""}}},
		{"link to a reference", subject, due + "[a][b]\n\n[b]: javascript:x", []templates.Problem{{"body", 3, "wording.link", "javascript:x", ""}}},
		{"button in a line", subject, due + "qui: {button}", []templates.Problem{{"body", 3, "wording.button_alone", "", ""}}},
		{"two buttons", subject, due + "{button}\n\n{button}", []templates.Problem{{"body", 5, "wording.button_twice", "", ""}}},
		{"hidden character", subject, due + "a\uE000" + "0\uE001", []templates.Problem{{"body", 3, "wording.character", "", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, got, err := templates.Adapt("reminder", "it", templates.Wording{Subject: tt.subject, Body: tt.body})
			if err != nil || a != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
	for _, kind := range []string{"sign-in", "announcement", "none"} {
		if _, _, err := templates.Adapt(kind, "it", templates.Wording{Subject: "a", Body: "b"}); err == nil {
			t.Errorf("%s was adapted", kind)
		}
	}
	if _, _, err := templates.Adapt("reminder", "xx", templates.Wording{Subject: "a", Body: "{due}"}); err == nil {
		t.Error("an unknown language was adapted")
	}
}

// adapt renders a wording of a reminder.
func adapt(t testing.TB, w templates.Wording, f templates.Facts) templates.Page {
	t.Helper()
	a, problems, err := templates.Adapt("reminder", "it", w)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	f.Wordings = templates.Wordings{"it": a}
	page, err := templates.Render("reminder", f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestAdaptedMessage(t *testing.T) {
	t.Parallel()
	f := templates.Preview("reminder", "it")
	w := templates.Wording{
		Subject: `Il "Comune" & {organisation}: {activity}`,
		Body: "# Manca {name}\n\nCiao {name},\n\nscrivici **entro {due}** a <info@example.org> o [qui]({link}), 3 \\* 4.\n\n{button}\n\n" +
			"1. uno & due\n2. [il sito](https://example.org/?a=1&b=2)\n\n> Piccolo.",
	}
	page := adapt(t, w, f)
	if page.Subject != `Il "Comune" & `+f.Process.Promoter+": "+f.Activity.Title {
		t.Errorf("subject %q", page.Subject)
	}
	for _, want := range []string{
		"<h1", "<strong", `href="mailto:info@example.org"`, `href="` + f.Recipient.Link + `"`, "<ol", "3 * 4", "uno &amp; due",
		`href="https://example.org/?a=1&amp;b=2"`, "Rispondi adesso", f.Recipient.UnsubscribeURL, f.Process.PrivacyURL, f.Recipient.Why,
		"<title>Il &#34;Comune&#34; &amp; ",
	} {
		if !strings.Contains(page.HTML, want) {
			t.Errorf("no %s in\n%s", want, page.HTML)
		}
	}
	for _, want := range []string{"1. uno & due", "2. il sito (https://example.org/?a=1&b=2)", "Rispondi adesso:\n" + f.Recipient.Link, f.Recipient.UnsubscribeURL} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("no %s in\n%s", want, page.Text)
		}
	}
	if !strings.HasPrefix(page.Preview, "scrivici entro ") {
		t.Errorf("preview %q", page.Preview)
	}
	f.Recipient.Name = ""
	if nameless := adapt(t, w, f); !strings.Contains(nameless.Text, "Ciao,") || !strings.Contains(nameless.HTML, "Ciao,") {
		t.Errorf("a greeting with a hole: %s", nameless.Text)
	}
	// Left out, the button comes last.
	late := adapt(t, templates.Wording{Subject: "a", Body: "{due}"}, f)
	if !strings.Contains(late.Text, "Rispondi adesso:\n"+f.Recipient.Link) {
		t.Errorf("no button in %s", late.Text)
	}
	// A language that was not adapted keeps its own text.
	f.Recipient.Locale = "en"
	if own := adapt(t, w, f); !strings.Contains(own.HTML, "Answer now") {
		t.Error("an adapted text went into another language")
	}
}

// TestValuesAreData: whatever a name or a title holds, it is said as it is, in both
// forms of a message.
func TestValuesAreData(t *testing.T) {
	t.Parallel()
	awkward := rapid.OneOf(rapid.SampledFrom([]string{
		"{link}", "**x**", "{{.Recipient.Link}}", "[a](javascript:x)", "<b>x</b>", "[[word why]]", "{button}", "\uE0000\uE001", `"'&<>`,
	}), rapid.StringMatching(`[a-z{}*_<>\[\]()#&"'.$]{1,20}`))
	rapid.Check(t, func(rt *rapid.T) {
		f := templates.Preview("reminder", "it")
		f.Recipient.Name, f.Activity.Title = awkward.Draw(rt, "name"), awkward.Draw(rt, "title")
		page := adapt(t, templates.Wording{Subject: "Per {name}: {activity}", Body: "Inizio {name}|{activity} fine\n\n*{name}* {due}"}, f)
		if want := "Per " + f.Recipient.Name + ": " + f.Activity.Title; page.Subject != want {
			rt.Errorf("subject %q, want %q", page.Subject, want)
		}
		want := "Inizio " + f.Recipient.Name + "|" + f.Activity.Title + " fine"
		if !strings.Contains(page.Text, want) {
			rt.Errorf("no %q in %s", want, page.Text)
		}
		if !strings.Contains(html.UnescapeString(page.HTML), want) || strings.Contains(page.HTML, "<b>x") {
			rt.Errorf("no %q in %s", want, page.HTML)
		}
	})
}

// TestPlaceholdersAreFoundOrRefused: a text of names in braces is refused exactly when
// one of them is none, and says all values when it is not.
func TestPlaceholdersAreFoundOrRefused(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, v := range catalogue.Variables("reminder") {
		known[v.Name] = true
	}
	said, err := templates.Values("reminder", templates.Preview("reminder", "it"))
	if err != nil || len(known) < 6 {
		t.Fatal(err, known)
	}
	names := rapid.OneOf(rapid.SampledFrom(slices.Sorted(func(yield func(string) bool) {
		for name := range known {
			if !yield(name) {
				return
			}
		}
	})), rapid.StringMatching(`[a-zA-Z_]{1,8}`))
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(names, 1, 6).Draw(rt, "names")
		var body strings.Builder
		body.WriteString("{due}\n\n")
		bad := 0
		for i, name := range list {
			fmt.Fprintf(&body, "a%d {%s} z\n\n", i, name)
			if !known[name] {
				bad++
			}
		}
		a, problems, err := templates.Adapt("reminder", "it", templates.Wording{Subject: "x", Body: body.String()})
		if err != nil || len(problems) != bad || (a == nil) != (bad > 0) {
			rt.Fatalf("%d problems of %d: %v %v", len(problems), bad, problems, err)
		}
		if bad > 0 {
			return
		}
		f := templates.Preview("reminder", "it")
		f.Wordings = templates.Wordings{"it": a}
		note, err := templates.Short("reminder", f)
		if err != nil {
			rt.Fatal(err)
		}
		for i, name := range list {
			want := fmt.Sprintf("a%d %s z", i, said[name])
			if said[name] == "" {
				want = fmt.Sprintf("a%d z", i)
			}
			if !strings.Contains(note.Text, want) {
				rt.Errorf("no %q in %s", want, note.Text)
			}
		}
	})
}

func FuzzAdapt(f *testing.F) {
	f.Add("a {name}", "# b\n\n{due} [x]({link})\n\n{button}")
	f.Add("a", "{due} <b> ![x](y) [[word why]] {{.}}")
	f.Fuzz(func(t *testing.T, subject, body string) {
		a, problems, err := templates.Adapt("reminder", "it", templates.Wording{Subject: subject, Body: body})
		if err != nil {
			t.Fatalf("found good and not made: %v", err)
		}
		if (a == nil) == (len(problems) == 0) {
			t.Fatal(a, problems)
		}
	})
}
