package hook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"arengo/notify/bounce"
	"arengo/process/worldtest"
	"arengo/web/hook"
	"arengo/web/site"
	"arengo/web/webtest"
)

const secret = "a-secret-of-at-least-thirty-two-characters"

type stage struct {
	*worldtest.World
	*webtest.Site
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: worldtest.New(t)}
	s.Site = webtest.Serve(s.World, "site/error", func(p *site.Site) []site.Route {
		own, err := bounce.NewReturn("bounce@example.org", "a key of this test")
		s.Must(err)
		p.Return, p.HookSecrets = own, []string{"the-one-of-before-that-is-still-accepted", secret}
		return hook.Routes(p)
	})
	return s
}

// delivery notes that a person was sent a message.
func (s *stage) delivery(person int64, address, messageID string) (id int64) {
	s.T.Helper()
	var notice int64
	s.One(&notice, `INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at)
		VALUES (?0, ?1, 'reminder', 'silent', '{}', ?2, ?2::timestamptz + interval '1 day', ?2) RETURNING id`, s.Process.ID, messageID, s.Start)
	s.One(&id, `INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, due_at, queued_at, sent_at, message_id)
		VALUES (?0, ?1, ?2, ?3, '', 'it', 'mail', 1, 'sent', 0, ?4, ?4, ?4, ?5) RETURNING id`, s.Process.ID, notice, person, address, s.Start, messageID)
	return id
}

func (s *stage) tell(path, body string, header map[string]string) *httptest.ResponseRecorder {
	s.T.Helper()
	req := httptest.NewRequestWithContext(s.T.Context(), http.MethodPost, "http://arengo.test"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "text/plain")        // as Amazon sends it
	req.Header.Set("Sec-Fetch-Site", "cross-site")      // no browser asks, and if one did
	req.Header.Set("Origin", "https://altrove.example") // it would not know the secret
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res := httptest.NewRecorder()
	s.Server.ServeHTTP(res, req)
	return res
}

func (s *stage) wants(res *httptest.ResponseRecorder, code int, text string) {
	s.T.Helper()
	if res.Code != code || !strings.Contains(res.Body.String(), text) {
		s.T.Errorf("%d %s, want %d %s", res.Code, res.Body, code, text)
	}
	if kind := res.Header().Get("Content-Type"); !strings.Contains(kind, "json") || res.Header().Get("Set-Cookie") != "" {
		s.T.Errorf("%s, cookie %q", kind, res.Header().Get("Set-Cookie"))
	}
}

func TestMailTell(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var person int64
	s.One(&person, `INSERT INTO person (public_id, email, name, locale, created_at) VALUES ('p', 'ada@example.net', 'Ada', 'it', ?) RETURNING id`, s.Start)
	s.delivery(person, "ada@example.net", "m1@example.org")
	second := s.delivery(person, "ada@example.net", "m2@example.org")
	const gone = `[{"event":"bounce","permanent":true,"message_id":"<m1@example.org>","recipient":"ada@example.net","status":"5.1.1"},{"event":"delivered"}]`
	s.wants(s.tell("/hooks/mail/"+secret, gone, nil), http.StatusOK, `{"recorded":1,"known":0,"strange":0,"ignored":1}`)
	s.wants(s.tell("/hooks/mail", gone, map[string]string{"Authorization": "Bearer " + secret}), http.StatusOK, `{"recorded":0,"known":1,"strange":0,"ignored":1}`)
	if n := s.Count(`SELECT count(*) FROM delivery d JOIN suppression s ON s.address = d.address WHERE d.status = 'bounced' AND d.message_id = 'm1@example.org' AND s.source = 'report'`); n != 1 {
		t.Error("it did not bounce")
	}
	// Mailgun names the return address.
	own, err := bounce.NewReturn("bounce@example.org", "a key of this test")
	s.Must(err)
	spam := fmt.Sprintf(`{"event-data":{"event":"complained","recipient":"ada@example.net","envelope":{"sender":%q}}}`, own.Address(int64(s.Process.ID), second))
	req := map[string]string{"Authorization": "Basic dTphLXNlY3JldC1vZi1hdC1sZWFzdC10aGlydHktdHdvLWNoYXJhY3RlcnM="}
	s.wants(s.tell("/hooks/mail?relay=mailgun", spam, req), http.StatusOK, `"recorded":1`)
	if n := s.Count(`SELECT count(*) FROM optout WHERE person_id = ?`, person); n != 1 {
		t.Error("a complaint is no refusal")
	}
}

func TestMailTellRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, tt := range map[string]struct {
		path, body string
		code       int
		key        string
	}{
		"no secret":     {"/hooks/mail", "{}", http.StatusUnauthorized, "api.hook_secret"},
		"another":       {"/hooks/mail/" + secret[1:], "{}", http.StatusUnauthorized, "api.hook_secret"},
		"no JSON":       {"/hooks/mail/" + secret, "hello", http.StatusUnprocessableEntity, "api.hook_form"},
		"unknown relay": {"/hooks/mail/" + secret + "?relay=nobody", "{}", http.StatusUnprocessableEntity, "api.hook_form"},
		"too large":     {"/hooks/mail/" + secret, `"` + strings.Repeat("x", 1<<20) + `"`, http.StatusUnprocessableEntity, "api.json_size"},
	} {
		t.Run(name, func(*testing.T) { s.wants(s.tell(tt.path, tt.body, nil), tt.code, tt.key) })
	}
}

// Who guesses has sixty guesses, and even the right one is not looked at then.
func TestMailTellIsNotGuessed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	codes := map[int]int{}
	for range 70 {
		codes[s.tell("/hooks/mail/wrong", "{}", nil).Code]++
	}
	if codes[http.StatusUnauthorized] < 60 || codes[http.StatusTooManyRequests] == 0 {
		t.Errorf("%v", codes)
	}
	s.wants(s.tell("/hooks/mail/"+secret, "{}", nil), http.StatusTooManyRequests, "limit.wait")
}

// Without a secret nobody may report, not even with an empty one.
func TestMailTellIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Pages.HookSecrets = nil
	s.wants(s.tell("/hooks/mail", "{}", nil), http.StatusUnauthorized, "api.hook_secret")
	s.Pages.HookSecrets = []string{""}
	s.wants(s.tell("/hooks/mail", "{}", map[string]string{"Authorization": "Bearer "}), http.StatusUnauthorized, "api.hook_secret")
}
