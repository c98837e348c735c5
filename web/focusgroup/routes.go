// Package focusgroup serves the pages of focus groups: the workspace page with
// guide, people, notes and minutes; the personal page of an invited person;
// the public page.
package focusgroup

import (
	"arengo/process"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/roster"
	"arengo/web/site"
	"arengo/web/sitting"
)

const kind = "focusgroup"

// handlers are the pages over the services they stand on.
type handlers struct {
	core     *process.Service
	groups   *focusgroup.Service
	meetings *meeting.Service
	roster   *roster.Service
	forms    sitting.Forms
}

// Routes are the pages of focus groups.
func Routes(s *site.Site) []site.Route {
	h := &handlers{
		core: s.Core, groups: focusgroup.New(s.Core), meetings: meeting.New(s.Core), roster: roster.New(s.Core),
	}
	h.forms = sitting.Forms{Kind: kind, Meetings: h.meetings, Show: h.desk}
	path := h.forms.Path()
	out := []site.Route{
		site.Get("/percorsi/:process/focusgroup/:activity", process.ActProcessView, h.public),
		site.Get(path, process.ActResultRead, h.deskShow),
		site.Post(path+"/traccia", process.ActActivityEdit, h.forms.Do(h.groupSave)),
		site.Post(path+"/inviti", process.ActActivityRun, h.forms.Do(h.guestInvite)),
		site.Post(path+"/inviti/:invitation/ritira", process.ActActivityRun, h.forms.Do(h.guestWithdraw)),
		site.Post(path+"/presenze", process.ActActivityEnd, h.forms.Do(h.guestArrive)),
		site.Post(path+"/appunti", process.ActActivityEdit, h.forms.Do(h.noteAdd)),
		site.Get(path+"/appunti/:note", process.ActResultRead, h.noteShow),
		site.Post(path+"/appunti/:note", process.ActActivityEdit, h.noteEdit),
		site.Post(path+"/appunti/:note/elimina", process.ActActivityEdit, h.noteDelete),
	}
	out = append(out, h.forms.Routes()...)
	// Messages lead to the invitation first and, once there is one, to the
	// registration: the page is the same.
	for _, prefix := range []string{"/i/focusgroup/:token", "/r/focusgroup/:token"} {
		door := h.byInvitation
		if prefix[1] == 'r' {
			door = h.byRegistration
		}
		out = append(out,
			site.Hold("GET", prefix, h.through(door, h.guestShow)),
			site.Hold("POST", prefix+"/aperto", h.through(door, h.guestOpened)),
			site.Hold("POST", prefix+"/risposta", h.through(door, h.guestReply)),
			site.Hold("POST", prefix+"/consensi", h.through(door, h.guestConsent)))
	}
	return out
}
