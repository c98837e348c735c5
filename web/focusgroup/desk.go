package focusgroup

import (
	"fmt"
	"strconv"

	"arengo/process"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/roster"
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

// people is the section of those invited; Seen is false for staff who may not
// read names.
type people struct {
	Seen      bool
	Guests    []guestRow
	Count     map[string]int
	Capacity  int
	CanInvite bool
	CanAttend bool
	Search    page.Field
	Searched  bool
	Found     []page.Option
}

// guestRow is an invited person in the list.
type guestRow struct {
	focusgroup.Guest
	Code  string
	Chip  page.Chip
	Agree []string // purposes that the person consents to, in words
}

// notes is the section of what was said.
type notes struct {
	Can    bool
	Form   []page.Field
	Quote  page.Option
	Themes []noteTheme
	Total  int
}

type noteTheme struct {
	Title string
	Notes []noteRow
}

type noteRow struct {
	focusgroup.Note
	Code string
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

func (h *handlers) deskPeople(r *site.Request, p *deskPage, x *sitting.Refusal) (err error) {
	a, v := p.Activity, &p.People
	if v.Seen = sitting.Runs(r.Gate.Standing); !v.Seen {
		return nil
	}
	if v.CanInvite, err = h.can(r, a, "invite"); err != nil {
		return err
	}
	if v.CanAttend, err = h.can(r, a, "attend"); err != nil {
		return err
	}
	setting, err := h.meetings.Setting(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	v.Capacity = setting.Capacity
	guests, err := h.groups.Guests(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	v.Count = map[string]int{}
	invited := map[process.PersonID]bool{}
	for _, g := range guests {
		v.Count[string(g.Reply)]++
		invited[g.Person] = true
		row := guestRow{Guest: g, Code: focusgroup.SpeakerName(g.Code), Chip: replyChip(r, g)}
		for _, purpose := range meeting.Purposes {
			if g.Consented(purpose) {
				row.Agree = append(row.Agree, r.T("focusgroup.agrees."+string(purpose)))
			}
		}
		v.Guests = append(v.Guests, row)
	}
	if !v.CanInvite {
		return nil
	}
	return h.deskSearch(r, v, invited, x)
}

func replyChip(r *site.Request, g focusgroup.Guest) page.Chip {
	c := page.Chip{Label: r.T("focusgroup.reply."+string(g.Reply), "position", g.Position)}
	if g.Reply == focusgroup.Accepted {
		c.State, c.Icon = page.Done, "it-check"
	}
	return c
}

// deskSearch lists contacts to invite: those that a search found, or the first.
func (h *handlers) deskSearch(r *site.Request, v *people, invited map[process.PersonID]bool, x *sitting.Refusal) error {
	text := r.Query("cerca")
	if x.Of(formInvite) {
		text = r.Value("cerca")
	}
	v.Search = page.Field{
		ID: "cerca", Name: "cerca", Label: r.T("focusgroup.search"), Hint: r.T("focusgroup.search.hint"), Type: "search", Value: text, Quiet: true,
	}
	v.Searched = text != ""
	if !v.Searched {
		return nil
	}
	found, err := h.roster.Contacts(r.Context(), r.Gate.Process.ID, roster.ContactFilter{Text: text, State: roster.ContactReachable, Limit: 50})
	if err != nil {
		return err
	}
	for _, c := range found.Contacts {
		if invited[c.Person] {
			continue
		}
		id := sitting.ID(c.Person)
		v.Found = append(v.Found, page.Option{
			ID: "invita-" + id, Name: "person", Value: id, Type: "checkbox",
			Label: orElse(c.Name, c.Email), Hint: orElse(c.Municipality, r.T("focusgroup.noplace")),
		})
	}
	return nil
}

func (h *handlers) deskNotes(r *site.Request, p *deskPage, x *sitting.Refusal) (err error) {
	a, v := p.Activity, &p.Notes
	if v.Can, err = h.can(r, a, "take-notes"); err != nil {
		return err
	}
	begun := false
	for _, s := range p.Desk.Sessions {
		begun = begun || s.Past && !s.Cancelled()
	}
	v.Can = v.Can && begun
	list, err := h.groups.Notes(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	v.Total = len(list)
	g, err := h.groups.Group(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, t := range g.Themes {
		group := noteTheme{Title: t.Title}
		for _, n := range list {
			if n.Theme == t.ID {
				group.Notes = append(group.Notes, noteRow{n, focusgroup.SpeakerName(n.Speaker)})
			}
		}
		v.Themes = append(v.Themes, group)
	}
	if !v.Can {
		return nil
	}
	note := focusgroup.Note{}
	if theme, err := strconv.ParseInt(r.Query("tema"), 10, 64); err == nil {
		note.Theme = focusgroup.ThemeID(theme) // that of the note just written
	}
	v.Form, v.Quote, err = h.noteFields(r, a, g, note, x)
	return err
}
