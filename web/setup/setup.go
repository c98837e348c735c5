// Package setup is where a promoter sets a process up, step by step, and
// changes it later: template, words, partners, population, dates, people,
// documents, contacts, activities and publication. Every page works without
// scripts; a form that is refused keeps what was written, and two people who
// edit the same thing are told of each other.
package setup

import (
	"slices"
	"strconv"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/editor"
	"arengo/web/setup/people"
	"arengo/web/setup/rehearsal"
	"arengo/web/setup/seat"
	"arengo/web/setup/version"
	"arengo/web/site"
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
	dates     *calldate.Service
}

// Routes are the pages of the wizard and of a process's settings.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, documents: document.New(s.Core), dates: calldate.New(s.Core)}
	return slices.Concat(a.settings(), a.lists(), people.Routes(s), editor.Routes(s), rehearsal.Routes(s), seat.Routes(s), version.Routes(s))
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
		site.Post(pathOne+"/ente/chiusure", process.ActPeopleEdit, a.closedSave),
		site.Get(pathOne+"/date", process.ActProcessEdit, a.datesShow),
		site.Post(pathOne+"/date", process.ActProcessEdit, a.datesSave),
		site.Post(pathOne+"/date/bando", process.ActProcessEdit, a.callSave),
		site.Get(pathOne+"/popolazione", process.ActProcessEdit, a.populationShow),
		site.Post(pathOne+"/popolazione", process.ActProcessEdit, a.populationSave),
		site.Get(pathOne+"/pubblica", process.ActProcessEdit, a.publishShow),
		site.Post(pathOne+"/pubblica", process.ActProcessPublish, a.publishDo),
	}
}

func (a *area) lists() []site.Route {
	return []site.Route{
		site.Get(pathOne+"/documenti", process.ActDocumentEdit, a.documentList),
		site.Get(pathOne+"/documenti/:code", process.ActDocumentEdit, a.documentShow),
		site.Post(pathOne+"/documenti/:code", process.ActDocumentEdit, a.documentSave),
		site.Get(pathOne+"/attivita", process.ActActivityEdit, a.activityList),
		site.Post(pathOne+"/attivita", process.ActActivityEdit, a.activityCreate),
	}
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

// revision reads the hidden field of a form; 0 matches no saved revision.
func revision(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
