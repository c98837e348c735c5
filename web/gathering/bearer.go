package gathering

import (
	"net/http"
	"time"

	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
)

// bearerPage is the page behind the personal link of a registration.
type bearerPage struct {
	page.Base

	Name      string
	Person    string
	Status    meeting.Status
	Position  int
	Meetings  []meetingView
	Off       bool
	Over      bool
	Rests     string // since when it is suspended, and what that means for who is on the list
	Join      joinView
	Leave     string // where the form that gives the place back posts to, or ""
	Public    page.Link
	Process   page.Link
	Materials []materialView
	Minutes   bool // they are on the public page
	Recorded  bool
}

// joinView is the way in: URL near the time, before it Opens, or else Why not.
type joinView struct {
	URL    string
	Opens  time.Time
	Before int
	Starts time.Time
	Why    string
	Label  string
}

// bearer finds what a personal link stands for. A link of another kind's
// activity is as bad as a forged one.
func (h *desk) bearer(r *site.Request) (*scene, meeting.Registration, error) {
	reg, err := h.meetings.ByToken(r.Context(), r.Param("token"))
	if err != nil {
		return nil, reg, err
	}
	a, err := h.core.LoadActivity(r.Context(), h.core.DB(), reg.ProcessID, reg.Activity)
	if err != nil {
		return nil, reg, err
	}
	if a.Kind != h.Kind {
		return nil, reg, fault.New(fault.NotFound, "link.bad")
	}
	p, err := h.core.LoadProcess(r.Context(), h.core.DB(), reg.ProcessID)
	if err != nil {
		return nil, reg, err
	}
	s, err := h.scene(r, p, a)
	return s, reg, err
}

func (h *desk) bearerShow(r *site.Request) error {
	s, reg, err := h.bearer(r)
	if err != nil {
		return err
	}
	return h.bearerPage(r, s, reg, refused{})
}

func (h *desk) bearerPage(r *site.Request, s *scene, reg meeting.Registration, back refused) error {
	home := "/r/" + h.Kind + "/" + r.Param("token")
	p := bearerPage{
		Base: r.Base(s.activity.Title), Name: h.t(r, "kind"), Person: reg.Name, Status: reg.Status, Position: reg.Position,
		Off: s.off(), Public: page.Link{Label: s.activity.Title, Href: s.public()}, Recorded: s.setting.Recorded,
		Rests:   s.rests(r, "gathering.bearer.rests"),
		Process: page.Link{Label: s.process.Title, Href: "/percorsi/" + s.process.Slug},
	}
	p.Location, p.NoIndex, p.NoRating, p.Errors = s.process.Location(), true, true, back.errors
	calendar := home
	if reg.Status != meeting.Registered {
		calendar = ""
	}
	shown := s.live()
	if p.Off {
		shown = s.meetings
	}
	p.Meetings = h.meetingViews(r, s, shown, calendar)
	p.Over = len(shown) > 0 && len(s.coming()) == 0
	if reg.Live() && s.can("withdraw") && !p.Over {
		p.Leave = home + "/annulla"
	}
	if err := h.join(r, s, reg, &p); err != nil {
		return err
	}
	if err := h.bearerPapers(r, s, &p); err != nil {
		return err
	}
	status := back.status
	if status == 0 {
		status = http.StatusOK
	}
	return r.PageStatus(status, "gathering/registration", p)
}

// join asks for the address of the meeting; that it is too early, or not for
// this person, is a thing to say and no failure.
func (h *desk) join(r *site.Request, s *scene, reg meeting.Registration, p *bearerPage) error {
	if !h.Online || reg.Status != meeting.Registered || p.Off || p.Over || p.Rests != "" {
		return nil
	}
	j, err := h.meetings.JoinURL(r.Context(), reg, r.Now)
	p.Join = joinView{
		URL: j.URL, Opens: j.Opens, Starts: j.Meeting.StartsAt, Before: s.setting.JoinOpensBefore, Label: h.t(r, "join"),
	}
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); !ok {
		return err
	}
	if j.Opens.IsZero() || !r.Now.Before(j.Opens) {
		p.Join.Why, p.Join.Opens = page.Explain(r.Lang, err), time.Time{}
	}
	return nil
}

func (h *desk) bearerPapers(r *site.Request, s *scene, p *bearerPage) (err error) {
	if p.Materials, err = h.materials(r, s); err != nil || !h.Minutes {
		return err
	}
	m, err := h.meetings.Minutes(r.Context(), s.process.ID, s.activity.ID)
	p.Minutes = m.PublishedAt != nil
	return err
}

// bearerLeave gives the place back. Only this form does: opening the link, as
// mail filters do, changes nothing.
func (h *desk) bearerLeave(r *site.Request) error {
	s, reg, err := h.bearer(r)
	if err != nil {
		return err
	}
	if err := h.meetings.Unregister(r.Context(), reg.ProcessID, reg.Activity, reg.Person); err != nil {
		back, ok := refusal(r, "", err)
		if !ok {
			return err
		}
		return h.bearerPage(r, s, reg, back)
	}
	return r.Redirect("/r/"+h.Kind+"/"+r.Param("token"), "gathering.flash.left")
}
