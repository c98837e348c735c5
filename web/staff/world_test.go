package staff_test

import (
	"crypto/sha256"
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
	"arengo/process/cockpit"
	"arengo/process/cockpit/cockpittest"
	"arengo/web"
	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/site"
	"arengo/web/staff"
)

// stage is a world with the workspace's pages over it.
type stage struct {
	*cockpittest.World
	handler http.Handler
	lang    string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: cockpittest.New(t), lang: "it"}
	renderer, err := page.New(page.Config{Only: []string{
		"site/error", "staff/today", "staff/processes", "staff/process", "staff/refused", "staff/extend", "staff/outcomes", "staff/outcome",
	}})
	s.Must(err)
	log := slog.New(slog.DiscardHandler)
	pages := &site.Site{
		Core: s.Core, Accounts: account.New(s.Core), Renderer: renderer, Limits: site.NewLimits(), Log: log,
		Todo: cockpit.New(s.Core).Count,
	}
	server, err := web.New(web.Config{Site: pages, Routes: staff.Routes(pages), Log: log, Origin: "https://arengo.example.org"})
	s.Must(err)
	s.handler = server.Handler()
	return s
}

// session opens one for a person and gives the cookie's value.
func (s *stage) session(who process.Actor) string {
	s.T.Helper()
	token := "session-of-" + who.Email
	sum := sha256.Sum256([]byte(token))
	s.Exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		sum[:], who.Person, cockpittest.Start, cockpittest.Start.AddDate(2, 0, 0))
	return token
}

func (s *stage) ask(who process.Actor, method, path string, form url.Values) *httptest.ResponseRecorder {
	s.T.Helper()
	body := ""
	token := ""
	if who.SignedIn() {
		token = s.session(who)
	}
	if form != nil {
		form.Set("csrf", s.Core.Links().Sign("csrf", "session:"+token))
		body = form.Encode()
	}
	req := httptest.NewRequestWithContext(s.T.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Accept-Language", s.lang)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "arengo_session", Value: token})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	return w
}

// get opens a page, which must be in order, and gives its document.
func (s *stage) get(who process.Actor, path string) *goquery.Document {
	s.T.Helper()
	w := s.ask(who, http.MethodGet, path, nil)
	return s.document(w, http.StatusOK)
}

func (s *stage) document(w *httptest.ResponseRecorder, status int) *goquery.Document {
	s.T.Helper()
	if w.Code != status {
		s.T.Fatalf("status %d instead of %d: %s", w.Code, status, w.Body)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	s.Must(err)
	pagetest.Check(s.T, doc)
	if text := doc.Find("main").Text(); strings.Contains(text, "staff.") || strings.Contains(text, "map[") || strings.Contains(text, "{") {
		s.T.Errorf("words are missing in %s", text)
	}
	return doc
}

// post sends a form that must be accepted and gives where it leads.
func (s *stage) post(who process.Actor, path string, form url.Values) string {
	s.T.Helper()
	w := s.ask(who, http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		s.T.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// fields are the values of a form on a page.
func fields(form *goquery.Selection) url.Values {
	v := url.Values{}
	form.Find("input[type=hidden], input[type=text], textarea").Each(func(_ int, e *goquery.Selection) {
		value := e.AttrOr("value", "")
		if goquery.NodeName(e) == "textarea" {
			value = e.Text()
		}
		v.Set(e.AttrOr("name", ""), value)
	})
	return v
}

// noon is noon in Rome some days after the start.
func noon(n int) time.Time { return time.Date(2026, time.March, 9+n, 11, 0, 0, 0, time.UTC) }

func (s *stage) home() string { return "/gestione/" + s.Process.Slug }

func (s *stage) state() string {
	s.T.Helper()
	inst, err := s.Core.Engine().Instance(s.T.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	return inst.State
}
