package ledger

import (
	"strconv"
	"strings"

	"arengo/notify"
	"arengo/process"
	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
)

// kindWord is what people call a kind of notice.
func kindWord(r *site.Request, kind string) string {
	if k, ok := notify.KindNamed(kind); ok {
		return k.Title.In(r.Lang)
	}
	return r.T("ledger.kind.unknown")
}

// about is what a notice is about, an activity or the process itself.
func about(r *site.Request, all map[process.ActivityID]process.Activity, id process.ActivityID) page.Link {
	a, ok := all[id]
	if !ok {
		return page.Link{Label: r.T("ledger.about.process")}
	}
	return page.Link{Label: a.Title, Href: deskOf(r, a)}
}

// deskOf is the page of an activity in the workspace.
func deskOf(r *site.Request, a process.Activity) string {
	return "/gestione/" + r.Gate.Process.Slug + "/" + a.Kind + "/" + a.PublicID
}

// audience says whom a notice is for: "chi è invitato, chi segue il percorso".
func (a *area) audience(r *site.Request, n ledger.Notice) (string, error) {
	if n.PersonID != 0 {
		return r.T("ledger.to.alone"), nil
	}
	var words []string
	for word := range strings.SplitSeq(n.Audience, ",") {
		words = append(words, r.T("ledger.to."+word))
	}
	out := page.Cap(strings.Join(words, ", "))
	said, err := n.Said()
	if err != nil {
		return "", err
	}
	places, err := a.places(r, said.Extra["territories"])
	if len(places) > 0 {
		out += " " + r.T("ledger.to.places", "n", len(places), "places", strings.Join(places, ", "))
	}
	return out, err
}

// places names the municipalities that a notice is narrowed to.
func (a *area) places(r *site.Request, ids string) ([]string, error) {
	if ids == "" {
		return nil, nil
	}
	all, err := a.roster.Territories(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	wanted, out := map[string]bool{}, []string{}
	for id := range strings.SplitSeq(ids, ",") {
		wanted[id] = true
	}
	for _, t := range all {
		if wanted[strconv.FormatInt(int64(t.ID), 10)] {
			out = append(out, t.Name)
		}
	}
	return out, nil
}

// summary says in a line what became of deliveries: "412 inviati, 8 non arrivati".
func summary(r *site.Request, c ledger.Counts) string {
	var parts []string
	for _, g := range ledger.Groups {
		if n := c.Of(g); n > 0 {
			parts = append(parts, r.T("ledger.count."+string(g), "n", n))
		}
	}
	if len(parts) == 0 {
		return r.T("ledger.count.none")
	}
	return strings.Join(parts, ", ")
}

var chips = map[notify.Status]page.Chip{
	notify.Sent:       {State: page.Done, Icon: "it-check"},
	notify.Queued:     {State: page.Current},
	notify.Sending:    {State: page.Current},
	notify.Deferred:   {State: page.ToConfirm},
	notify.Bounced:    {State: page.Late},
	notify.Failed:     {State: page.Late},
	notify.Complained: {State: page.Late},
}

// chip is where a delivery stands.
func chip(r *site.Request, s notify.Status) page.Chip {
	c := chips[s]
	c.Label = r.T("ledger.status." + string(s))
	return c
}

// called names a person, or says that the name was erased.
func called(r *site.Request, name string) string {
	if name == "" {
		return r.T("ledger.erased")
	}
	return name
}

// outcome says what happened to a delivery, "" when there is nothing to add.
func outcome(r *site.Request, d ledger.Delivery) string {
	switch d.Status {
	case notify.Suppressed:
		return reason(r, d.Why)
	case notify.Expired:
		return r.T("ledger.expired", "at", r.Words().DateTime(d.ExpiresAt))
	case notify.Deferred:
		out := replied(r, d.Code, d.Reply)
		if d.DueAt.IsZero() {
			return out
		}
		return strings.TrimSpace(out + " " + r.T("ledger.again", "at", r.Words().Meeting(d.DueAt)))
	case notify.Queued, notify.Sending, notify.Sent:
		return ""
	}
	return replied(r, d.Code, d.Reply)
}

// reason says why a message was not sent on purpose.
func reason(r *site.Request, code string) string {
	if key := "ledger.reason." + code; page.Texts().Has(key) {
		return r.T(key)
	}
	return r.T("ledger.reason", "code", code)
}

// replied says what the other side answered: "L’indirizzo non esiste (550 5.1.1)."
// What we put off ourselves has the reason code in its place.
func replied(r *site.Request, code int, reply string) string {
	if code == 0 && page.Texts().Has("ledger.reason."+reply) {
		return r.T("ledger.reason." + reply)
	}
	a := ledger.Read(code, reply)
	if a.Word == "" {
		return ""
	}
	out := r.T("ledger.reply." + a.Word)
	if a.Mark != "" {
		out += " (" + a.Mark + ")"
	}
	return page.Sentence(out)
}
