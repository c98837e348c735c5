package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/web/account"
	"arengo/web/page/pagetest"
	"arengo/web/portal"
	"arengo/web/portal/portaltest"
	"arengo/web/site"
)

func setup(t *testing.T) *portaltest.World {
	t.Helper()
	home := func(*site.Site) []site.Route {
		return []site.Route{site.Open("/oggi", func(r *site.Request) error {
			if !r.Actor.SignedIn() {
				return r.Redirect("/accedi", "")
			}
			return r.Done()
		})}
	}
	return portaltest.New(t, account.Routes, portal.Routes, home)
}

// ask sends the form for a link and gives the link's path, "" when none was
// made.
func ask(t *testing.T, w *portaltest.World, b *portaltest.Browser, email string) string {
	t.Helper()
	var before, after int64
	last := func(n *int64) {
		if err := w.DB.NewRaw(`SELECT coalesce(max(id), 0) FROM sign_in`).Scan(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	last(&before)
	a := b.Submit(b.Get("/accedi"), `form[action="/accedi"]`, "email", email).Is(http.StatusOK)
	pagetest.Check(t, a.Doc())
	if got := a.Text("h1"); got != "Controlla la posta" {
		t.Fatalf("heading %q", got)
	}
	if last(&after); after == before {
		return ""
	}
	return "/accedi/" + w.Core.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: after, Version: 1})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.Browser()
	link := ask(t, w, b, w.Helper.Email)
	if link == "" {
		t.Fatal("no link was made")
	}
	for range 5 { // mail filters open links
		pagetest.Check(t, w.Browser().Get(link).Is(http.StatusOK).Doc())
	}
	b.Post(link).Is(http.StatusForbidden) // a form of somebody else's
	shown := b.Get(link)
	b.Submit(shown, "main form").To("/oggi")
	if !b.Has("arengo_session") {
		t.Fatal("no session")
	}
	b.Get("/oggi").Is(http.StatusNoContent)
	b.Get("/accedi").To("/oggi")

	other := w.Browser()
	used := other.Submit(shown, "main form").Is(http.StatusConflict)
	pagetest.Check(t, used.Doc())
	if !strings.Contains(used.Text("main"), "già stato usato") || used.Doc().Find(`form[action="/accedi"]`).Length() != 1 {
		t.Errorf("a used link says %q", used.Text("main"))
	}
	if other.Has("arengo_session") {
		t.Error("a used link opened a session")
	}
}

func TestOneOfManyEnters(t *testing.T) {
	t.Parallel()
	w := setup(t)
	link := ask(t, w, w.Browser(), w.Helper.Email)
	shown := w.Browser().Get(link).Is(http.StatusOK)
	entered := make(chan bool, 8)
	var wait sync.WaitGroup
	for range cap(entered) {
		wait.Go(func() {
			b := w.Browser()
			entered <- b.Submit(shown, "main form").Code == http.StatusSeeOther
		})
	}
	wait.Wait()
	close(entered)
	n := 0
	for ok := range entered {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d sessions from one link", n)
	}
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.Browser()
	link := ask(t, w, b, w.Helper.Email)
	w.Clock.Advance(31 * time.Minute)
	old := b.Get(link).Is(http.StatusConflict)
	pagetest.Check(t, old.Doc())
	if !strings.Contains(old.Text("main"), "scaduto") {
		t.Errorf("an old link says %q", old.Text("main"))
	}
	forged := b.Get("/accedi/falso").Is(http.StatusNotFound)
	if !strings.Contains(forged.Text("main"), "non è valido") || forged.Doc().Find(`form[action="/accedi"]`).Length() != 1 {
		t.Errorf("a forged link says %q", forged.Text("main"))
	}
	english := w.Browser()
	english.Lang = "en"
	if got := english.Get(link).Text("main"); !strings.Contains(got, "expired") {
		t.Errorf("in English an old link says %q", got)
	}
}

// Whoever comes late still arrives at the page that the mail promised.
func TestRefusedLinkKeepsTheReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.Browser()
	link := ask(t, w, b, w.Helper.Email)
	shown := b.Get(link + "?da=%2Fgestione%2Fx%3Fy%3D1")
	w.Clock.Advance(31 * time.Minute)
	for name, a := range map[string]*portaltest.Answer{
		"Get": b.Get(link + "?da=%2Fgestione%2Fx%3Fy%3D1"), "Post": b.Submit(shown, "main form"),
	} {
		back := a.Is(http.StatusConflict).Doc().Find(`main form[action="/accedi"] input[name=da]`).AttrOr("value", "")
		if back != "/gestione/x?y=1" {
			t.Errorf("%s: the form for a new link leads to %q", name, back)
		}
	}
	if got := b.Get(link + "?da=https%3A%2F%2Fexample.org").Doc().Find("main input[name=da]").Length(); got != 0 {
		t.Error("a forged return is kept")
	}
}

