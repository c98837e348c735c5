package codesign

import (
	"io"

	"arengo/notify/ical"
	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// publicPage is what everybody reads of a lab: never who is registered.
type publicPage struct {
	page.Base
	Here      string
	Activity  process.Activity
	Chip      page.Chip
	Purpose   string
	Sessions  []meeting.Meeting
	Tables    []codesign.Table
	CanEnrol  bool
	Full      bool
	Places    string
	Recorded  bool
	Terms     string
	Enrol     []page.Field
	Cards     []cardView
	Results   *page.Figure
	Materials []meeting.Material
}

const formEnrol = "iscrizione"

// visible finds the lab of the path, unless it is not public yet.
func (h *handlers) visible(r *site.Request) (process.Activity, error) {
	a, err := r.Activity(kind)
	if err == nil && !sitting.Visible(a, r.Gate.Standing) {
		err = fault.New(fault.NotFound, "activity.not_found")
	}
	return a, err
}

func (h *handlers) publicShow(r *site.Request) error {
	a, err := h.visible(r)
	if err != nil {
		return err
	}
	return h.publicPage(r, a, nil)
}

func (h *handlers) publicPage(r *site.Request, a process.Activity, x *sitting.Refusal) error {
	here := "/percorsi/" + r.Gate.Process.Slug
	p := publicPage{Base: r.Base(a.Title), Activity: a, Here: here + "/codesign/" + a.PublicID}
	p.Description = a.Intro
	p.Crumbs = []page.Crumb{{Label: r.Gate.Process.Title, Href: here}, {Label: a.Title}}
	st, err := sitting.State(r.Context(), h.core, a)
	if err != nil {
		return err
	}
	p.Chip, p.Purpose = sitting.Chip(st, r.Lang), r.T("codesign.public."+a.State)
	if a.Held() {
		p.Chip, p.Purpose = gate.Resting(r), r.T("page.held", "since", p.Words().Date(*a.HeldAt))
	}
	list, err := h.meetings.Meetings(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.Sessions = sitting.Live(list)
	if p.Tables, err = h.labs.Tables(r.Context(), a.ProcessID, a.ID); err != nil {
		return err
	}
	if p.Materials, err = h.meetings.Materials(r.Context(), a.ProcessID, a.ID); err != nil {
		return err
	}
	if err := h.publicEnrol(r, &p, x); err != nil {
		return err
	}
	if a.State == "concluded" {
		if err := h.publicResults(r, &p); err != nil {
			return err
		}
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "codesign/public", p)
}

func (h *handlers) publicEnrol(r *site.Request, p *publicPage, x *sitting.Refusal) error {
	a := p.Activity
	var err error
	if p.CanEnrol, err = h.can(r, a, "register"); err != nil {
		return err
	}
	setting, err := h.meetings.Setting(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	places, err := h.meetings.Places(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.CanEnrol = p.CanEnrol && !setting.InvitedOnly
	p.Recorded, p.Terms = setting.Recorded, setting.ConsentText
	if left, limited := places.Left(setting.Capacity); limited {
		p.Full = left == 0
		p.Places = r.T("codesign.places", "n", left, "total", setting.Capacity)
	}
	p.Enrol = x.Keep(formEnrol,
		page.Field{Name: "email", Value: r.Actor.Email, Label: r.T("codesign.enrol.email"), Hint: r.T("codesign.enrol.email.hint"), Type: "email", Required: true, Complete: "email"})
	return nil
}

func (h *handlers) publicResults(r *site.Request, p *publicPage) error {
	cards, err := h.labs.Cards(r.Context(), p.Activity.ProcessID, p.Activity.ID)
	if err != nil {
		return err
	}
	turnout, err := h.labs.Turnout(r.Context(), p.Activity.ProcessID, p.Activity.ID)
	if err != nil {
		return err
	}
	for _, c := range codesign.Ranked(cards) {
		p.Cards = append(p.Cards, viewOf(r, c))
	}
	p.Results = results(r, cards, turnout)
	return nil
}

// registrationCreate answers the same whoever the address belongs to, but for
// who is signed in with it.
func (h *handlers) registrationCreate(r *site.Request) error {
	a, err := h.visible(r)
	if err != nil {
		return err
	}
	reg, done, err := h.meetings.RequestRegistration(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.Visitor{
		Email: r.Value("email"), Locale: r.LetterLang(),
	})
	if err != nil {
		x, err := sitting.Refuse(r, formEnrol, err)
		if err != nil {
			return err
		}
		return h.publicPage(r, a, x)
	}
	if done {
		return r.Redirect("/r/codesign/"+h.meetings.Token(reg), "")
	}
	return r.Redirect("/percorsi/"+r.Gate.Process.Slug+"/codesign/"+a.PublicID, "codesign.flash.enrolled")
}

// calendar gives the file of one session.
func (h *handlers) calendar(r *site.Request) error {
	a, err := h.visible(r)
	if err != nil {
		return err
	}
	list, err := h.meetings.Meetings(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, m := range sitting.Live(list) {
		if sitting.ID(m.ID) != r.Param("meeting") {
			continue
		}
		file, err := ical.Encode(eventOf(r, h.core.BaseURL(), a, m))
		if err != nil {
			return err
		}
		return r.Download("giornata.ics", "text/calendar; charset=utf-8", func(w io.Writer) error {
			_, err := w.Write(file)
			return err
		})
	}
	return fault.New(fault.NotFound, "meeting.not_found")
}

// eventOf is a session as a page offers it: without attendees. The organiser
// is the contact of the process, or an address that takes no mail.
func eventOf(r *site.Request, base string, a process.Activity, m meeting.Meeting) ical.Event {
	p := r.Gate.Process
	e := ical.Event{
		Method: "PUBLISH", UID: m.UID, Sequence: m.Sequence, Stamp: r.Now, Start: m.StartsAt, End: m.EndsAt, Zone: p.Zone,
		Summary: a.Title, Location: m.Place, URL: base + "/percorsi/" + p.Slug + "/codesign/" + a.PublicID,
		Organizer: ical.Person{Name: p.Title, Address: p.ContactEmail},
	}
	if m.Title != "" {
		e.Summary += ": " + m.Title
	}
	if e.Organizer.Address == "" {
		e.Organizer.Address = "nessuno@arengo.invalid"
	}
	return e
}
