// Package worldtest sets up the domain for tests: a database and a clock of
// their own, a service with the kinds under test, an organisation, people and
// a process. Packages with more to set up embed a World.
package worldtest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/channel/inbox"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/process/subscription"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Start is where the clock of a new world stands unless the test says
// otherwise: a Monday morning in March, with the change to summer time three
// weeks ahead.
var Start = time.Date(2026, time.March, 9, 8, 0, 0, 0, time.UTC)

// BaseURL is the address of the site in links.
const BaseURL = "https://arengo.example.org"

// running is a process of one phase that lasts until somebody ends it.
const running = `
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

// Config is what a world is made of; the zero value is a process of one phase
// that lasts, without activities.
type Config struct {
	Template string         // the name in Path, "" is test-path
	Path     string         // definition of the process, YAML
	Kinds    []process.Kind // of activities
	Known    []string       // kinds that Path may name beside Kinds
	Start    time.Time      // of the clock
	Loopback bool           // tell programs of this machine
	Inbox    bool           // reach people on the site as well as by mail
	DB       *bun.DB        // migrated and empty, nil for one of its own
}

// World is a service on servers of its own. What Settle adds is empty before.
type World struct {
	T        testing.TB
	DB       *bun.DB
	Clock    *processtest.Clock
	Core     *process.Service
	Start    time.Time
	Org      process.OrganisationID
	Promoter process.Actor // of Org
	Stranger process.Actor
	Process  process.Process

	template string
	ways     []channel.Reach
}

// New sets up a world with the kinds and a process of one phase.
func New(t testing.TB, kinds ...process.Kind) *World {
	t.Helper()
	w := Build(t, Config{Kinds: kinds})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	return w
}

// Build sets up a world without people.
func Build(t testing.TB, c Config) *World {
	t.Helper()
	if c.Path == "" {
		c.Template, c.Path = "test-path", running
	}
	if c.Start.IsZero() {
		c.Start = Start
	}
	if c.DB == nil {
		c.DB = processtest.Database(t)
	}
	w := &World{T: t, DB: c.DB, Clock: processtest.NewClock(c.Start), Start: c.Start, template: c.Template}
	known := c.Known
	for _, k := range c.Kinds {
		known = append(known, k.Name())
	}
	library := definition.NewLibrary(known...)
	for _, k := range c.Kinds {
		_, err := library.Add(k.Name()+".yaml", k.Workflow())
		w.Must(err)
	}
	_, err := library.Add(c.Template+".yaml", []byte(c.Path))
	w.Must(err)
	links, err := process.NewLinks(strings.Repeat("s", 32))
	w.Must(err)
	if c.Inbox {
		w.ways = []channel.Reach{email.Reach{}, inbox.Reaching(account.Holders())}
	}
	w.Core = process.New(process.Config{
		Ways: w.ways,
		DB:   w.DB, Definitions: library, Clock: w.Clock, Kinds: process.NewKinds(c.Kinds...), Links: links,
		BaseURL: BaseURL, Source: message.New, Log: slog.New(slog.DiscardHandler), Witness: subscription.Witness, Ahead: subscription.Ahead, Loopback: c.Loopback,
	})
	return w
}

// Settle adds an organisation, its promoter, a stranger, and a process that
// begins today and is not published.
func (w *World) Settle(email, name string) {
	w.T.Helper()
	w.Promoter, w.Stranger = w.Actor(email, name), w.Actor("nessuno@example.org", "Nessuno")
	w.Promoter.Promoter = true
	w.One(&w.Org, `INSERT INTO organisation (public_id, name, kind, created_at)
		VALUES ('org', 'Comune di Prova', 'municipality', ?) RETURNING id`, w.Start)
	w.Exec(`INSERT INTO membership (organisation_id, person_id, role, created_at) VALUES (?, ?, 'promoter', ?)`,
		w.Org, w.Promoter.Person, w.Start)
	w.Process = w.NewProcess("Un percorso di prova")
}

// NewProcess adds a process of Org that begins on the day of Start.
func (w *World) NewProcess(title string) process.Process {
	w.T.Helper()
	p, err := w.Core.Create(w.T.Context(), w.Promoter, process.NewProcess{
		Template: w.template, Title: title, OrganisationID: w.Org, StartsOn: civil.DateOf(w.Start, time.UTC),
	})
	w.Must(err)
	return p
}

// Publish makes the process public without asking for what is missing.
func (w *World) Publish() {
	w.T.Helper()
	w.Exec(`UPDATE process SET published_at = coalesce(published_at, ?) WHERE id = ?`, w.Start, w.Process.ID)
	w.Process = w.Reload(w.Process)
}

// Reload is a process as it is now.
func (w *World) Reload(p process.Process) process.Process {
	w.T.Helper()
	p, err := w.Core.LoadProcess(w.T.Context(), w.DB, p.ID)
	w.Must(err)
	return p
}

// Actor adds somebody with a name.
func (w *World) Actor(email, name string) process.Actor {
	w.T.Helper()
	id, err := process.FindOrAddPerson(w.T.Context(), w.DB, process.Person{Email: email, Name: name, Locale: "it"}, w.Start)
	w.Must(err)
	return process.Actor{Person: id, Name: name, Email: email, Locale: "it"}
}

// Person adds somebody, whose name is "P " and the address.
func (w *World) Person(email string) process.PersonID {
	w.T.Helper()
	return w.Actor(email, "P "+email).Person
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

// Member gives a person a role in the process.
func (w *World) Member(who process.Actor, role string) {
	w.T.Helper()
	w.Must(w.Core.AddMember(w.T.Context(), w.Process.ID, w.Promoter, process.Person{Email: who.Email, Name: who.Name}, role))
}

// NewActivity adds an activity of a kind in a phase, in its initial state.
func (w *World) NewActivity(kind, phase, title string) process.Activity {
	w.T.Helper()
	a, err := w.Core.CreateActivity(w.T.Context(), w.Process.ID, w.Promoter, process.NewActivity{Kind: kind, Title: title, Phase: phase})
	w.Must(err)
	return a
}

// Exec runs SQL for what has no use case.
func (w *World) Exec(sql string, args ...any) {
	w.T.Helper()
	_, err := w.DB.NewRaw(sql, args...).Exec(w.T.Context())
	w.Must(err)
}

// One reads what a query of one row gives into dest.
func (w *World) One(dest any, sql string, args ...any) {
	w.T.Helper()
	w.Must(w.DB.NewRaw(sql, args...).Scan(w.T.Context(), dest))
}

// Count is the number of rows that a query of one number gives.
func (w *World) Count(sql string, args ...any) int {
	w.T.Helper()
	var n int
	w.One(&n, sql, args...)
	return n
}

// Must fails the test on an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
