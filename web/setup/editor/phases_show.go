package editor

import (
	"strings"

	"arengo/process/draft"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// phasesPage lists the phases of the draft, with what it brings.
type phasesPage struct {
	page.Base
	Frame    wizard.Frame
	Effects  effects
	Template string
	Lead     string
	Phases   []phaseRow
	Flow     *page.Flow
	New      string // the form of another phase
	File     string
	Import   string
	Dates    string
	Stale    string
}

// phaseRow is a phase of the list.
type phaseRow struct {
	Number       int
	Name, Title  string
	Purpose      string
	Term         string
	Dates, Was   string // Was where the draft moves them
	Open         bool   // what was just done stands here
	Faults       []problem
	Needs        []string
	Reminders    string
	Sources      []page.Source
	Href, After  string // its form, and that of a phase behind it
	Up, Down     bool   // it may be moved there
	Fixed        bool   // a law keeps it
	NewHere      bool
	State        page.State
	ProblemWords string
}

func (a *area) phasesShow(r *site.Request) error { return a.phasesAnswer(r, nil) }

// phasesAnswer shows the list, with the refusal of what was wanted of it.
func (a *area) phasesAnswer(r *site.Request, err error) error {
	d, failed := a.drafts.Load(r.Context(), r.Gate.Process)
	if failed != nil {
		return failed
	}
	p, failed := a.phasesView(r, d)
	if failed != nil {
		return failed
	}
	if err == nil {
		return r.Page("editor/phases", p)
	}
	p.Stale, p.Errors = stale(r, d, err), summary(r, err)
	for i := range p.Errors {
		p.Errors[i].Field = "" // there is no field on this page
	}
	return r.PageStatus(page.Status(err), "editor/phases", p)
}

func (a *area) phasesView(r *site.Request, d draft.Draft) (phasesPage, error) {
	pr := r.Gate.Process
	base, f, err := a.frame(r, r.T("editor.title", "title", pr.Title))
	if err != nil {
		return phasesPage{}, err
	}
	brings, err := a.effects(r, base, d)
	if err != nil {
		return phasesPage{}, err
	}
	at := home(pr)
	p := phasesPage{
		Base: base, Frame: f, Effects: brings, Template: d.Base.Title.In(r.Lang), New: at + "/nuova",
		File: at + "/fasi.yaml", Import: at + "/importa", Dates: wizard.Home(pr) + "/date", Lead: r.T("editor.lead", "template", d.Base.Title.In(r.Lang)),
	}
	if flow.Own(d.Base) {
		p.Lead = r.T("editor.lead.own", "template", d.Base.Title.In(r.Lang))
	}
	if pr.Published() {
		p.Lead = r.T("editor.lead.public")
	}
	dates := map[string]string{}
	for _, m := range d.After {
		dates[m.State] = moveOf(r, base.Words(), draft.Draft{Base: d.Base, Instance: d.Instance, Compiled: d.Compiled, After: d.After}, workflowMove(m.State)).New
	}
	was := map[string]string{}
	for _, m := range d.Moves {
		was[m.Name] = moveOf(r, base.Words(), d, m).Old
	}
	phases, taken := edit.Phases(d.Definition), len(edit.Losses(d.Base.Definition, d.Definition))
	for i, s := range phases {
		row := rowOf(r, d, s)
		row.Number, row.Dates = i+1, dates[s.Name]
		row.Up, row.Down = i > 0 && mayMove(d, "su", s.Name, taken), i < len(phases)-1 && mayMove(d, "giu", s.Name, taken)
		if was[s.Name] != row.Dates {
			row.Was = was[s.Name]
		}
		p.Phases = append(p.Phases, row)
	}
	if d.Compiled != nil {
		p.Flow = flow.Of(d.Compiled, r.Lang, "", nil)
	}
	return p, nil
}

// lost are the activities whose phase the draft takes away, each with the page that
// moves it.
func (a *area) lost(r *site.Request, d draft.Draft) ([]page.Link, error) {
	seats, err := a.drafts.Lost(r.Context(), r.Gate.Process, d)
	out := make([]page.Link, len(seats))
	for i, s := range seats {
		out[i] = page.Link{Label: s.Title, Href: gate.Seat(r.Gate.Process.Slug, s.Activity)}
	}
	return out, err
}

func rowOf(r *site.Request, d draft.Draft, s definition.State) phaseRow {
	at := home(r.Gate.Process)
	laws := edit.Laws(d.Definition, s.Name)
	row := phaseRow{
		Name: s.Name, Title: s.Title.In(r.Lang), Purpose: s.Purpose.In(r.Lang), Term: termWords(r, d, s), Sources: sources(laws),
		Href: at + "/fase/" + s.Name, After: at + "/nuova?dopo=" + s.Name, Fixed: len(laws) > 0, State: page.Next,
	}
	for _, n := range s.Activities {
		row.Needs = append(row.Needs, needWords(r, n))
	}
	var days []string
	for _, m := range s.Reminders {
		days = append(days, reminderWords(r, m))
	}
	row.Reminders = strings.Join(days, "; ")
	for _, x := range d.Problems {
		if x.State == s.Name {
			row.Faults = append(row.Faults, problemOf(r, d, x))
		}
	}
	if n := len(row.Faults); n > 0 {
		row.State, row.ProblemWords = page.Stopped, r.T("editor.problems", "n", n)
	}
	row.Open = r.Query("fase") == s.Name
	if _, was := d.Base.State(s.Name); !was {
		row.NewHere = true
	}
	return row
}

// reminderWords is "7 giorni prima della fine: facilitatore".
func reminderWords(r *site.Request, m definition.Reminder) string {
	kind, _ := definition.SplitAnchor(m.Of)
	side, of, span := "before", "editor.of.", m.Before
	if span.IsZero() {
		side, of, span = "after", "editor.past.", m.After
	}
	return r.T("editor.remind."+side, "span", span.Words(r.Lang), "of", r.T(of+kind), "to", audience(r, m.To))
}
