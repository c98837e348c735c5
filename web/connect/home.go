package connect

import (
	"slices"
	"strconv"
	"time"

	"arengo/notify/webhook"
	"arengo/process/fault"
	"arengo/process/subscription"
	"arengo/process/token"
	"arengo/web/page"
	"arengo/web/site"
)

type homePage struct {
	page.Base
	Action      string
	Tokens      []tokenRow
	Name        page.Field
	Scope       page.Options
	Life        page.Field
	Hooks       []hookRow
	URL         page.Field
	Events      page.Options
	TokenFailed bool
	HookFailed  bool
}

type tokenRow struct {
	token.Token
	Chip   page.Chip
	Scopes string
	Ended  bool
}

type hookRow struct {
	webhook.Hook
	Href   string
	Chip   page.Chip
	Events []string
}

// typed is what the forms of the page hold: as they are at first, or as they
// were refused.
type typed struct {
	token token.Draft
	hook  subscription.Draft
}

var untouched = typed{token.Draft{Days: token.Lives[1]}, subscription.Draft{Events: webhook.Events}}

func (a *area) homeShow(r *site.Request) error {
	p, err := a.home(r, untouched)
	if err != nil {
		return err
	}
	return r.Page("connect/home", p)
}

func (a *area) home(r *site.Request, in typed) (homePage, error) {
	p := homePage{Base: workspace(r, r.T("connect.title")), Action: Home(r.Organisation.PublicID)}
	tokens, err := a.tokens.List(r.Context(), r.Organisation.ID)
	if err != nil {
		return p, err
	}
	for _, one := range tokens {
		p.Tokens = append(p.Tokens, tokenView(r, one))
	}
	hooks, err := a.hooks.List(r.Context(), r.Organisation.ID)
	if err != nil {
		return p, err
	}
	for _, h := range hooks {
		p.Hooks = append(p.Hooks, hookView(r, h))
	}
	p.tokenForm(r, in.token)
	p.hookForm(r, in.hook)
	return p, nil
}

func (p *homePage) tokenForm(r *site.Request, d token.Draft) {
	p.Name = page.Field{Name: "name", Label: r.T("connect.token.name"), Hint: r.T("connect.token.name.hint"), Value: d.Name, Required: true, Max: 100}
	p.Scope = page.Options{Name: "scope", Legend: r.T("connect.token.scope"), Required: true, Choices: []page.Choice{
		{Value: token.Read, Label: r.T("connect.scope.read"), Hint: r.T("connect.scope.read.hint"), Selected: !d.Advance},
		{Value: token.Advance, Label: r.T("connect.scope.advance"), Hint: r.T("connect.scope.advance.hint"), Selected: d.Advance},
	}}
	p.Life = page.Field{Name: "days", Type: "select", Label: r.T("connect.token.days"), Required: true}
	for _, days := range token.Lives {
		p.Life.Choices = append(p.Life.Choices, page.Choice{
			Value: strconv.Itoa(days), Label: r.T("connect.token.life", "n", days), Selected: days == d.Days,
		})
	}
}

func (p *homePage) hookForm(r *site.Request, d subscription.Draft) {
	p.URL = page.Field{
		Name: "url", Type: "url", Label: r.T("connect.webhook.url"), Hint: r.T("connect.webhook.url.hint"), Value: d.URL, Required: true, Max: 500,
	}
	p.Events = page.Options{Name: "events", Legend: r.T("connect.webhook.events"), Multiple: true, Required: true}
	for _, event := range webhook.Events {
		p.Events.Choices = append(p.Events.Choices, page.Choice{
			Value: event, Label: eventWord(r, event), Selected: slices.Contains(d.Events, event),
		})
	}
}

// eventWord is an event as people say it.
func eventWord(r *site.Request, event string) string { return r.T("connect.event." + event) }

func tokenView(r *site.Request, t token.Token) tokenRow {
	row := tokenRow{Token: t, Ended: t.Ended(r.Now), Scopes: r.T("connect.scope.read")}
	if t.May(token.Advance) {
		row.Scopes = r.T("connect.scope.advance")
	}
	switch {
	case t.RevokedAt != nil:
		row.Chip = page.Chip{Label: r.T("connect.token.revoked")}
	case row.Ended:
		row.Chip = page.Chip{Label: r.T("connect.token.expired")}
	case t.ExpiresAt.Sub(r.Now) < 7*24*time.Hour:
		row.Chip = page.Chip{State: page.Late, Label: r.T("connect.token.ending")}
	default:
		row.Chip = page.Chip{State: page.Current, Label: r.T("connect.token.good")}
	}
	return row
}

func hookView(r *site.Request, h webhook.Hook) hookRow {
	row := hookRow{Hook: h, Href: Home(r.Organisation.PublicID) + "/webhook/" + h.PublicID, Chip: hookChip(r, h)}
	for _, event := range h.Events {
		row.Events = append(row.Events, eventWord(r, event))
	}
	return row
}

func hookChip(r *site.Request, h webhook.Hook) page.Chip {
	switch {
	case h.PausedAt != nil && h.PausedWhy == webhook.ByPerson:
		return page.Chip{Label: r.T("connect.webhook.paused")}
	case h.PausedAt != nil:
		return page.Chip{State: page.Late, Label: r.T("connect.webhook.stopped")}
	case h.FailingSince != nil:
		return page.Chip{State: page.Late, Label: r.T("connect.webhook.failing")}
	}
	return page.Chip{State: page.Current, Label: r.T("connect.webhook.running")}
}

func (a *area) tokenMake(r *site.Request) error {
	days, err := strconv.Atoi(r.Value("days"))
	if err != nil {
		days = 0
	}
	d := token.Draft{Name: r.Value("name"), Advance: r.Value("scope") == token.Advance, Days: days, FormKey: r.FormKey()}
	secret, already, err := a.tokens.Make(r.Context(), r.Organisation.ID, r.Actor, d)
	home := Home(r.Organisation.PublicID)
	switch {
	case err == nil && already:
		return r.Redirect(home, "connect.flash_already")
	case err == nil:
		return a.secret(r, "connect.secret.token", secret, true, home)
	}
	return a.refused(r, typed{d, untouched.hook}, err, func(p *homePage) { p.TokenFailed = true })
}

func (a *area) refused(r *site.Request, in typed, cause error, mark func(*homePage)) error {
	if !shown(cause) {
		return cause
	}
	p, err := a.home(r, in)
	if err != nil {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, cause)
	mark(&p)
	return r.PageStatus(page.Status(cause), "connect/home", p)
}

func (a *area) tokenRevoke(r *site.Request) error {
	id := r.Value("token")
	if id == "" {
		return fault.New(fault.Invalid, "")
	}
	if err := a.tokens.Revoke(r.Context(), r.Organisation.ID, r.Actor, id); err != nil {
		return err
	}
	return r.Redirect(Home(r.Organisation.PublicID), "connect.flash_revoked")
}
