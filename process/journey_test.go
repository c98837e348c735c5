package process_test

import (
	"fmt"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/processtest"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
)

const travelled = `
workflow: travelled
version: 1
title: {it: In viaggio, en: Travelled}
timezone: Europe/Rome
roles: [promoter, facilitator]
counts: [invited]
initial: plain
states:
  plain:
    title: {it: Piano, en: Plain}
    artefacts: [{code: paper, title: {it: Documento, en: Paper}, required: false}]
    term: {length: 5d}
    on_enter: [{notice: phase-opened, to: promoter}]
    at_end: {event: turn}
  guarded: {title: {it: Chiuso, en: Guarded}, term: {length: 5d}, at_end: {event: turn}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: turn, event: turn, from: [plain], to: guarded, by: [promoter, timer]}
  - {id: back, event: turn, from: [guarded], to: plain, by: [promoter, timer]%s}
  - {id: end, event: end, from: [guarded], to: over, by: [promoter]}
`

const asking = `, requires: [{code: all, explain: {it: "No", en: "No"}, guard: "process.roles.promoter > 0 && !artefacts.published('paper') &&
      activities.all(a, a.counts.invited == 0) && process.population.units >= 0"}]`

// TestMovesTravelLittle counts how often a move waits for the database: once for
// the locks and what is read under them, once for all that is written with the
// end and, where guards ask for facts, once for these and once for what the kind
// of an activity counts.
func TestMovesTravelLittle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		requires string
		most     int64
	}{"Unguarded": {"", 2}, "Guarded": {asking, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, journeys := traveller(t, c.requires)
			move := func() {
				_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Event: "turn", Reason: "Perché sì"})
				w.Must(err)
			}
			due := func() workflow.DeadlineRef {
				d := workflow.DeadlineRef{ProcessID: int64(w.Process.ID)}
				w.Must(w.DB.NewRaw(`SELECT id, generation, due_at FROM deadline
					WHERE process_id = ? AND fired_at IS NULL AND cancelled_at IS NULL`, w.Process.ID).Scan(t.Context(), &d.ID, &d.Generation, &d.DueAt))
				w.Clock.Set(d.DueAt.Add(time.Second))
				return d
			}
			fire := func(d workflow.DeadlineRef) {
				r, err := w.Core.FireDeadline(t.Context(), d)
				w.Must(err)
				if r.Transition == "" {
					t.Fatalf("nothing happened: %+v", r)
				}
			}
			for range 4 { // a connection prepares what it meets first
				move()
				fire(due())
				move()
			}
			for range 2 {
				before := journeys()
				move()
				if n := journeys() - before; n > c.most {
					t.Errorf("%d journeys for a move, want at most %d", n, c.most)
				}
				d := due()
				before = journeys()
				fire(d)
				if n := journeys() - before; n > c.most {
					t.Errorf("%d journeys for a deadline, want at most %d", n, c.most)
				}
				move() // and in the next round each from the other state
			}
		})
	}
}

// traveller is a world with an activity, whose one connection is counted.
func traveller(t *testing.T, requires string) (*worldtest.World, func() int64) {
	t.Helper()
	db, journeys := processtest.CountedDatabase(t)
	db.SetMaxOpenConns(1)
	w := worldtest.Build(t, worldtest.Config{
		DB: db, Template: "travelled", Path: fmt.Sprintf(travelled, requires), Kinds: []process.Kind{webinar.Kind{}},
	})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	w.NewActivity("webinar", "plain", "Incontro")
	return w, journeys
}
