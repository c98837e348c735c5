// Package portaltest sets up a site with a process for the tests of the pages
// that everybody reads: a database and a clock of its own, a promoter, a
// facilitator, and a browser that keeps cookies.
package portaltest

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/assembly"
	"arengo/process/document"
	"arengo/process/message"
	"arengo/process/outcome"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/process/webinar"
	"arengo/web"
	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/site"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Start is where the clock of a new world stands: a Monday in March, in winter
// time.
var Start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// smallPath is a path of three phases, of which the second can be extended.
const smallPath = `
workflow: small-path
version: 1
title: {it: Percorso breve, en: Short path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: preparation
states:
  preparation:
    title: {it: Preparazione, en: Preparation}
    purpose: {it: Chi siamo e con quali tempi, en: Who we are and by when}
    term: {length: 10d}
    artefacts: [{code: project-sheet, title: {it: Scheda di progetto, en: Project sheet}, required: true, public: true}]
    allows: [edit]
  listening:
    title: {it: Ascolto, en: Listening}
    purpose: {it: Ascoltare chi vive qui, en: Listen to those who live here}
    term: {length: 20d, max: 60d}
    allows: [respond, extend]
  report:
    title: {it: Report conclusivo, en: Final report}
    term: {length: 15d}
    activities: [{kind: assembly, count: {min: 1, max: 1}}]
    artefacts: [{code: final-report, title: {it: Report conclusivo, en: Final report}, public: true}]
  closed: {title: {it: Concluso, en: Closed}, final: true}
  cancelled: {title: {it: Annullato, en: Cancelled}, final: true}
transitions:
  - {id: launch, event: launch, from: [preparation], to: listening, by: [promoter], title: {it: Apri, en: Open}}
  - {id: write, event: write, from: [listening], to: report, by: [promoter, facilitator], title: {it: Scrivi, en: Write}}
  - {id: close, event: close, from: [report], to: closed, by: [promoter], title: {it: Concludi, en: Close}}
  - {id: cancel, event: cancel, from: ["*"], to: cancelled, by: [promoter], reason: required, title: {it: Annulla, en: Cancel}}
`

// World is a site with one process that is not published yet.
type World struct {
	T        testing.TB
	DB       *bun.DB
	Clock    *processtest.Clock
	Core     *process.Service
	Site     *site.Site
	Server   http.Handler
	Process  process.Process
	Promoter process.Actor
	Helper   process.Actor // the facilitator
}

// New sets a world up; routes makes the pages under test.
func New(t testing.TB, routes ...func(*site.Site) []site.Route) *World {
	t.Helper()
	w := &World{T: t, DB: processtest.Database(t), Clock: processtest.NewClock(Start)}
	library := definition.NewLibrary()
	for name, source := range map[string][]byte{
		"small-path.yaml": []byte(smallPath), "webinar.yaml": webinar.Kind{}.Workflow(), "assembly.yaml": assembly.Kind{}.Workflow(),
	} {
		_, err := library.Add(name, source)
		w.must(err)
	}
	links, err := process.NewLinks(strings.Repeat("portal-", 6))
	w.must(err)
	log := slog.New(slog.DiscardHandler)
	w.Core = process.New(process.Config{
		DB: w.DB, Definitions: library, Clock: w.Clock, Kinds: process.NewKinds(webinar.Kind{}, assembly.Kind{}), Links: links,
		BaseURL: "https://arengo.example.org", Source: message.New, Log: log,
	})
	w.Site = &site.Site{Core: w.Core, Accounts: account.New(w.Core), Renderer: pagetest.Renderer(t, templates()...), Limits: site.NewLimits(), Log: log}
	var all []site.Route
	for _, r := range routes {
		all = append(all, r(w.Site)...)
	}
	server, err := web.New(web.Config{Site: w.Site, Routes: all, Log: log, Origin: "https://arengo.example.org"})
	w.must(err)
	w.Server = server.Handler()
	w.found()
	return w
}

// templates names the pages under test; those of other areas stay out.
func templates() []string {
	out := []string{"site/error"}
	for area, names := range map[string]string{
		"portal": "home process document report follow link text", "account": "request sent enter refused",
	} {
		for name := range strings.FieldsSeq(names) {
			out = append(out, area+"/"+name)
		}
	}
	return out
}

