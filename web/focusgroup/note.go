package focusgroup

import (
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/focusgroup"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

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

// notePage is where one note is corrected.
type notePage struct {
	page.Base
	Here     string // address of the note
	Back     string
	Revision int64
	Can      bool
	Form     []page.Field
	Quote    page.Option
	Theirs   *focusgroup.Note // as somebody else left it, after a conflict
}

func (h *handlers) noteFields(r *site.Request, a process.Activity, g focusgroup.Group, n focusgroup.Note, x *sitting.Refusal) ([]page.Field, page.Option, error) {
	speakers, err := h.groups.Speakers(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return nil, page.Option{}, err
	}
	var themes, codes []page.Choice
	for _, t := range g.Themes {
		themes = append(themes, page.Choice{Value: sitting.ID(t.ID), Label: t.Title, Selected: t.ID == n.Theme})
	}
	for _, s := range speakers {
		label := s.Name()
		if !s.Quotable {
			label = r.T("focusgroup.speaker.unquotable", "code", s.Name())
		}
		codes = append(codes, page.Choice{Value: strconv.Itoa(s.Code), Label: label, Selected: s.Code == n.Speaker})
	}
	fields := x.Keep(formNote,
		page.Field{Name: "theme", Label: r.T("focusgroup.theme"), Type: "select", Choices: themes, Required: true},
		page.Field{Name: "speaker", Label: r.T("focusgroup.speaker"), Hint: r.T("focusgroup.speaker.hint"), Type: "select", Empty: r.T("focusgroup.speaker.group"), Choices: codes, Required: true},
		page.Field{Name: "statement", Label: r.T("focusgroup.statement"), Hint: r.T("focusgroup.statement.hint"), Type: "textarea", Rows: 3, Max: 2000, Value: n.Statement, Required: true})
	fields[1].Required = false
	return fields, page.Option{
		ID: formNote + "-quote", Name: "quote", Value: "1", Type: "checkbox", Label: r.T("focusgroup.quote"),
		Hint: r.T("focusgroup.quote.hint"), Checked: x.Ticked(formNote, "quote", n.Quote),
	}, nil
}

// noteOf reads the form.
func noteOf(r *site.Request, a process.Activity) focusgroup.Note {
	n := focusgroup.Note{
		ProcessID: a.ProcessID, Activity: a.ID, Statement: r.Value("statement"), Quote: r.Value("quote") != "",
		Revision: sitting.Revision(r), FormKey: r.FormKey(),
	}
	if id, err := strconv.ParseInt(r.Value("theme"), 10, 64); err == nil {
		n.Theme = focusgroup.ThemeID(id)
	}
	if code := r.Value("speaker"); code != "" {
		n.Speaker = -1 // refused with its own words
		if v, err := strconv.Atoi(code); err == nil && v > 0 {
			n.Speaker = v
		}
	}
	return n
}

func (h *handlers) noteAdd(r *site.Request, a process.Activity) (sitting.Done, error) {
	n, err := h.groups.SaveNote(r.Context(), r.Actor, noteOf(r, a))
	return sitting.Done{Form: formNote, Fragment: "notes", Flash: site.Once(n.Already, "focusgroup.flash.note")}, err
}

// noteAt finds the note of the path.
func (h *handlers) noteAt(r *site.Request) (process.Activity, focusgroup.Note, error) {
	a, err := r.Activity(kind)
	if err != nil {
		return a, focusgroup.Note{}, err
	}
	list, err := h.groups.Notes(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return a, focusgroup.Note{}, err
	}
	for _, n := range list {
		if sitting.ID(n.ID) == r.Param("note") {
			return a, n, nil
		}
	}
	return a, focusgroup.Note{}, fault.New(fault.NotFound, "focusgroup.note_gone")
}

func (h *handlers) noteShow(r *site.Request) error {
	a, n, err := h.noteAt(r)
	if err != nil {
		return err
	}
	return h.notePage(r, a, n, nil)
}

func (h *handlers) notePage(r *site.Request, a process.Activity, n focusgroup.Note, x *sitting.Refusal) error {
	back := gate.ActivityPath(r.Gate.Process.Slug, a)
	p := notePage{
		Here: back + "/appunti/" + sitting.ID(n.ID), Back: back + "#notes", Revision: n.Revision,
		Base: r.Workspace(r.T("focusgroup.note.title"), "manage",
			page.Crumb{Label: r.Gate.Process.Title, Href: gate.Home(r.Gate.Process.Slug)},
			page.Crumb{Label: a.Title, Href: back}, page.Crumb{Label: r.T("focusgroup.note.title")}),
	}
	var err error
	if p.Can, err = h.can(r, a, "take-notes"); err != nil {
		return err
	}
	g, err := h.groups.Group(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	if p.Form, p.Quote, err = h.noteFields(r, a, g, n, x); err != nil {
		return err
	}
	if x.Of(formNote) && sitting.Revision(r) != n.Revision {
		p.Theirs = &n // saving again writes over it knowingly
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "focusgroup/note", p)
}

func (h *handlers) noteEdit(r *site.Request) error {
	a, n, err := h.noteAt(r)
	if err != nil {
		return err
	}
	draft := noteOf(r, a)
	draft.ID = n.ID
	if _, err := h.groups.SaveNote(r.Context(), r.Actor, draft); err != nil {
		x, err := sitting.Refuse(r, formNote, err)
		if err != nil {
			return err
		}
		return h.notePage(r, a, n, x)
	}
	return r.Redirect(gate.ActivityPath(r.Gate.Process.Slug, a)+"#notes", "focusgroup.flash.note")
}

func (h *handlers) noteDelete(r *site.Request) error {
	a, n, err := h.noteAt(r)
	if err != nil {
		return err
	}
	now := n
	n.Revision = sitting.Revision(r)
	if err := h.groups.DeleteNote(r.Context(), r.Actor, n); err != nil {
		x, err := sitting.Refuse(r, "elimina", err)
		if err != nil {
			return err
		}
		return h.notePage(r, a, now, x)
	}
	return r.Redirect(gate.ActivityPath(r.Gate.Process.Slug, a)+"#notes", "focusgroup.flash.deleted")
}

// groupSave reads the guide: themes come as "theme-<id>", new ones as
// "theme-new-<n>", in the order of the page.
func (h *handlers) groupSave(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formGroup, Fragment: "settings", Flash: "focusgroup.flash.group"}
	old, err := h.groups.Group(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return d, err
	}
	g := focusgroup.Group{ProcessID: a.ProcessID, Activity: a.ID, Guide: r.Value("guide"), Revision: sitting.Revision(r)}
	g.Facilitator, g.NoteTaker = person(r.Value("facilitator")), person(r.Value("note_taker"))
	for _, t := range old.Themes {
		g.Themes = append(g.Themes, focusgroup.Theme{ID: t.ID, Title: r.Value("theme-" + sitting.ID(t.ID))})
	}
	for i := range 100 {
		if title := r.Value("theme-new-" + strconv.Itoa(i)); title != "" {
			g.Themes = append(g.Themes, focusgroup.Theme{Title: title})
		}
	}
	_, err = h.groups.Save(r.Context(), r.Actor, g)
	return d, err
}

// person reads an identifier; 0 for what is none.
func person(text string) process.PersonID {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return process.PersonID(n)
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
