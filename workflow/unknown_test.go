package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
)

// silent ends with a date of the call that nobody has given.
const silent = `
workflow: silent
version: 1
title: {it: Silenzio, en: Silence}
timezone: Europe/Rome
roles: [promoter]
initial: waiting
dates: [{code: call-end, title: {it: Fine, en: End}}]
states:
  waiting:
    title: {it: Attesa, en: Waiting}
    allows: [hold]
    term: {until: "date:call-end"}
    overdue: [{after: 2d, escalate: promoter}, {after: 4d, escalate: administrator}]
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [waiting], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// silence is an instance whose end nobody knows.
type silence struct{ *hall }

var silentRef = workflow.Ref{ProcessID: 2}

func newSilence(t *testing.T) (s silence, until time.Time) {
	t.Helper()
	h := newHall(t, "2026-03-02 10:00")
	until = h.known.facts.Process.Dates["call-end"]
	delete(h.known.facts.Process.Dates, "call-end")
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Create(ctx, tx, silentRef, workflow.Start{Definition: "silent", Actor: workflow.Person(1, "promoter")})
		return err
	})
	return silence{h}, until
}

// open asserts what is still to come, "name notice>audience month-day time".
func (s silence) open(when string, want ...string) {
	s.Helper()
	list, err := s.engine.Deadlines(s.Context(), nil, silentRef)
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, d := range list {
		if d.FiredAt.IsZero() && d.CancelledAt.IsZero() {
			got = append(got, d.Name+" "+d.Notice+">"+strings.Join(d.Audience, ",")+" "+d.DueAt.In(s.rome).Format("01-02 15:04"))
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		s.Errorf("%s: armed\n%q\nwant\n%q", when, got, want)
	}
}

// asks lists what is asked until an instant; the hall has dates of its own.
func (s silence) asks(until string) []string {
	s.Helper()
	return slices.DeleteFunc(s.fires(until), func(said string) bool { return !strings.Contains(said, " end-unknown>") })
}

// date gives the date of the call, or takes it back when it is zero, and lists the
// names of what moves.
func (s silence) date(at time.Time) (names []string) {
	s.Helper()
	delete(s.known.facts.Process.Dates, "call-end")
	if !at.IsZero() {
		s.known.facts.Process.Dates["call-end"] = at
	}
	s.in(func(ctx context.Context, tx bun.IDB) error {
		moves, err := s.engine.RescheduleAnchors(ctx, tx, silentRef, workflow.Person(1, "promoter"))
		for _, m := range moves {
			names = append(names, m.Name)
		}
		return err
	})
	slices.Sort(names)
	return names
}

// rest suspends the instance between two instants, and lists what moves after it.
func (s silence) rest(from, to string, meanwhile func()) []workflow.Move {
	s.Helper()
	s.clock.Set(s.at(from))
	s.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := s.engine.Suspend(ctx, tx, silentRef, pause)
		return err
	})
	meanwhile()
	s.clock.Set(s.at(to))
	var out workflow.Suspension
	s.in(func(ctx context.Context, tx bun.IDB) (err error) {
		out, err = s.engine.Resume(ctx, tx, silentRef, pause)
		return err
	})
	return out.Moved
}

// While nobody knows when a state ends, whoever gives dates is asked for it, and
// then the chain of escalation; a date that is given ends that at once, and nothing
// of it is a date that anybody counted on.
func TestAnUnknownEndIsAskedFor(t *testing.T) {
	t.Parallel()
	s, until := newSilence(t)
	s.open("created",
		"end-unknown end-unknown>promoter 03-05 10:00",
		"end-unknown.2 end-unknown>promoter 03-07 10:00",
		"end-unknown.3 end-unknown>administrator 03-09 10:00")
	s.want(s.asks("2026-03-05 10:00"), "2026-03-05 10:00 end-unknown>[promoter]")
	s.want(s.date(until), "end", "escalation", "escalation.2")
	s.open("given",
		"end action-overdue>promoter 03-14 00:00",
		"escalation action-overdue>promoter 03-16 00:00",
		"escalation.2 escalation>administrator 03-18 00:00")
}

// An end that becomes unknown late is asked for from then on, whatever was asked
// before.
func TestAnEndThatBecomesUnknownIsAskedForFromThen(t *testing.T) {
	t.Parallel()
	s, until := newSilence(t)
	s.fires("2026-03-08 10:00")
	s.date(until)
	s.clock.Set(s.at("2026-03-12 10:00"))
	s.want(s.date(time.Time{}), "end", "escalation", "escalation.2")
	late := []string{
		"end-unknown end-unknown>promoter 03-15 10:00",
		"end-unknown.2 end-unknown>promoter 03-17 10:00",
		"end-unknown.3 end-unknown>administrator 03-19 10:00",
	}
	s.open("withdrawn", late...)
	s.clock.Set(s.at("2026-03-14 10:00"))
	s.want(s.date(time.Time{}))
	s.open("placed anew while it is unknown", late...)
	s.want(s.asks("2026-03-16 10:00"), "2026-03-15 10:00 end-unknown>[promoter]")
	s.want(s.date(time.Time{}))
	s.open("asked", late[1:]...)
}

// The same where it was over already.
func TestAnEndThatWasOverIsAskedForFromWhenItIsUnknown(t *testing.T) {
	t.Parallel()
	s, until := newSilence(t)
	s.date(until)
	s.fires("2026-03-20 10:00")
	s.date(time.Time{})
	late := []string{
		"end-unknown end-unknown>promoter 03-23 10:00",
		"end-unknown.2 end-unknown>promoter 03-25 10:00",
		"end-unknown.3 end-unknown>administrator 03-27 10:00",
	}
	s.open("withdrawn", late...)
	s.clock.Set(s.at("2026-03-21 10:00"))
	s.date(time.Time{})
	s.open("placed anew while it is unknown", late...)
}

// What asks for an unknown end rests with everything else.
func TestAnUnknownEndIsAskedForAsMuchLaterAsItRested(t *testing.T) {
	t.Parallel()
	idle := func() {}
	s, _ := newSilence(t)
	if moved := s.rest("2026-03-03 10:00", "2026-03-23 10:00", idle); len(moved) > 0 {
		t.Errorf("moved %v", moved)
	}
	s.open("resumed",
		"end-unknown end-unknown>promoter 03-25 10:00",
		"end-unknown.2 end-unknown>promoter 03-27 10:00",
		"end-unknown.3 end-unknown>administrator 03-29 10:00")
	s.want(s.asks("2026-03-25 10:00"), "2026-03-25 10:00 end-unknown>[promoter]")
	s.rest("2026-03-25 11:00", "2026-04-04 09:00", idle)
	s.open("asked and resumed",
		"end-unknown.2 end-unknown>promoter 04-06 10:00",
		"end-unknown.3 end-unknown>administrator 04-08 10:00")
}

// An end that becomes unknown during a rest is asked for when that is over.
func TestAnEndThatBecomesUnknownWhileItRestsIsAskedForAfterwards(t *testing.T) {
	t.Parallel()
	s, until := newSilence(t)
	s.fires("2026-03-05 10:00")
	s.date(until)
	s.rest("2026-03-06 10:00", "2026-03-20 10:00", func() { s.date(time.Time{}) })
	s.open("resumed",
		"end-unknown end-unknown>promoter 03-23 10:00",
		"end-unknown.2 end-unknown>promoter 03-25 10:00",
		"end-unknown.3 end-unknown>administrator 03-27 10:00")
}
