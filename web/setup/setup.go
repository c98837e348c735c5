// Package setup is where a promoter sets a process up, step by step, and
// changes it later: template, words, partners, population, dates, people,
// documents, contacts, activities and publication. Every page works without
// scripts; a form that is refused keeps what was written, and two people who
// edit the same thing are told of each other.
package setup

import (
	"strconv"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
)

const (
	pathNew  = "/gestione/nuovo"
	pathForm = pathNew + "/percorso"
	pathOne  = "/gestione/:process"
)

// area is what the handlers of this package work with.
type area struct {
	core      *process.Service
	documents *document.Service
	roster    *roster.Service
}

// Routes are the pages of the wizard and of a process's settings.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, documents: document.New(s.Core), roster: roster.New(s.Core)}
	return append(a.settings(), a.lists()...)
}

func (a *area) settings() []site.Route {
	return []site.Route{
		site.Get(pathNew, process.ActProcessCreate, a.templateChoose),
		site.Get(pathForm, process.ActProcessCreate, a.processNew),
		site.Post(pathForm, process.ActProcessCreate, a.processCreate),
		site.Get(pathOne+"/impostazioni", process.ActProcessEdit, a.detailsShow),
		site.Post(pathOne+"/impostazioni", process.ActProcessEdit, a.detailsSave),
		site.Get(pathOne+"/ente", process.ActProcessEdit, a.partnersShow),
		site.Post(pathOne+"/ente", process.ActProcessEdit, a.partnersSave),
		site.Get(pathOne+"/date", process.ActProcessEdit, a.datesShow),
		site.Post(pathOne+"/date", process.ActProcessEdit, a.datesSave),
		site.Get(pathOne+"/popolazione", process.ActProcessEdit, a.populationShow),
		site.Post(pathOne+"/popolazione", process.ActProcessEdit, a.populationSave),
		site.Get(pathOne+"/pubblica", process.ActProcessEdit, a.publishShow),
		site.Post(pathOne+"/pubblica", process.ActProcessPublish, a.publishDo),
	}
}

func (a *area) lists() []site.Route {
	check := site.Post(pathOne+"/contatti/importa", process.ActContactImport, a.contactsCheck)
	check.Size = uploadSize
	load := site.Post(pathOne+"/contatti/conferma", process.ActContactImport, a.contactsLoad)
	load.Size = confirmSize
	return []site.Route{
		site.Get(pathOne+"/persone", process.ActPeopleEdit, a.peopleShow),
		site.Post(pathOne+"/persone", process.ActPeopleEdit, a.peopleAdd),
		site.Post(pathOne+"/persone/togli", process.ActPeopleEdit, a.peopleRemove),
		site.Get(pathOne+"/documenti", process.ActDocumentEdit, a.documentList),
		site.Get(pathOne+"/documenti/:code", process.ActDocumentEdit, a.documentShow),
		site.Post(pathOne+"/documenti/:code", process.ActDocumentEdit, a.documentSave),
		site.Get(pathOne+"/contatti", process.ActContactImport, a.contactList),
		site.Get(pathOne+"/contatti/nuovo", process.ActContactImport, a.contactNew),
		site.Post(pathOne+"/contatti/nuovo", process.ActContactImport, a.contactAdd),
		site.Get(pathOne+"/contatti/:person", process.ActContactImport, a.contactShow),
		site.Post(pathOne+"/contatti/:person", process.ActContactImport, a.contactSave),
		site.Post(pathOne+"/contatti/togli", process.ActContactImport, a.contactRemove),
		site.Get(pathOne+"/contatti/importa", process.ActContactImport, a.contactsImport),
		site.Get(pathOne+"/contatti/modello.csv", process.ActContactImport, a.contactsSample),
		check, load,
		site.Get(pathOne+"/attivita", process.ActActivityEdit, a.activityList),
		site.Post(pathOne+"/attivita", process.ActActivityEdit, a.activityCreate),
	}
}

// shown reports whether a refusal belongs on the form that caused it; every
// other error has a page of its own.
func shown(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict)
}

// stale reports that somebody else saved first.
func stale(err error) bool {
	e, ok := fault.As(err)
	return ok && e.Key == "form.stale"
}

// keyed reports that a refusal is the one of a locale key.
func keyed(err error, key string) bool {
	e, ok := fault.As(err)
	return ok && e.Key == key
}

// past says that a first day has gone by, "" when it has not.
func past(r *site.Request, day civil.Date) string {
	zone := r.Gate.Process.Location()
	if day == (civil.Date{}) || !day.Before(civil.DateOf(r.Now, zone)) {
		return ""
	}
	words := page.Words{Lang: r.Lang, Zone: zone, Now: r.Now}
	return r.T("setup.dates.past", "day", words.Day(day.Start(zone)))
}

// home is the address of a process in the workspace.
func home(p process.Process) string { return "/gestione/" + p.Slug }

// stepOf is the step of the wizard that a page belongs to; the others have
// none.
var stepOf = map[string]int{
	section.Settings: stepProcess, section.Partners: stepProcess, section.Population: stepProcess, section.Documents: stepProcess,
	section.Dates: stepDates, section.People: stepPeople, section.Contacts: stepPeople, section.Publish: stepPublish,
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
	"settings": section.Settings, "deadline": section.Dates, "people": section.People,
	"population": section.Population, "documents": section.Documents,
}

// frame is what surrounds every page of the wizard: the steps above, the other
// pages of the process below.
type frame struct {
	Track    *page.Track
	Sections []section.Link
}

// openFrame makes the frame of a page of an existing process. The steps show
// what is complete, not what was visited; a public process has none.
func (a *area) openFrame(r *site.Request, current string) (frame, error) {
	p := r.Gate.Process
	gaps, err := a.core.Gaps(r.Context(), a.core.DB(), p)
	if err != nil {
		return frame{}, err
	}
	missing, lacking := map[string]bool{}, map[int]bool{}
	for _, g := range gaps {
		name := pageOf[g.Fix]
		missing[name], lacking[stepOf[name]] = true, true
	}
	f := frame{Sections: section.List(r, current, missing)}
	if now := stepOf[current]; now > 0 && !p.Published() {
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
	here := page.Crumb{Label: r.T("staff.section." + current)}
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
