package site

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"arengo/notify/bounce"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/fault"
	"arengo/web/page"
)

// Site is what all pages share. Secure marks cookies for HTTPS only. Todo
// counts the rows of a person's cockpit, Unread the messages they have not read;
// each may be nil.
type Site struct {
	Core     *process.Service
	Accounts *account.Service
	Renderer *page.Renderer
	Limits   *Limits
	Log      *slog.Logger
	Secure   bool
	Todo     func(ctx context.Context, who process.Actor, now time.Time) (int, error)
	// HookSecrets let services report, see Hook; without any they cannot.
	HookSecrets []string
	// Return reads the addresses to which reports about mail come back; it may be nil.
	Return *bounce.Return
	Unread func(ctx context.Context, who process.Actor) (int, error)
	// CacheFor scales the life of repeated anonymous answers: 0 turns it off.
	CacheFor float64

	cache answers
}

const defaultSize = 1 << 20

// Mount registers routes. It fails on a route without declared access, with an
// act that the policy does not know, or declared twice.
func (s *Site) Mount(engine *gin.Engine, routes []Route) (err error) {
	seen := map[string]bool{}
	for _, route := range routes {
		name := route.Method + " " + route.Path
		switch {
		case route.Access == Undeclared:
			return fmt.Errorf("route %s declares no access", name)
		case (route.Access == Gated || route.Access == Keyed) && !known(route.Act):
			return fmt.Errorf("route %s names the unknown act %q", name, route.Act)
		case seen[name]:
			return fmt.Errorf("route %s is declared twice", name)
		case route.OneClick && route.Access != Bearer:
			return fmt.Errorf("route %s takes forms from elsewhere, and needs no link", name)
		}
		seen[name] = true
		engine.Handle(route.Method, route.Path, s.serve(route))
	}
	return nil
}

func known(act process.Act) bool {
	for _, a := range process.Acts() {
		if a == act {
			return true
		}
	}
	return false
}

// serve is the path of every request: session, language, size, origin, limits,
// policy, handler, error.
func (s *Site) serve(route Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := s.request(c)
		if s.repeat(route, r) {
			return
		}
		done := false
		defer func() { s.keep(route, r, done) }()
		if err := s.handle(route, r); err != nil {
			s.write(r, err)
		}
		done = true
	}
}

// request is what a handler is given. Programs are answered in the language
// that they ask for: cookies mean nothing there.
func (s *Site) request(c *gin.Context) *Request {
	r := &Request{site: s, c: c, Lang: chooseLanguage(c.Request)}
	if r.program() {
		r.Lang = acceptLanguage(c.Request)
	}
	return r
}

func (s *Site) handle(route Route, r *Request) error {
	switch route.Access {
	case Keyed:
		return s.call(route, r)
	case Hooked:
		return s.hooked(route, r)
	}
	if err := s.identify(route, r); err != nil {
		return err
	}
	if !clean(r.c.Request.URL.Path) || !clean(r.c.Request.URL.RawQuery) {
		return fault.New(fault.NotFound, "")
	}
	if err := s.admit(route, r); err != nil {
		return err
	}
	if r.c.Request.Method == http.MethodPost {
		if err := s.accept(route, r); err != nil {
			return err
		}
	}
	return s.answer(route, r)
}

// answer calls the handler. Who tries links that are not ours has a budget of
// mistakes; when it is spent none of their links is looked at until some of it
// has come back. Ours are: two hundred people may sit behind one address, and
// one of them may be guessing.
func (s *Site) answer(route Route, r *Request) error {
	if route.Access != Bearer || s.Core.Links().Genuine(r.Param("token")) {
		return route.Handle(r)
	}
	client, now := r.c.ClientIP(), MachineTime()
	if s.Limits.Spent(LimitForgery, client, now) {
		return fault.New(fault.TooMany, "limit.wait")
	}
	err := route.Handle(r)
	if fault.Is(err, fault.NotFound) || r.c.Writer.Status() == http.StatusNotFound {
		s.Limits.Allow(LimitForgery, "", client, now)
	}
	return err
}

