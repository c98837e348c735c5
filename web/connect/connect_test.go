package connect_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/subscription"
	"arengo/process/token"
	"arengo/web/connect"
	"arengo/web/staff"
	"arengo/web/webtest"
)

type stage struct {
	*cockpittest.World
	*webtest.Site

	home string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: cockpittest.New(t), home: "/gestione/ente/org"}
	s.Site = webtest.Serve(s.World.World, "staff/processes connect/home connect/secret connect/webhook", staff.Routes, connect.Routes)
	return s
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	list := b.Page("/gestione")
	if list.Find(`a[href="`+s.home+`"]`).Length() != 1 {
		t.Fatal("a promoter does not find the page")
	}
	made := b.Send(s.home, s.home+"/token", "name", "Sito del Comune", "scope", "advance", "days", "30").Is(http.StatusOK)
	secret := made.Find("#segreto").AttrOr("value", "")
	if made.Find(`a[href*="lingua"]`).Length() == 0 || made.Find(`a[href*="token"]`).Length() != 0 {
		t.Error("a link leads back to the form that was sent")
	}
	grant, err := token.New(s.Core).Open(t.Context(), secret, s.Start)
	s.Must(err)
	if grant.Organisation != s.Org || grant.Actor.Person != s.Promoter.Person || !grant.May(token.Advance) {
		t.Errorf("%+v", grant)
	}
	page := b.Page(s.home)
	if strings.Contains(page.Body, secret) {
		t.Error("the secret is shown again")
	}
	page.Says("Sito del Comune", "Leggere e far avanzare", s.Promoter.Name)
	b.Submit(page, `form[action="`+s.home+`/token/revoca"]`, "@token", grant.ID).To(s.home)
	if _, err := token.New(s.Core).Open(t.Context(), secret, s.Start); err == nil {
		t.Error("it opens after it was revoked")
	}
	b.Page(s.home).Says("revocato")
}

// Sending the form twice makes one token and does not show a second secret.
func TestTokenOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	page := b.Page(s.home)
	form := `form[action="` + s.home + `/token"]`
	b.Submit(page, form, "name", "Sito").Is(http.StatusOK)
	b.Submit(page, form, "name", "Sito").To(s.home)
	if n := s.Count(`SELECT count(*) FROM api_token`); n != 1 {
		t.Errorf("%d tokens", n)
	}
	b.Send(s.home, s.home+"/token", "name", "", "days", "7").Is(http.StatusUnprocessableEntity)
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	refused := b.Send(s.home, s.home+"/webhook", "url", "http://192.168.1.1/", "events", "-").Is(http.StatusUnprocessableEntity)
	if refused.Find(`details[open] input[name=url][value="http://192.168.1.1/"]`).Length() != 1 {
		t.Error("what was written is lost")
	}
	made := b.Send(s.home, s.home+"/webhook", "url", "https://comune.example.it/arengo").Is(http.StatusOK)
	if !strings.HasPrefix(made.Find("#segreto").AttrOr("value", ""), "whsec_") {
		t.Error("no secret")
	}
	path := made.Find(".ar-actions a").AttrOr("href", "")
	act := func(what string, values url.Values) *webtest.Answer { return b.PostForm(path+what, values) }
	act("/prova", nil).To(path)
	s.Exec(`UPDATE webhook_delivery SET status = 'failed', attempts = 15, last_code = 500, last_ms = 12, last_at = now()`)
	s.Exec(`UPDATE webhook SET failing_since = now(), paused_at = now(), paused_why = 'failing'`)
	b.Page("/gestione").Says("un webhook non risponde")
	page := b.Page(path).Says("non consegnata", "Risposta 500 in 12 ms", "15 tentativi nell’ultimo invio", "ha smesso di provare")
	b.Submit(page, `form[action="`+path+`/riprendi"]`).To(path)
	page = b.Page(path)
	b.Submit(page, `form[action="`+path+`/ripeti"]`, "@delivery", page.Find(`button[name=delivery]`).AttrOr("value", "")).To(path)
	if n := s.Count(`SELECT count(*) FROM webhook_delivery WHERE status = 'pending' AND attempts = 0`); n != 1 {
		t.Error("it does not go out again")
	}
	s.Exec(`UPDATE webhook_delivery SET attempts = 3, last_code = NULL, last_error = 'timeout'`)
	b.Page(path).Says("Nessuna risposta in dieci secondi", "Riprova:")
	act("/sospendi", nil).To(path)
	b.Page(path).Says("sospeso")
	if again := act("/segreto", nil).Is(http.StatusOK); again.Find("#segreto").AttrOr("value", "") == made.Find("#segreto").AttrOr("value", "") {
		t.Error("the secret is the same")
	}
	act("/togli", nil).To(s.home)
	b.Get(path).Is(http.StatusNotFound)
}

