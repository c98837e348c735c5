package inbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/letterbox"
	"arengo/process/worldtest"
	"arengo/web/inbox"
	"arengo/web/webtest"
)

// world has Marta, who was given a role and so has one message.
type world struct {
	*worldtest.World
	*webtest.Site

	marta process.Actor
	ref   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Inbox: true, Template: "test-path", Path: path})
	w.Settle("lucia@comune.example.org", "Lucia")
	w.Publish()
	out := &world{World: w, marta: w.Actor("marta@example.org", "Marta Bindi")}
	w.Member(out.marta, process.RoleFacilitator)
	w.Post()()
	out.Site = webtest.Serve(w, "inbox/list inbox/show", inbox.Routes)
	out.Pages.Unread = letterbox.New(w.Core).Unread
	w.One(&out.ref, `SELECT ref FROM inbox_item WHERE person_id = ?`, out.marta.Person)
	return out
}

const path = `
workflow: test-path
version: 1
title: {it: Percorso di prova, en: Test path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: running
states:
  running: {title: {it: In corso, en: Running}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [running], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

func (w *world) unread() int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM inbox_item WHERE person_id = ? AND read_at IS NULL`, w.marta.Person)
}

// The list marks in words what is to be read, the header counts it, and looking
// changes nothing.
func TestListAndMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(w.marta)
	list := b.Page("/messaggi")
	if got := list.Text("main li"); !strings.Contains(got, "Da leggere") || !strings.Contains(got, w.Process.Title) {
		t.Errorf("the list says %q", got)
	}
	if got := list.Text(".ar-slim .ar-count"); got != "1 messaggio da leggere" {
		t.Errorf("the header says %q", got)
	}
	one := b.Page("/messaggi/" + w.ref)
	if got := one.Text("main"); !strings.Contains(got, "Marta") || strings.Contains(got, "/messaggi/"+w.ref) || strings.Contains(got, worldtest.BaseURL) {
		t.Errorf("it says %q", got)
	}
	if got := one.Find("body").AttrOr("data-opened", ""); got != "/messaggi/"+w.ref+"/aperto" {
		t.Errorf("the script tells %q", got)
	}
	if way := one.Find(`main a.btn-primary`); way.AttrOr("href", "") != "/messaggi/"+w.ref+"/vai" || way.Length() != 1 {
		t.Errorf("%d ways: %q", way.Length(), way.AttrOr("href", ""))
	}
	if to := b.Get("/messaggi/" + w.ref + "/vai").Is(http.StatusSeeOther).Header.Get("Location"); to != "/oggi" {
		t.Errorf("it leads to %q", to)
	}
	if w.unread() != 1 {
		t.Error("looking has marked it")
	}
}

func TestMarking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(w.marta)
	page := "/messaggi/" + w.ref
	b.PostForm(page+"/aperto", nil).Is(http.StatusNoContent)
	if w.unread() != 0 {
		t.Error("what was seen is not marked")
	}
	if got := b.Page(page); got.Find("body").AttrOr("data-opened", "") != "" || got.Find(".ar-slim .ar-count").Length() != 0 {
		t.Error("a read message is told again, or counted")
	}
	if got := b.Follow(b.Send(page, page+"/letto", "@come", "da-leggere")).Text("main, .ar-panel"); !strings.Contains(got, "tra quelli da leggere") || w.unread() != 1 {
		t.Errorf("unread again: %q", got)
	}
	b.Send(page, page+"/letto", "@come", "letto").Is(http.StatusSeeOther)
	if w.unread() != 0 {
		t.Error("the button marks nothing")
	}
	w.Exec(`UPDATE inbox_item SET read_at = NULL`)
	shown := b.Page("/messaggi")
	w.Exec(`UPDATE inbox_item SET at = at + interval '1 second'`) // it came after the list was shown
	b.Submit(shown, `form[action="/messaggi/letti"]`).Is(http.StatusSeeOther)
	if w.unread() != 1 {
		t.Error("what the list did not show is marked")
	}
	w.Exec(`UPDATE inbox_item SET at = at - interval '1 second'`)
	b.Submit(shown, `form[action="/messaggi/letti"]`).Is(http.StatusSeeOther)
	if w.unread() != 0 {
		t.Error("not all is marked")
	}
}

