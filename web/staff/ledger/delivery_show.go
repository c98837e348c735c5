package ledger

import (
	"net/url"
	"strconv"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// deliveryPage is one message to one person, with all that happened to it.
type deliveryPage struct {
	page.Base
	Sections []section.Link
	Chip     page.Chip
	Means    string
	What     string
	Facts    page.Facts
	Events   []eventRow
	Retry    string
	Person   string // all that this person was sent
	Notice   string // the others who got it
}

// eventRow is something that happened. Said are the other side's own words.
type eventRow struct {
	At         time.Time
	Chip       page.Chip
	What, Said string
}

func (a *area) deliveryShow(r *site.Request) error {
	d, events, err := a.ledger.History(r.Context(), r.Gate.Process.ID, number(r.Param("delivery")))
	if err != nil {
		return err
	}
	n, err := a.ledger.Notice(r.Context(), r.Gate.Process.ID, d.Notice)
	if err != nil {
		return err
	}
	all, err := a.activities(r)
	if err != nil {
		return err
	}
	name := called(r, d.Called())
	title := r.T("ledger.delivery.title", "what", kindWord(r, d.Kind), "who", name)
	p := deliveryPage{Chip: chip(r, d.Status), Means: r.T("ledger.means." + string(d.Status)), What: outcome(r, d), Notice: noticePath(r, all, n, d)}
	p.Base, p.Sections = frame(r, title, page.Crumb{Label: kindWord(r, d.Kind), Href: p.Notice}, page.Crumb{Label: name})
	p.Facts = page.Facts{Tight: true, Items: []page.Fact{
		{Term: r.T("ledger.person"), Text: name},
		{Term: r.T("ledger.address"), Text: called(r, d.Address)},
		{Term: r.T("ledger.about"), Text: about(r, all, d.Activity).Label},
		{Term: r.T("ledger.channel"), Text: channelWord(r, d.Channel)},
	}}
	if d.PublicID != "" && d.Called() != "" {
		p.Person = home(r) + "/persona/" + d.PublicID
	}
	for _, e := range events {
		p.Events = append(p.Events, eventOf(r, d, e))
	}
	if d.Retriable() {
		p.Retry = home(r) + "/riprova?" + url.Values{wordNotice: {strconv.FormatInt(d.Notice, 10)}, wordDelivery: {strconv.FormatInt(d.ID, 10)}}.Encode()
	}
	return r.Page("ledger/delivery", p)
}

// noticePath is the page of what a message belongs to.
func noticePath(r *site.Request, all map[process.ActivityID]process.Activity, n ledger.Notice, d ledger.Delivery) string {
	if n.PersonID == 0 {
		return home(r) + "/" + strconv.FormatInt(d.Notice, 10)
	}
	q := url.Values{wordKind: {d.Kind}}
	if one, ok := all[d.Activity]; ok {
		q.Set(wordActivity, one.PublicID)
	}
	return home(r) + "/serie?" + q.Encode()
}

func eventOf(r *site.Request, d ledger.Delivery, e ledger.Event) eventRow {
	row := eventRow{At: e.At, Chip: chip(r, e.Status)}
	switch e.Status {
	case notify.Suppressed:
		row.What = reason(r, e.Reply)
	case notify.Expired:
		row.What = r.T("ledger.expired", "at", r.Words().DateTime(d.ExpiresAt))
	default:
		row.What = replied(r, e.Code, e.Reply)
		if e.Code != 0 || ledger.Read(e.Code, e.Reply).Word == "broken" {
			row.Said = e.Reply
		}
	}
	return row
}