// The answer does not tell who works here.
func TestUnknownAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if link := ask(t, w, w.Browser(), "nessuno@example.org"); link != "" {
		t.Error("a link was made for somebody unknown")
	}
	b := w.Browser()
	bad := b.Submit(b.Get("/accedi?da=%2Fgestione"), `form[action="/accedi"]`, "email", "non-un-indirizzo").Is(http.StatusUnprocessableEntity)
	pagetest.Check(t, bad.Doc())
	if bad.Doc().Find("#email").AttrOr("value", "") != "non-un-indirizzo" || bad.Doc().Find(`input[name=da]`).AttrOr("value", "") != "/gestione" {
		t.Error("what was written is lost")
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for n := range 6 {
		a := w.Browser().Post("/accedi", "email", "CAPITALE@example.org")
		if want := map[bool]int{false: http.StatusOK, true: http.StatusTooManyRequests}[n == 5]; a.Code != want {
			t.Errorf("request %d: status %d, want %d", n+1, a.Code, want)
		}
	}
	w.Browser().Post("/accedi", "email", "altra@example.org").Is(http.StatusOK)
}

func TestReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for to, want := range map[string]string{
		"/gestione/x?y=1": "/gestione/x?y=1", "https://example.org/": "/oggi", "//example.org": "/oggi",
		`/\example.org`: "/oggi", "": "/oggi", "/accedi/abc": "/oggi", "/a\r\nSet-Cookie: x=1": "/oggi",
	} {
		link := ask(t, w, w.Browser(), w.Promoter.Email)
		if link == "" { // five an hour for one person
			w.Clock.Advance(time.Hour)
			link = ask(t, w, w.Browser(), w.Promoter.Email)
		}
		w.Site.Limits = site.NewLimits()
		b := w.Browser()
		b.Submit(b.Get(link+"?da="+url.QueryEscape(to)), "main form").To(want)
	}
}

// What somebody wanted to see survives the way through the mailbox.
func TestReturnThroughTheMail(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for to, want := range map[string]string{"/gestione/x?y=1": "/gestione/x?y=1", "https://example.org/": "", "/oggi": ""} {
		b := w.Browser()
		b.Submit(b.Get("/accedi?da="+url.QueryEscape(to)), `form[action="/accedi"]`, "email", w.Helper.Email).Is(http.StatusOK)
		var raw []byte
		if err := w.DB.NewRaw(`SELECT payload FROM notice WHERE kind = 'sign-in' ORDER BY id DESC LIMIT 1`).Scan(t.Context(), &raw); err != nil {
			t.Fatal(err)
		}
		person := int64(w.Helper.Person)
		n := notify.Notice{ProcessID: notify.Account, PersonID: person, Kind: "sign-in", Payload: raw}
		facts, err := message.New(w.Core).Facts(t.Context(), w.DB, n, []int64{person})
		if err != nil {
			t.Fatal(err)
		}
		link, err := url.Parse(facts[person].Recipient.Link)
		if err != nil || link.Query().Get("da") != want {
			t.Fatalf("%q: the mail leads to %q, %v", to, facts[person].Recipient.Link, err)
		}
		shown := b.Get(link.RequestURI()).Is(http.StatusOK)
		if !strings.Contains(shown.Text("main"), "Entri come "+w.Helper.Name) {
			t.Errorf("the page does not say who enters: %q", shown.Text("main"))
		}
		if want == "" {
			want = "/oggi"
		}
		b.Submit(shown, "main form").To(want)
		w.Site.Limits = site.NewLimits()
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.SignedIn(w.Helper)
	b.Get("/oggi").Is(http.StatusNoContent)
	b.Post("/esci").Is(http.StatusForbidden) // without the form's token
	if got := b.Get("/accedi/falso").Is(http.StatusNotFound).Doc().Find(`a[href="/oggi"]`).Length(); got == 0 {
		t.Error("who is inside is asked to sign in")
	}
	b.Submit(b.Get("/faq"), `form[action="/esci"]`).To("/")
	if b.Has("arengo_session") {
		t.Error("the cookie stays")
	}
	var left int
	if err := w.DB.NewRaw(`SELECT count(*) FROM session`).Scan(t.Context(), &left); err != nil || left != 0 {
		t.Errorf("%d sessions, %v", left, err)
	}
	w.Browser().Post("/esci").To("/") // leaving twice is no error
}
