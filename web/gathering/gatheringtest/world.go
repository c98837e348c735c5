// Package gatheringtest puts one kind of gathering on a site: a published
// process with an activity of the kind, and the kind's pages.
package gatheringtest

import (
	"testing"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/web/gathering"
	"arengo/web/site"
	"arengo/web/webtest"
)

// Evening is a meeting three weeks after the start of the clock, at 18:00 of
// the process's zone, in winter time.
var Evening = meeting.Draft{
	Starts: "2026-03-26T18:00", Ends: "2026-03-26T19:30", Place: "Palazzo Patrizi, Siena",
	JoinURL: "https://video.example.org/sala-segreta", Agenda: "1. Saluti\n2. Domande",
}

// Pages are the templates that webinars and assemblies share.
const Pages = "gathering/staff gathering/meeting gathering/minutes gathering/public gathering/registration"

// World is a published process with an activity of a kind, and its pages.
type World struct {
	*meetingtest.World
	*webtest.Site

	Activity process.Activity
}

// New sets up a world with the pages that routes gives, of which only the
// named templates are parsed; the activity is a draft.
func New(t testing.TB, kind process.Kind, pages string, routes func(*site.Site) []site.Route) *World {
	t.Helper()
	w := &World{World: meetingtest.New(t, kind)}
	w.Publish()
	w.Activity = w.World.Activity(kind.Name())
	w.Site = webtest.Serve(w.World.World, pages+" gathering/confirm", func(s *site.Site) []site.Route {
		return append(routes(s), gathering.Confirmation(s)...)
	})
	return w
}

// Staff is the activity's page in the workspace.
func (w *World) Staff() string { return "/gestione/" + w.where() }

// Public is the activity's page for everybody.
func (w *World) Public() string { return "/percorsi/" + w.where() }

func (w *World) where() string {
	return w.Process.Slug + "/" + w.Activity.Kind + "/" + w.Activity.PublicID
}

// Desk is the promoter's browser.
func (w *World) Desk() *webtest.Browser {
	w.T.Helper()
	return w.SignedIn(w.Promoter)
}

// Open gives the activity Evening and advances it by a transition.
func (w *World) Open(transition string) meeting.Meeting {
	w.T.Helper()
	m, err := w.Meetings.Schedule(w.T.Context(), w.Process.ID, w.Activity.ID, w.Promoter, Evening)
	w.Must(err)
	w.Must(w.Advance(w.Activity, transition, ""))
	return m
}

// Registers asks for a place on the public page and confirms from the mail.
func (w *World) Registers(name, email string) {
	w.T.Helper()
	b := w.Visitor()
	b.Send(w.Public(), w.Public()+"/iscriviti", "email", email).Back()
	link := w.Confirmation(email)
	b.Send(link, link, "name", name).Back()
}

// Confirmation is the page behind the mail that asks an address to confirm.
func (w *World) Confirmation(email string) string {
	w.T.Helper()
	var request int64
	w.One(&request, `SELECT q.id FROM registration_request q JOIN person p ON p.id = q.person_id
		WHERE q.activity_id = ? AND p.email = ?`, w.Activity.ID, email)
	return "/conferma/" + w.Core.Links().Token(process.Link{
		Purpose: process.LinkConfirm, Process: w.Process.ID, Subject: request, Version: 1,
	})
}

// Link is the personal page of a person's registration.
func (w *World) Link(email string) string {
	w.T.Helper()
	reg, ok, err := w.Meetings.Registration(w.T.Context(), w.Process.ID, w.Activity.ID, w.Person(email))
	w.Must(err)
	if !ok {
		w.T.Fatalf("%s is not registered", email)
	}
	return "/r/" + w.Activity.Kind + "/" + w.Meetings.Token(reg)
}

// Fingerprint sums up every row that the pages could change.
func (w *World) Fingerprint() string {
	w.T.Helper()
	var sum string
	w.One(&sum, fingerprint)
	return sum
}

const fingerprint = `SELECT md5(concat(
	(SELECT string_agg(r::text, ',' ORDER BY r.id) FROM registration r),
	(SELECT string_agg(m::text, ',' ORDER BY m.id) FROM meeting m),
	(SELECT string_agg(i::text, ',' ORDER BY i::text) FROM minutes i),
	(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM attendance a),
	(SELECT string_agg(l::text, ',' ORDER BY l::text) FROM material l),
	(SELECT count(*) FROM notice)))`
