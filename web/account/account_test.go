package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/worldtest"
	"arengo/web/account"
	"arengo/web/portal"
	"arengo/web/site"
	"arengo/web/webtest"
)

// world is a site where people sign in.
type world struct {
	*worldtest.World
	*webtest.Site

	helper process.Actor // a facilitator
}

func setup(t *testing.T) *world {
	t.Helper()
	home := func(*site.Site) []site.Route {
		return []site.Route{site.Open("/oggi", func(r *site.Request) error {
			if !r.Actor.SignedIn() {
				return r.Redirect("/accedi", "")
			}
			return r.Done()
		})}
	}
	w := &world{World: worldtest.New(t)}
	w.helper = w.Actor("bindi@example.org", "Marta Bindi")
	w.Member(w.helper, process.RoleFacilitator)
	w.Site = webtest.Serve(w.World, "account/request account/sent account/enter account/refused portal/text portal/home", account.Routes, portal.Routes, home)
	return w
}

// ask sends the form for a link and gives the link's path, "" when none was
// made.
func ask(t *testing.T, w *world, b *webtest.Browser, who process.Actor) string {
	t.Helper()
	const count = `SELECT count(*) FROM sign_in`
	before := w.Count(count)
	a := b.Submit(b.Get("/accedi"), `form[action="/accedi"]`, "email", who.Email).Is(http.StatusOK)
	if got := a.Text("h1"); got != "Controlla la posta" {
		t.Fatalf("heading %q", got)
	}
	if w.Count(count) == before {
		return ""
	}
	return w.Mailed(who.Person, "sign-in")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.Visitor()
	link := ask(t, w, b, w.helper)
	if link == "" {
		t.Fatal("no link was made")
	}
	for range 5 { // mail filters open links
		w.Visitor().Get(link).Is(http.StatusOK)
	}
	b.Post(link, nil).Is(http.StatusForbidden) // a form of somebody else's
	shown := b.Get(link)
	b.Submit(shown, "main form").To("/oggi")
	if !b.Has("arengo_session") {
		t.Fatal("no session")
	}
	b.Get("/oggi").Is(http.StatusNoContent)
	b.Get("/accedi").To("/oggi")

	other := w.Visitor()
	used := other.Submit(shown, "main form").Is(http.StatusConflict)
	if !strings.Contains(used.Text("main"), "già stato usato") || used.Find(`form[action="/accedi"]`).Length() != 1 {
		t.Errorf("a used link says %q", used.Text("main"))
	}
	if other.Has("arengo_session") {
		t.Error("a used link opened a session")
	}
}

