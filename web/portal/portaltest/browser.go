package portaltest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
)

// Browser keeps cookies between requests; Lang is what it asks for.
type Browser struct {
	w       *World
	cookies map[string]*http.Cookie
	Lang    string
}

// Browser opens one without cookies.
func (w *World) Browser() *Browser {
	return &Browser{w: w, cookies: map[string]*http.Cookie{}, Lang: "it"}
}

// SignedIn opens one with a session of that person.
func (w *World) SignedIn(who process.Actor) *Browser {
	w.T.Helper()
	w.must(w.Site.Accounts.Request(w.T.Context(), who.Email))
	var id int64
	w.must(w.DB.NewRaw(`SELECT max(id) FROM sign_in WHERE person_id = ?`, who.Person).Scan(w.T.Context(), &id))
	s, err := w.Site.Accounts.Enter(w.T.Context(), w.Core.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: id, Version: 1}))
	w.must(err)
	b := w.Browser()
	b.cookies["arengo_session"] = &http.Cookie{Name: "arengo_session", Value: s.Token}
	return b
}

// Get asks for a page.
func (b *Browser) Get(path string) *Answer { return b.send("GET", path, "") }

// Post sends a form as pairs of names and values.
func (b *Browser) Post(path string, pairs ...string) *Answer {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.send("POST", path, v.Encode())
}

// Submit sends the n-th form of a page with its hidden fields, and pairs over
// them.
func (b *Browser) Submit(a *Answer, form string, pairs ...string) *Answer {
	b.w.T.Helper()
	f := a.Doc().Find(form).First()
	if f.Length() == 0 {
		b.w.T.Fatalf("no form %s", form)
	}
	var all []string
	f.Find("input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		all = append(all, s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return b.Post(f.AttrOr("action", ""), append(all, pairs...)...)
}

func (b *Browser) send(method, path, body string) *Answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", b.Lang)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.w.Server.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c
	}
	return &Answer{ResponseRecorder: rec, t: b.w.T}
}

// Has reports whether the browser keeps a cookie.
func (b *Browser) Has(cookie string) bool { return b.cookies[cookie] != nil }

// Answer is what the server said.
type Answer struct {
	*httptest.ResponseRecorder

	t   testing.TB
	doc *goquery.Document
}

// Doc parses the answer as a page.
func (a *Answer) Doc() *goquery.Document {
	a.t.Helper()
	if a.doc == nil {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body.String()))
		if err != nil {
			a.t.Fatal(err)
		}
		a.doc = doc
	}
	return a.doc
}

// Text is what a reader sees of the first match, its white space folded.
func (a *Answer) Text(selector string) string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.Doc().Find(selector).First().Text()), " ")
}

// Is fails the test unless the status is as wanted.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %s", a.Code, status, a.Text("main"))
	}
	return a
}

// To fails the test unless the answer sends the browser to path.
func (a *Answer) To(path string) *Answer {
	a.t.Helper()
	a.Is(http.StatusSeeOther)
	if got := a.Header().Get("Location"); got != path {
		a.t.Fatalf("sent to %q, want %q", got, path)
	}
	return a
}
