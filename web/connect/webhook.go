package connect

import (
	"context"
	"strconv"

	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/subscription"
	"arengo/web/page"
	"arengo/web/site"
)

type hookPage struct {
	page.Base
	Action     string
	Hook       hookRow
	Why        string // what stands in the way, "" when nothing does
	Paused     bool
	Deliveries []deliveryRow
}

type deliveryRow struct {
	webhook.Delivery
	Chip  page.Chip
	What  string
	Href  string // of the process, "" for a test
	Sent  string // the body, "" when nothing was sent yet
	Last  string // what the last attempt came to
	Retry bool   // DueAt is when it is tried again
	Rests bool   // goes out when the address goes on
	Again bool   // may be sent once more
}

func (a *area) hookAdd(r *site.Request) error {
	d := subscription.Draft{URL: r.Value("url"), Events: r.Values("events"), FormKey: r.FormKey()}
	id, secret, err := a.hooks.Add(r.Context(), r.Organisation.ID, r.Actor, d)
	home := Home(r.Organisation.PublicID)
	switch {
	case err == nil && secret == "":
		return r.Redirect(home+"/webhook/"+id, "connect.flash_already")
	case err == nil:
		return a.secret(r, "connect.secret.webhook", secret, false, home+"/webhook/"+id)
	}
	return a.refused(r, typed{untouched.token, d}, err, func(p *homePage) { p.HookFailed = true })
}

func (a *area) hookShow(r *site.Request) error {
	h, list, err := a.hooks.Show(r.Context(), r.Organisation.ID, r.Param("hook"))
	if err != nil {
		return err
	}
	title := r.T("connect.webhook.title")
	p := hookPage{
		Base: workspace(r, title, page.Crumb{Label: title}), Hook: hookView(r, h), Paused: h.PausedAt != nil,
	}
	p.Action = p.Hook.Href
	switch {
	case h.PausedAt != nil:
		p.Why = r.T("connect.webhook.why." + h.PausedWhy)
	case h.FailingSince != nil:
		p.Why = r.T("connect.webhook.why.trying")
	}
	for _, d := range list {
		p.Deliveries = append(p.Deliveries, deliveryView(r, d, p.Paused))
	}
	return r.Page("connect/webhook", p)
}

func deliveryView(r *site.Request, d webhook.Delivery, paused bool) deliveryRow {
	row := deliveryRow{Delivery: d, What: eventWord(r, d.Event), Again: d.Status != webhook.Claimed}
	waits := d.Status == webhook.Pending
	row.Rests, row.Retry = waits && paused, waits && !paused && d.Attempts > 0
	if d.Process != "" {
		row.Href = "/gestione/" + d.Process
	}
	if d.LastAt != nil {
		row.Sent = d.Body
	}
	switch d.Status {
	case webhook.Sent:
		row.Chip = page.Chip{State: page.Done, Icon: "it-check", Label: r.T("connect.delivery.sent")}
	case webhook.Failed:
		row.Chip = page.Chip{State: page.Late, Label: r.T("connect.delivery.failed")}
	default:
		row.Chip = page.Chip{State: page.Current, Label: r.T("connect.delivery.waiting")}
	}
	switch {
	case d.LastCode != 0:
		row.Last = r.T("connect.delivery.code", "code", strconv.Itoa(d.LastCode), "ms", d.LastMS)
	case d.LastError != "":
		row.Last = r.T("connect.delivery.error." + d.LastError)
	}
	return row
}

// act is a use case on one address.
type act func(ctx context.Context, o process.OrganisationID, who process.Actor, hook string) error

// hookDo answers a form that does one thing to an address.
func (*area) hookDo(do act, flash string) site.Handler {
	return func(r *site.Request) error {
		if err := do(r.Context(), r.Organisation.ID, r.Actor, r.Param("hook")); err != nil {
			return err
		}
		return r.Redirect(Home(r.Organisation.PublicID)+"/webhook/"+r.Param("hook"), flash)
	}
}

func (a *area) hookSecret(r *site.Request) error {
	secret, err := a.hooks.Rotate(r.Context(), r.Organisation.ID, r.Actor, r.Param("hook"), r.FormKey())
	if err != nil {
		return err
	}
	back := Home(r.Organisation.PublicID) + "/webhook/" + r.Param("hook")
	if secret == "" {
		return r.Redirect(back, "connect.flash_already")
	}
	return a.secret(r, "connect.secret.webhook", secret, false, back)
}

func (a *area) deliveryAgain(r *site.Request) error {
	id := r.Value("delivery")
	if id == "" {
		return fault.New(fault.Invalid, "")
	}
	waits, err := a.hooks.Again(r.Context(), r.Organisation.ID, r.Actor, r.Param("hook"), id)
	if err != nil {
		return err
	}
	flash := "connect.flash_again"
	if waits {
		flash = "connect.flash_waits"
	}
	return r.Redirect(Home(r.Organisation.PublicID)+"/webhook/"+r.Param("hook"), flash)
}

func (a *area) hookRemove(r *site.Request) error {
	if err := a.hooks.Remove(r.Context(), r.Organisation.ID, r.Actor, r.Param("hook")); err != nil {
		return err
	}
	return r.Redirect(Home(r.Organisation.PublicID), "connect.flash_removed")
}