func TestOneOfManyEnters(t *testing.T) {
	t.Parallel()
	w := setup(t)
	link := ask(t, w, w.Visitor(), w.helper)
	shown := w.Visitor().Get(link).Is(http.StatusOK)
	entered := make(chan bool, 8)
	var wait sync.WaitGroup
	for range cap(entered) {
		wait.Go(func() {
			b := w.Visitor()
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
	b := w.Visitor()
	link := ask(t, w, b, w.helper)
	w.Clock.Advance(31 * time.Minute)
	old := b.Get(link).Is(http.StatusConflict)
	if !strings.Contains(old.Text("main"), "scaduto") {
		t.Errorf("an old link says %q", old.Text("main"))
	}
	forged := b.Get("/accedi/falso").Is(http.StatusNotFound)
	if !strings.Contains(forged.Text("main"), "non è valido") || forged.Find(`form[action="/accedi"]`).Length() != 1 {
		t.Errorf("a forged link says %q", forged.Text("main"))
	}
	english := w.Visitor()
	english.Lang = "en"
	if got := english.Get(link).Text("main"); !strings.Contains(got, "expired") {
		t.Errorf("in English an old link says %q", got)
	}
}

// Whoever comes late still arrives at the page that the mail promised.
func TestRefusedLinkKeepsTheReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.Visitor()
	link := ask(t, w, b, w.helper)
	shown := b.Get(link + "?da=%2Fgestione%2Fx%3Fy%3D1")
	w.Clock.Advance(31 * time.Minute)
	for name, a := range map[string]*webtest.Answer{
		"Get": b.Get(link + "?da=%2Fgestione%2Fx%3Fy%3D1"), "Post": b.Submit(shown, "main form"),
	} {
		back := a.Is(http.StatusConflict).Find(`main form[action="/accedi"] input[name=da]`).AttrOr("value", "")
		if back != "/gestione/x?y=1" {
			t.Errorf("%s: the form for a new link leads to %q", name, back)
		}
	}
	if got := b.Get(link + "?da=https%3A%2F%2Fexample.org").Find("main input[name=da]").Length(); got != 0 {
		t.Error("a forged return is kept")
	}
}

// The answer does not tell who works here.
func TestUnknownAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if link := ask(t, w, w.Visitor(), process.Actor{Email: "ignota@example.org"}); link != "" {
		t.Error("a link was made for somebody unknown")
	}
	b := w.Visitor()
	bad := b.Submit(b.Get("/accedi?da=%2Fgestione"), `form[action="/accedi"]`, "email", "non-un-indirizzo").Is(http.StatusUnprocessableEntity)
	if bad.Find("#email").AttrOr("value", "") != "non-un-indirizzo" || bad.Find(`input[name=da]`).AttrOr("value", "") != "/gestione" {
		t.Error("what was written is lost")
	}
}

// Who types another's address often does not keep its owner out.
func TestOwnerIsNotLockedOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 40 {
		w.Visitor().Post("/accedi", url.Values{"email": {w.helper.Email}}).Is(http.StatusOK)
	}
	b := w.Visitor()
	ask(t, w, b, w.helper)
	b.Submit(b.Get(w.Mailed(w.helper.Person, "sign-in")), "main form").To("/oggi")
}

func TestReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for to, want := range map[string]string{
		"/gestione/x?y=1": "/gestione/x?y=1", "https://example.org/": "/oggi", "//example.org": "/oggi",
		`/\example.org`: "/oggi", "": "/oggi", "/accedi/abc": "/oggi", "/a\r\nSet-Cookie: x=1": "/oggi",
	} {
		link := ask(t, w, w.Visitor(), w.Promoter)
		b := w.Visitor()
		b.Submit(b.Get(link+"?da="+url.QueryEscape(to)), "main form").To(want)
	}
}

// What somebody wanted to see survives the way through the mailbox.
func TestReturnThroughTheMail(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for to, want := range map[string]string{"/gestione/x?y=1": "/gestione/x?y=1", "https://example.org/": "", "/oggi": ""} {
		b := w.Visitor()
		b.Submit(b.Get("/accedi?da="+url.QueryEscape(to)), `form[action="/accedi"]`, "email", w.helper.Email).Is(http.StatusOK)
		link, err := url.Parse(w.Mailed(w.helper.Person, "sign-in"))
		if err != nil || link.Query().Get("da") != want {
			t.Fatalf("%q: the mail leads to %q, %v", to, link, err)
		}
		shown := b.Get(link.RequestURI()).Is(http.StatusOK)
		if !strings.Contains(shown.Text("main"), "Entri come "+w.helper.Name) {
			t.Errorf("the page does not say who enters: %q", shown.Text("main"))
		}
		if want == "" {
			want = "/oggi"
		}
		b.Submit(shown, "main form").To(want)
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.SignedIn(w.helper)
	b.Get("/oggi").Is(http.StatusNoContent)
	b.Post("/esci", nil).Is(http.StatusForbidden) // without the form's token
	if got := b.Get("/accedi/falso").Is(http.StatusNotFound).Find(`a[href="/oggi"]`).Length(); got == 0 {
		t.Error("who is inside is asked to sign in")
	}
	b.Submit(b.Get("/faq"), `form[action="/esci"]`).To("/")
	if b.Has("arengo_session") {
		t.Error("the cookie stays")
	}
	if left := w.Count(`SELECT count(*) FROM session`); left != 0 {
		t.Errorf("%d sessions", left)
	}
	w.Visitor().Post("/esci", nil).To("/") // leaving twice is no error
}
