// Package people is where a promoter says who works on a process, who stands in
// for them while they are away, and keeps the list of those to invite.
package people

import (
	"arengo/process"
	"arengo/process/roster"
	"arengo/web/site"
)

const (
	pathOne  = "/gestione/:process"
	maxTitle = 200 // characters of a name
)

// area is what the handlers of this package work with.
type area struct {
	core   *process.Service
	roster *roster.Service
}

// Routes are the pages of those who work on a process and of its contacts.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, roster: roster.New(s.Core)}
	check := site.Post(pathOne+"/contatti/importa", process.ActContactImport, a.contactsCheck)
	check.Size = uploadSize
	load := site.Post(pathOne+"/contatti/conferma", process.ActContactImport, a.contactsLoad)
	load.Size = confirmSize
	return []site.Route{
		site.Get(pathOne+"/persone", process.ActPeopleEdit, a.peopleShow),
		site.Post(pathOne+"/persone", process.ActPeopleEdit, a.peopleAdd),
		site.Post(pathOne+"/persone/togli", process.ActPeopleEdit, a.peopleRemove),
		site.Post(pathOne+"/persone/assenza", process.ActPeopleEdit, a.absenceSet),
		site.Post(pathOne+"/persone/rientro", process.ActPeopleEdit, a.absenceEnd),
		site.Get(pathOne+"/assenza", process.ActAbsenceOwn, a.ownShow),
		site.Post(pathOne+"/assenza", process.ActAbsenceOwn, a.ownSet),
		site.Post(pathOne+"/assenza/rientro", process.ActAbsenceOwn, a.ownEnd),
		site.Get(pathOne+"/contatti", process.ActContactImport, a.contactList),
		site.Get(pathOne+"/contatti/nuovo", process.ActContactImport, a.contactNew),
		site.Post(pathOne+"/contatti/nuovo", process.ActContactImport, a.contactAdd),
		site.Get(pathOne+"/contatti/:person", process.ActContactImport, a.contactShow),
		site.Post(pathOne+"/contatti/:person", process.ActContactImport, a.contactSave),
		site.Post(pathOne+"/contatti/:person/riprova", process.ActContactImport, a.contactRetry),
		site.Post(pathOne+"/contatti/togli", process.ActContactImport, a.contactRemove),
		site.Get(pathOne+"/contatti/importa", process.ActContactImport, a.contactsImport),
		site.Get(pathOne+"/contatti/modello.csv", process.ActContactImport, a.contactsSample),
		check, load,
	}
}
