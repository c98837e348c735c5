package portal_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/document"
	"arengo/process/outcome"
	"arengo/process/place"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/web/page"
	"arengo/web/portal"
	"arengo/web/webtest"
	"arengo/workflow/civil"
)

// start is where the clock stands: a Monday in March, in winter time.
var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// smallPath is a path of three phases, of which the second can be extended.
const smallPath = `
workflow: small-path
version: 1
title: {it: Percorso breve, en: Short path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: preparation
dates: [{code: request, title: {it: Richiesta dei cittadini, en: Citizens’ request}}]
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
    allows: [respond, extend, shorten, hold]
  report:
    title: {it: Report conclusivo, en: Final report}
    term: {length: 15d}
    activities: [{kind: assembly, count: {min: 1, max: 1}}]
    artefacts: [{code: final-report, title: {it: Report conclusivo, en: Final report}, public: true}]
  closed: {title: {it: Concluso, en: Closed}, final: true}
  refused: {title: {it: Non ammesso, en: Not admitted}, final: true}
  cancelled: {title: {it: Annullato, en: Cancelled}, final: true}
transitions:
  - {id: launch, event: launch, from: [preparation], to: listening, by: [promoter], title: {it: Apri, en: Open}}
  - {id: write, event: write, from: [listening], to: report, by: [promoter, facilitator], title: {it: Scrivi, en: Write}}
  - {id: close, event: close, from: [report], to: closed, by: [promoter], title: {it: Concludi, en: Close}}
  - {id: refuse, event: refuse, from: [listening], to: refused, by: [promoter], reason: required, title: {it: Non ammettere, en: Refuse}}
  - {id: reopen, event: reopen, from: [closed], to: report, by: [promoter], reason: required, reopens: true, title: {it: Riapri, en: Reopen}}
  - {id: cancel, event: cancel, from: ["*"], to: cancelled, by: [promoter], reason: required, title: {it: Annulla, en: Cancel}}
`

// world is a site with one process that is not published yet.
type world struct {
	*worldtest.World
	*webtest.Site

	helper process.Actor // the facilitator
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOf(t, smallPath)
}

func worldOf(t testing.TB, path string) *world {
	t.Helper()
	w := &world{World: worldtest.Build(t, worldtest.Config{
		Template: "small-path", Path: path, Start: start, Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}},
	})}
	w.Site = webtest.Serve(w.World, "portal/home portal/process portal/document portal/report portal/follow portal/link portal/text", portal.Routes)
	w.found()
	return w
}

// found makes the people, the bodies and the process.
func (w *world) found() {
	ctx := w.T.Context()
	w.Must(place.AddTerritories(ctx, w.DB, []place.Territory{
		{Scheme: "istat", Code: "IT", Kind: "country", Name: "Italia"},
		{Scheme: "istat", Code: "09", Kind: "region", Name: "Toscana"},
		{Scheme: "istat", Code: "052", Kind: "province", Name: "Siena"},
		{Scheme: "istat", Code: "052032", Kind: "municipality", Name: "Siena", Population: 53000},
	}, []string{"", "IT", "09", "052"}))
	towns, err := place.Territories(ctx, w.DB, "municipality", "")
	w.Must(err)
	orgs := map[string]process.OrganisationID{}
	for name, kind := range map[string]string{"Comune di Siena": "municipality", "Comune di Asciano": "municipality", "Euronike": "firm"} {
		orgs[name], err = place.FindOrAdd(ctx, w.DB, place.Organisation{Name: name, Kind: kind, Territory: towns[0].ID}, w.Start)
		w.Must(err)
	}
	w.Promoter, w.helper = w.Actor("lucia@example.org", "Lucia Ferri"), w.Actor("marta@example.org", "Marta Bindi")
	w.Promoter.Promoter = true
	w.Must(place.AddPromoter(ctx, w.DB, orgs["Comune di Siena"], w.Promoter.Person, w.Start))
	w.Process, err = w.Core.Create(ctx, w.Promoter, process.NewProcess{
		Template: "small-path", Title: "Next Generation Siena", Summary: "Che cosa serve all’Area vasta, deciso insieme.",
		OrganisationID: orgs["Comune di Siena"], StartsOn: civil.DateOf(w.Start, page.Rome),
	})
	w.Must(err)
	w.Member(w.helper, process.RoleFacilitator)
	w.Must(w.Core.SetPartners(ctx, w.Process.ID, w.Promoter, []process.Partner{
		{Organisation: orgs["Comune di Asciano"]}, {Organisation: orgs["Euronike"], Part: "formazione"},
	}))
	w.Must(w.Core.SetPopulation(ctx, w.Process.ID, w.Promoter, []process.PopulationUnit{{Territory: towns[0].ID, Units: 47320}}))
	w.write("project-sheet", "Scheda di progetto", "## In breve\n\nUna **strategia** comune.")
}

// write saves a document and publishes it.
func (w *world) write(code, title, body string) {
	w.T.Helper()
	papers := document.New(w.Core)
	w.Must(papers.Save(w.T.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: code, Title: title, Body: body}))
	w.Must(papers.Publish(w.T.Context(), w.Promoter, w.Process.ID, code, true))
}

// publish makes the process public, of which nothing is missing.
func (w *world) publish() {
	w.T.Helper()
	w.Must(w.Core.Publish(w.T.Context(), w.Process.ID, w.Promoter))
}

// move makes the promoter fire a transition of the process.
func (w *world) move(transition, reason string) {
	w.T.Helper()
	w.Must(w.Advance(process.Activity{}, transition, reason))
}

// outcome publishes a proposal that was partly accepted and stands on the
// first thing that can be cited, if there is any.
func (w *world) outcome(title string) {
	w.T.Helper()
	s := outcome.New(w.Core)
	citable, err := s.Citable(w.T.Context(), w.Process.ID)
	w.Must(err)
	var cited []outcome.Citation
	if len(citable) > 0 {
		cited = append(cited, outcome.Citation{Activity: citable[0].Activity.PublicID, Ref: citable[0].Evidence[0].Ref})
	}
	o, err := s.Save(w.T.Context(), w.helper, outcome.Outcome{
		ProcessID: w.Process.ID, Kind: "proposal", Title: title, Body: "Un autobus anche dopo le 19.", Status: "partly", Answer: "Sì nei giorni feriali.",
	}, cited)
	w.Must(err)
	w.Must(s.Publish(w.T.Context(), w.helper, w.Process.ID, o.PublicID, true))
}
