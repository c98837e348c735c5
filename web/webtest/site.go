// Package webtest puts the pages of one or more areas on a site over a world
// of package worldtest, for tests that act as browsers without scripts do:
// they keep cookies and the token of forms, send forms as they stand, and read
// pages by CSS selectors. Every page that a browser gets is checked for what no
// page may have, and an error in the site's log fails the test.
package webtest

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"arengo/notify"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/message"
	"arengo/process/worldtest"
	"arengo/web"
	"arengo/web/page/pagetest"
	"arengo/web/site"
)

// Site is the pages under test.
type Site struct {
	Pages  *site.Site
	Server http.Handler

	w *worldtest.World
}

// Serve makes the site with the routes of areas. Pages names the templates
// that are parsed, parted by spaces; "" parses all of them.
func Serve(w *worldtest.World, pages string, areas ...func(*site.Site) []site.Route) *Site {
	w.T.Helper()
	only := strings.Fields(pages)
	if len(only) > 0 {
		only = append(only, "site/error")
	}
	log := slog.New(slog.NewTextHandler(failing{w.T}, &slog.HandlerOptions{Level: slog.LevelError}))
	s := &Site{w: w, Pages: &site.Site{
		Core: w.Core, Accounts: account.New(w.Core), Renderer: pagetest.Renderer(w.T, only...), Limits: site.NewLimits(), Log: log,
	}}
	var routes []site.Route
	for _, area := range areas {
		routes = append(routes, area(s.Pages)...)
	}
	server, err := web.New(web.Config{Site: s.Pages, Routes: routes, Log: log, Origin: worldtest.BaseURL})
	w.Must(err)
	s.Server = server.Handler()
	return s
}

// failing fails the test on what is logged.
type failing struct{ t testing.TB }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("logged: %s", b)
	return len(b), nil
}

// Visitor opens a browser without a session that reads Italian.
func (s *Site) Visitor() *Browser {
	return &Browser{Lang: "it", site: s, cookies: map[string]string{}}
}

// SignedIn opens one with a session of that person, past the mail that has its
// own tests.
func (s *Site) SignedIn(who process.Actor) *Browser {
	s.w.T.Helper()
	token := "session-of-" + who.Email
	sum := sha256.Sum256([]byte(token))
	s.w.Exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		sum[:], who.Person, s.w.Start, s.w.Start.AddDate(2, 0, 0))
	b := s.Visitor()
	b.cookies["arengo_session"] = token
	b.token = s.w.Core.Links().Sign("csrf", "session:"+token)
	return b
}

// Mailed is where the link leads in the last message of a kind that belongs to
// no process, such as "sign-in", to that person; "" without a message.
func (s *Site) Mailed(who process.PersonID, kind string) string {
	s.w.T.Helper()
	if s.w.Count(`SELECT count(*) FROM notice WHERE person_id = ? AND kind = ?`, who, kind) == 0 {
		return ""
	}
	var payload []byte
	s.w.One(&payload, `SELECT payload FROM notice WHERE person_id = ? AND kind = ? ORDER BY id DESC LIMIT 1`, who, kind)
	n := notify.Notice{ProcessID: notify.Account, PersonID: int64(who), Kind: kind, Payload: payload}
	facts, err := message.New(s.w.Core).Facts(s.w.T.Context(), s.w.DB, n, []int64{int64(who)})
	s.w.Must(err)
	return strings.TrimPrefix(facts[int64(who)].Recipient.Link, worldtest.BaseURL)
}
