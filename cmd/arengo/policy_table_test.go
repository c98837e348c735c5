package main

import (
	"strings"

	"arengo/web/site"
)

// Who may do what, written from the roles of the design and not from the code:
//
//   - everybody reads what is public, asks for a registration, follows;
//   - the holder of a personal link uses it, whoever they are;
//   - the promoter sets a process up, names its people and publishes it;
//   - the facilitator runs it: contacts, invitations, reminders, messages, meetings,
//     presences, phases and their ends;
//   - the editor writes: details, documents, questions, notes, minutes, results;
//   - the expert reads what the team reads, and no names;
//   - the guarantor and the deciding body read it too, and write their acts among
//     the documents;
//   - each of them makes the moves of the process that the definition gives to
//     them, which refuses the others;
//   - the administrator may all, and a promoter of elsewhere nothing here.
var (
	all     = everybody
	signed  = []string{participant, promoter, otherPromoter, facilitator, editor, expert, guarantor, decider, administrator}
	team    = []string{promoter, facilitator, editor, expert, guarantor, decider, administrator}
	writers = []string{promoter, facilitator, editor, administrator}
	acts    = []string{promoter, facilitator, editor, guarantor, decider, administrator}
	runners = []string{promoter, facilitator, administrator}
	details = []string{promoter, editor, administrator}
	owners  = []string{promoter, administrator}
	workers = []string{promoter, otherPromoter, facilitator, editor, expert, guarantor, decider, administrator}
	admins  = []string{administrator}
	makers  = []string{promoter, otherPromoter, administrator}
)

// row says who may use a route before and after the publication of the process
// that it is about. A route ending in * stands for all below it that no other
// row names; a method * for any.
type row struct {
	route         string
	before, after []string
}

// link marks the rows of personal links.
var link = []string{"the holder of the link"}

