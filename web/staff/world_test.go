package staff_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/cockpit/cockpittest"
	"arengo/web/staff"
	"arengo/web/webtest"
)

// stage is a world with the workspace's pages over it, read in lang.
type stage struct {
	*cockpittest.World
	*webtest.Site

	lang string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	return staged(cockpittest.New(t))
}

func staged(w *cockpittest.World) *stage {
	s := &stage{World: w, lang: "it"}
	s.Site = webtest.Serve(s.World.World, "staff/today staff/processes staff/process staff/refused staff/change staff/reopen staff/outcomes staff/outcome staff/past", staff.Routes)
	s.Pages.Todo = cockpit.New(s.Core).Count
	return s
}

// as is the browser of a person, or of a visitor.
func (s *stage) as(who process.Actor) *webtest.Browser {
	s.T.Helper()
	b := s.Visitor()
	if who.SignedIn() {
		b = s.SignedIn(who)
	}
	b.Lang = s.lang
	return b
}

// get opens a page, which must be in order.
func (s *stage) get(who process.Actor, path string) *webtest.Answer {
	s.T.Helper()
	return s.as(who).Get(path).Is(http.StatusOK)
}

// send posts a form.
func (s *stage) send(who process.Actor, path string, form url.Values) *webtest.Answer {
	s.T.Helper()
	return s.as(who).PostForm(path, form)
}

// post sends a form that must be accepted and gives where it leads.
func (s *stage) post(who process.Actor, path string, form url.Values) string {
	s.T.Helper()
	return s.send(who, path, form).Back().Location()
}

// fields are the values of a form on a page, without its token.
func fields(form *goquery.Selection) url.Values {
	v := webtest.Values(form)
	v.Del("csrf")
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

// cancel calls the process off.
func (s *stage) cancel() {
	s.T.Helper()
	_, err := s.Core.Advance(s.T.Context(), s.Process.ID, s.Promoter, process.Move{Transition: "cancel", Reason: "Mancano i fondi"})
	s.Must(err)
}

// reopening is the address of the form that lets go on what was called off.
func (s *stage) reopening() string {
	s.T.Helper()
	return s.get(s.Promoter, s.home()).Find(`#avanza a[href*="/riapri?"]`).AttrOr("href", "")
}
