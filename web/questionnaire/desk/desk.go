// Package desk holds the pages of those who write a questionnaire, follow its
// answers and read its results; and the public page of its results.
package desk

import (
	"arengo/process"
	"arengo/process/foresight"
	"arengo/process/questionnaire"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
)

// Kind is the word for questionnaires in addresses and tables.
const Kind = "questionnaire"

// target is the response rate that activity pages measure municipalities
// against, between 0 and 1, until a process can set its own.
const target = 0.4

// staff serves the pages of those who write, follow and read a questionnaire.
type staff struct {
	core      *process.Service
	q         *questionnaire.Service
	roster    *roster.Service
	foresight *foresight.Service
	target    float64
}

// Routes are the builder, the activity page and the results. The preview
// as participant stands with the pages of those who answer.
func Routes(s *site.Site, q *questionnaire.Service) []site.Route {
	h := &staff{core: s.Core, q: q, roster: roster.New(s.Core), foresight: foresight.New(s.Core), target: target}
	const root = "/gestione/:process/questionnaire/:activity"
	const public = "/percorsi/:process/questionnaire/:activity"
	return []site.Route{
		site.Get(root, process.ActProcessPreview, h.activityShow),
		site.Get(root+"/persone", process.ActContactImport, h.peopleShow),
		site.Get(root+"/comuni.csv", process.ActProcessPreview, h.placesDownload),
		site.Post(root+"/invita", process.ActActivityRun, h.inviteSend),
		site.Get(root+"/sollecito", process.ActActivityRun, h.remindShow),
		site.Post(root+"/sollecito", process.ActActivityRun, h.remindSend),
		site.Post(root+"/chiusura", process.ActActivityEdit, h.endSet),

		site.Get(root+"/domande", process.ActProcessPreview, h.frameShow),
		site.Post(root+"/domande", process.ActActivityEdit, h.frameSave),
		site.Get(root+"/domande/:item", process.ActProcessPreview, h.itemShow),
		site.Post(root+"/domande/:item", process.ActActivityEdit, h.itemSave),
		site.Get(root+"/sezione/:section", process.ActProcessPreview, h.sectionShow),
		site.Post(root+"/sezione/:section", process.ActActivityEdit, h.sectionSave),

		site.Get(root+"/risultati", process.ActResultRead, h.resultsShow),
		site.Post(root+"/risultati", process.ActActivityEnd, h.resultsPublish),
		site.Get(root+"/risultati/risposte.csv", process.ActResultRead, h.answersDownload),
		site.Get(root+"/risultati/tabelle.csv", process.ActResultRead, h.tablesDownload),
		site.Get(public, process.ActProcessView, h.publicShow),
		site.Get(public+"/tabelle.csv", process.ActProcessView, h.publicTables),
	}
}

// Root is the address of an activity's own page in the workspace.
func Root(r *site.Request, a process.Activity) string {
	return "/gestione/" + r.Gate.Process.Slug + "/" + Kind + "/" + a.PublicID
}

// frame fills the frame of a staff page under an activity; here is the last
// crumb, "" on the activity's own page.
func frame(r *site.Request, a process.Activity, title, here string) page.Base {
	p := r.Gate.Process
	crumbs := []page.Crumb{{Label: p.Title, Href: "/gestione/" + p.Slug}}
	if here == "" {
		crumbs = append(crumbs, page.Crumb{Label: a.Title})
	} else {
		crumbs = append(crumbs, page.Crumb{Label: a.Title, Href: Root(r, a)}, page.Crumb{Label: here})
	}
	return r.Workspace(title, "manage", crumbs...)
}
