package focusgroup

import (
	"html/template"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// publicPage is what everybody reads of a focus group: never who was there.
type publicPage struct {
	page.Base
	Activity  process.Activity
	Chip      page.Chip
	Purpose   string
	Meetings  []meeting.Meeting
	Themes    []string
	Minutes   template.HTML
	Present   int
	Materials []meeting.Material
}

func (h *handlers) public(r *site.Request) error {
	a, err := r.Activity(kind)
	if err != nil {
		return err
	}
	if !sitting.Visible(a, r.Gate.Standing) {
		return fault.New(fault.NotFound, "activity.not_found")
	}
	p := publicPage{Base: r.Base(a.Title), Activity: a}
	p.Description = a.Intro
	p.Crumbs = []page.Crumb{
		{Label: r.Gate.Process.Title, Href: "/percorsi/" + r.Gate.Process.Slug}, {Label: a.Title},
	}
	st, err := sitting.State(r.Context(), h.core, a)
	if err != nil {
		return err
	}
	p.Chip, p.Purpose = sitting.Chip(st, r.Lang), r.T("focusgroup.public."+a.State)
	if a.Held() {
		p.Chip, p.Purpose = gate.Resting(r), r.T("page.held", "since", p.Words().Date(*a.HeldAt))
	}
	list, err := h.meetings.Meetings(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.Meetings = sitting.Live(list)
	g, err := h.groups.Group(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, t := range g.Themes {
		p.Themes = append(p.Themes, t.Title)
	}
	minutes, err := h.meetings.Minutes(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	if minutes.PublishedAt != nil {
		p.Minutes, p.Present = page.Markdown(minutes.Body), minutes.Present
	}
	if p.Materials, err = h.meetings.Materials(r.Context(), a.ProcessID, a.ID); err != nil {
		return err
	}
	return r.Page("focusgroup/public", p)
}
