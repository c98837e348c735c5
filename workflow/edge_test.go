package workflow_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/memory"
)

// edge is a process of one term, LENGTH, that may be suspended, with a reminder
// at the last nine o'clock that is a whole day before the end.
const edge = `
workflow: edge
version: 1
title: {it: Orlo, en: Edge}
timezone: Europe/Rome
calendar: italy
roles: [promoter]
initial: one
states:
  one:
    title: {it: Uno, en: One}
    term: {length: LENGTH}
    allows: [hold]
    reminders: [{before: 1d, at: "09:00", to: promoter}]
    at_end: {event: finish}
  two: {title: {it: Due, en: Two}, term: {length: LENGTH}, on_enter: [{notice: phase-opened, to: promoter}], at_end: {event: finish}}
  three: {title: {it: Tre, en: Three}, term: {length: LENGTH}, on_enter: [{notice: phase-opened, to: promoter}], at_end: {event: finish}}
  over: {title: {it: Concluso, en: Over}, final: true, on_enter: [{notice: process-closed, to: promoter}]}
transitions:
  - {id: first, event: finish, from: [one], to: two, by: [timer]}
  - {id: second, event: finish, from: [two], to: three, by: [timer]}
  - {id: third, event: finish, from: [three], to: over, by: [timer]}
`

// lone is a process of the definition edge, in memory.
type lone struct {
	testing.TB
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	told   []workflow.Effect
}

func newLone(t testing.TB, length, begun string) *lone {
	t.Helper()
	defs := definition.NewLibrary()
	if _, err := defs.Add("edge.yaml", []byte(strings.ReplaceAll(edge, "LENGTH", length))); err != nil {
		t.Fatal(err)
	}
	l := &lone{TB: t, rows: memory.New(), clock: memory.NewClock(wall(t, begun))}
	l.engine = workflow.NewEngine(defs, l.clock, &facter{}, slog.New(slog.DiscardHandler)).On(l.rows)
	l.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := l.engine.Create(ctx, tx, process, workflow.Start{Definition: "edge", Actor: promoter})
		return err
	})
	return l
}

// wall is a wall time in Rome.
func wall(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, rome(t))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (l *lone) in(do func(ctx context.Context, tx bun.IDB) error) {
	l.Helper()
	if err := l.rows.InTx(l.Context(), do); err != nil {
		l.Fatal(err)
	}
}

func (l *lone) instance() workflow.Instance {
	l.Helper()
	i, err := l.engine.Instance(l.Context(), nil, process)
	if err != nil {
		l.Fatal(err)
	}
	return i
}

