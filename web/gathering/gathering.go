// Package gathering serves the pages of activities that are meetings: the
// workspace page with date, places, materials and minutes, the public page with
// its registration, and the page behind a personal link. A kind says in its
// Manner which of these it has, and lends its words.
package gathering

import (
	"slices"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/web/site"
)

// Manner is how the meetings of a kind are held. Kind is its name in addresses,
// in tables and before its texts.
type Manner struct {
	Kind    string
	Online  bool // a link to join, shown near the time to those who have a place
	Agenda  bool // points, written before the meeting
	Names   bool // attendance by name
	Minutes bool // minutes with a head count
}

// desk serves the pages of one kind.
type desk struct {
	Manner

	core     *process.Service
	meetings *meeting.Service
}

// Routes are the pages of a kind.
func Routes(s *site.Site, m Manner) []site.Route {
	h := &desk{Manner: m, core: s.Core, meetings: meeting.New(s.Core)}
	return slices.Concat(h.staffRoutes(), h.publicRoutes(), h.bearerRoutes())
}

func (h *desk) staffRoutes() []site.Route {
	root := "/gestione/:process/" + h.Kind + "/:activity"
	routes := []site.Route{
		site.Get(root, process.ActProcessPreview, h.staffShow),
		site.Post(root+"/incontri", process.ActActivityEdit, h.meetingAdd),
		site.Get(root+"/incontri/:meeting", process.ActActivityRun, h.meetingShow),
		site.Post(root+"/incontri/:meeting", process.ActActivityRun, h.meetingSave),
		site.Post(root+"/incontri/:meeting/annulla", process.ActActivityEnd, h.meetingCancel),
		site.Post(root+"/annulla", process.ActActivityEnd, h.callOff),
		site.Post(root+"/impostazioni", process.ActActivityEdit, h.settingSave),
		site.Post(root+"/iscrizioni/togli", process.ActActivityEnd, h.registrationRemove),
		site.Post(root+"/materiali", process.ActActivityEnd, h.materialPublish),
		site.Post(root+"/materiali/togli", process.ActActivityEnd, h.materialRetract),
	}
	if h.Names {
		routes = append(routes, site.Post(root+"/presenze", process.ActActivityEnd, h.attendanceSave))
	}
	if h.Minutes {
		routes = append(routes,
			site.Get(root+"/verbale", process.ActProcessPreview, h.minutesShow),
			site.Post(root+"/verbale", process.ActOutcomeEdit, h.minutesSave),
			site.Post(root+"/verbale/pubblica", process.ActActivityEnd, h.minutesPublish))
	}
	return routes
}

func (h *desk) publicRoutes() []site.Route {
	root := "/percorsi/:process/" + h.Kind + "/:activity"
	register := site.Post(root+"/iscriviti", process.ActProcessView, h.registrationRequest)
	register.Limit = site.LimitMail
	return []site.Route{
		site.Get(root, process.ActProcessView, h.publicShow),
		register,
		site.Get(root+"/incontri/:meeting/calendario.ics", process.ActProcessView, h.publicCalendar),
	}
}

func (h *desk) bearerRoutes() []site.Route {
	root := "/r/" + h.Kind + "/:token"
	return []site.Route{
		site.Hold("GET", root, h.bearerShow),
		site.Hold("POST", root+"/annulla", h.bearerLeave),
		site.Hold("GET", root+"/incontri/:meeting/calendario.ics", h.bearerCalendar),
	}
}

// t is a text of the kind's own.
func (h *desk) t(r *site.Request, key string, pairs ...any) string {
	return r.T(h.Kind+"."+key, pairs...)
}
