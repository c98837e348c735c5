// Package sittingtest puts the pages of a kind of gathering on a site with a
// published process, for tests that act as browsers do. Every page that a
// browser gets is checked for what no page may have.
package sittingtest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/meeting/meetingtest"
	"arengo/web"
	"arengo/web/page/pagetest"
	"arengo/web/site"
)

// World is a site with one process and the pages under test.
type World struct {
	*meetingtest.World

	Server   http.Handler
	Accounts *account.Service
}

// New sets a world up; pages names the templates that the routes use.
func New(t testing.TB, kind process.Kind, routes func(*site.Site) []site.Route, pages ...string) *World {
	t.Helper()
	w := &World{World: meetingtest.New(t, kind)}
	w.Accounts = account.New(w.Domain)
	log := slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	s := &site.Site{
		Core: w.Domain, Accounts: w.Accounts, Renderer: pagetest.Renderer(t, append(pages, "site/error")...),
		Limits: site.NewLimits(), Log: log,
	}
	server, err := web.New(web.Config{Site: s, Routes: routes(s), Log: log, Origin: "https://arengo.example.org"})
	w.Must(err)
	w.Server = server.Handler()
	w.Exec(`UPDATE process SET published_at = ? WHERE id = ?`, meetingtest.Start, w.Process.ID)
	return w
}

// failing fails the test on what is logged: an error is a fault of ours.
type failing struct{ t testing.TB }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("logged: %s", b)
	return len(b), nil
}

// Slug is that of the process.
func (w *World) Slug() string { return w.Process.Slug }

// Browser keeps cookies and reads one language, "it" at first.
type Browser struct {
	Lang    string
	w       *World
	cookies map[string]*http.Cookie
}

// Visitor opens a browser without a session.
func (w *World) Visitor() *Browser {
	return &Browser{w: w, Lang: "it", cookies: map[string]*http.Cookie{}}
}

// SignedIn opens one with a session of that person.
func (w *World) SignedIn(who process.Actor) *Browser {
	w.T.Helper()
	w.Must(w.Accounts.Request(w.T.Context(), who.Email))
	var id int64
	w.Must(w.DB.NewRaw(`SELECT max(id) FROM sign_in WHERE person_id = ?`, who.Person).Scan(w.T.Context(), &id))
	s, err := w.Accounts.Enter(w.T.Context(), w.Domain.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: id, Version: 1}))
	w.Must(err)
	b := w.Visitor()
	b.cookies["arengo_session"] = &http.Cookie{Name: "arengo_session", Value: s.Token}
	return b
}

// Get asks for a page in every language, checks each and answers with the one
// in the browser's own.
func (b *Browser) Get(path string) *Answer {
	b.w.T.Helper()
	own := b.Lang
	for _, lang := range []string{"it", "en"} {
		b.Lang = lang
		if lang != own {
			b.send("GET", path, nil)
		}
	}
	b.Lang = own
	return b.send("GET", path, nil)
}

// Submit sends the first form of a page that matches, as it stands, with pairs
// of names and values instead of its own; a value "-" unticks.
func (b *Browser) Submit(a *Answer, form string, pairs ...string) *Answer {
	b.w.T.Helper()
	f := a.Doc.Find(form).First()
	if f.Length() == 0 {
		b.w.T.Fatalf("no form %s in %s", form, a.Text("main"))
	}
	v := values(f)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "-" {
			v.Del(pairs[i])
			continue
		}
		v.Set(pairs[i], pairs[i+1])
	}
	return b.send("POST", f.AttrOr("action", ""), v)
}

// values are what a browser would send of a form that nobody touched.
func values(f *goquery.Selection) url.Values {
	v := url.Values{}
	f.Find("input, textarea").Each(func(_ int, s *goquery.Selection) {
		name, kind := s.AttrOr("name", ""), s.AttrOr("type", "")
		_, ticked := s.Attr("checked")
		switch {
		case name == "" || slices.Contains([]string{"checkbox", "radio"}, kind) && !ticked:
		case s.Is("textarea"):
			v.Add(name, s.Text())
		default:
			v.Add(name, s.AttrOr("value", ""))
		}
	})
	f.Find("select").Each(func(_ int, s *goquery.Selection) {
		chosen := s.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = s.Find("option").First()
		}
		v.Add(s.AttrOr("name", ""), chosen.First().AttrOr("value", ""))
	})
	return v
}

// Post sends values that no form of a page holds.
func (b *Browser) Post(path string, pairs ...string) *Answer {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return b.send("POST", path, v)
}

func (b *Browser) send(method, path string, v url.Values) *Answer {
	b.w.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(v.Encode()))
	r.Header.Set("Accept-Language", b.Lang)
	if method == http.MethodPost {
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
	a := &Answer{ResponseRecorder: rec, t: b.w.T}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	b.w.Must(err)
	a.Doc = doc
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") && rec.Code != http.StatusSeeOther {
		pagetest.Check(b.w.T, doc)
	}
	return a
}

// Answer is what the server said.
type Answer struct {
	*httptest.ResponseRecorder

	Doc *goquery.Document
	t   testing.TB
}

// Text is what a reader sees of the first match, its white space folded.
func (a *Answer) Text(selector string) string {
	return strings.Join(strings.Fields(a.Doc.Find(selector).First().Text()), " ")
}

// Is fails the test unless the status is as wanted.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %s", a.Code, status, a.Text("main"))
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
	for _, w := range words {
		if text := a.Text("main"); !strings.Contains(text, w) {
			a.t.Errorf("the page does not say %q: %s", w, text)
		}
	}
	return a
}

// Hides fails the test if the page holds one of the words.
func (a *Answer) Hides(words ...string) *Answer {
	a.t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body.String(), w) {
			a.t.Errorf("the page says %q", w)
		}
	}
	return a
}
