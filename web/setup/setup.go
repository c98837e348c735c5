// Package setup is where a promoter sets a process up, step by step, and
// changes it later: template, words, partners, population, dates, people,
// documents, contacts, activities and publication. Every page works without
// scripts; a form that is refused keeps what was written, and two people who
// edit the same thing are told of each other.
package setup

import (
	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/roster"
	"arengo/web/site"
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

// home is the address of a process in the workspace.
func home(p process.Process) string { return "/gestione/" + p.Slug }
