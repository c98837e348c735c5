// Package gatheringtest drives the pages of gatherings in tests: the routes of
// one kind on a real database, a clock that tests set, and forms sent as a
// browser without scripts sends them.
package gatheringtest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/web/page/pagetest"
	"arengo/web/site"
)

// Evening is a meeting three weeks after the start of the clock, at 18:00 of
// the process's zone, in winter time.
var Evening = meeting.Draft{
	Starts: "2026-03-26T18:00", Ends: "2026-03-26T19:30", Place: "Palazzo Patrizi, Siena",
	JoinURL: "https://video.example.org/sala-segreta", Agenda: "1. Saluti\n2. Domande",
}

// World is a published process with an activity of a kind, and its pages.
type World struct {
	*meetingtest.World

	Activity process.Activity
	handler  http.Handler
	accounts *account.Service
}

// New sets up a world with the pages that routes gives; the activity is a draft.
func New(t testing.TB, kind process.Kind, routes func(*site.Site) []site.Route) *World {
	t.Helper()
	w := &World{World: meetingtest.New(t, kind)}
	w.Exec(`UPDATE process SET published_at = ? WHERE id = ?`, meetingtest.Start, w.Process.ID)
	w.Activity = w.World.Activity(kind.Name())
	w.accounts = account.New(w.Domain)
	s := &site.Site{
		Core: w.Domain, Accounts: w.accounts, Limits: site.NewLimits(), Log: slog.New(slog.DiscardHandler),
		Renderer: pagetest.Renderer(t, "gathering/staff", "gathering/meeting", "gathering/minutes", "gathering/public",
			"gathering/registration", "site/error"),
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	w.Must(s.Mount(engine, routes(s)))
	w.handler = engine
	return w
}

// Staff is the activity's page in the workspace.
func (w *World) Staff() string { return "/gestione/" + w.where() }

// Public is the activity's page for everybody.
func (w *World) Public() string { return "/percorsi/" + w.where() }

func (w *World) where() string {
	return w.Process.Slug + "/" + w.Activity.Kind + "/" + w.Activity.PublicID
}

// Answer is what came back; Doc is nil when it is no page.
type Answer struct {
	Code   int
	Body   string
	Header http.Header
	Doc    *goquery.Document
}

// Browser keeps the cookies of one visitor.
type Browser struct {
	w       *World
	cookies map[string]string
}

// Visitor is a browser that nobody signed in with.
func (w *World) Visitor() *Browser { return &Browser{w: w, cookies: map[string]string{}} }

// SignedIn is the browser of a person who works on the process.
func (w *World) SignedIn(email string) *Browser {
	w.T.Helper()
	ctx := w.T.Context()
	w.Must(w.accounts.Request(ctx, email))
	session, err := w.accounts.Enter(ctx, w.Domain.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: w.lastSignIn(), Version: 1}))
	w.Must(err)
	b := w.Visitor()
	b.cookies["arengo_session"] = session.Token
	return b
}

// Get opens an address.
func (b *Browser) Get(path string) Answer {
	b.w.T.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Page opens an address that must be a good page, and looks at it in English
// too; the document is the Italian one.
func (b *Browser) Page(path string) *goquery.Document {
	b.w.T.Helper()
	a := b.Get(path)
	for _, lang := range []string{"it", "en"} {
		again := a
		if lang == "en" {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Language", lang)
			again = b.do(r)
		}
		if again.Code != http.StatusOK || again.Doc == nil {
			b.w.T.Fatalf("GET %s in %s: %d\n%s", path, lang, again.Code, again.Body)
		}
		if got := again.Doc.Find("html").AttrOr("lang", ""); got != lang {
			b.w.T.Errorf("GET %s: the page is in %q, want %q", path, got, lang)
		}
		if key := bare.FindString(again.Doc.Find("main").Text()); key != "" {
			b.w.T.Errorf("GET %s in %s: no text for %s", path, lang, key)
		}
		pagetest.Check(b.w.T, again.Doc)
	}
	return a.Doc
}

// bare is a key that stands where its text should.
var bare = regexp.MustCompile(`\b(gathering|webinar|assembly|meeting|staff)\.[a-z]+`)

// Send fills in the form of a page that posts to action and sends it; pairs
// replace the values that its controls hold.
func (b *Browser) Send(from, action string, pairs ...string) Answer {
	b.w.T.Helper()
	doc := b.Page(from)
	form := doc.Find(`form[action="` + action + `"]`).First()
	if form.Length() == 0 {
		b.w.T.Fatalf("%s has no form for %s", from, action)
	}
	values := Values(form)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		} else {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return b.Post(action, values)
}

// Post sends values as they are.
func (b *Browser) Post(path string, values url.Values) Answer {
	b.w.T.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// Sent fails unless the answer to a form is a redirect.
func (b *Browser) Sent(a Answer) {
	b.w.T.Helper()
	if a.Code != http.StatusSeeOther {
		b.w.T.Fatalf("the form was answered with %d\n%s", a.Code, a.Body)
	}
}

func (b *Browser) do(r *http.Request) Answer {
	b.w.T.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	b.w.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	a := Answer{Code: rec.Code, Body: rec.Body.String(), Header: rec.Header()}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		b.w.Must(err)
		a.Doc = doc
	}
	return a
}

// Values are what a browser would send of a form as it stands.
func Values(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		_, checked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case goquery.NodeName(s) == "textarea":
			out.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			out.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		case kind == "checkbox" || kind == "radio":
			if checked {
				out.Add(name, s.AttrOr("value", "on"))
			}
		default:
			out.Add(name, s.AttrOr("value", ""))
		}
	})
	return out
}

// Open gives the activity Evening and advances it by a transition.
func (w *World) Open(transition string) meeting.Meeting {
	w.T.Helper()
	m, err := w.Meetings.Schedule(w.T.Context(), w.Process.ID, w.Activity.ID, w.Promoter, Evening)
	w.Must(err)
	w.Must(w.Advance(w.Activity, transition, ""))
	return m
}

// Link is the personal page of a person's registration.
func (w *World) Link(email string) string {
	w.T.Helper()
	reg, ok, err := w.Meetings.Registration(w.T.Context(), w.Process.ID, w.Activity.ID, w.Person(email))
	w.Must(err)
	if !ok {
		w.T.Fatalf("%s is not registered", email)
	}
	return "/r/" + w.Activity.Kind + "/" + w.Meetings.Token(reg)
}
