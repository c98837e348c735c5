package api_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/processtest"
	"arengo/process/token"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish() // what is public for people is not public for programs
	t.Run("none", func(t *testing.T) {
		a := s.wants(call{path: s.one(), secret: "none"}, http.StatusUnauthorized, "api.token_missing")
		if a.header.Get("WWW-Authenticate") == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("headers %v", a.header)
		}
	})
	t.Run("unknown", func(*testing.T) {
		s.wants(call{path: s.one(), secret: "arengo_x_y"}, http.StatusUnauthorized, "api.token_bad")
		s.wants(call{path: s.one(), secret: "session-of-" + s.Promoter.Email}, http.StatusUnauthorized, "api.token_bad")
	})
	t.Run("public", func(*testing.T) {
		s.good(call{path: "/openapi.json", secret: "none"}, http.StatusOK)
		s.good(call{path: "/status", secret: "none"}, http.StatusOK)
		s.ask(call{path: "/status", secret: "none"})
	})
	t.Run("language", func(t *testing.T) {
		c := call{path: s.one(), secret: "none", header: map[string]string{"Accept-Language": "en", "Cookie": "arengo_lang=it"}}
		if a := s.ask(c); !strings.Contains(a.text("error.message"), "The token is missing") || a.header.Get("Content-Language") != "en" {
			t.Error(a.raw)
		}
	})
	t.Run("scope", func(*testing.T) {
		reader := s.token(s.Promoter, false)
		s.good(call{path: s.one(), secret: reader}, http.StatusOK)
		s.wants(s.move("k", map[string]any{"event": "cancel"}, reader), http.StatusForbidden, "api.scope")
	})
	t.Run("used", func(t *testing.T) {
		if n := s.Count(`SELECT count(*) FROM api_token WHERE last_used_at = ?`, s.Start); n != 1 {
			t.Errorf("%d tokens know when they were used", n)
		}
	})
	t.Run("secret", func(t *testing.T) {
		if n := s.Count(`SELECT count(*) FROM api_token t WHERE t::text LIKE '%' || ? || '%'`, s.secret[len(s.secret)-20:]); n != 0 {
			t.Error("the secret is kept")
		}
	})
	t.Run("expired", func(*testing.T) {
		s.Clock.Set(s.Start.AddDate(0, 0, 30))
		s.wants(call{path: s.one()}, http.StatusUnauthorized, "api.token_expired")
		s.Clock.Set(s.Start)
	})
	t.Run("revoked", func(t *testing.T) {
		secret := s.token(s.Promoter, true)
		list, err := s.tokens.List(t.Context(), s.Org)
		s.Must(err)
		s.Must(s.tokens.Revoke(t.Context(), s.Org, s.Promoter, list[0].PublicID))
		s.wants(call{path: s.one(), secret: secret}, http.StatusUnauthorized, "api.token_bad")
		s.good(call{path: s.one()}, http.StatusOK)
	})
	t.Run("standing", func(*testing.T) {
		s.Exec(`DELETE FROM membership WHERE person_id = ?`, s.Promoter.Person)
		s.wants(call{path: s.one()}, http.StatusForbidden, "api.token_standing")
	})
}

// A session is no token, whatever it may do in a browser, and a token no session.
func TestCookiesMeanNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.SignedIn(s.Promoter)
	cookie := map[string]string{"Cookie": "arengo_session=session-of-" + s.Promoter.Email}
	c := s.move("k", map[string]any{"event": "cancel", "reason": "Perché sì"}, "none")
	c.header["Cookie"] = cookie["Cookie"]
	s.wants(c, http.StatusUnauthorized, "api.token_missing")
	s.wants(call{path: s.one(), secret: "none", header: cookie}, http.StatusUnauthorized, "api.token_missing")

	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/gestione/"+s.Process.Slug, nil)
	r.Header.Set("Authorization", "Bearer "+s.secret)
	rec := httptest.NewRecorder()
	s.Server.ServeHTTP(rec, r)
	if rec.Code != http.StatusSeeOther {
		t.Errorf("a token opens a page: %d", rec.Code)
	}
}