var permissions = []row{
	// The public site: drafts are read by those who work on them.
	{"GET /", all, all},
	{"GET /percorsi/:process*", team, all},
	{"POST /percorsi/:process/segui", team, all},
	{"POST /percorsi/:process/webinar/:activity/iscriviti", team, all},
	{"POST /percorsi/:process/assembly/:activity/iscriviti", team, all},
	{"POST /percorsi/:process/codesign/:activity/iscrizione", team, all},
	{"GET /privacy", all, all},
	{"GET /note-legali", all, all},
	{"GET /accessibilita", all, all},
	{"GET /faq", all, all},
	{"GET /segnala", all, all},
	{"GET /miei-dati", all, all},
	{"GET /lingua/:lang", all, all},
	{"POST /voto", all, all},
	{"GET /accedi", all, all},
	{"POST /accedi", all, all},
	{"POST /esci", all, all},

	// Other programs: a session opens nothing. What tokens open is tested beside
	// the API.
	{"GET /api/v1/openapi.json", all, all},
	{"GET /api/v1/status", all, all},
	{"* /api/v1/processes*", nil, nil},
	// What services report is nobody's act: a secret of the deployment opens it.
	{"POST /hooks/mail*", nil, nil},

	// Personal links.
	{"* /accedi/:token", link, link},
	{"* /segui/:token", link, link},
	{"* /disiscrivi/:token", link, link},
	{"* /conferma/:token", link, link},
	{"* /i/*", link, link},
	{"* /r/*", link, link},

	// What one was told on the site: each their own.
	{"* /messaggi*", signed, signed},

	// The workspace.
	{"GET /oggi", workers, workers},
	{"GET /gestione", workers, workers},
	{"* /gestione/nuovo*", makers, makers},
	{"* /gestione/ente/:organisation*", owners, owners},
	{"GET /amministrazione/messaggi", admins, admins},
	{"POST /amministrazione/messaggi/canale/ferma", admins, admins},
	{"POST /amministrazione/messaggi/canale/riprendi", admins, admins},
	{"POST /amministrazione/messaggi/avviso/ferma", admins, admins},
	{"POST /amministrazione/messaggi/avviso/riprendi", admins, admins},
	{"GET /gestione/:process", team, team},
	{"GET /gestione/:process/passato", team, team},
	{"POST /gestione/:process/avanza", team, team},
	{"* /gestione/:process/proroga", runners, runners},
	{"* /gestione/:process/riapri", team, team},
	{"POST /gestione/:process/riprova", runners, runners},
	{"* /gestione/:process/impostazioni", details, details},
	{"* /gestione/:process/ente", details, details},
	{"POST /gestione/:process/ente/chiusure", owners, owners},
	{"* /gestione/:process/date", details, details},
	{"POST /gestione/:process/date/bando", details, details},
	{"* /gestione/:process/fasi*", owners, owners},
	{"* /gestione/:process/popolazione", details, details},
	{"* /gestione/:process/versione*", owners, owners},
	{"* /gestione/:process/assenza*", team, team},
	{"GET /gestione/:process/pubblica", details, details},
	{"POST /gestione/:process/pubblica", owners, owners},
	{"GET /gestione/:process/prova", details, details},
	{"GET /gestione/:process/prova/dati.json", details, details},
	{"* /gestione/:process/persone*", owners, owners},
	{"* /gestione/:process/documenti*", acts, acts},
	{"* /gestione/:process/contatti*", runners, runners},
	{"* /gestione/:process/messaggi*", runners, runners},
	{"* /gestione/:process/attivita", writers, writers},
	{"* /gestione/:process/attivita/:activity/fase", writers, writers},
	{"* /gestione/:process/esiti*", writers, writers},

	// Questionnaires: writing, asking, reading.
	{"GET /gestione/:process/questionnaire/:activity", team, team},
	{"* /gestione/:process/questionnaire/:activity/anteprima", team, team},
	{"GET /gestione/:process/questionnaire/:activity/comuni.csv", team, team},
	{"GET /gestione/:process/questionnaire/:activity/domande*", team, team},
	{"GET /gestione/:process/questionnaire/:activity/sezione/:section", team, team},
	{"POST /gestione/:process/questionnaire/:activity/domande*", writers, writers},
	{"POST /gestione/:process/questionnaire/:activity/sezione/:section", writers, writers},
	{"POST /gestione/:process/questionnaire/:activity/chiusura", writers, writers},
	{"GET /gestione/:process/questionnaire/:activity/persone", runners, runners},
	{"POST /gestione/:process/questionnaire/:activity/invita", runners, runners},
	{"* /gestione/:process/questionnaire/:activity/sollecito", runners, runners},
	{"GET /gestione/:process/questionnaire/:activity/risultati*", team, team},
	{"POST /gestione/:process/questionnaire/:activity/risultati", runners, runners},

	// Webinars and assemblies.
	{"GET /gestione/:process/webinar/:activity", team, team},
	{"POST /gestione/:process/webinar/:activity/incontri", writers, writers},
	{"* /gestione/:process/webinar/:activity/incontri/*", runners, runners},
	{"POST /gestione/:process/webinar/:activity/annulla", runners, runners},
	{"POST /gestione/:process/webinar/:activity/impostazioni", writers, writers},
	{"POST /gestione/:process/webinar/:activity/iscrizioni/togli", runners, runners},
	{"POST /gestione/:process/webinar/:activity/materiali*", runners, runners},
	{"POST /gestione/:process/webinar/:activity/presenze", runners, runners},
	{"GET /gestione/:process/assembly/:activity", team, team},
	{"POST /gestione/:process/assembly/:activity/incontri", writers, writers},
	{"* /gestione/:process/assembly/:activity/incontri/*", runners, runners},
	{"POST /gestione/:process/assembly/:activity/annulla", runners, runners},
	{"POST /gestione/:process/assembly/:activity/impostazioni", writers, writers},
	{"POST /gestione/:process/assembly/:activity/iscrizioni/togli", runners, runners},
	{"POST /gestione/:process/assembly/:activity/materiali*", runners, runners},
	{"GET /gestione/:process/assembly/:activity/verbale", team, team},
	{"POST /gestione/:process/assembly/:activity/verbale", writers, writers},
	{"POST /gestione/:process/assembly/:activity/verbale/pubblica", runners, runners},

	// Focus groups.
	{"GET /gestione/:process/focusgroup/:activity", team, team},
	{"POST /gestione/:process/focusgroup/:activity/traccia", writers, writers},
	{"POST /gestione/:process/focusgroup/:activity/inviti*", runners, runners},
	{"POST /gestione/:process/focusgroup/:activity/presenze", runners, runners},
	{"GET /gestione/:process/focusgroup/:activity/appunti/:note", team, team},
	{"POST /gestione/:process/focusgroup/:activity/appunti*", writers, writers},
	{"POST /gestione/:process/focusgroup/:activity/incontri", writers, writers},
	{"POST /gestione/:process/focusgroup/:activity/incontri/*", runners, runners},
	{"POST /gestione/:process/focusgroup/:activity/posti", writers, writers},
	{"POST /gestione/:process/focusgroup/:activity/materiali*", runners, runners},
	{"POST /gestione/:process/focusgroup/:activity/verbale", writers, writers},
	{"POST /gestione/:process/focusgroup/:activity/verbale/pubblica", runners, runners},

	// Laboratories: who sits where is for those who may read names.
	{"GET /gestione/:process/codesign/:activity", team, team},
	{"POST /gestione/:process/codesign/:activity/voto", writers, writers},
	{"POST /gestione/:process/codesign/:activity/tavoli*", writers, writers},
	{"POST /gestione/:process/codesign/:activity/assegna", runners, runners},
	{"POST /gestione/:process/codesign/:activity/sedute", runners, runners},
	{"POST /gestione/:process/codesign/:activity/presenze", runners, runners},
	{"POST /gestione/:process/codesign/:activity/schede", writers, writers},
	{"POST /gestione/:process/codesign/:activity/schede/:card/nascondi", runners, runners},
	{"POST /gestione/:process/codesign/:activity/schede/:card/esito", writers, writers},
	{"POST /gestione/:process/codesign/:activity/incontri", writers, writers},
	{"POST /gestione/:process/codesign/:activity/incontri/*", runners, runners},
	{"POST /gestione/:process/codesign/:activity/posti", writers, writers},
	{"POST /gestione/:process/codesign/:activity/materiali*", runners, runners},
	{"POST /gestione/:process/codesign/:activity/verbale", writers, writers},
	{"POST /gestione/:process/codesign/:activity/verbale/pubblica", runners, runners},
}

