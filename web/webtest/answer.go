package webtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Answer is what the server said to one request.
type Answer struct {
	Code   int
	Path   string // that was asked for, with its query
	Body   string
	Header http.Header
	Doc    *goquery.Document

	t testing.TB
}

// Find selects elements of the page.
func (a *Answer) Find(selector string) *goquery.Selection { return a.Doc.Find(selector) }

// Text is what a reader sees of the first match, its white space folded.
func (a *Answer) Text(selector string) string {
	return strings.Join(strings.Fields(a.Find(selector).First().Text()), " ")
}

// Location is where the answer sends the browser, "" for a page.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// Is fails the test unless the status is as wanted.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("%s: status %d, want %d: %s %s", a.Path, a.Code, status, a.Location(), a.Text("main"))
	}
	return a
}

// To fails the test unless the answer sends the browser to path.
func (a *Answer) To(path string) *Answer {
	a.t.Helper()
	a.Is(http.StatusSeeOther)
	if got := a.Location(); got != path {
		a.t.Fatalf("%s: sent to %q, want %q", a.Path, got, path)
	}
	return a
}

// Back fails the test unless the form was accepted.
func (a *Answer) Back() *Answer {
	a.t.Helper()
	return a.Is(http.StatusSeeOther)
}

// Says fails the test unless the page holds the words.
func (a *Answer) Says(words ...string) *Answer {
	a.t.Helper()
	text := a.words()
	for _, w := range words {
		if !strings.Contains(text, w) {
			a.t.Errorf("%s does not say %q: %s", a.Path, w, text)
		}
	}
	return a
}

// Hides fails the test if the answer holds one of the words, be it unseen.
func (a *Answer) Hides(words ...string) *Answer {
	a.t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) || strings.Contains(a.words(), w) {
			a.t.Errorf("%s says %q", a.Path, w)
		}
	}
	return a
}

func (a *Answer) words() string { return strings.ReplaceAll(a.Text("main"), "\u00a0", " ") }

// Refused fails the test unless a form came back with the status, a title that
// begins with the error, and, when field is given, an error that leads to that
// control of the page.
func (a *Answer) Refused(status int, field string) *Answer {
	a.t.Helper()
	a.Is(status)
	if title := a.Text("title"); !strings.HasPrefix(title, "Errore:") {
		a.t.Errorf("%s: the title %q does not begin with the error", a.Path, title)
	}
	if field == "" {
		return a
	}
	if a.Find(`.ar-errors a[href="#`+field+`"]`).Length() == 0 {
		a.t.Errorf("%s: no error leads to %s: %s", a.Path, field, a.Text(".ar-errors"))
	}
	if a.Find(`[id="`+field+`"]`).Length() != 1 {
		a.t.Errorf("%s: no control %s", a.Path, field)
	}
	return a
}

// Form is the first form of the page that matches; the test fails when there is
// none.
func (a *Answer) Form(selector string) *goquery.Selection {
	a.t.Helper()
	f := a.Find(selector).First()
	if f.Length() == 0 {
		a.t.Fatalf("%s: no form %s in %s", a.Path, selector, a.Text("main"))
	}
	return f
}

// Values are what a browser would send of a form that nobody touched.
func Values(form *goquery.Selection) url.Values {
	out := url.Values{}
	controls := form.Find("input[name], textarea[name], select[name]")
	if id := form.AttrOr("id", ""); id != "" {
		controls = controls.AddSelection(form.Closest("html").Find(`[form="` + id + `"][name]`).Not("button"))
	}
	controls.Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		_, checked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case goquery.NodeName(s) == "textarea":
			out.Add(name, strings.TrimPrefix(s.Text(), "\n"))
		case goquery.NodeName(s) == "select":
			chosen := s.Find("option[selected]").First()
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			out.Add(name, chosen.AttrOr("value", ""))
		case kind == "file" || kind == "submit" || (kind == "checkbox" || kind == "radio") && !checked:
		default:
			out.Add(name, s.AttrOr("value", "on"))
		}
	})
	return out
}

// Button finds a button of a form, inside it or bound to it from elsewhere on
// the page.
func Button(form *goquery.Selection, name, value string) *goquery.Selection {
	button := `button[name="` + name + `"][value="` + value + `"]`
	inside := form.Find(button).Not("[form]")
	if id := form.AttrOr("id", ""); id != "" {
		return inside.AddSelection(form.Closest("html").Find(button + `[form="` + id + `"]`))
	}
	return inside
}
