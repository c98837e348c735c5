package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// pendulum goes to and fro by people, and on by the timer.
const pendulum = `
workflow: pendulum
version: 1
title: {it: Pendolo, en: Pendulum}
timezone: Europe/Rome
roles: [promoter]
initial: one
states:
  one: {title: {it: Uno, en: One}, term: {length: 10d}, allows: [extend, hold], reminders: [{before: 3d, to: promoter}], at_end: {event: on}}
  two: {title: {it: Due, en: Two}, term: {length: 4d}, allows: [extend, hold], reminders: [{before: 1d, to: promoter}], at_end: {event: on}}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: forth, event: swing, from: [one], to: two, by: [promoter]}
  - {id: back, event: swing, from: [two], to: one, by: [promoter]}
  - {id: on, event: on, from: [one], to: two, by: [timer]}
  - {id: last, event: on, from: [two], to: over, by: [timer]}
`

// reference says what a pendulum must be after each act. It knows no rows, no
// generations and no locks.
type reference struct {
	state     string
	entered   time.Time
	due, held time.Time // zero for none
	revision  int64
	log       []string // a row each: transition, state, and when it counts from if the timer did it
	zone      *time.Location
}

func (m *reference) enter(state, by string, at time.Time, timer bool) {
	m.state, m.entered, m.held = state, at, time.Time{}
	m.revision++
	m.write(by, at, timer)
	days, ok := map[string]int{"one": 10, "two": 4}[state]
	if m.due = (time.Time{}); !ok {
		return
	}
	y, month, d := at.In(m.zone).Date()
	if first := time.Date(y, month, d, 0, 0, 0, 0, m.zone); !first.Equal(at) {
		days++ // the day of the entry does not count, unless it is whole
	}
	m.due = time.Date(y, month, d+days, 0, 0, 0, 0, m.zone)
}

func (m *reference) write(by string, at time.Time, timer bool) {
	line := by + " " + m.state
	if timer {
		line += " " + at.UTC().String()
	}
	m.log = append(m.log, line)
}

func (m *reference) swing(now time.Time, revision int64) bool {
	to := map[string]string{"one": "two", "two": "one"}[m.state]
	if revision != m.revision || to == "" || !m.held.IsZero() {
		return false
	}
	if now.Before(m.entered) { // somebody set the clock back
		now = m.entered
	}
	m.enter(to, map[string]string{"two": "forth", "one": "back"}[to], now, false)
	return true
}

func (m *reference) extend(now, end time.Time) bool {
	if m.due.IsZero() || !m.held.IsZero() || !now.Before(m.due) || !end.After(m.due) {
		return false
	}
	m.due = end
	m.revision++
	m.write(definition.ActExtend, now, false)
	return true
}

func (m *reference) suspend(now time.Time) bool {
	if m.due.IsZero() || !m.held.IsZero() || !now.Before(m.due) {
		return false
	}
	m.held = now
	m.revision++
	m.write(definition.ActSuspend, now, false)
	return true
}

func (m *reference) resume(now time.Time) bool {
	if m.held.IsZero() {
		return false
	}
	midnight := func(t time.Time) time.Time {
		y, month, d := t.In(m.zone).Date()
		return time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
	}
	if days := int(midnight(now).Sub(midnight(m.held)) / (24 * time.Hour)); days > 0 {
		m.due = m.due.In(m.zone).AddDate(0, 0, days)
	}
	m.held = time.Time{}
	m.revision++
	m.write(definition.ActResume, now, false)
	return true
}

// tick is the timer, which comes by at last.
func (m *reference) tick(now time.Time) {
	for m.held.IsZero() && !m.due.IsZero() && !now.Before(m.due) {
		if m.state == "one" {
			m.enter("two", "on", m.due, true)
		} else {
			m.enter("over", "last", m.due, true)
		}
	}
}

// subject is the real thing beside the reference.
type subject struct {
	*bench
	r         *rapid.T
	engine    *workflow.Engine
	ref       workflow.Ref
	model     *reference
	occasions map[string]bool
	seen      map[workflow.DeadlineRef]bool // every deadline that ever was, under every generation
	counts    map[string]int
}