// rowOf is the row of the table about a route: the one that names it, else the
// longest that stands for its area. It is -1 when there is none.
func rowOf(route site.Route) int {
	found, length := -1, -1
	for i, r := range permissions {
		method, path, _ := strings.Cut(r.route, " ")
		area, prefix := strings.CutSuffix(path, "*")
		if method != "*" && method != route.Method {
			continue
		}
		switch {
		case !prefix && path == route.Path:
			return i
		case prefix && strings.HasPrefix(route.Path, area) && len(area) > length:
			found, length = i, len(area)
		}
	}
	return found
}

// covers fails on a route that the table does not name, and on a row that is
// about no route.
func (g *guard) covers() {
	used := make([]bool, len(permissions))
	for _, route := range g.routes {
		i := rowOf(route)
		if i < 0 {
			g.t.Errorf("%s %s: the table does not say who may", route.Method, route.Path)
			continue
		}
		used[i] = true
		if strings.Contains(route.Path, ":token") != permissions[i].byLink() {
			g.t.Errorf("%s %s: is it a personal link?", route.Method, route.Path)
		}
	}
	for i, r := range permissions {
		if !used[i] {
			g.t.Errorf("%s: no such route", r.route)
		}
	}
}

func (r row) byLink() bool { return len(r.after) == 1 && r.after[0] == link[0] }
