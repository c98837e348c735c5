package focusgroup

import (
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// visit is a personal page being asked for: by whom, and under which address.
type visit struct {
	process  process.Process
	activity process.Activity
	person   process.PersonID
	here     string
}

type door func(r *site.Request) (process.ID, process.ActivityID, process.PersonID, error)

func (h *handlers) byInvitation(r *site.Request) (process.ID, process.ActivityID, process.PersonID, error) {
	inv, err := h.roster.ByToken(r.Context(), r.Param("token"), process.LinkAnswer)
	if fault.Is(err, fault.NotFound) {
		inv, err = h.roster.ByToken(r.Context(), r.Param("token"), process.LinkInvited)
	}
	return inv.Process, inv.Activity, inv.Person, err
}

func (h *handlers) byRegistration(r *site.Request) (process.ID, process.ActivityID, process.PersonID, error) {
	reg, err := h.meetings.ByToken(r.Context(), r.Param("token"))
	return reg.ProcessID, reg.Activity, reg.Person, err
}

// through finds whom a personal link stands for, then does what was asked. A
// link of another kind of activity is worth nothing here.
func (h *handlers) through(d door, next func(*site.Request, visit) error) site.Handler {
	return func(r *site.Request) error {
		id, activity, person, err := d(r)
		if err != nil {
			return err
		}
		v := visit{person: person, here: "/i/focusgroup/" + r.Param("token")}
		if len(r.Path()) > 1 && r.Path()[1] == 'r' {
			v.here = "/r/focusgroup/" + r.Param("token")
		}
		if v.activity, err = h.core.LoadActivity(r.Context(), h.core.DB(), id, activity); err != nil {
			return err
		}
		if v.activity.Kind != kind {
			return fault.New(fault.NotFound, "link.bad")
		}
		if v.process, err = h.core.LoadProcess(r.Context(), h.core.DB(), id); err != nil {
			return err
		}
		return next(r, v)
	}
}

// doorPage is the personal page of an invited person.
type doorPage struct {
	page.Base
	Here       string
	Process    page.Link
	Activity   process.Activity
	Chip       page.Chip
	Meeting    *meeting.Meeting
	Facts      page.Facts
	Themes     []string
	Guest      focusgroup.Guest
	Rests      string // since when it is suspended
	CanReply   bool   // at least that they do not come
	CanAccept  bool
	Join       string // address, near the time only
	JoinOpens  *time.Time
	Terms      string
	Consents   []page.Option
	CanConsent bool
	Minutes    bool
	Public     string
}

func (h *handlers) guestShow(r *site.Request, v visit) error { return h.doorPage(r, v, nil) }

func (h *handlers) doorPage(r *site.Request, v visit, x *sitting.Refusal) error {
	p := doorPage{
		Base: r.Base(v.activity.Title), Here: v.here, Activity: v.activity,
		Process: page.Link{Label: v.process.Title, Href: "/percorsi/" + v.process.Slug},
		Public:  "/percorsi/" + v.process.Slug + "/focusgroup/" + v.activity.PublicID,
	}
	p.Location, p.NoIndex, p.NoRating, p.Narrow = v.process.Location(), true, true, true
	p.Opened = v.here + "/aperto"
	for _, load := range []func(*site.Request, visit, *doorPage) error{h.doorState, h.doorMeeting, h.doorGroup, h.doorConsent} {
		if err := load(r, v, &p); err != nil {
			return err
		}
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "focusgroup/door", p)
}

func (h *handlers) doorState(r *site.Request, v visit, p *doorPage) error {
	st, err := sitting.State(r.Context(), h.core, v.activity)
	if err != nil {
		return err
	}
	p.Chip = sitting.Chip(st, r.Lang)
	if v.activity.Held() {
		p.Chip, p.Rests = gate.Resting(r), r.T("focusgroup.rests", "since", p.Words().Date(*v.activity.HeldAt))
	}
	if p.CanReply, err = h.can(r, v.activity, "withdraw"); err != nil {
		return err
	}
	p.CanAccept, err = h.can(r, v.activity, "register")
	if err != nil {
		return err
	}
	var invited bool
	p.Guest, invited, err = h.groups.Guest(r.Context(), v.process.ID, v.activity.ID, v.person)
	if err == nil && !invited {
		return fault.New(fault.Closed, "link.withdrawn")
	}
	minutes, err := h.meetings.Minutes(r.Context(), v.process.ID, v.activity.ID)
	p.Minutes = minutes.PublishedAt != nil
	return err
}

func (h *handlers) doorMeeting(r *site.Request, v visit, p *doorPage) error {
	list, err := h.meetings.Meetings(r.Context(), v.process.ID, v.activity.ID)
	if err != nil {
		return err
	}
	if live := sitting.Live(list); len(live) > 0 {
		p.Meeting = &live[len(live)-1]
		if m, ok := sitting.Next(live, v.activity.Clock(r.Now)); ok {
			p.Meeting = &m
		}
	}
	if p.Meeting == nil || p.Meeting.JoinURL == "" || p.Guest.Reply != focusgroup.Accepted {
		return nil
	}
	reg, found, err := h.meetings.Registration(r.Context(), v.process.ID, v.activity.ID, v.person)
	if err != nil || !found {
		return err
	}
	j, err := h.meetings.JoinURL(r.Context(), reg, r.Now)
	if _, refused := fault.As(err); refused {
		if j.Opens.After(r.Now) {
			p.JoinOpens = &j.Opens
		}
		return nil
	}
	p.Join = j.URL
	return err
}

func (h *handlers) doorGroup(r *site.Request, v visit, p *doorPage) error {
	g, err := h.groups.Group(r.Context(), v.process.ID, v.activity.ID)
	if err != nil {
		return err
	}
	for _, t := range g.Themes {
		p.Themes = append(p.Themes, t.Title)
	}
	if p.Meeting != nil && p.Meeting.Place != "" {
		p.Facts.Items = append(p.Facts.Items, page.Fact{Term: r.T("focusgroup.where"), Text: p.Meeting.Place})
	}
	if g.FacilitatedBy != "" {
		p.Facts.Items = append(p.Facts.Items, page.Fact{Term: r.T("focusgroup.leads"), Text: g.FacilitatedBy})
	}
	if g.NotedBy != "" {
		p.Facts.Items = append(p.Facts.Items, page.Fact{Term: r.T("focusgroup.notes_by"), Text: g.NotedBy})
	}
	return nil
}

func (h *handlers) doorConsent(r *site.Request, v visit, p *doorPage) error {
	setting, err := h.meetings.Setting(r.Context(), v.process.ID, v.activity.ID)
	if err != nil {
		return err
	}
	p.Terms = setting.ConsentText
	for _, purpose := range meeting.Purposes {
		if purpose == meeting.Recording && !setting.Recorded && !p.Guest.Consented(purpose) {
			continue
		}
		p.Consents = append(p.Consents, page.Option{
			ID: "consenso-" + string(purpose), Name: "purpose", Value: string(purpose), Type: "checkbox",
			Label: r.T("focusgroup.consent." + string(purpose)), Hint: r.T("focusgroup.consent." + string(purpose) + ".hint"),
			Checked: p.Guest.Consented(purpose),
		})
	}
	p.CanConsent, err = h.can(r, v.activity, "consent")
	p.CanConsent = p.CanConsent || len(p.Guest.Consents) > 0 // it can always be withdrawn
	return err
}

func (h *handlers) guestOpened(r *site.Request, v visit) error {
	if err := h.groups.Opened(r.Context(), v.process.ID, v.activity.ID, v.person); err != nil {
		return err
	}
	return r.Done()
}

// guestReply takes "si" or "no". A withdrawn invitation lets nobody in.
func (h *handlers) guestReply(r *site.Request, v visit) error {
	flash, err := "focusgroup.flash.declined", error(nil)
	if r.Value("risposta") == "si" {
		var reg meeting.Registration
		reg, err = h.groups.Accept(r.Context(), v.process.ID, v.activity.ID, v.person)
		flash = "focusgroup.flash.accepted"
		if reg.Status == meeting.Waiting {
			flash = "focusgroup.flash.queued"
		}
	} else {
		err = h.groups.Decline(r.Context(), v.process.ID, v.activity.ID, v.person)
	}
	return h.answerGuest(r, v, flash, err)
}

// guestConsent makes the consents those that are ticked; what is not ticked any
// more is withdrawn.
func (h *handlers) guestConsent(r *site.Request, v visit) error {
	var ticked []meeting.Purpose
	for _, value := range r.Values("purpose") {
		ticked = append(ticked, meeting.Purpose(value))
	}
	err := h.meetings.Consent(r.Context(), v.process.ID, v.activity.ID, v.person, ticked...)
	return h.answerGuest(r, v, "focusgroup.flash.consent", err)
}

func (h *handlers) answerGuest(r *site.Request, v visit, flash string, err error) error {
	if err == nil {
		return r.Redirect(v.here, flash)
	}
	x, err := sitting.Refuse(r, "risposta", err)
	if err != nil {
		return err
	}
	return h.doorPage(r, v, x)
}
