// Package cockpittest sets up a process with terms, guards, documents and
// people, for the tests of the cockpit and of the workspace pages.
package cockpittest

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/cockpit"
	"arengo/process/document"
	"arengo/process/questionnaire"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// Start is where the clock of a new world stands.
var Start = worldtest.Start

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
    allows: [edit, extend, shorten, hold]
    artefacts: [{code: project-sheet, title: {it: Scheda di progetto, en: Project sheet}, required: true}]
    reminders: [{before: 2d, at: "09:00", to: facilitator}]
    at_end: {event: analyse}
  analysis:
    title: {it: Analisi, en: Analysis}
    term: {length: 10d}
    allows: [hold]
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
  - {id: reopen, event: reopen, from: [cancelled], to: listening, by: [promoter, facilitator], reason: required, reopens: true,
     tell: [followers, facilitator], title: {it: Riapri il percorso, en: Reopen the process}}
  - {id: cancel, event: cancel, from: ["*"], to: cancelled, by: [promoter], reason: required,
     title: {it: Annulla il percorso, en: Cancel the process}}
`

// World is a process with its people, on a database and a clock of its own.
type World struct {
	*worldtest.World

	Documents   *document.Service
	Cockpit     *cockpit.Service
	Facilitator process.Actor
	Editor      process.Actor
}

// New sets a world up; its process begins on the day of Start and is not
// published.
func New(t testing.TB) *World {
	t.Helper()
	return build(t, path, nil)
}

// On is New on a database, migrated and empty.
func On(t testing.TB, db *bun.DB) *World {
	t.Helper()
	return build(t, path, db)
}

// Lawful is New where a law says how long the first phase lasts, and that it is
// extended once.
func Lawful(t testing.TB) *World {
	t.Helper()
	const length = "max: 40d"
	const law = `law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`
	return build(t, strings.Replace(path, length, length+`, extend: {max: 20d, times: 1, `+law+`}, `+law, 1), nil)
}

// Bounded is New where a law says how long the first phase may last at most, and the
// template alone that it is extended by less than that.
func Bounded(t testing.TB) *World {
	t.Helper()
	const length = "max: 40d"
	return build(t, strings.Replace(path, length, length+`, extend: {max: 5d}, law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`, 1), nil)
}

// Hourly is New where the first phase is counted in hours, and the template extends
// it three times by minutes.
func Hourly(t testing.TB) *World {
	t.Helper()
	return build(t, strings.Replace(path, "length: 20d, min: 5d, max: 40d", "length: 75h, min: 24h, extend: {max: 90m, times: 3}", 1), nil)
}

// Given is New where the document of the first phase is the guarantor's to write.
func Given(t testing.TB) *World {
	t.Helper()
	return build(t, strings.NewReplacer("en: Project sheet}, required: true", "en: Project sheet}, required: true, by: [guarantor]",
		"expert, participant]", "expert, participant, guarantor]").Replace(path), nil)
}

func build(t testing.TB, path string, db *bun.DB) *World {
	t.Helper()
	w := &World{World: worldtest.Build(t, worldtest.Config{
		DB: db, Template: "test-path", Path: path, Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}, questionnaire.Kind{}}, Loopback: true,
	})}
	w.Documents, w.Cockpit = document.New(w.Core), cockpit.New(w.Core)
	w.Facilitator, w.Editor = w.Actor("marta@example.org", "Marta Bindi"), w.Actor("paolo@example.org", "Paolo Neri")
	w.Settle("lucia@comune.example.org", "Lucia Ferri")
	w.staff(w.Process)
	return w
}

// NewProcess adds a process with its facilitator and its editor.
func (w *World) NewProcess(title string) process.Process {
	w.T.Helper()
	p := w.World.NewProcess(title)
	w.staff(p)
	return p
}

func (w *World) staff(p process.Process) {
	w.T.Helper()
	add := func(who process.Actor, role string) {
		w.Must(w.Core.AddMember(w.T.Context(), p.ID, w.Promoter, process.Person{Email: who.Email}, role))
	}
	add(w.Facilitator, process.RoleFacilitator)
	add(w.Editor, process.RoleEditor)
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
