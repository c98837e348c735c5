package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/notify/templates"
)

// names and links are what people and processes may be called, and worse.
var (
	names = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"Miriam", "", " ", "Anna Maria Luisa de’ Medici di Toscana e Lorena", `<script>alert("x")</script>`, "D'Angelo & figli + C.",
		"{{.Recipient.Link}}", "a\nb", strings.Repeat("lungo ", 30), "\u202egnirts", "x\x00y", "[[button: x]]", "**no**",
	}))
	links = rapid.OneOf(rapid.Map(rapid.StringMatching(`[A-Za-z0-9_/?&=%+'-]{0,120}`), func(s string) string { return "https://example.org/" + s }),
		rapid.SampledFrom([]string{"", "javascript:alert(1)", "https://example.org/è?a=1&b=\"2\"", "HTTPS://EXAMPLE.ORG/A", "ftp://example.org", "//example.org/x y"}))
)

// TestSeriesRendersWhatRenderRenders fills in what is personal of every kind in every
// language and finds the page that Render gives.
func TestSeriesRendersWhatRenderRenders(t *testing.T) {
	t.Parallel()
	kinds, locales := templates.Names(), templates.Locales()
	if len(kinds) < 37 || len(locales) < 2 {
		t.Fatalf("%d kinds in %d locales", len(kinds), len(locales))
	}
	for _, locale := range locales {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { comparePages(rt, rapid.SampledFrom(kinds).Draw(rt, "kind"), locale) })
		})
	}
}

func comparePages(rt *rapid.T, kind, locale string) {
	facts := templates.Preview(kind, locale)
	if rapid.Bool().Draw(rt, "bare") {
		facts = bare(kind, locale)
	}
	facts.Recipient.Shared = rapid.Bool().Draw(rt, "shared")
	facts.Process.Title = rapid.SampledFrom([]string{facts.Process.Title, `A & "B" <i>`}).Draw(rt, "title")
	there := rapid.SliceOfN(rapid.Bool(), 3, 3).Draw(rt, "there")
	var s templates.Series
	for range 4 {
		facts.Recipient.Name, facts.Recipient.Link, facts.Recipient.UnsubscribeURL = "", "", ""
		if there[0] {
			facts.Recipient.Name = names.Draw(rt, "name")
		}
		if there[1] {
			facts.Recipient.Link = links.Draw(rt, "link")
		}
		if there[2] {
			facts.Recipient.UnsubscribeURL = links.Draw(rt, "unsubscribe")
		}
		got, err := s.Render(kind, facts)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := templates.Render(kind, facts)
		if err != nil {
			rt.Fatal(err)
		}
		if got != want {
			rt.Fatalf("filled in %v: %+v\nwant %+v", s.Filled(), got, want)
		}
	}
}

// TestEveryKindHasAForm: none is rendered whole for each of ten thousand readers.
func TestEveryKindHasAForm(t *testing.T) {
	t.Parallel()
	for _, locale := range templates.Locales() {
		for _, kind := range templates.Names() {
			var s templates.Series
			for i := range 3 {
				f := templates.Preview(kind, locale)
				f.Recipient.Name, f.Recipient.Link = fmt.Sprint("Persona ", i), fmt.Sprint("https://example.org/q/", i)
				if _, err := s.Render(kind, f); err != nil {
					t.Fatal(err)
				}
				if s.Filled() != (i > 0) {
					t.Errorf("%s in %s: message %d filled in: %v", kind, locale, i, s.Filled())
				}
			}
		}
	}
}

// TestSeriesKeepsApart: what differs in more than the personal places is another
// message, and many at once do no harm.
func TestSeriesKeepsApart(t *testing.T) {
	t.Parallel()
	var s templates.Series
	for round := range 3 {
		for i := range 30 {
			f := templates.Preview("reminder", "it")
			f.Process.Title, f.Recipient.Name = fmt.Sprint("Percorso ", i%20), fmt.Sprint("Persona ", round, i)
			f.Extra["items"] = fmt.Sprint(i % 20)
			got, err := s.Render("reminder", f)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := templates.Render("reminder", f)
			if got != want {
				t.Fatalf("%+v\nwant %+v", got, want)
			}
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for _, way := range []string{"whole", "series"} {
		b.Run(way, func(b *testing.B) {
			var s templates.Series
			f := templates.Preview("invitation", "it")
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if way == "series" {
					_, err = s.Render("invitation", f)
				} else {
					_, err = templates.Render("invitation", f)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
