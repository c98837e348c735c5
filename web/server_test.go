package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/fault"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/web"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
	"arengo/workflow/store"
)

// logs keeps what was logged.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

type world struct {
	log    *logs
	config web.Config
}

func newWorld(t *testing.T, routes ...site.Route) *world {
	t.Helper()
	links, err := process.NewLinks(strings.Repeat("web-test-", 4))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{log: &logs{}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	core := process.New(process.Config{
		DB: processtest.Database(t), Definitions: definition.NewLibrary(), Clock: store.Clock{},
		Kinds: process.NewKinds(), Links: links, Log: log,
		Source: func(s *process.Service) notify.Source { return message.New(s) },
	})
	renderer, err := page.New(page.Config{Templates: fstest.MapFS{
		"layout.html":     {Data: []byte(`{{define "layout"}}<!DOCTYPE html><h1>{{.Title}}</h1>{{template "content" .}}{{end}}`)},
		"site/error.html": {Data: []byte(`{{define "content"}}<p>{{.Text}}</p><p>{{.Request}}</p>{{end}}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.config = web.Config{
		Log: log, Routes: routes, Origin: "https://partecipa.example.it",
		Site: &site.Site{Core: core, Accounts: account.New(core), Renderer: renderer, Limits: site.NewLimits(), Log: log},
	}
	return w
}

func (w *world) server(t *testing.T) *web.Server {
	t.Helper()
	s, err := web.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends one request; pairs are headers.
func ask(s *web.Server, method, path string, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, r)
	return rec
}

func fine(r *site.Request) error { return r.Done() }

const strict = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, site.Open("/", fine))
	s := w.server(t)
	for path, status := range map[string]int{"/": 204, "/nothing": 404, "/healthz": 200, "/static/nothing.css": 404} {
		h := ask(s, "GET", path)
		if h.Code != status {
			t.Errorf("%s: %d, want %d", path, h.Code, status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": strict, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Strict-Transport-Security": "",
		} {
			if got := h.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if h.Header().Get("Permissions-Policy") == "" || h.Header().Get("X-Request-ID") == "" {
			t.Errorf("%s: headers are missing: %v", path, h.Header())
		}
	}
	w.config.Site.Secure = true
	if got := ask(w.server(t), "GET", "/").Header().Get("Strict-Transport-Security"); got == "" {
		t.Error("no HSTS over HTTPS")
	}
}

func TestUnknownAddressAndMethod(t *testing.T) {
	t.Parallel()
	s := newWorld(t, site.Open("/here", fine)).server(t)
	if r := ask(s, "GET", "/there", "Accept-Language", "it"); r.Code != 404 || !strings.Contains(r.Body.String(), "Pagina non trovata") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	if r := ask(s, "POST", "/here"); r.Code != 405 || r.Header().Get("Allow") != "GET" || !strings.Contains(r.Body.String(), "<h1>") {
		t.Errorf("%d %q %s", r.Code, r.Header().Get("Allow"), r.Body)
	}
}

func TestPanicIsAPageWithAnIdentifierThatTheLogHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, site.Open("/", func(*site.Request) error { panic("secret detail") }))
	r := ask(w.server(t), "GET", "/")
	id := r.Header().Get("X-Request-ID")
	if r.Code != 500 || len(id) < 8 || !strings.Contains(r.Body.String(), id) || strings.Contains(r.Body.String(), "secret detail") {
		t.Errorf("%d %q: %s", r.Code, id, r.Body)
	}
	if log := w.log.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, id) || !strings.Contains(log, "server_test.go") {
		t.Errorf("the log lacks the detail, the identifier or the stack:\n%s", log)
	}
}

// Whoever goes away before the answer is no fault of the site's, however the
// failure of what was under way looks.
func TestWhoGoesAwayIsNoFault(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		ctx, leave := context.WithCancel(t.Context())
		w := newWorld(t, site.Open("/", func(r *site.Request) error {
			leave()
			<-r.Context().Done()
			return errors.New("connection closed")
		}))
		w.server(t).Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, method, "/", nil))
		if got := w.log.String(); strings.Contains(got, "level=ERROR") || strings.Contains(got, "status=500") || strings.Count(got, "status=499") != 2 {
			t.Errorf("%s: logged\n%s", method, got)
		}
	}
}

func TestFormsFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newWorld(t, site.Send("/form", site.LimitNone, fine)).server(t)
	for _, c := range []struct {
		name   string
		header []string
		status int
	}{
		{"our own page", []string{"Sec-Fetch-Site", "same-origin"}, 204},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.org"}, 403},
		{"a sister domain", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser elsewhere", []string{"Origin", "https://evil.example.org"}, 403},
		{"behind a proxy that changes the host", []string{"Origin", "https://partecipa.example.it"}, 204},
		{"no browser", nil, 204},
	} {
		if r := ask(s, "POST", "/form", c.header...); r.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, r.Code, c.status)
		}
	}
}

func TestLogHoldsPatternsAndNoTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, site.Hold("GET", "/q/:token", fine))
	s := w.server(t)
	ask(s, "GET", "/q/very-secret-token")
	ask(s, "GET", "/elsewhere/very-secret-token")
	log := w.log.String()
	if strings.Contains(log, "very-secret-token") || !strings.Contains(log, "route=/q/:token") || !strings.Contains(log, "status=404") {
		t.Error(log)
	}
}

// Who tries links gets no more of them looked at, whether the handler reports
// what it did not find or shows a page of its own.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	for name, miss := range map[string]site.Handler{
		"Error": func(*site.Request) error { return fault.New(fault.NotFound, "") },
		"Page": func(r *site.Request) error {
			return r.PageStatus(http.StatusNotFound, "site/error", struct {
				page.Base
				Text, Request string
			}{Base: r.Base("x")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			looked := 0
			good := ""
			w := newWorld(t, site.Hold("GET", "/q/:token", func(r *site.Request) error {
				if r.Param("token") == good {
					return r.Done()
				}
				looked++
				return miss(r)
			}), site.Open("/", fine))
			good = w.config.Site.Core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: 1, Subject: 2, Version: 1})
			s := w.server(t)
			last := 0
			for i := range 200 {
				last = ask(s, "GET", fmt.Sprintf("/q/guess%d", i)).Code
			}
			// One comes back each second.
			if looked < 60 || looked > 120 || last != 429 {
				t.Errorf("%d guesses were looked at, the last answer was %d", looked, last)
			}
			// Who shares the address and has a link of ours does not suffer for it.
			for _, path := range []string{"/", "/q/" + good} {
				if got := ask(s, "GET", path).Code; got != 204 {
					t.Errorf("%s: %d", path, got)
				}
			}
		})
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	s := newWorld(t, site.Open("/", func(r *site.Request) error {
		return r.Download("a.csv", "text/csv", func(w io.Writer) error {
			_, err := io.WriteString(w, "a;b\n")
			return err
		})
	})).server(t)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	res, err := http.Head(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || len(body) != 0 || res.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("%d %q %v %v", res.StatusCode, body, res.Header, err)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Ready = func(context.Context) error { return errors.New("database password") }
	s := w.server(t)
	if r := ask(s, "GET", "/healthz"); r.Code != 200 {
		t.Errorf("healthz: %d", r.Code)
	}
	if r := ask(s, "GET", "/readyz"); r.Code != 503 || strings.Contains(r.Body.String(), "password") {
		t.Errorf("readyz: %d %s", r.Code, r.Body)
	}
}

func TestStopFinishesWhatIsInHand(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	s := newWorld(t, site.Open("/", func(r *site.Request) error {
		close(begun)
		<-finish
		return r.Done()
	})).server(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served, answered := make(chan error, 1), make(chan int, 1)
	go func() { served <- s.Serve(ctx, l) }()
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			answered <- 0
			return
		}
		defer res.Body.Close()
		answered <- res.StatusCode
	}()
	<-begun
	stop()
	processtest.Eventually(t, "nobody is let in any more", func() bool {
		c, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	close(finish)
	if status := <-answered; status != 204 {
		t.Errorf("the request in hand got %d", status)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestUndeclaredRouteStopsTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, site.Route{Method: "GET", Path: "/", Handle: fine})
	if _, err := web.New(w.config); err == nil {
		t.Error("a route without access was accepted")
	}
	w = newWorld(t)
	w.config.TrustedProxies = []string{"not an address"}
	if _, err := web.New(w.config); err == nil {
		t.Error("a proxy that is no address was accepted")
	}
}