// TestPendulumKeepsToItsReference: whatever people do, however the clock moves,
// engines begin anew, transactions break and tasks come twice, a process is in
// the one state that the reference says, until the instant that it says, with
// the one deadline and the log that it says, and nothing is told twice.
func TestPendulumKeepsToItsReference(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var next atomic.Int64
	counts := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		s := &subject{
			bench: b, r: r, ref: workflow.Ref{ProcessID: 9000 + next.Add(1)}, model: &reference{zone: rome(t)}, counts: counts,
			occasions: map[string]bool{}, seen: map[workflow.DeadlineRef]bool{},
		}
		s.clock.Set(b.at("2026-10-01 10:00").Add(time.Duration(rapid.IntRange(0, 365*24).Draw(r, "start")) * time.Hour))
		s.restart()
		b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
			_, err := s.engine.Create(ctx, tx, s.ref, workflow.Start{Definition: "pendulum", Actor: promoter})
			return err
		}))
		s.model.enter("one", definition.ActCreate, s.clock.Time(), false)
		s.compare()
		for range rapid.IntRange(6, 20).Draw(r, "steps") {
			s.step()
			s.compare()
		}
		s.clock.Advance(40 * 24 * time.Hour) // workers were away
		s.sweep()
		s.compare()
	})
	t.Log(counts)
	for _, must := range []string{"swung", "extended", "held", "resumed", "refused", "broken", "restarted", "twice", "timer", "over"} {
		if !t.Failed() && counts[must] == 0 {
			t.Errorf("never %s in all these lives", must)
		}
	}
}

// restart begins with an engine that remembers nothing.
func (s *subject) restart() {
	defs := definition.NewLibrary()
	if _, err := defs.Add("pendulum.yaml", []byte(pendulum)); err != nil {
		s.r.Fatal(err)
	}
	s.engine = workflow.NewEngine(defs, s.clock, s.facts, slog.New(slog.DiscardHandler))
}

// deed is an act of a person, on the subject and on the reference.
type deed struct {
	name string
	real func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error)
	says func() bool
}

func (s *subject) step() {
	switch rapid.IntRange(0, 10).Draw(s.r, "step") {
	case 0, 1, 2:
		s.act(s.deed(), false)
	case 3:
		s.act(s.deed(), true)
	case 4, 5:
		s.clock.Advance(time.Duration(rapid.IntRange(1, 14*24).Draw(s.r, "hours")) * time.Hour)
	case 6:
		s.clock.Advance(-time.Duration(rapid.IntRange(1, 30).Draw(s.r, "back")) * time.Hour)
	case 7:
		s.restart()
		s.counts["restarted"]++
	case 8, 9:
		s.sweep()
	case 10:
		s.again()
	}
}

func (s *subject) deed() deed {
	now := s.clock.Time()
	pause := workflow.Pause{Reason: "x", Actor: promoter}
	switch rapid.SampledFrom([]string{"swing", "extend", "extend", "suspend", "resume", "resume"}).Draw(s.r, "deed") {
	case "swing":
		revision := s.model.revision - rapid.SampledFrom([]int64{0, 0, 0, 1}).Draw(s.r, "behind")
		return deed{"swung", func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
			r, err := s.engine.Apply(ctx, tx, workflow.Command{Ref: s.ref, Event: "swing", Actor: promoter, ExpectRevision: max(revision, 1)})
			return r.Effects, err
		}, func() bool { return s.model.swing(now, max(revision, 1)) }}
	case "extend":
		y, month, d := now.In(s.model.zone).Date()
		end := time.Date(y, month, d+rapid.IntRange(0, 15).Draw(s.r, "days"), 18, 0, 0, 0, s.model.zone)
		return deed{"extended", func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
			x, err := s.engine.Extend(ctx, tx, s.ref, workflow.NewEnd{End: end, Reason: "x", Actor: promoter})
			return x.Effects, err
		}, func() bool { return end.After(now) && s.model.extend(now, end) }}
	case "suspend":
		return deed{"held", func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
			x, err := s.engine.Suspend(ctx, tx, s.ref, pause)
			return x.Effects, err
		}, func() bool { return s.model.suspend(now) }}
	default:
		return deed{"resumed", func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
			x, err := s.engine.Resume(ctx, tx, s.ref, pause)
			return x.Effects, err
		}, func() bool { return s.model.resume(now) }}
	}
}

var errBroken = errors.New("the node died before it could commit")

// act lets somebody do something; a transaction that breaks changes nothing.
func (s *subject) act(d deed, breaks bool) {
	var effects []workflow.Effect
	err := s.in(func(ctx context.Context, tx bun.IDB) (err error) {
		if effects, err = d.real(ctx, tx); err == nil && breaks {
			err = errBroken
		}
		return err
	})
	if errors.Is(err, errBroken) {
		s.counts["broken"]++
		return
	}
	if _, refused := fault.As(err); err != nil && !refused {
		s.r.Fatal(err)
	}
	if breaks {
		return // refused before it could break
	}
	if want := d.says(); want != (err == nil) {
		s.r.Fatalf("%s at %s: %v, the reference says %v", d.name, s.clock.Time(), err, want)
	}
	if err != nil {
		s.counts["refused"]++
		return
	}
	s.counts[d.name]++
	s.tell(effects)
}

