// Package codesign serves the pages of co-design labs: the workspace page with
// sessions, tables, cards and votes; the personal page of a participant; the
// public page with registration and results.
package codesign

import (
	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/meeting"
	"arengo/web/site"
	"arengo/web/sitting"
)

const kind = "codesign"

// handlers are the pages over the services they stand on.
type handlers struct {
	core     *process.Service
	labs     *codesign.Service
	meetings *meeting.Service
	forms    sitting.Forms
}

// Routes are the pages of labs.
func Routes(s *site.Site) []site.Route {
	h := &handlers{core: s.Core, labs: codesign.New(s.Core), meetings: meeting.New(s.Core)}
	h.forms = sitting.Forms{Kind: kind, Meetings: h.meetings, Show: h.desk}
	const public, door = "/percorsi/:process/codesign/:activity", "/r/codesign/:token"
	path := h.forms.Path()
	register := site.Post(public+"/iscrizione", process.ActProcessView, h.registrationCreate)
	register.Limit = site.LimitMail
	return append([]site.Route{
		site.Get(public, process.ActProcessView, h.publicShow),
		site.Get(public+"/calendario/:meeting", process.ActProcessView, h.calendar),
		register,
		site.Get(path, process.ActResultRead, h.deskShow),
		site.Post(path+"/voto", process.ActActivityEdit, h.forms.Do(h.labSave)),
		site.Post(path+"/tavoli", process.ActActivityEdit, h.forms.Do(h.tableSave)),
		site.Post(path+"/tavoli/:table", process.ActActivityEdit, h.forms.Do(h.tableSave)),
		site.Post(path+"/tavoli/:table/elimina", process.ActActivityEdit, h.forms.Do(h.tableDelete)),
		site.Post(path+"/assegna", process.ActActivityRun, h.forms.Do(h.seatDeal)),
		site.Post(path+"/sedute", process.ActActivityRun, h.forms.Do(h.seatSave)),
		site.Post(path+"/presenze", process.ActActivityEnd, h.forms.Do(h.attendanceNote)),
		site.Post(path+"/schede", process.ActActivityEdit, h.forms.Do(h.cardAdd)),
		site.Post(path+"/schede/:card/nascondi", process.ActActivityRun, h.forms.Do(h.cardHide)),
		site.Post(path+"/schede/:card/esito", process.ActOutcomeEdit, h.forms.Do(h.cardTurn)),
		site.Hold("GET", door, h.through(h.doorShow)),
		site.Hold("POST", door+"/schede", h.through(h.doorWrite)),
		site.Hold("POST", door+"/schede/:card", h.through(h.doorWrite)),
		site.Hold("POST", door+"/voto", h.through(h.doorVote)),
		site.Hold("POST", door+"/lascia", h.through(h.doorLeave)),
		site.Hold("POST", door+"/riprendi", h.through(h.doorReturn)),
	}, h.forms.Routes()...)
}

// can asks state and clock for a capability.
func (h *handlers) can(r *site.Request, a process.Activity, capability string) (bool, error) {
	return h.core.Allows(r.Context(), h.core.DB(), a, capability, r.Now)
}