// clean reports whether an address holds nothing that a database cannot.
func clean(s string) bool {
	plain, err := url.QueryUnescape(s)
	return err == nil && utf8.ValidString(plain) && !strings.ContainsRune(plain, 0)
}

// scrub takes out of a form what no text of a person holds: NUL bytes, which
// PostgreSQL refuses, and broken UTF-8.
func scrub(form url.Values) {
	for _, values := range form {
		for i, v := range values {
			values[i] = strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", ""), "\uFFFD")
		}
	}
}

// identify reads the clock, once, and the session.
func (s *Site) identify(route Route, r *Request) (err error) {
	if !route.OwnClock {
		if r.Now, err = s.Core.Now(r.Context(), s.Core.DB()); err != nil {
			return err
		}
	}
	token := r.cookie(cookieSession)
	if token == "" || r.program() {
		return nil
	}
	if r.Actor, err = s.Accounts.Actor(r.Context(), token); err != nil {
		return err
	}
	if r.Actor.SignedIn() {
		r.session = token
	}
	return nil
}

// admit applies the limits and the policy that the route declares.
func (s *Site) admit(route Route, r *Request) error {
	if route.Limit != LimitNone && (route.Access == Bearer || r.c.Request.Method == http.MethodPost) {
		if err := r.Limited(route.Limit, r.Param("token")); err != nil {
			return err
		}
	}
	slug := r.Param("process")
	switch {
	case route.Access == Gated && strings.Contains(route.Path, "/:process"):
		gate, err := s.Core.Enter(r.Context(), slug, r.Actor, route.Act)
		if err != nil {
			return err
		}
		r.Gate = gate
	case route.Access == Gated && strings.Contains(route.Path, "/:organisation"):
		o, err := s.Core.EnterOrganisation(r.Context(), r.Param("organisation"), r.Actor, route.Act)
		if err != nil {
			return err
		}
		r.Organisation = o
	case route.Access == Gated:
		standing, err := s.Core.Everywhere(r.Context(), r.Actor)
		if err != nil {
			return err
		}
		return process.Allow(route.Act, standing, process.Situation{Published: true})
	case slug != "":
		return fault.New(fault.Forbidden, "policy.undeclared", "act", "")
	}
	return nil
}

// accept reads the posted form within its size and checks where it comes from.
func (s *Site) accept(route Route, r *Request) error {
	size := route.Size
	if size == 0 {
		size = defaultSize
	}
	r.c.Request.Body = http.MaxBytesReader(r.c.Writer, r.c.Request.Body, size)
	if err := parseForm(r.c.Request, size); err != nil {
		return err
	}
	scrub(r.c.Request.PostForm)
	if route.OneClick && r.OneClick() {
		return nil
	}
	if r.c.GetBool(elsewhere) || !r.trusted() {
		return fault.New(fault.Forbidden, "form.token_bad")
	}
	return nil
}

// elsewhere marks a form that another site sent.
const elsewhere = "elsewhere"

// FromElsewhere marks a form that another site sent to a route that takes the
// one-click form of programs: any other one is refused there too.
func FromElsewhere(c *gin.Context) { c.Set(elsewhere, true) }

// todo counts a person's open rows for the header; a failure there must not
// take the page down. Who works on nothing has none.
func (s *Site) todo(r *Request) int {
	if s.Todo == nil || !r.Actor.Works {
		return 0
	}
	n, err := s.Todo(r.Context(), r.Actor, r.Now)
	s.uncounted(r, "cockpit", err)
	return n
}

// unread counts a person's unread messages for the header, once a request.
func (s *Site) unread(r *Request) int {
	if s.Unread == nil {
		return 0
	}
	if r.news == nil {
		n, err := s.Unread(r.Context(), r.Actor)
		s.uncounted(r, "messages", err)
		r.news = &n
	}
	return *r.news
}

func (s *Site) uncounted(r *Request, what string, err error) {
	if err != nil && r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "count for the header failed", "of", what, "error", err)
	}
}