// Everybody has their own; a stranger who is signed in has an empty one, in the public
// frame, and a visitor signs in first.
func TestWhoSees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.SignedIn(w.Stranger)
	if got := s.Page("/messaggi"); !strings.Contains(got.Text("main"), "Non hai ancora") || strings.Contains(got.Text("header"), "Spazio di lavoro") {
		t.Errorf("%q", got.Text("header"))
	}
	s.Get("/messaggi/" + w.ref).Is(http.StatusNotFound)
	s.Get("/messaggi/" + w.ref + "/vai").Is(http.StatusNotFound)
	s.PostForm("/messaggi/"+w.ref+"/letto", url.Values{"come": {"letto"}})
	if w.unread() != 1 {
		t.Error("a stranger has read it")
	}
	if to := w.Visitor().Get("/messaggi/" + w.ref).Is(http.StatusSeeOther).Header.Get("Location"); !strings.HasPrefix(to, "/accedi?da=") {
		t.Errorf("a visitor is led to %q", to)
	}
	w.Exec(`UPDATE inbox_item SET notice_id = 99999`)
	b := w.SignedIn(w.marta)
	if got := b.Follow(b.Get("/messaggi/" + w.ref + "/vai")).Text("main"); !strings.Contains(got, "non porta più") {
		t.Errorf("a way that is gone: %q", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`INSERT INTO notice (process_id, id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at)
		VALUES (?0, 900, 'k', 'announcement', '', '{}', ?1, ?2, ?1, ?1)`, w.Process.ID, w.Start, w.Start.AddDate(0, 0, 1))
	w.Exec(`INSERT INTO delivery (process_id, id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
		SELECT ?0, 900 + n, 900, ?1, '', '', 'en', 'x' || n, 1, 'sent', 1, ?2, ?2, ?2 FROM generate_series(1, 25) n`, w.Process.ID, w.marta.Person, w.Start)
	w.Exec(`INSERT INTO inbox_item (process_id, delivery_id, notice_id, person_id, ref, locale, sender, subject, preview, body, at)
		SELECT ?0, 900 + n, 900, ?1, 'r' || n, 'en', 'Percorso', 'Subject ' || n, '', ?3, ?2::timestamptz - n * interval '1 hour' FROM generate_series(1, 25) n`,
		w.Process.ID, w.marta.Person, w.Start, "One paragraph (https://example.org/a?b=1). <b>Two</b>\n\n- one\n- two https://example.org\n\nGo on:\n/messaggi/r1/vai")
	b := w.SignedIn(w.marta)
	if got := b.Page("/messaggi"); got.Find("main .ar-list > li").Length() != 20 || got.Find(".pagination").Length() != 1 {
		t.Errorf("%d on the first page", got.Find("main .ar-list > li").Length())
	}
	second := b.Page("/messaggi?pagina=2")
	if second.Find("main .ar-list > li").Length() != 6 || !strings.Contains(second.Text("main li:last-child"), "Subject 25") {
		t.Errorf("%d on the second page", second.Find("main .ar-list > li").Length())
	}
	one := b.Page("/messaggi/r1")
	if one.Find(`main a[href="https://example.org/a?b=1"]`).Length() != 1 || one.Find("main b").Length() != 0 || one.Find("main ul li").Length() != 2 {
		t.Errorf("%s", one.Text("main"))
	}
	if one.Find(`main h1[lang="en"]`).Length() != 1 || one.Text("main a.btn-primary") != "Go on" {
		t.Errorf("the language or the button: %s", one.Text("main"))
	}
}