func TestOnlyForPromoters(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, path := range []string{s.home, s.home + "/webhook/x", "/gestione/ente/nessuno"} {
		s.Visitor().Get(path).Is(http.StatusSeeOther)
		want := http.StatusForbidden
		if path == "/gestione/ente/nessuno" {
			want = http.StatusNotFound
		}
		s.SignedIn(s.Facilitator).Get(path).Is(want)
	}
	if s.SignedIn(s.Facilitator).Get("/gestione").Find(`a[href^="/gestione/ente"]`).Length() != 0 {
		t.Error("a facilitator is sent where they may not go")
	}
}

// TestASecretChangesOnce keeps a form of the secret that is sent again from
// changing what was copied a moment ago.
func TestASecretChangesOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	made := b.Send(s.home, s.home+"/webhook", "url", "https://comune.example.it/arengo").Is(http.StatusOK)
	path := made.Find(".ar-actions a").AttrOr("href", "")
	shown, form := b.Page(path), `form[action="`+path+`/segreto"]`
	if b.Submit(shown, form).Is(http.StatusOK).Find("#segreto[value^=whsec_]").Length() != 1 {
		t.Error("the secret is not shown")
	}
	b.Submit(shown, form).To(path)
	if n := s.Count(`SELECT generation FROM webhook`); n != 2 {
		t.Errorf("generation %d", n)
	}
	b.Submit(b.Page(path), form).Is(http.StatusOK) // shown anew it is another one
	if n := s.Count(`SELECT generation FROM webhook`); n != 3 {
		t.Errorf("generation %d", n)
	}
}

// TestADeliverySaysOfWhat keeps the list from being one of random names: each
// row has its process, and what was sent once it was.
func TestADeliverySaysOfWhat(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	made := b.Send(s.home, s.home+"/webhook", "url", "https://comune.example.it/arengo").Is(http.StatusOK)
	path := made.Find(".ar-actions a").AttrOr("href", "")
	b.PostForm(path+"/prova", nil).To(path)
	s.Must(s.Advance(process.Activity{}, "cancel", "Ritirato"))
	page := b.Page(path)
	if n := page.Find(`tbody th a[href="/gestione/` + s.Process.Slug + `"]`); n.Length() != 1 || n.Text() != s.Process.Title {
		t.Errorf("the process is not named: %s", page.Text("tbody"))
	}
	if page.Find("tbody details").Length() != 0 {
		t.Error("what was not sent is shown as sent")
	}
	s.Exec(`UPDATE webhook_delivery SET status = 'failed', attempts = 15, last_code = 500, last_ms = 12, last_at = now() WHERE process_id <> 0`)
	sent := b.Page(path).Find("tbody details code")
	var e subscription.Event
	s.Must(json.Unmarshal([]byte(sent.Text()), &e))
	if sent.Length() != 1 || e.Transition == nil || e.Transition.To != "cancelled" {
		t.Errorf("%d bodies: %s", sent.Length(), sent.Text())
	}
}

// TestSentAgainWhilePaused says that nothing goes out before the address goes
// on.
func TestSentAgainWhilePaused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.Promoter)
	made := b.Send(s.home, s.home+"/webhook", "url", "https://comune.example.it/arengo").Is(http.StatusOK)
	path := made.Find(".ar-actions a").AttrOr("href", "")
	b.PostForm(path+"/prova", nil).To(path)
	s.Exec(`UPDATE webhook_delivery SET status = 'failed', attempts = 15, last_code = 500, last_ms = 12, last_at = now()`)
	b.PostForm(path+"/sospendi", nil).To(path)
	page := b.Page(path)
	sent := b.Submit(page, `form[action="`+path+`/ripeti"]`, "@delivery", page.Find(`button[name=delivery]`).AttrOr("value", "")).To(path)
	b.Follow(sent).Says("Consegna messa in attesa: partirà quando riprendi.", "in attesa Partirà quando riprendi.")
	b.PostForm(path+"/riprendi", nil).To(path)
	if text := b.Page(path).Text("tbody"); strings.Contains(text, "quando riprendi") {
		t.Error(text)
	}
}
