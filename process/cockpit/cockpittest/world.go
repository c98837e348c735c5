// Package cockpittest sets up a process with terms, guards, documents and
// people, for the tests of the cockpit and of the workspace pages.
package cockpittest

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/cockpit"
	"arengo/process/document"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/process/webinar"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Start is where the clock of a new world stands: a Monday morning in March.
var Start = time.Date(2026, time.March, 9, 8, 0, 0, 0, time.UTC)

const path = `
workflow: test-path
version: 1
title: {it: Percorso di prova, en: Test path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: listening
states:
  listening:
    title: {it: Ascolto, en: Listening}
    purpose: {it: Sentire chi ci vive, en: Hear who lives here}
    term: {length: 20d, min: 5d, max: 40d}
    allows: [edit, extend]
    artefacts: [{code: project-sheet, title: {it: Scheda di progetto, en: Project sheet}, required: true}]
    reminders: [{before: 2d, at: "09:00", to: facilitator}]
    at_end: {event: analyse}
  analysis:
    title: {it: Analisi, en: Analysis}
    term: {length: 10d}
    activities: [{kind: assembly, count: {min: 1}, note: {it: una per zona, en: one a zone}}]
    artefacts: [{code: results, title: {it: Risultati, en: Results}, required: true, public: true}]
  over: {title: {it: Finito, en: Over}, final: true}
  cancelled: {title: {it: Annullato, en: Cancelled}, final: true}
transitions:
  - id: analyse
    event: analyse
    from: [listening]
    to: analysis
    by: [facilitator, timer]
    title: {it: Passa all'analisi, en: Move to the analysis}
    requires:
      - {code: sheet-written, guard: 'artefacts.present("project-sheet")', fix: project-sheet,
         explain: {it: Scrivi la scheda di progetto, en: Write the project sheet}}
      - {code: min-term, guard: now >= term.min_at,
         explain: {it: "Servono almeno {term.min}", en: "At least {term.min}"}}
  - id: end
    event: end
    from: [analysis]
    to: over
    by: [promoter, facilitator]
    title: {it: Concludi il percorso, en: Close the process}
    requires:
      - {code: results-published, guard: 'artefacts.published("results")', fix: results,
         explain: {it: Pubblica i risultati, en: Publish the results}}
  - {id: cancel, event: cancel, from: ["*"], to: cancelled, by: [promoter], reason: required,
     title: {it: Annulla il percorso, en: Cancel the process}}
`

// World is a process with its people, on a database and a clock of its own.
type World struct {
	T           testing.TB
	DB          *bun.DB
	Clock       *processtest.Clock
	Core        *process.Service
	Documents   *document.Service
	Cockpit     *cockpit.Service
	Process     process.Process
	Promoter    process.Actor // of the lead organisation
	Facilitator process.Actor
	Editor      process.Actor
	Stranger    process.Actor
	Org         process.OrganisationID
}

// New sets a world up; its process begins on the day of Start and is not
// published.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{T: t, DB: processtest.Database(t), Clock: processtest.NewClock(Start)}
	kinds := process.NewKinds(webinar.Kind{}, assembly.Kind{})
	library := definition.NewLibrary()
	w.add(library, "test-path.yaml", []byte(path))
	for _, name := range kinds.Names() {
		kind, err := kinds.Get(name)
		w.Must(err)
		w.add(library, name+".yaml", kind.Workflow())
	}
	links, err := process.NewLinks(strings.Repeat("s", 32))
	w.Must(err)
	w.Core = process.New(process.Config{
		DB: w.DB, Definitions: library, Clock: w.Clock, Kinds: kinds, Links: links,
		BaseURL: "https://arengo.example.org", Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	w.Documents, w.Cockpit = document.New(w.Core), cockpit.New(w.Core)
	w.people()
	return w
}

func (w *World) add(l *definition.Library, file string, source []byte) {
	w.T.Helper()
	if _, err := l.Add(file, source); err != nil {
		w.T.Fatalf("definition: %v", err)
	}
}

func (w *World) people() {
	w.T.Helper()
	w.Promoter = w.Actor("lucia@comune.example.org", "Lucia Ferri")
	w.Facilitator = w.Actor("marta@example.org", "Marta Bindi")
	w.Editor = w.Actor("paolo@example.org", "Paolo Neri")
	w.Stranger = w.Actor("nessuno@example.org", "Nessuno")
	w.Promoter.Promoter = true
	w.Must(w.DB.NewRaw(`INSERT INTO organisation (public_id, name, kind, created_at)
		VALUES ('org', 'Comune di Prova', 'municipality', ?) RETURNING id`, Start).Scan(w.T.Context(), &w.Org))
	w.Exec(`INSERT INTO membership (organisation_id, person_id, role, created_at) VALUES (?, ?, 'promoter', ?)`,
		w.Org, w.Promoter.Person, Start)
	w.Process = w.NewProcess("Un percorso di prova")
}

// NewProcess adds a process with its facilitator and its editor.
func (w *World) NewProcess(title string) process.Process {
	w.T.Helper()
	p, err := w.Core.Create(w.T.Context(), w.Promoter, process.NewProcess{
		Template: "test-path", Title: title, OrganisationID: w.Org, StartsOn: civil.DateOf(Start, time.UTC),
	})
	w.Must(err)
	w.Must(w.Core.AddMember(w.T.Context(), p.ID, w.Promoter, process.Person{Email: w.Facilitator.Email}, process.RoleFacilitator))
	w.Must(w.Core.AddMember(w.T.Context(), p.ID, w.Promoter, process.Person{Email: w.Editor.Email}, process.RoleEditor))
	return p
}

// Actor adds somebody.
func (w *World) Actor(email, name string) process.Actor {
	w.T.Helper()
	id, err := process.FindOrAddPerson(w.T.Context(), w.DB, process.Person{Email: email, Name: name, Locale: "it"}, Start)
	w.Must(err)
	return process.Actor{Person: id, Name: name, Email: email, Locale: "it"}
}

// Publish makes the process public without asking for what is missing.
func (w *World) Publish() {
	w.T.Helper()
	w.Exec(`UPDATE process SET published_at = ? WHERE id = ?`, Start, w.Process.ID)
	p, err := w.Core.LoadProcess(w.T.Context(), w.DB, w.Process.ID)
	w.Must(err)
	w.Process = p
}

// Write writes a document of the process, and publishes it when public.
func (w *World) Write(code string, public bool) {
	w.T.Helper()
	w.Must(w.Documents.Save(w.T.Context(), w.Promoter, document.Document{
		ProcessID: w.Process.ID, Code: code, Title: code, Body: "Testo",
	}))
	if public {
		w.Must(w.Documents.Publish(w.T.Context(), w.Promoter, w.Process.ID, code, true))
	}
}

// Activity adds an activity of a kind in a phase, in its initial state.
func (w *World) Activity(kind, phase, title string) process.Activity {
	w.T.Helper()
	a, err := w.Core.CreateActivity(w.T.Context(), w.Process.ID, w.Promoter, process.NewActivity{Kind: kind, Title: title, Phase: phase})
	w.Must(err)
	return a
}

// At sets the clock and sweeps, as the worker does.
func (w *World) At(at time.Time) {
	w.T.Helper()
	w.Clock.Set(at)
	_, err := w.Core.Sweep(w.T.Context())
	w.Must(err)
}

// Exec runs SQL for what has no use case.
func (w *World) Exec(sql string, args ...any) {
	w.T.Helper()
	_, err := w.DB.NewRaw(sql, args...).Exec(w.T.Context())
	w.Must(err)
}

// Must fails the test on an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
