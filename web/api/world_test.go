package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/token"
	"arengo/web/api"
	"arengo/web/site"
	"arengo/web/staff"
	"arengo/web/webtest"
)

// stage is a world with the API and the workspace over it.
type stage struct {
	*cockpittest.World
	*webtest.Site

	tokens *token.Service
	secret string // of the promoter's token, which may advance
}

func newStage(t *testing.T) *stage {
	t.Helper()
	return newStageOn(t, cockpittest.New(t))
}

func newStageOn(t *testing.T, w *cockpittest.World) *stage {
	t.Helper()
	s := &stage{World: w}
	s.Site = webtest.Serve(s.World.World, "staff/process", staff.Routes, func(p *site.Site) []site.Route { return api.Routes(p) })
	s.tokens = token.New(s.Core)
	s.secret = s.token(s.Promoter, true)
	return s
}

func (s *stage) token(who process.Actor, advance bool) string {
	s.T.Helper()
	secret, _, err := s.tokens.Make(s.T.Context(), s.Org, who, token.Draft{Name: "Sito del Comune", Advance: advance, Days: 30})
	s.Must(err)
	return secret
}

// call is one request of another program. The zero value of secret is the
// promoter's; bad marks one that the contract itself refuses.
type call struct {
	method, path, secret string
	body                 any
	header               map[string]string
	bad                  bool
}

// said is an answer.
type said struct {
	code   int
	header http.Header
	body   map[string]any
	raw    string
}

// text is a value in the answer by its path, such as "error.key".
func (a said) text(path string) string {
	var v any = a.body
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[part]
	}
	s, _ := v.(string)
	return s
}

func (s *stage) ask(c call) said {
	s.T.Helper()
	var body []byte
	if c.body != nil {
		if text, ok := c.body.(string); ok {
			body = []byte(text)
		} else {
			var err error
			body, err = json.Marshal(c.body)
			s.Must(err)
		}
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(s.T.Context(), c.method, "/api/v1"+c.path, bytes.NewReader(body))
	if c.secret == "" {
		c.secret = s.secret
	}
	if c.secret != "none" {
		r.Header.Set("Authorization", "Bearer "+c.secret)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	s.Server.ServeHTTP(rec, r)
	res := rec.Result()
	out := said{code: rec.Code, header: res.Header, raw: rec.Body.String()}
	if err := json.Unmarshal(rec.Body.Bytes(), &out.body); err != nil {
		s.T.Errorf("%s %s: %v: %s", c.method, c.path, err, rec.Body)
	}
	if len(res.Cookies()) > 0 || res.Header.Get("Cache-Control") != "no-store" {
		s.T.Errorf("%s %s: headers %v", c.method, c.path, res.Header)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	conform(s.T, r, res, !c.bad && c.secret != "none")
	return out
}

// wants fails the test unless a call is refused so.
func (s *stage) wants(c call, code int, key string) said {
	s.T.Helper()
	a := s.ask(c)
	if a.code != code || a.text("error.key") != key {
		s.T.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, a.code, a.raw, code, key)
	}
	return a
}

// good fails the test unless a call is answered with the status.
func (s *stage) good(c call, code int) said {
	s.T.Helper()
	a := s.ask(c)
	if a.code != code {
		s.T.Fatalf("%s %s: %d %s, want %d", c.method, c.path, a.code, a.raw, code)
	}
	return a
}

func (s *stage) one() string { return "/processes/" + s.Process.Slug }
