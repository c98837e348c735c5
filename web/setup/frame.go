package setup

import (
	"strconv"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
)

// The pages of a process, by the last word of their address.
const (
	atSettings   = "impostazioni"
	atPartners   = "ente"
	atPopulation = "popolazione"
	atDocuments  = "documenti"
	atDates      = "date"
	atPeople     = "persone"
	atContacts   = "contatti"
	atActivities = "attivita"
	atPublish    = "pubblica"
)

// sections are the pages in the order of the wizard, with the step that each
// belongs to (0 for none) and who may see it.
var sections = []struct {
	name string
	step int
	act  process.Act
}{
	{atSettings, stepProcess, process.ActProcessEdit},
	{atPartners, stepProcess, process.ActProcessEdit},
	{atPopulation, stepProcess, process.ActProcessEdit},
	{atDocuments, stepProcess, process.ActDocumentEdit},
	{atDates, stepDates, process.ActProcessEdit},
	{atPeople, stepPeople, process.ActPeopleEdit},
	{atContacts, stepPeople, process.ActContactImport},
	{atActivities, 0, process.ActActivityEdit},
	{atPublish, stepPublish, process.ActProcessEdit},
}

// The steps of the wizard, from 1.
const (
	stepTemplate = iota + 1
	stepProcess
	stepDates
	stepPeople
	stepPublish
)

var stepNames = []string{"template", "process", "dates", "people", "publish"}

// pageOf is the page that mends a gap, by the gap's word for it.
var pageOf = map[string]string{
	"settings": atSettings, "deadline": atDates, "people": atPeople,
	"population": atPopulation, "documents": atDocuments,
}

// frame is what surrounds every page of the wizard: the steps above, the other
// pages of the process below.
type frame struct {
	Track    *page.Track
	Sections []section
}

// section is a line of the list of pages. Missing says that publication waits
// for it.
type section struct {
	Label, Href string
	Missing     bool
	Current     bool
}

// openFrame makes the frame of a page of an existing process. The steps show
// what is complete, not what was visited; a public process has none.
func (a *area) openFrame(r *site.Request, current string) (frame, error) {
	p := r.Gate.Process
	gaps, err := a.core.Gaps(r.Context(), a.core.DB(), p)
	if err != nil {
		return frame{}, err
	}
	missing := map[string]bool{}
	for _, g := range gaps {
		missing[pageOf[g.Fix]] = true
	}
	var f frame
	now, lacking := 0, map[int]bool{}
	for _, s := range sections {
		if s.name == current {
			now = s.step
		}
		lacking[s.step] = lacking[s.step] || missing[s.name]
		if process.Allow(s.act, r.Gate.Standing, r.Gate.At) != nil {
			continue
		}
		f.Sections = append(f.Sections, section{
			Label: r.T("setup.section." + s.name), Href: home(p) + "/" + s.name,
			Missing: missing[s.name], Current: s.name == current,
		})
	}
	if now > 0 && !p.Published() {
		f.Track = steps(r, now, func(step int) bool { return step != stepPublish && !lacking[step] })
	}
	return f, nil
}

// steps is the bar of the wizard at a step; done tells which others are.
func steps(r *site.Request, now int, done func(step int) bool) *page.Track {
	t := &page.Track{Label: r.T("setup.steps"), Unit: "step"}
	for i, name := range stepNames {
		step := page.Step{Name: r.T("setup.step." + name), State: page.Next}
		switch {
		case i+1 == now:
			step.State = page.Current
		case done(i + 1):
			step.State = page.Done
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}

// workspace fills the base and the frame of a page of an existing process.
func (a *area) workspace(r *site.Request, title, current string, more ...page.Crumb) (page.Base, frame, error) {
	p := r.Gate.Process
	f, err := a.openFrame(r, current)
	if err != nil {
		return page.Base{}, frame{}, err
	}
	crumbs := []page.Crumb{{Label: r.T("setup.crumb.all"), Href: "/gestione"}, {Label: p.Title, Href: home(p)}}
	here := page.Crumb{Label: r.T("setup.section." + current)}
	if len(more) > 0 {
		here.Href = home(p) + "/" + current
	}
	return r.Workspace(title, "manage", append(append(crumbs, here), more...)...), f, nil
}

// onward is where a form leads that was accepted: to the next page while the
// process is being set up, back to its own once it is public.
func onward(p process.Process, from, next string) string {
	if p.Published() {
		return home(p) + "/" + from
	}
	return home(p) + "/" + next
}

// conflict tells a person that somebody else saved while they wrote: what is
// saved now stands beside what they wrote, field by field, where they differ.
type conflict struct{ Rows []conflictRow }

// conflictRow is one field of a conflict.
type conflictRow struct{ Label, Saved, Yours string }

func (c *conflict) add(label, saved, yours string) {
	if saved != yours {
		c.Rows = append(c.Rows, conflictRow{label, saved, yours})
	}
}

// revision reads the hidden field of a form; 0 matches no saved revision.
func revision(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
