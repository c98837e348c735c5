package gathering

import (
	"net/http"

	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// publicPage is what everybody can read of an activity.
type publicPage struct {
	page.Base

	Name      string
	Process   page.Link
	State     page.Chip
	Intro     string
	Meetings  []meetingView
	Off       bool
	Reason    string // why it was called off
	Places    string
	Request   []page.Field // the form, nil while there is nothing to register for
	Waits     bool         // who registers now joins the queue
	Action    string
	Call      string
	Asked     string
	Recorded  bool
	Invited   bool
	Rests     string // since when it is suspended
	Privacy   string
	Materials []materialView
	Minutes   *meeting.Minutes
	Over      bool
	Needless  string // "" when one must register
}

func (h *desk) publicShow(r *site.Request) error {
	s, err := h.outside(r)
	if err != nil {
		return err
	}
	return h.publicPage(r, s, meeting.Visitor{Email: r.Actor.Email}, refused{})
}

// outside is the scene of an activity that has a public page: one that was
// announced. Those who work on the process see it before.
func (h *desk) outside(r *site.Request) (*scene, error) {
	s, err := h.of(r)
	if err != nil {
		return nil, err
	}
	staff := r.Gate.Standing.Staff() || r.Actor.Administrator
	if !s.announced() && !staff {
		return nil, fault.New(fault.NotFound, "activity.not_found")
	}
	if s.off() && !staff {
		known, _, err := h.ending(r, s)
		if err == nil && !known {
			err = fault.New(fault.NotFound, "activity.not_found")
		}
		return s, err
	}
	return s, nil
}

// ending reads from the log how the activity was called off: known is false for
// a draft that nobody outside ever saw.
func (h *desk) ending(r *site.Request, s *scene) (known bool, reason string, err error) {
	e, ok, err := h.core.Engine().Latest(r.Context(), h.core.DB(), s.activity.Ref())
	if err != nil || !ok || e.To != s.activity.State {
		return false, "", err
	}
	if e.PublicReason {
		reason = e.Reason
	}
	return e.From != s.def.Initial, reason, nil
}

func (h *desk) publicPage(r *site.Request, s *scene, v meeting.Visitor, back refused) error {
	p := publicPage{
		Base: r.Base(s.activity.Title), Name: h.t(r, "kind"), Intro: s.activity.Intro, Off: s.off(),
		Process: page.Link{Label: s.process.Title, Href: "/percorsi/" + s.process.Slug}, State: page.Chip{Label: s.state(r.Lang)},
		Action: s.public() + "/iscriviti", Call: h.t(r, "call"), Asked: h.t(r, "asked"), Recorded: s.setting.Recorded,
		Invited: s.setting.InvitedOnly, Privacy: h.t(r, "privacy"), Rests: s.rests(r, "page.held"),
	}
	p.Crumbs = []page.Crumb{{Label: r.T("page.nav.processes"), Href: "/"}, {Label: s.process.Title, Href: p.Process.Href}, {Label: s.activity.Title}}
	p.Section, p.Description, p.Errors = "processes", h.t(r, "asked"), back.errors
	if p.Rests != "" {
		p.State = gate.Resting(r)
	}
	if !s.announced() {
		p.Preview = r.T("gathering.preview")
	}
	shown := s.live()
	if p.Off {
		shown = s.meetings
	}
	p.Meetings = h.meetingViews(r, s, shown, s.public())
	if !h.Agenda {
		p.Needless = ""
	} else {
		p.Needless = h.t(r, "needless")
	}
	p.Over = len(shown) > 0 && len(s.coming()) == 0
	h.offer(r, s, v, &p)
	if err := h.papers(r, s, &p); err != nil {
		return err
	}
	status := back.status
	if status == 0 {
		status = http.StatusOK
	}
	return r.PageStatus(status, "gathering/public", p)
}

// offer fills the way in: places and the form. Who comes when the places are
// gone joins the queue, and knows it beforehand.
func (h *desk) offer(r *site.Request, s *scene, v meeting.Visitor, p *publicPage) {
	if !s.can("register") || len(s.coming()) == 0 || s.setting.InvitedOnly {
		return
	}
	p.State.State = page.Current
	left, limited := s.places.Left(s.setting.Capacity)
	p.Waits = limited && (left == 0 || s.places.Waiting > 0)
	switch {
	case p.Waits && s.begun() && len(s.coming()) == len(s.live()) && len(s.live()) == 1:
		p.Places = r.T("gathering.left.none")
		return
	case p.Waits:
		p.Places = r.T("gathering.left.queue", "n", s.places.Waiting)
	case limited:
		p.Places = r.T("gathering.left", "n", left, "total", p.Words().Num(s.setting.Capacity, 0))
	}
	p.Request = visitorFields(r, v)
}

func (h *desk) papers(r *site.Request, s *scene, p *publicPage) (err error) {
	if p.Off {
		if _, p.Reason, err = h.ending(r, s); err != nil {
			return err
		}
		p.State.State = page.Late
	}
	if p.Materials, err = h.materials(r, s); err != nil || !h.Minutes {
		return err
	}
	m, err := h.meetings.Minutes(r.Context(), s.process.ID, s.activity.ID)
	if m.PublishedAt != nil {
		p.Minutes = &m
	}
	return err
}

// registrationRequest answers the same whoever the address belongs to: the rest
// is said by mail. Only who is signed in with it is registered at once.
func (h *desk) registrationRequest(r *site.Request) error {
	s, err := h.outside(r)
	if err != nil {
		return err
	}
	v := meeting.Visitor{Email: r.Value("email"), Locale: r.LetterLang()}
	reg, done, err := h.meetings.RequestRegistration(r.Context(), s.process.ID, s.activity.ID, r.Actor, v)
	if err != nil {
		back, ok := refusal(r, inRequest, err)
		if !ok {
			return err
		}
		return h.publicPage(r, s, v, back)
	}
	if done {
		return r.Redirect("/r/"+h.Kind+"/"+h.meetings.Token(reg), "")
	}
	return r.Redirect(s.public(), "gathering.flash.requested")
}
