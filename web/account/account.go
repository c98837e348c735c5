// Package account holds the pages by which people sign in and out: a form that
// sends a link, the page of the link, whose GET changes nothing, and its POST,
// which uses it once.
package account

import (
	"net/http"
	"net/url"
	"strings"

	"arengo/process/account"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
)

// workspace is where a sign-in leads when no page of this site was asked for.
const workspace = "/oggi"

// maxBack is how long a wanted address may be, in bytes, to travel by mail.
const maxBack = 500

type pages struct{ accounts *account.Service }

// Routes lists the pages of signing in and out.
func Routes(s *site.Site) []site.Route {
	h := pages{s.Accounts}
	return []site.Route{
		site.Open("/accedi", h.requestForm),
		site.Send("/accedi", site.LimitSignIn, h.request),
		site.Hold(http.MethodGet, "/accedi/:token", h.enterForm),
		site.Hold(http.MethodPost, "/accedi/:token", h.enter),
		site.Send("/esci", site.LimitNone, h.leave),
	}
}

type requestPage struct {
	page.Base
	Email page.Field
	Back  string
}

type sentPage struct {
	page.Base
	Email   string
	Minutes int
	Query   string // of the form's address, to ask again
}

type enterPage struct {
	page.Base
	Address, Back string
	Name          string // whom the link lets in
	Days          int
}

type refusedPage struct {
	page.Base
	Text   string
	Email  page.Field
	Back   string // the page that was wanted, for the next link
	Inside bool   // signed in already
}

func frame(r *site.Request, key string) page.Base {
	b := r.Base(r.T(key))
	b.NoRating, b.NoIndex, b.Narrow = true, true, true
	if r.Param("token") != "" {
		// The form token is the link's, so the form in the menu could not work.
		b.Bare, b.Viewer = true, nil
	}
	return b
}

func emailField(r *site.Request, value string) page.Field {
	return page.Field{
		ID: "email", Name: "email", Type: "email", Required: true, Complete: "email", Mode: "email", Max: 254,
		Label: r.T("account.request.email"), Value: value,
	}
}

// requestForm asks for an address; whoever is signed in goes on at once.
func (h pages) requestForm(r *site.Request) error {
	if r.Actor.SignedIn() {
		return r.Redirect(local(r.Query("da")), "")
	}
	b := frame(r, "account.request.title")
	return r.Page("account/request", requestPage{Base: b, Email: emailField(r, ""), Back: r.Query("da")})
}

// request sends a link, and answers the same whether anybody has that address.
func (h pages) request(r *site.Request) error {
	address, back := r.Value("email"), r.Value("da")
	err := h.accounts.RequestTo(r.Context(), address, asked(back))
	if fault.Is(err, fault.Invalid) {
		b := frame(r, "account.request.title")
		b.Errors = page.FieldErrors(r.Lang, err)
		return r.PageStatus(page.Status(err), "account/request", requestPage{Base: b, Email: emailField(r, address), Back: back})
	}
	if err != nil {
		return err
	}
	p := sentPage{Base: frame(r, "account.sent.title"), Email: address, Minutes: int(account.LinkLife.Minutes())}
	if back != "" {
		p.Query = url.Values{"da": {back}}.Encode()
	}
	return r.Page("account/sent", p)
}

// enterForm shows a link that can still be used, and never uses it: mail
// filters open links.
func (h pages) enterForm(r *site.Request) error {
	name, err := h.accounts.Peek(r.Context(), r.Param("token"))
	if err != nil {
		return refuse(r, err, r.Query("da"))
	}
	return r.Page("account/enter", enterPage{
		Base: frame(r, "account.enter.title"), Address: "/accedi/" + r.Param("token"), Back: r.Query("da"), Name: name,
		Days: int(account.SessionLife.Hours() / 24),
	})
}

// enter uses the link and starts a session.
func (h pages) enter(r *site.Request) error {
	s, err := h.accounts.Enter(r.Context(), r.Param("token"))
	if err != nil {
		return refuse(r, err, r.Value("da"))
	}
	r.StartSession(s.Token, account.SessionLife)
	return r.Redirect(local(r.Value("da")), "")
}

// refuse shows a link that is used, old or forged together with the remedy:
// the form for another one, which leads to the same page.
func refuse(r *site.Request, err error, back string) error {
	if _, ok := fault.As(err); !ok {
		return err
	}
	b := frame(r, "account.refused.title")
	b.CSRF = "" // the form goes to /accedi, which a link's token does not bind
	return r.PageStatus(page.Status(err), "account/refused", refusedPage{
		Base: b, Text: page.Explain(r.Lang, err), Email: emailField(r, ""), Back: asked(back), Inside: r.Actor.SignedIn(),
	})
}

// leave ends the session here and in the database.
func (h pages) leave(r *site.Request) error {
	if token := r.SessionToken(); token != "" {
		if err := h.accounts.Leave(r.Context(), token); err != nil {
			return err
		}
	}
	r.EndSession()
	return r.Redirect("/", "account.flash_left")
}

// asked is what a mail should remember of an address: a page of this site that
// somebody wanted, "" for any other and for one too long for a link.
func asked(to string) string {
	if to = local(to); to == workspace || len(to) > maxBack {
		return ""
	}
	return to
}

// local is an address of this site, the workspace for any other: a link that
// somebody forged must not lead elsewhere.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") ||
		u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "/accedi") {
		return workspace
	}
	return to
}