func (s *subject) tell(effects []workflow.Effect) {
	for _, e := range effects {
		if s.occasions[e.Occasion] {
			s.r.Fatalf("%s is told twice", e.Occasion)
		}
		s.occasions[e.Occasion] = true
	}
}

func (s *subject) fire(d workflow.DeadlineRef) workflow.Result {
	var r workflow.Result
	if err := s.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = s.engine.FireDeadline(ctx, tx, d)
		return err
	}); err != nil {
		s.r.Fatal(err)
	}
	s.tell(r.Effects)
	return r
}

// sweep fires what is due, as workers do, until nothing is.
func (s *subject) sweep() {
	rows := len(s.model.log)
	for range 10 {
		due := slices.DeleteFunc(s.open(), func(d workflow.Deadline) bool { return d.DueAt.After(s.clock.Time()) })
		if len(due) == 0 {
			s.model.tick(s.clock.Time())
			s.counts["timer"] += len(s.model.log) - rows
			return
		}
		s.fire(due[0].DeadlineRef)
	}
	s.r.Fatal("something stays due")
}

// again delivers every task that there ever was, in an order that the queue
// likes: those that are not due now change nothing.
func (s *subject) again() {
	s.sweep()
	list := make([]workflow.DeadlineRef, 0, len(s.seen))
	for d := range s.seen {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b workflow.DeadlineRef) int { return int(a.ID-b.ID)*100 + a.Generation - b.Generation })
	for _, d := range rapid.Permutation(list).Draw(s.r, "order") {
		if r := s.fire(d); !r.Obsolete && !r.Early {
			s.r.Fatalf("%+v fires a second time: %+v", d, r)
		}
		s.counts["twice"]++
	}
}

// open lists the deadlines that are armed, and remembers all.
func (s *subject) open() []workflow.Deadline {
	all, err := s.engine.Deadlines(s.Context(), s.db, s.ref)
	if err != nil {
		s.r.Fatal(err)
	}
	for _, d := range all {
		s.seen[d.DeadlineRef] = true
	}
	return slices.DeleteFunc(all, func(d workflow.Deadline) bool { return !d.FiredAt.IsZero() || !d.CancelledAt.IsZero() })
}

// compare holds the subject against the reference.
func (s *subject) compare() {
	list, err := s.engine.Instances(s.Context(), s.db, s.ref.ProcessID)
	if err != nil || len(list) != 1 {
		s.r.Fatalf("%d instances, %v", len(list), err)
	}
	i, m := list[0], s.model
	if i.State != m.state || !i.DueAt.Equal(m.due) || !i.HeldAt.Equal(m.held) || i.Revision != m.revision {
		s.r.Fatalf("%s until %s, held %s, revision %d; want %s until %s, held %s, revision %d",
			i.State, i.DueAt, i.HeldAt, i.Revision, m.state, m.due, m.held, m.revision)
	}
	var ends []string
	for _, d := range s.open() {
		if d.Entry != i.Entry {
			s.r.Fatalf("%s of entry %d is armed in entry %d", d.Name, d.Entry, i.Entry)
		}
		if d.Name == "end" {
			ends = append(ends, d.DueAt.UTC().String())
		}
	}
	var want []string
	if !m.due.IsZero() && m.held.IsZero() {
		want = []string{m.due.UTC().String()}
	}
	if !slices.Equal(ends, want) {
		s.r.Fatalf("%s: armed ends %v, want %v", m.state, ends, want)
	}
	s.compareLog()
	if m.state == "over" {
		s.counts["over"]++
	}
}

func (s *subject) compareLog() {
	log, err := s.engine.Log(s.Context(), s.db, s.ref.ProcessID, 0, 0)
	if err != nil {
		s.r.Fatal(err)
	}
	var rows []string
	for _, e := range log {
		line := fmt.Sprintf("%s %s", e.Transition, e.To)
		if e.ActorKind == workflow.ActorTimer {
			line += " " + e.EffectiveAt.UTC().String()
		}
		rows = append(rows, line)
	}
	if !slices.Equal(rows, s.model.log) {
		s.r.Fatalf("log %q, want %q", rows, s.model.log)
	}
	if err := history.Verify(s.Context(), history.In(s.db), s.ref.ProcessID); err != nil {
		s.r.Fatal(err)
	}
}
