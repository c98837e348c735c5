// Package wizard is what surrounds every page on which a promoter sets a
// process up: the steps above, the other pages below, the crumbs, and what a form
// says when somebody else saved first.
package wizard

import (
	"arengo/process"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// Shown reports whether a refusal belongs on the form that caused it; every
// other error has a page of its own.
func Shown(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Closed)
}

// Stale reports that somebody else saved first.
func Stale(err error) bool {
	e, ok := fault.As(err)
	return ok && e.Key == "form.stale"
}

// Home is the address of a process in the workspace.
func Home(p process.Process) string { return "/gestione/" + p.Slug }

// stepOf is the step of the wizard that a page belongs to; the others have
// none.
var stepOf = map[string]int{
	section.Settings: StepProcess, section.Partners: StepProcess, section.Population: StepProcess, section.Documents: StepProcess,
	section.Dates: StepDates, section.Phases: StepDates, section.People: StepPeople, section.Contacts: StepPeople,
	section.Rehearsal: StepPublish, section.Publish: StepPublish,
}

// The steps of the wizard, from 1.
const (
	StepTemplate = iota + 1
	StepProcess
	StepDates
	StepPeople
	StepPublish
)

var stepNames = []string{"template", "process", "dates", "people", "publish"}

// PageOf is the page that mends a gap, by the gap's word for it.
var PageOf = map[string]string{
	"settings": section.Settings, "deadline": section.Dates, "people": section.People,
	"population": section.Population, "documents": section.Documents,
}

// Frame is what surrounds every page of the wizard: the steps above, the other
// pages of the process below.
type Frame struct {
	Track    *page.Track
	Sections []section.Link
}

// open makes the frame of a page of an existing process. The steps show
// what is complete, not what was visited; a public process has none.
func open(core *process.Service, r *site.Request, current string) (Frame, error) {
	p := r.Gate.Process
	gaps, err := core.Gaps(r.Context(), core.DB(), p)
	if err != nil {
		return Frame{}, err
	}
	missing, lacking := map[string]bool{}, map[int]bool{}
	for _, g := range gaps {
		name := PageOf[g.Fix]
		missing[name], lacking[stepOf[name]] = true, true
	}
	f := Frame{Sections: section.List(r, current, missing)}
	if now := stepOf[current]; now > 0 && !p.Published() {
		f.Track = Steps(r, now, func(step int) bool { return step != StepPublish && !lacking[step] })
	}
	return f, nil
}

// Steps is the bar of the wizard at a step; done tells which others are.
func Steps(r *site.Request, now int, done func(step int) bool) *page.Track {
	t := &page.Track{Label: r.T("setup.steps"), Unit: "step"}
	for i, name := range stepNames {
		step := page.Step{Name: r.T("setup.step." + name), State: page.Next}
		switch {
		case i+1 == now:
			step.State = page.Current
		case done(i + 1):
			step.State = page.Done
		case i+1 < now:
			step.Said = r.T("setup.step.lacking")
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}

// Workspace fills the base and the frame of a page of an existing process.
func Workspace(core *process.Service, r *site.Request, title, current string, more ...page.Crumb) (page.Base, Frame, error) {
	p := r.Gate.Process
	f, err := open(core, r, current)
	if err != nil {
		return page.Base{}, Frame{}, err
	}
	crumbs := []page.Crumb{{Label: r.T("setup.crumb.all"), Href: "/gestione"}, {Label: p.Title, Href: Home(p)}}
	here := page.Crumb{Label: r.T("staff.section." + current)}
	if len(more) > 0 {
		here.Href = Home(p) + "/" + current
	}
	return r.Workspace(title, "manage", append(append(crumbs, here), more...)...), f, nil
}

// Onward is where a form leads that was accepted: to the next page while the
// process is being set up, back to its own once it is public.
func Onward(p process.Process, from, next string) string {
	if p.Published() {
		return Home(p) + "/" + from
	}
	return Home(p) + "/" + next
}

// Conflict tells a person that somebody else saved while they wrote: what is
// saved now stands beside what they wrote, field by field, where they differ.
type Conflict struct{ Rows []ConflictRow }

// ConflictRow is one field of a conflict.
type ConflictRow struct{ Label, Saved, Yours string }

// Add notes a field whose saved and written values differ.
func (c *Conflict) Add(label, saved, yours string) {
	if saved != yours {
		c.Rows = append(c.Rows, ConflictRow{label, saved, yours})
	}
}
