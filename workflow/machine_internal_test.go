package workflow

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/looplab/fsm"

	"arengo/workflow/definition"
)

const twins = `
workflow: twins
version: 1
title: {it: T, en: T}
timezone: Europe/Rome
roles: [promoter]
initial: a
states:
  a: {title: {it: A, en: A}}
  b: {title: {it: B, en: B}}
  end: {title: {it: E, en: E}, final: true}
transitions:
  - {id: a-on, event: on, from: [a], to: b, by: [promoter]}
  - {id: b-on, event: on, from: [b], to: end, by: [promoter]}
  - {id: again, event: again, from: [a], to: a, by: [promoter]}
  - {id: stop, event: stop, from: ["*"], to: end, by: [promoter]}
`

func TestStep(t *testing.T) {
	t.Parallel()
	def, problems := definition.Check("t.yaml", []byte(twins), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name, state, id, want string
		ctx                   context.Context
	}{
		{"one branch of an event", "a", "a-on", "b", t.Context()},
		{"the other branch", "b", "b-on", "end", t.Context()},
		{"a wildcard", "b", "stop", "end", t.Context()},
		{"to itself", "a", "again", "a", t.Context()},
		{"a client that went away", "a", "a-on", "b", cancelled},
		{"the wrong state", "b", "a-on", "", t.Context()},
		{"out of a final state", "end", "stop", "", t.Context()},
		{"no such transition", "a", "fly", "", t.Context()},
		{"no such state", "z", "a-on", "", t.Context()}, // the library itself takes any state
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := step(c.ctx, def, c.state, c.id)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestLibraryTraps keeps the reasons for how step is written: when one of them
// fails after an upgrade, the library has changed under us.
func TestLibraryTraps(t *testing.T) {
	t.Parallel()
	t.Run("two branches of one event overwrite each other", func(t *testing.T) {
		t.Parallel()
		m := fsm.NewFSM("a", fsm.Events{{Name: "go", Src: []string{"a"}, Dst: "b"}, {Name: "go", Src: []string{"a"}, Dst: "c"}}, nil)
		if err := m.Event(t.Context(), "go"); err != nil || m.Current() != "c" {
			t.Errorf("at %q, %v", m.Current(), err)
		}
	})
	t.Run("a cancelled callback bricks the machine", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		m := fsm.NewFSM("a", fsm.Events{{Name: "go", Src: []string{"a"}, Dst: "b"}},
			fsm.Callbacks{"leave_a": func(context.Context, *fsm.Event) { cancel() }})
		first := m.Event(ctx, "go")
		if second := m.Event(t.Context(), "go"); first == nil || !errors.As(second, new(fsm.InTransitionError)) {
			t.Errorf("%v, then %v", first, second)
		}
	})
	t.Run("a self-transition is an error that is none", func(t *testing.T) {
		t.Parallel()
		m := fsm.NewFSM("a", fsm.Events{{Name: "go", Src: []string{"a"}, Dst: "a"}}, nil)
		if err := m.Event(t.Context(), "go"); !errors.As(err, new(fsm.NoTransitionError)) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTermFactsCountCivilDays(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	entered := time.Date(2026, 3, 28, 23, 30, 0, 0, rome)
	due := time.Date(2026, 4, 1, 0, 0, 0, 0, rome) // with the end of 31 March
	for _, c := range []struct {
		now           time.Time
		elapsed, left int64
	}{
		{entered, 0, 3},
		{entered.Add(time.Hour), 1, 2},                     // the clocks change in that night
		{time.Date(2026, 3, 31, 23, 59, 0, 0, rome), 3, 0}, // the last day
		{time.Date(2026, 4, 5, 8, 0, 0, 0, rome), 8, 0},    // over
		{time.Date(2026, 3, 27, 8, 0, 0, 0, rome), 0, 4},   // the clock was set back
	} {
		f := TermFacts(Instance{EnteredAt: entered, DueAt: due}, c.now, rome)
		if f.ElapsedDays != c.elapsed || f.LeftDays != c.left {
			t.Errorf("%s: %d elapsed, %d left", c.now, f.ElapsedDays, f.LeftDays)
		}
	}
	if f := TermFacts(Instance{EnteredAt: entered}, entered, rome); f.LeftDays != 9999 {
		t.Errorf("without an end %d are left", f.LeftDays)
	}
}
