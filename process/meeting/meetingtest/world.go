// Package meetingtest sets up a running process for the tests of gatherings:
// a database, a clock, a promoter, a facilitator and the kinds under test.
package meetingtest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Start is where the clock of a new world stands: a Monday morning in March,
// with the change to summer time three weeks ahead.
var Start = time.Date(2026, time.March, 9, 8, 0, 0, 0, time.UTC)

const path = `
workflow: test-path
version: 1
title: {it: Percorso di prova, en: Test path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: running
states:
  running: {title: {it: In corso, en: Running}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [running], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// World is a process with its people, on a database and a clock of its own.
type World struct {
	T        testing.TB
	DB       *bun.DB
	Clock    *processtest.Clock
	Domain   *process.Service
	Meetings *meeting.Service
	Process  process.Process
	Promoter process.Actor
	Stranger process.Actor
}

// New sets a world up with the kinds.
func New(t testing.TB, kinds ...process.Kind) *World {
	t.Helper()
	w := &World{T: t, DB: processtest.Database(t), Clock: processtest.NewClock(Start)}
	library := definition.NewLibrary()
	w.add(library, "test-path.yaml", []byte(path))
	for _, k := range kinds {
		w.add(library, k.Name()+".yaml", k.Workflow())
	}
	links, err := process.NewLinks(strings.Repeat("s", 32))
	w.Must(err)
	w.Domain = process.New(process.Config{
		DB: w.DB, Definitions: library, Clock: w.Clock, Kinds: process.NewKinds(kinds...), Links: links,
		BaseURL: "https://arengo.example.org", Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	w.Meetings = meeting.New(w.Domain)
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
	w.Promoter, w.Stranger = w.actor("marta@comune.example.org"), w.actor("nessuno@example.org")
	w.Promoter.Promoter = true
	var org process.OrganisationID
	w.Must(w.DB.NewRaw(`INSERT INTO organisation (public_id, name, kind, created_at)
		VALUES ('org', 'Comune di Prova', 'municipality', ?) RETURNING id`, Start).Scan(w.T.Context(), &org))
	w.Exec(`INSERT INTO membership (organisation_id, person_id, role, created_at) VALUES (?, ?, 'promoter', ?)`,
		org, w.Promoter.Person, Start)
	var err error
	w.Process, err = w.Domain.Create(w.T.Context(), w.Promoter, process.NewProcess{
		Template: "test-path", Title: "Un percorso di prova", OrganisationID: org,
		StartsOn: civil.DateOf(Start, time.UTC),
	})
	w.Must(err)
}

func (w *World) actor(email string) process.Actor {
	w.T.Helper()
	person := w.Person(email)
	return process.Actor{Person: person, Name: "Marta Bindi", Email: email, Locale: "it"}
}

// Person adds somebody.
func (w *World) Person(email string) process.PersonID {
	w.T.Helper()
	id, err := process.FindOrAddPerson(w.T.Context(), w.DB, process.Person{Email: email, Name: "P " + email, Locale: "it"}, Start)
	w.Must(err)
	return id
}

// People adds n persons, in the order of their identifiers.
func (w *World) People(n int) []process.PersonID {
	w.T.Helper()
	out := make([]process.PersonID, n)
	for i := range out {
		out[i] = w.Person(fmt.Sprintf("persona%03d@example.org", i))
	}
	return out
}

// Activity adds an activity of a kind, in its initial state.
func (w *World) Activity(kind string) process.Activity {
	w.T.Helper()
	a, err := w.Domain.CreateActivity(w.T.Context(), w.Process.ID, w.Promoter, process.NewActivity{
		Kind: kind, Title: "Incontro di apertura", Phase: "running",
	})
	w.Must(err)
	return a
}

// Advance makes the promoter fire a transition.
func (w *World) Advance(a process.Activity, transition, reason string) error {
	w.T.Helper()
	_, err := w.Domain.Advance(w.T.Context(), w.Process.ID, w.Promoter, process.Move{
		Activity: a.ID, Transition: transition, Reason: reason,
	})
	return err
}

// At sets the clock, sweeps and expands the notices that are due, as the
// worker does.
func (w *World) At(at time.Time) {
	w.T.Helper()
	w.Clock.Set(at)
	_, err := w.Domain.Sweep(w.T.Context())
	w.Must(err)
	_, _, err = w.Domain.Outbox().Expand(w.T.Context(), w.DB, at, 1000)
	w.Must(err)
}

// State is that of an activity now.
func (w *World) State(a process.Activity) string {
	w.T.Helper()
	now, err := w.Domain.LoadActivity(w.T.Context(), w.DB, a.ProcessID, a.ID)
	w.Must(err)
	return now.State
}

// Notices counts the notices of a kind about an activity; "" counts all.
func (w *World) Notices(a process.Activity, kind string) int {
	w.T.Helper()
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND (? = '' OR kind = ?)
		AND cancelled_at IS NULL`, a.ProcessID, a.ID, kind, kind).Scan(w.T.Context(), &n))
	return n
}

// Told counts the notices of a kind about an activity to one person.
func (w *World) Told(a process.Activity, kind string, person process.PersonID) int {
	w.T.Helper()
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND kind = ? AND person_id = ?`,
		a.ProcessID, a.ID, kind, person).Scan(w.T.Context(), &n))
	return n
}

// Deliveries counts the messages of a kind about an activity that wait to be
// sent, one a person and notice, as At expanded them.
func (w *World) Deliveries(a process.Activity, kind string) int {
	w.T.Helper()
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM delivery d JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
		WHERE n.process_id = ? AND n.activity_id = ? AND n.kind = ? AND d.status = 'pending'`,
		a.ProcessID, a.ID, kind).Scan(w.T.Context(), &n))
	return n
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
