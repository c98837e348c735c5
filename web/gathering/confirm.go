package gathering

import (
	"net/http"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
)

// confirmPage asks the owner of an address whether a registration is theirs.
type confirmPage struct {
	page.Base

	Action   string
	Heading  string
	Email    string
	Person   string       // "" when we do not know it: then Fields ask
	Fields   []page.Field // the name
	Meetings []meeting.Meeting
	Recorded bool
	Waits    bool
	Expired  bool
	Public   page.Link
	Process  page.Link
}

// confirmer serves the one page that confirms registrations of every kind.
type confirmer struct {
	core     *process.Service
	meetings *meeting.Service
}

const inConfirm = "conferma-"

// Confirmation is the page behind the link of a message that asks to confirm a
// registration. Only its button confirms: mail filters open links.
func Confirmation(s *site.Site) []site.Route {
	h := &confirmer{core: s.Core, meetings: meeting.New(s.Core)}
	const path = "/conferma/:token"
	return []site.Route{site.Hold("GET", path, h.show), site.Hold("POST", path, h.send)}
}

func (h *confirmer) show(r *site.Request) error {
	req, a, err := h.asked(r)
	if err != nil {
		return err
	}
	reg, ok, err := h.meetings.Registration(r.Context(), req.ProcessID, req.Activity, req.Person)
	if err != nil {
		return err
	}
	if ok && reg.Live() {
		return r.Redirect(h.home(a, reg), "")
	}
	return h.page(r, req, a, refused{})
}

func (h *confirmer) asked(r *site.Request) (meeting.Request, process.Activity, error) {
	req, err := h.meetings.RequestByToken(r.Context(), r.Param("token"))
	if err != nil {
		return req, process.Activity{}, err
	}
	a, err := h.core.LoadActivity(r.Context(), h.core.DB(), req.ProcessID, req.Activity)
	return req, a, err
}

// home is the personal page of a registration; every kind serves it there.
func (h *confirmer) home(a process.Activity, reg meeting.Registration) string {
	return "/r/" + a.Kind + "/" + h.meetings.Token(reg)
}

func (h *confirmer) send(r *site.Request) error {
	req, a, err := h.asked(r)
	if err != nil {
		return err
	}
	reg, err := h.meetings.Confirm(r.Context(), r.Param("token"), r.Value("name"))
	if err != nil {
		back, ok := refusal(r, inConfirm, err)
		if !ok {
			return err
		}
		return h.page(r, req, a, back)
	}
	flash := "gathering.flash.confirmed"
	if reg.Status == meeting.Waiting {
		flash = "gathering.flash.queued"
	}
	return r.Redirect(h.home(a, reg), flash)
}

func (h *confirmer) page(r *site.Request, req meeting.Request, a process.Activity, back refused) error {
	proc, err := h.core.LoadProcess(r.Context(), h.core.DB(), a.ProcessID)
	if err != nil {
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
	list, err := h.meetings.Meetings(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	home := "/percorsi/" + proc.Slug
	p := confirmPage{
		Base: r.Base(r.T("gathering.confirm.title")), Action: r.Path(), Heading: a.Title, Email: req.Email, Person: req.Name,
		Recorded: setting.Recorded, Expired: req.Expired(r.Now),
		Public: page.Link{Label: a.Title, Href: home + "/" + a.Kind + "/" + a.PublicID}, Process: page.Link{Label: proc.Title, Href: home},
	}
	p.Location, p.NoIndex, p.NoRating, p.Narrow, p.Errors = proc.Location(), true, true, true, back.errors
	p.Bare, p.Viewer = true, nil // its form token is the link's, so the menu's own form could not work
	left, limited := places.Left(setting.Capacity)
	p.Waits = limited && (left == 0 || places.Waiting > 0)
	for _, m := range list {
		if !m.Cancelled() && !m.Over(r.Now) {
			p.Meetings = append(p.Meetings, m)
		}
	}
	if p.Person == "" {
		p.Fields = prefixed(inConfirm, page.Field{
			Name: "name", Label: r.T("gathering.field.name"), Value: r.Value("name"), Max: 80, Required: true, Complete: "name",
		})
	}
	status := http.StatusOK
	switch {
	case back.status != 0:
		status = back.status
	case p.Expired:
		status = page.Status(fault.New(fault.Closed, "meeting.request_expired"))
	}
	return r.PageStatus(status, "gathering/confirm", p)
}