// A token reaches the processes of its organisation and no other, not even
// those that its person works on for somebody else.
func TestTokensKeepToTheirOrganisation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var elsewhere process.OrganisationID
	s.One(&elsewhere, `INSERT INTO organisation (public_id, name, kind, created_at)
		VALUES ('other', 'Comune altrove', 'municipality', ?) RETURNING id`, s.Start)
	own := s.Process.Slug
	other := s.NewProcess("Un percorso di altri")
	s.Exec(`UPDATE process SET organisation_id = ?, published_at = ? WHERE id = ?`, elsewhere, s.Start, other.ID)
	for _, path := range []string{"", "/transitions", "/can/analyse"} {
		s.good(call{path: "/processes/" + own + path}, http.StatusOK)
		s.wants(call{path: "/processes/" + other.Slug + path}, http.StatusNotFound, "process.not_found")
		s.wants(call{path: "/processes/nessuno" + path}, http.StatusNotFound, "process.not_found")
	}
	c := s.move("k", map[string]any{"event": "cancel", "reason": "Perché sì"}, "")
	c.path = "/processes/" + other.Slug + "/transitions"
	s.wants(c, http.StatusNotFound, "process.not_found")
	if a := s.good(call{path: "/processes"}, http.StatusOK); a.body["total"] != 1.0 || strings.Contains(a.raw, other.Slug) {
		t.Error(a.raw)
	}
	if _, _, err := s.tokens.Make(t.Context(), elsewhere, s.Promoter, token.Draft{Name: "x", Days: 30}); err == nil {
		t.Error("a promoter made a token of another organisation")
	}
}

func TestGuessersArePutOff(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for range 60 {
		s.ask(call{path: s.one(), secret: "arengo_guess"})
	}
	a := s.wants(call{path: s.one(), secret: "arengo_guess"}, http.StatusTooManyRequests, "limit.wait")
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say when")
	}
}

func TestATokenHasABudget(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refused := 0
	deadline := time.Now().Add(30 * time.Second)
	for n := 0; refused == 0 && n < 600 && time.Now().Before(deadline); n++ {
		if s.ask(call{path: "/processes/nessuno"}).code == http.StatusTooManyRequests {
			refused = n
		}
	}
	if refused < 300 {
		t.Errorf("refused after %d calls", refused)
	}
	a := s.good(call{path: s.one(), secret: s.token(s.Promoter, false)}, http.StatusOK)
	if h := a.header; h.Get("X-RateLimit-Limit") != "300" || h.Get("X-RateLimit-Remaining") != "299" || h.Get("X-RateLimit-Reset") != "0" {
		t.Errorf("what is left: %v", h)
	}
}

func TestBadCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	body := map[string]any{"event": "cancel", "reason": "Perché sì"}
	with := func(c call, name, value string) call {
		c.header[name] = value
		c.bad = true
		return c
	}
	big := s.move("k", `{"event":"`+strings.Repeat("x", 70_000)+`"}`, "")
	for name, one := range map[string]struct {
		call call
		key  string
	}{
		"no key":         {with(s.move("", body, ""), "Idempotency-Key", ""), "api.key_bad"},
		"key too long":   {with(s.move("", body, ""), "Idempotency-Key", strings.Repeat("k", 101)), "api.key_bad"},
		"key with space": {with(s.move("", body, ""), "Idempotency-Key", "a b"), "api.key_bad"},
		"no json":        {with(s.move("k", `{`, ""), "X", ""), "api.json_bad"},
		"two objects":    {with(s.move("k", `{"event":"end"} {}`, ""), "X", ""), "api.json_bad"},
		"other field":    {with(s.move("k", `{"evnt":"end"}`, ""), "X", ""), "api.field_unknown"},
		"other type":     {with(s.move("k", `{"event":3}`, ""), "X", ""), "api.field_bad"},
		"form":           {with(s.move("k", body, ""), "Content-Type", "application/x-www-form-urlencoded"), "api.json_type"},
		"too big":        {with(big, "X", ""), "api.json_size"},
		"nothing asked":  {with(s.move("k", map[string]any{}, ""), "X", ""), "api.event_or_transition"},
		"both asked":     {with(s.move("k", map[string]any{"event": "end", "transition": "end"}, ""), "X", ""), "api.event_or_transition"},
		"revision":       {with(s.move("k", body, ""), "If-Match", "abc"), "api.revision_bad"},
		"two revisions":  {with(s.move("k", map[string]any{"event": "end", "revision": 1}, ""), "If-Match", `"2"`), "api.revision_bad"},
		"limit":          {call{path: s.one() + "/transitions?limit=1000", bad: true}, "api.number_bad"},
		"after":          {call{path: s.one() + "/transitions?after=-1", bad: true}, "api.number_bad"},
	} {
		t.Run(name, func(*testing.T) { s.wants(one.call, http.StatusUnprocessableEntity, one.key) })
	}
	t.Run("no such address", func(t *testing.T) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v2/x", nil)
		rec := httptest.NewRecorder()
		s.Server.ServeHTTP(rec, r)
		if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"key":"api.not_found"`) {
			t.Error(rec.Code, rec.Body)
		}
	})
	t.Run("no such method", func(t *testing.T) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/api/v1/processes", nil)
		rec := httptest.NewRecorder()
		s.Server.ServeHTTP(rec, r)
		if rec.Code != http.StatusMethodNotAllowed || !strings.Contains(rec.Body.String(), `"status":405`) {
			t.Error(rec.Code, rec.Body)
		}
	})
	if state := s.state(); state != "listening" {
		t.Error(state)
	}
}

// TestAListAsksOnce: a page of fifty processes asks no more of the database than
// one of two.
func TestAListAsksOnce(t *testing.T) {
	t.Parallel()
	db, journeys := processtest.CountedDatabase(t)
	db.SetMaxOpenConns(1) // a connection’s first use of a statement costs more
	s := newStageOn(t, cockpittest.On(t, db))
	asked := func() int64 {
		t.Helper()
		before := journeys()
		s.good(call{path: "/processes?limit=50"}, http.StatusOK)
		return journeys() - before
	}
	s.NewProcess("Altro")
	asked()
	two := asked()
	for _, title := range []string{"Terzo", "Quarto", "Quinto"} {
		s.NewProcess(title)
	}
	if five := asked(); five != two {
		t.Errorf("%d journeys to the database for five processes, %d for two", five, two)
	}
}

// TestTheLogOfOneAsksOnce: a page of one activity's log is one question, however
// much of the process's lies between its entries.
func TestTheLogOfOneAsksOnce(t *testing.T) {
	t.Parallel()
	db, journeys := processtest.CountedDatabase(t)
	db.SetMaxOpenConns(1)
	s := newStageOn(t, cockpittest.On(t, db))
	a := s.NewActivity("webinar", "listening", "Primo")
	log := s.one() + "/transitions?limit=1&activity=" + a.PublicID
	asked := func() int64 {
		t.Helper()
		before := journeys()
		s.good(call{path: log}, http.StatusOK)
		return journeys() - before
	}
	asked()
	alone := asked()
	for range 5 {
		s.NewActivity("webinar", "listening", "Un altro")
	}
	s.good(s.move("k", map[string]any{"event": "cancel", "activity": a.PublicID, "reason": "Sala chiusa"}, ""), http.StatusCreated)
	if among := asked(); among != alone {
		t.Errorf("%d journeys to the database among others, %d alone", among, alone)
	}
	first := s.good(call{path: log}, http.StatusOK)
	next, more := first.body["next_after"].(float64)
	if n := len(first.body["items"].([]any)); n != 1 || !more {
		t.Fatal(first.raw)
	}
	second := s.good(call{path: log + "&after=" + strconv.Itoa(int(next))}, http.StatusOK)
	if n := len(second.body["items"].([]any)); n != 1 || second.body["next_after"] != nil || !strings.Contains(second.raw, `"cancelled"`) {
		t.Error(second.raw)
	}
}
