package focusgroup

import (
	"fmt"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// deskPage is the workspace page of a focus group.
type deskPage struct {
	page.Base
	Activity process.Activity
	Chip     page.Chip
	Purpose  string
	Moves    gate.View
	Change   *gate.Change
	Desk     sitting.Desk

	CanEdit   bool
	Preparing bool         // the guide is what there is to do: its form is open
	Prepare   []page.Field // facilitator, note taker, guide
	Themes    []page.Field
	Revision  int64 // that the guide's form was made from
	Guide     string
	Leads     page.Facts

	People people
	Notes  notes
}

// Names of the forms.
const (
	formGroup  = "traccia"
	formInvite = "inviti"
	formNote   = "appunto"
)

func (h *handlers) deskShow(r *site.Request) error {
	a, err := r.Activity(kind)
	if err != nil {
		return err
	}
	return h.desk(r, a, nil)
}

// desk shows the page, or shows it again with a form that was sent back.
func (h *handlers) desk(r *site.Request, a process.Activity, x *sitting.Refusal) error {
	p := deskPage{Activity: a, Base: r.Workspace(a.Title, "manage",
		page.Crumb{Label: r.T("page.nav.manage"), Href: "/gestione"},
		page.Crumb{Label: r.Gate.Process.Title, Href: gate.Home(r.Gate.Process.Slug)},
		page.Crumb{Label: a.Title})}
	st, err := sitting.State(r.Context(), h.core, a)
	if err != nil {
		return err
	}
	p.Chip, p.Purpose = sitting.Chip(st, r.Lang), st.Purpose.In(r.Lang)
	options, err := h.core.Explain(r.Context(), a.ProcessID, a.ID, r.Actor)
	if err != nil {
		return err
	}
	p.Moves = gate.Build(r, options, &a)
	if a.Held() {
		p.Chip = gate.Resting(r)
	}
	if p.Change, err = gate.ReadChange(r, h.core, &a); err != nil {
		return err
	}
	if p.Desk, err = h.forms.Load(r, h.core, a, false, x); err != nil {
		return err
	}
	if err := h.deskGroup(r, &p, x); err != nil {
		return err
	}
	if err := h.deskPeople(r, &p, x); err != nil {
		return err
	}
	if err := h.deskNotes(r, &p, x); err != nil {
		return err
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "focusgroup/desk", p)
}

// can asks state and clock for a capability.
func (h *handlers) can(r *site.Request, a process.Activity, capability string) (bool, error) {
	return h.core.Allows(r.Context(), h.core.DB(), a, capability, r.Now)
}

func (h *handlers) deskGroup(r *site.Request, p *deskPage, x *sitting.Refusal) (err error) {
	a := p.Activity
	if p.CanEdit, err = h.can(r, a, "edit"); err != nil {
		return err
	}
	g, err := h.groups.Group(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	staff, err := h.groups.Staff(r.Context(), a.ProcessID)
	if err != nil {
		return err
	}
	p.Guide, p.Revision = g.Guide, g.Revision
	p.Leads = page.Facts{Tight: true, Items: []page.Fact{
		{Term: r.T("focusgroup.facilitator"), Text: orElse(g.FacilitatedBy, r.T("focusgroup.nobody"))},
		{Term: r.T("focusgroup.note_taker"), Text: orElse(g.NotedBy, r.T("focusgroup.nobody"))},
	}}
	p.Prepare = x.Keep(formGroup,
		page.Field{Name: "facilitator", Label: r.T("focusgroup.facilitator"), Type: "select", Empty: r.T("focusgroup.choose"), Required: true, Choices: choices(staff, g.Facilitator)},
		page.Field{Name: "note_taker", Label: r.T("focusgroup.note_taker"), Type: "select", Empty: r.T("focusgroup.choose"), Required: true, Choices: choices(staff, g.NoteTaker)},
		page.Field{Name: "guide", Label: r.T("focusgroup.guide"), Hint: r.T("focusgroup.guide.hint"), Type: "textarea", Rows: 8, Value: g.Guide})
	for i := range len(g.Themes) + 3 {
		f := page.Field{Name: fmt.Sprintf("theme-new-%d", i), Label: r.T("focusgroup.theme.n", "n", i+1), Max: 200}
		if i < len(g.Themes) {
			f.Name, f.Value = "theme-"+sitting.ID(g.Themes[i].ID), g.Themes[i].Title
		}
		p.Themes = append(p.Themes, f)
	}
	p.Themes = x.Keep(formGroup, p.Themes...)
	p.Themes[0].ID = formGroup + "-themes" // where a problem of all themes leads
	p.Preparing = a.State == "draft" || x.Of(formGroup)
	if x.Of(formGroup) {
		p.Revision = sitting.Revision(r)
	}
	return nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func choices(staff []process.Member, chosen process.PersonID) []page.Choice {
	var out []page.Choice
	for _, m := range staff {
		out = append(out, page.Choice{
			Value: sitting.ID(m.Person), Label: orElse(m.Name, m.Email), Selected: m.Person == chosen,
		})
	}
	return out
}