// at sets the clock and fires what is due, as often as something is.
func (l *lone) at(now time.Time) {
	l.Helper()
	l.clock.Set(now)
	for {
		due, err := l.engine.Due(l.Context(), nil, l.clock.Time(), 10)
		if err != nil {
			l.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		l.in(func(ctx context.Context, tx bun.IDB) error {
			r, err := l.engine.FireDeadline(ctx, tx, due[0])
			l.told = append(l.told, r.Effects...)
			return err
		})
	}
}

// TestEdgesOfTheCalendar: terms that cross a change of clocks, a leap day, a
// year's end or a suspension end on the wall clock that a person would name,
// fire then and not a microsecond before, and remind at nine by the wall clock.
func TestEdgesOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, length, begun, held, resumed, remind, end string }{
		{"clocks go forward", "1d", "2027-03-27 15:00", "", "", "", "2027-03-29 00:00"},
		{"clocks go back", "1d", "2026-10-24 15:00", "", "", "", "2026-10-26 00:00"},
		{"weeks around both", "10d", "2026-10-20 10:00", "", "", "2026-10-29 09:00", "2026-10-31 00:00"},
		{"exact hours as clocks go forward", "24h", "2027-03-27 15:00", "", "", "", "2027-03-28 16:00"},
		{"exact hours as clocks go back", "24h", "2026-10-24 15:00", "", "", "", "2026-10-25 14:00"},
		{"a leap day", "2d", "2028-02-27 10:00", "", "", "2028-02-28 09:00", "2028-03-01 00:00"},
		{"no leap day", "2d", "2027-02-27 10:00", "", "", "2027-02-28 09:00", "2027-03-02 00:00"},
		{"begun on a leap day", "366d", "2028-02-29 10:00", "", "", "2029-02-28 09:00", "2029-03-02 00:00"},
		{"the end of a year", "2d", "2026-12-30 10:00", "", "", "2026-12-31 09:00", "2027-01-02 00:00"},
		{"working days over the end of a year", "5wd", "2026-12-30 10:00", "", "", "2027-01-07 09:00", "2027-01-09 00:00"},
		{"working days as clocks go back", "2wd", "2026-10-22 10:00", "", "", "2026-10-25 09:00", "2026-10-27 00:00"},
		{"held while clocks go back", "10d", "2026-10-20 10:00", "2026-10-23 18:00", "2026-10-27 08:00", "2026-11-02 09:00", "2026-11-04 00:00"},
		{"held while clocks go forward", "10d", "2027-03-20 10:00", "2027-03-26 18:00", "2027-03-30 08:00", "2027-04-02 09:00", "2027-04-04 00:00"},
		{"held over a leap day", "3d", "2028-02-26 10:00", "2028-02-28 08:00", "2028-03-01 08:00", "2028-03-01 09:00", "2028-03-03 00:00"},
		{"held over the end of a year", "5d", "2026-12-29 10:00", "2026-12-30 10:00", "2027-01-02 10:00", "2027-01-05 09:00", "2027-01-07 00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLone(t, c.length, c.begun)
			if c.held != "" {
				pause := workflow.Pause{Reason: "x", Actor: promoter}
				l.clock.Set(wall(t, c.held))
				l.in(func(ctx context.Context, tx bun.IDB) error {
					_, err := l.engine.Suspend(ctx, tx, process, pause)
					return err
				})
				l.at(wall(t, c.resumed)) // what rested fires nothing
				l.in(func(ctx context.Context, tx bun.IDB) error {
					_, err := l.engine.Resume(ctx, tx, process, pause)
					return err
				})
			}
			end := wall(t, c.end)
			if due := l.instance().DueAt; !due.Equal(end) {
				t.Fatalf("due %s, want %s", due.In(rome(t)), end)
			}
			l.at(end.Add(-time.Microsecond))
			if state := l.instance().State; state != "one" {
				t.Errorf("a microsecond early it is %s", state)
			}
			if c.remind == "" != (len(l.told) == 0) || c.remind != "" && !l.told[0].At.Equal(wall(t, c.remind)) {
				t.Errorf("reminded %+v, want %s", l.told, c.remind)
			}
			l.clock.Set(end.Add(-3 * time.Hour)) // somebody sets the clock back
			l.at(l.clock.Time())
			l.at(end)
			if i := l.instance(); i.State != "two" || !i.EnteredAt.Equal(end) {
				t.Errorf("at its end it is %s since %s", i.State, i.EnteredAt)
			}
			if err := history.Verify(t.Context(), l.rows, process.ProcessID); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestThreeBoundariesMissed: workers were away while three terms ended, one on
// the night when clocks change. They are replayed in order, each as of its own
// instant, told once, and the log says that they came late.
func TestThreeBoundariesMissed(t *testing.T) {
	t.Parallel()
	l := newLone(t, "2d", "2026-10-22 10:00")
	l.at(wall(t, "2026-11-20 08:00"))
	l.clock.Set(wall(t, "2026-11-19 08:00")) // and the clock jumps back: nothing comes twice
	l.at(l.clock.Time())
	l.at(wall(t, "2026-11-21 08:00"))
	log, err := l.engine.Log(t.Context(), nil, process.ProcessID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-10-25 00:00", "2026-10-27 00:00", "2026-10-29 00:00"}
	if len(log) != 1+len(want) || log[0].Late() {
		t.Fatalf("log %+v", log)
	}
	for i, e := range log[1:] {
		if !e.EffectiveAt.Equal(wall(t, want[i])) || !e.Late() {
			t.Errorf("%s counts from %s, late %v; want %s", e.Transition, e.EffectiveAt.In(rome(t)), e.Late(), want[i])
		}
	}
	var told []string
	seen := map[string]bool{}
	for i, e := range l.told {
		told = append(told, e.Notice)
		if seen[e.Occasion] || i > 0 && e.At.Before(l.told[i-1].At) {
			t.Errorf("%s at %s comes twice or out of order", e.Occasion, e.At)
		}
		seen[e.Occasion] = true
	}
	if got := strings.Join(told, " "); got != "action-needed phase-opened phase-opened process-closed" {
		t.Errorf("told %s", got)
	}
	if err := history.Verify(t.Context(), l.rows, process.ProcessID); err != nil {
		t.Error(err)
	}
}