// found makes the people, the bodies and the process.
func (w *World) found() {
	ctx := w.T.Context()
	w.must(place.AddTerritories(ctx, w.DB, []place.Territory{
		{Scheme: "istat", Code: "IT", Kind: "country", Name: "Italia"},
		{Scheme: "istat", Code: "09", Kind: "region", Name: "Toscana"},
		{Scheme: "istat", Code: "052", Kind: "province", Name: "Siena"},
		{Scheme: "istat", Code: "052032", Kind: "municipality", Name: "Siena", Population: 53000},
	}, []string{"", "IT", "09", "052"}))
	towns, err := place.Territories(ctx, w.DB, "municipality", "")
	w.must(err)
	orgs := map[string]process.OrganisationID{}
	for name, kind := range map[string]string{"Comune di Siena": "municipality", "Comune di Asciano": "municipality", "Euronike": "firm"} {
		orgs[name], err = place.FindOrAdd(ctx, w.DB, place.Organisation{Name: name, Kind: kind, Territory: towns[0].ID}, Start)
		w.must(err)
	}
	w.Promoter, w.Helper = w.person("Lucia Ferri", "lucia@example.org"), w.person("Marta Bindi", "marta@example.org")
	w.Promoter.Promoter = true
	w.must(place.AddPromoter(ctx, w.DB, orgs["Comune di Siena"], w.Promoter.Person, Start))
	w.Process, err = w.Core.Create(ctx, w.Promoter, process.NewProcess{
		Template: "small-path", Title: "Next Generation Siena", Summary: "Che cosa serve all’Area vasta, deciso insieme.",
		OrganisationID: orgs["Comune di Siena"], StartsOn: civil.DateOf(Start, page.Rome),
	})
	w.must(err)
	w.must(w.Core.AddMember(ctx, w.Process.ID, w.Promoter, process.Person{Email: w.Helper.Email, Name: w.Helper.Name}, process.RoleFacilitator))
	w.must(w.Core.SetPartners(ctx, w.Process.ID, w.Promoter, []process.Partner{
		{Organisation: orgs["Comune di Asciano"]}, {Organisation: orgs["Euronike"], Part: "formazione"},
	}))
	w.must(w.Core.SetPopulation(ctx, w.Process.ID, w.Promoter, []process.PopulationUnit{{Territory: towns[0].ID, Units: 47320}}))
	w.Write("project-sheet", "Scheda di progetto", "## In breve\n\nUna **strategia** comune.")
}

func (w *World) person(name, email string) process.Actor {
	id, err := process.FindOrAddPerson(w.T.Context(), w.DB, process.Person{Email: email, Name: name, Locale: "it"}, Start)
	w.must(err)
	return process.Actor{Person: id, Name: name, Email: email, Locale: "it"}
}

// Write saves a document and publishes it.
func (w *World) Write(code, title, body string) {
	w.T.Helper()
	papers := document.New(w.Core)
	w.must(papers.Save(w.T.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: code, Title: title, Body: body}))
	w.must(papers.Publish(w.T.Context(), w.Promoter, w.Process.ID, code, true))
}

// Publish makes the process public.
func (w *World) Publish() {
	w.T.Helper()
	w.must(w.Core.Publish(w.T.Context(), w.Process.ID, w.Promoter))
}

// Move makes the promoter fire a transition of the process (activity 0) or of
// an activity.
func (w *World) Move(activity process.ActivityID, transition, reason string) {
	w.T.Helper()
	_, err := w.Core.Advance(w.T.Context(), w.Process.ID, w.Promoter, process.Move{Activity: activity, Transition: transition, Reason: reason})
	w.must(err)
}

// Outcome publishes a proposal that was partly accepted and stands on the
// first thing that can be cited, if there is any.
func (w *World) Outcome(title string) outcome.Outcome {
	w.T.Helper()
	s := outcome.New(w.Core)
	citable, err := s.Citable(w.T.Context(), w.Process.ID)
	w.must(err)
	var cited []outcome.Citation
	if len(citable) > 0 {
		cited = append(cited, outcome.Citation{Activity: citable[0].Activity.PublicID, Ref: citable[0].Evidence[0].Ref})
	}
	o, err := s.Save(w.T.Context(), w.Helper, outcome.Outcome{
		ProcessID: w.Process.ID, Kind: "proposal", Title: title, Body: "Un autobus anche dopo le 19.", Status: "partly", Answer: "Sì nei giorni feriali.",
	}, cited)
	w.must(err)
	w.must(s.Publish(w.T.Context(), w.Helper, w.Process.ID, o.PublicID, true))
	return o
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
