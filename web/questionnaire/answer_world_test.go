package questionnaire_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/web"
	"arengo/web/page/pagetest"
	pages "arengo/web/questionnaire"
	"arengo/web/site"
)

const trial = `
title: {it: Prova, en: Trial}
intro: {it: Poche domande di prova., en: A few trial questions.}
sections:
  - code: one
    title: {it: Uno, en: One}
    items:
      - {code: link, type: single, required: true, text: {it: "Che legame hai?", en: "What is your link?"},
         options: [{code: live, text: {it: Ci vivo, en: I live here}}, {code: work, text: {it: Ci lavoro, en: I work here}}]}
      - {code: years, type: number, text: {it: "Da quanti anni?", en: "For how many years?"}, min: 0, max: 120,
         show_if: {all: true, rules: [{item: link, op: is, value: live}]}}
      - {code: place, type: municipality, text: {it: Dove?, en: Where?},
         options: [{code: "052032", text: {it: Siena, en: Siena}}, {code: "052011", text: {it: Chiusi, en: Chiusi}}]}
  - code: two
    title: {it: Due, en: Two}
    items:
      - {code: pause, type: note, text: {it: Quasi finito, en: Nearly done}, help: {it: Restano tre domande., en: Three questions are left.}}
      - {code: trust, type: scale, text: {it: Quanta fiducia?, en: How much trust?},
         scale: {min: 1, max: 5, low: {it: nessuna, en: none}, high: {it: molta, en: a lot}, unsure: {it: Non so, en: I cannot say}}}
      - {code: themes, type: multiple, max: 2, text: {it: Quali temi?, en: Which themes?},
         options: [{code: bus, text: {it: Autobus, en: Buses}}, {code: school, text: {it: Scuola, en: School}}, {code: home, text: {it: Casa, en: Housing}}]}
      - {code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}
`

var closes = time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC)

// world is an open questionnaire behind the real server.
type world struct {
	*meetingtest.World
	server   *httptest.Server
	client   *http.Client
	activity process.Activity
	service  *questionnaire.Service
	token    string
	session  string // cookie of whoever is signed in
	lang     string // that the browser asks for
}

func newWorld(t testing.TB, opened bool) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, questionnaire.Kind{})}
	ctx := t.Context()
	w.service = questionnaire.New(w.Domain)
	w.activity = w.Activity("questionnaire")
	person := w.Person("miriam@example.org")
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, person, meetingtest.Start)
	def, err := form.ParseYAML([]byte(trial))
	w.Must(err)
	q, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition = def
	q, err = w.service.Save(ctx, w.Promoter, q)
	w.Must(err)
	if opened {
		_, err = w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
		w.Must(err)
		w.Must(w.service.SetEnd(ctx, w.Process.ID, w.activity.ID, w.Promoter, "2026-03-29"))
		w.Must(w.Advance(w.activity, "prepare", ""))
		w.Must(w.Advance(w.activity, "open", ""))
	}
	_, err = roster.New(w.Domain).Invite(ctx, w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	var id int64
	w.Must(w.DB.NewRaw(`SELECT id FROM invitation WHERE process_id = ?`, w.Process.ID).Scan(ctx, &id))
	w.token = w.Domain.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: w.Process.ID, Subject: id, Version: 1})
	w.serve()
	return w
}

func (w *world) serve() {
	w.T.Helper()
	log := slog.New(slog.DiscardHandler)
	s := &site.Site{
		Core: w.Domain, Accounts: account.New(w.Domain), Renderer: pagetest.Renderer(w.T), Limits: site.NewLimits(), Log: log,
	}
	server, err := web.New(web.Config{Site: s, Routes: pages.Routes(s), Log: log})
	w.Must(err)
	w.server = httptest.NewServer(server.Handler())
	w.T.Cleanup(w.server.Close)
	w.client = w.server.Client()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

// answer is what came back, redirects followed.
type answer struct {
	status int
	path   string
	header http.Header
	doc    *goquery.Document
}

func (a answer) text(selector string) string {
	return strings.TrimSpace(a.doc.Find(selector).First().Text())
}

func (w *world) do(req *http.Request) answer {
	w.T.Helper()
	for range 5 {
		if w.lang != "" {
			req.Header.Set("Accept-Language", w.lang)
		}
		if w.session != "" {
			req.AddCookie(&http.Cookie{Name: "arengo_session", Value: w.session})
		}
		res, err := w.client.Do(req)
		w.Must(err)
		doc, err := goquery.NewDocumentFromReader(res.Body)
		w.Must(err)
		w.Must(res.Body.Close())
		if res.StatusCode != http.StatusSeeOther {
			return answer{res.StatusCode, req.URL.Path, res.Header, doc}
		}
		req, err = http.NewRequestWithContext(w.T.Context(), "GET", w.server.URL+res.Header.Get("Location"), nil)
		w.Must(err)
	}
	w.T.Fatal("redirects without an end")
	return answer{}
}

func (w *world) get(path string) answer {
	w.T.Helper()
	req, err := http.NewRequestWithContext(w.T.Context(), "GET", w.server.URL+path, nil)
	w.Must(err)
	return w.do(req)
}

// at is an address under the token.
func (w *world) at(path string) string { return "/i/questionnaire/" + w.token + path }

// post sends the main form of a page as a browser without scripts does, with
// fields instead of or beside its own.
func (w *world) post(a answer, fields url.Values) answer {
	w.T.Helper()
	f := a.doc.Find(`main form[method=post]`).First()
	if f.Length() == 0 {
		html, _ := a.doc.Html()
		w.T.Fatalf("no form on %s:\n%s", a.path, html)
	}
	values := url.Values{}
	f.Find(`input[type=hidden]`).Each(func(_ int, s *goquery.Selection) {
		values.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	for name, v := range fields {
		values[name] = v
	}
	return w.send(f.AttrOr("action", ""), values)
}

func (w *world) send(path string, values url.Values) answer {
	w.T.Helper()
	req, err := http.NewRequestWithContext(w.T.Context(), "POST", w.server.URL+path, strings.NewReader(values.Encode()))
	w.Must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", w.server.URL)
	return w.do(req)
}

func one(name string, values ...string) url.Values {
	return url.Values{name: values, "-vai": {"avanti"}}
}

func back() url.Values { return url.Values{"-vai": {"indietro"}} }

// want fails unless the page is good, has the status and the heading.
func (w *world) want(a answer, status int, heading string) {
	w.T.Helper()
	if got := a.text("h1"); a.status != status || got != heading {
		w.T.Fatalf("%s: %d %q, want %d %q", a.path, a.status, got, status, heading)
	}
	if a.doc.Find("title").Length() > 0 {
		pagetest.Check(w.T, a.doc)
	}
}

func (w *world) rows(table string) (n int) {
	w.T.Helper()
	w.Must(w.DB.NewRaw(fmt.Sprintf(`SELECT count(*) FROM %s WHERE process_id = ?`, table), w.Process.ID).Scan(w.T.Context(), &n))
	return n
}

// signIn makes the promoter's session, past the mail that has its own tests.
func (w *world) signIn() {
	w.T.Helper()
	w.session = "a-session-of-the-promoter"
	w.Exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (sha256(convert_to(?, 'UTF8')), ?, ?, ?)`,
		w.session, w.Promoter.Person, meetingtest.Start, meetingtest.Start.AddDate(1, 0, 0))
}
