package portal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/account"
	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/site"
)

func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.Visitor()
	b.Get("/lingua/en?da=%2Fprivacy%3Fx%3D1").To("/privacy?x=1")
	if got := b.Get("/privacy").Text("h1"); got != "Privacy notice" {
		t.Errorf("after the switch the heading is %q", got)
	}
	for _, to := range []string{"https://example.org/", "//example.org/", `/\example.org`, "", "javascript:alert(1)"} {
		b.Get("/lingua/it?da=" + strings.NewReplacer("/", "%2F", ":", "%3A", `\`, "%5C").Replace(to)).To("/")
	}
	b.Get("/lingua/xx").Is(http.StatusNotFound)
}

func TestRating(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.Visitor()
	b.Submit(b.Get("/faq"), ".ar-rating form", "voto", "4").To("/faq")
	if got := b.Get("/faq").Text(".ar-panel--ok"); !strings.HasPrefix(got, "Grazie") {
		t.Errorf("message %q", got)
	}
	b.Post("/voto", url.Values{"pagina": {"https://example.org/"}, "voto": {"4"}}).To("/")
	b.Post("/voto", url.Values{"pagina": {"/faq"}, "voto": {"9"}}).To("/faq")
	if got := b.Get("/faq").Text(".ar-panel--ok"); !strings.Contains(got, "da 1 a 5") {
		t.Errorf("message %q", got)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish()
	for _, name := range []string{"privacy", "note-legali", "accessibilita", "faq", "segnala", "miei-dati"} {
		t.Run(name, func(t *testing.T) {
			var sections []int
			for _, lang := range page.Languages {
				b := w.Visitor()
				b.Lang = lang
				a := b.Get("/" + name).Is(http.StatusOK)
				sections = append(sections, a.Find("main h2").Length())
			}
			if sections[0] < 3 || sections[0] != sections[1] {
				t.Errorf("sections by language: %v", sections)
			}
		})
	}
	if got := w.Visitor().Get("/miei-dati").Text("#contatti + ul"); !strings.Contains(got, "lucia@example.org") {
		t.Errorf("contacts %q", got)
	}
	if _, err := os.Stat("text/it/privacy.md"); err != nil {
		t.Error(err)
	}
}

// Every page says whose site it is, and the links that the public design rules
// ask for lead somewhere.
func TestOwnerOfTheSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish()
	const declaration = "https://form.example.it/dichiarazione"
	w.Pages.Renderer = pagetest.RendererOf(t, page.Config{Only: []string{"portal/text", "portal/home", "portal/process"}, Site: page.Site{
		Name: "Partecipa", Owner: page.Link{Label: "Unione di Prova", Href: "https://unione.example.it"},
		Contact: page.Contact{Text: "Unione di Prova", Email: "urp@unione.example.it"}, AccessibilityURL: declaration,
		SourceURL: "https://codice.example.it/arengo",
	}})
	b := w.Visitor()
	home := b.Get("/").Is(http.StatusOK)
	if got := home.Text("footer"); !strings.Contains(got, "Unione di Prova") || !strings.Contains(got, "urp@unione.example.it") {
		t.Errorf("the footer says %q", got)
	}
	if got := home.Doc.Find(".ar-slim a").First().AttrOr("href", ""); got != "https://unione.example.it" {
		t.Errorf("the header leads to %q", got)
	}
	for element, want := range map[string]string{
		"accessibility-link": declaration, "privacy-policy-link": "/privacy", "legal-notes": "/note-legali", "faq": "/faq", "report-inefficiency": "/segnala",
	} {
		link := home.Doc.Find("footer [data-element=" + element + "]")
		if link.Length() != 1 || link.AttrOr("href", "") != want {
			t.Errorf("%s: %d links, to %q", element, link.Length(), link.AttrOr("href", ""))
		}
		if strings.HasPrefix(want, "/") {
			b.Get(want).Is(http.StatusOK)
		}
	}
	for _, path := range []string{"/privacy", "/note-legali", "/segnala", "/accessibilita", "/miei-dati"} {
		a := b.Get(path).Is(http.StatusOK)
		pagetest.Check(t, a.Doc)
		if got := a.Text("#gestore + ul"); !strings.Contains(got, "Unione di Prova") || !strings.Contains(got, "urp@unione.example.it") {
			t.Errorf("%s names %q", path, got)
		}
	}
	if b.Get("/accessibilita").Doc.Find(`main a[href="`+declaration+`"]`).Length() != 1 {
		t.Error("our page about accessibility does not lead to the declaration")
	}
	if b.Get("/note-legali").Doc.Find(`main a[href="https://codice.example.it/arengo"]`).Length() != 1 {
		t.Error("no link to the source")
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish()
	count := func() int {
		return w.Count(`SELECT count(*) FROM follower WHERE process_id = ? AND confirmed_at IS NOT NULL`, w.Process.ID)
	}
	b := w.Visitor()
	t.Run("Bad", func(t *testing.T) {
		a := b.Submit(b.Get(slug), `form[action$="/segui"]`, "email", "nessuno").Is(http.StatusUnprocessableEntity)
		if got := a.Find("#email").AttrOr("value", ""); got != "nessuno" || !strings.HasPrefix(a.Text("title"), "Errore") {
			t.Errorf("input %q, title %q", got, a.Text("title"))
		}
	})
	b.Submit(b.Get(slug), `form[action$="/segui"]`, "email", "a@example.org").To(slug)
	var person int64
	w.One(&person, `SELECT person_id FROM follower WHERE process_id = ?`, w.Process.ID)
	link := func(purpose process.Purpose, path string) string {
		return path + w.Core.Links().Token(process.Link{Purpose: purpose, Process: w.Process.ID, Subject: person, Version: 1})
	}
	confirm, leave := link(process.LinkFollow, "/segui/"), link(process.LinkUnsubscribe, "/disiscrivi/")
	for range 5 {
		b.Get(confirm).Is(http.StatusOK)
		b.Get(leave).Is(http.StatusOK)
	}
	if n := count(); n != 0 {
		t.Fatalf("reading the link made %d followers", n)
	}
	b.Post(confirm, nil).Is(http.StatusForbidden) // without the form's token
	shown := b.Get(confirm)
	b.Submit(shown, "main form").To(slug)
	b.Submit(shown, "main form").To(slug)
	if n := count(); n != 1 {
		t.Fatalf("%d followers after confirming", n)
	}
	b.Submit(b.Get(leave), "main form").To(leave)
	if n := count(); n != 0 {
		t.Errorf("%d followers after leaving", n)
	}
	for _, path := range []string{"/segui/xyz", "/disiscrivi/xyz", strings.Replace(confirm, "/segui/", "/disiscrivi/", 1)} {
		b.Get(path).Is(http.StatusNotFound)
		b.Post(path, nil).Is(http.StatusForbidden)
	}
}

// A program of mail says for its reader that they want no more, by the address in
// the header of a mail (RFC 8058): it has no cookie and no form token, may be
// anywhere and may try again. Whoever merely opens the address changes nothing.
func TestOneClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish()
	who := w.Person("ada@example.org")
	link := func(purpose process.Purpose, version int) string {
		return w.Core.Links().Token(process.Link{Purpose: purpose, Process: w.Process.ID, Subject: int64(who), Version: version})
	}
	address := "/disiscrivi/" + link(process.LinkUnsubscribe, 1)
	refused := func() int { return w.Count(`SELECT count(*) FROM optout WHERE person_id = ?`, who) }
	ask := func(method, path, kind, body string, headers ...string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(t.Context())
		r.Header.Set("Content-Type", kind)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		rec := httptest.NewRecorder()
		w.Server.ServeHTTP(rec, r)
		return rec
	}
	const form, oneClick = "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"
	parts := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	for name, c := range map[string]struct {
		method, path, kind, body string
		code                     int
	}{
		"Get":       {http.MethodGet, address, form, "", 200},
		"Head":      {http.MethodHead, address, form, "", 200},
		"Query":     {http.MethodGet, address + "?" + oneClick, form, "", 200},
		"OtherBody": {http.MethodPost, address, form, "List-Unsubscribe=Two-Clicks", 403},
		"NoBody":    {http.MethodPost, address + "?" + oneClick, form, "", 403},
		"OtherLink": {http.MethodPost, "/disiscrivi/" + link(process.LinkFollow, 1), form, oneClick, 404},
		"NoLink":    {http.MethodPost, "/disiscrivi/abc", form, oneClick, 404},
		"OtherForm": {http.MethodPost, "/segui/" + link(process.LinkFollow, 1), form, oneClick, 403},
	} {
		if rec := ask(c.method, c.path, c.kind, c.body, "Origin", "https://posta.example.com"); rec.Code != c.code || refused() != 0 {
			t.Errorf("%s: %d, %d refusals", name, rec.Code, refused())
		}
	}
	for _, c := range [][2]string{{form, oneClick}, {form, oneClick}, {"multipart/form-data; boundary=x", parts}} {
		rec := ask(http.MethodPost, address, c[0], c[1], "Origin", "https://posta.example.com", "Sec-Fetch-Site", "cross-site")
		if rec.Code != http.StatusOK || rec.Header().Get("Location") != "" || len(rec.Result().Cookies()) != 0 || refused() != 1 {
			t.Errorf("%s: %d %v, %d refusals", c[0], rec.Code, rec.Header(), refused())
		}
	}
}

func TestRefusalsStandInTheFrame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const login = `a[href="/accedi"]`
	if a := w.SignedIn(w.Promoter).Get("/percorsi/niente").Is(http.StatusNotFound); a.Find(login).Length() != 0 || a.Find(`form[action="/esci"]`).Length() != 1 {
		t.Error("whoever is signed in is asked to sign in")
	}
	for path, status := range map[string]int{"/niente": 404, "/percorsi/niente": 404, "/voto": 405} {
		a := w.Visitor().Get(path).Is(status)
		if a.Find(login).Length() != 1 {
			t.Errorf("%s: no way in", path)
		}
		if a.Text("h1") != "Pagina non trovata" || a.Find("footer, .ar-nav").Length() < 2 {
			t.Errorf("%s: heading %q without its frame", path, a.Text("h1"))
		}
	}
}

type errorPage struct {
	page.Base
	Heading, Text, Request, Back string
	Reasons                      []string
	Resend                       *struct{}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	b := page.Base{Title: "Ora non si può", Path: "/x", NoRating: true, Now: time.Now()}
	blocked := errorPage{Base: b, Heading: "Ora non si può", Text: "Ecco che cosa manca.", Reasons: []string{"Nomina un facilitatore"}, Back: "/gestione"}
	pagetest.Each(t, "site/error", blocked, func(t *testing.T, _ string, doc *goquery.Document) {
		if doc.Find("main li").Length() != 1 || doc.Find(`main a[href="/gestione"]`).Length() != 1 {
			t.Error("no reason, or no way back")
		}
	})
	broken := errorPage{Base: b, Heading: "Guasto", Text: "Riprova.", Request: "0123abcd", Back: "/"}
	pagetest.Each(t, "site/error", broken, func(t *testing.T, _ string, doc *goquery.Document) {
		if !strings.Contains(doc.Find("main").Text(), "0123abcd") {
			t.Error("no identifier")
		}
	})
}

// Every page of the area renders in every language without a missing text.
func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	w.write("final-report", "Report conclusivo", "# Bisogni\n\nTesto.")
	var paths []string
	for _, path := range []string{"", "/report", "/esiti", "/documenti/project-sheet", "/documenti/final-report"} {
		paths = append(paths, slug+path)
	}
	link := process.Link{Process: w.Process.ID, Subject: int64(w.helper.Person), Version: 1}
	for path, purpose := range map[string]process.Purpose{"/segui/": process.LinkFollow, "/disiscrivi/": process.LinkUnsubscribe} {
		link.Purpose = purpose
		paths = append(paths, path+w.Core.Links().Token(link))
	}
	for _, lang := range page.Languages {
		for i, path := range append(paths, "/", "/?q=nulla") {
			b := w.Visitor()
			b.Lang = lang
			a := b.Get(path).Is(http.StatusOK)
			if got := a.Find("html").AttrOr("lang", ""); got != lang {
				t.Errorf("page %d is in %q, want %q", i, got, lang)
			}
		}
		b := w.Visitor()
		b.Lang = lang
		b.Post(slug+"/segui", url.Values{"email": {"x"}}).Is(http.StatusUnprocessableEntity)
	}
}

// The form that has mail sent spends its own budget.
func TestFollowIsSlowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for w.Pages.Limits.Allow(site.LimitMail, "", "192.0.2.1", site.MachineTime()) {
	}
	w.Visitor().Post("/percorsi/"+w.Process.Slug+"/segui", url.Values{"email": {"a@example.org"}}).Is(http.StatusTooManyRequests)
	if n := w.Count(`SELECT count(*) FROM notice WHERE kind = 'follow-confirm'`); n != 0 {
		t.Errorf("%d letters", n)
	}
}

// The privacy notice tells the times that the program keeps.
func TestPrivacyNoticeTellsTheTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for lang, words := range map[string]string{"it": "%d minuti dall’ultima", "en": "%d minutes after"} {
		b := w.Visitor()
		b.Get("/lingua/" + lang)
		want := fmt.Sprintf(words, int(account.LinkLife.Minutes()))
		if !strings.Contains(b.Get("/privacy").Text("main"), want) {
			t.Errorf("%s: the notice does not say %q", lang, want)
		}
	}
}
