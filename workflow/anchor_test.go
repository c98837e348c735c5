package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/memory"
)

// hearing hangs on dates, days, states and working days.
const hearing = `
workflow: hearing
version: 1
title: {it: Udienza, en: Hearing}
timezone: Europe/Rome
calendar: italy
roles: [promoter, facilitator]
initial: call
dates: [{code: call-start, title: {it: Inizio, en: Start}}, {code: call-end, title: {it: Fine, en: End}}]
states:
  call:
    title: {it: Bando, en: Call}
    term: {until: "date:call-end"}
    allows: [hold]
    deadlines:
      - {code: missed, title: {it: M, en: M}, of: "day:2026-01-31", event: close}
      - {code: nudge, title: {it: N, en: N}, before: 2wd, of: end, escalate: [facilitator]}
    at_end: {event: hear}
  hearing:
    title: {it: Udienza, en: Hearing}
    term: {length: 20d, min: 5d, from: "date:call-start", on_holiday: next}
    allows: [hold]
    on_exit: [{notice: action-needed, to: facilitator}]
    deadlines:
      - {code: integrate, title: {it: I, en: I}, after: 10d, of: entry, event: back}
      - {code: account, title: {it: A, en: A}, after: 30d, of: "state:call", notice: action-needed, to: promoter}
      - {code: minutes, title: {it: V, en: V}, after: 1d, of: "activity:assembly", notice: action-needed, to: facilitator}
    overdue: [{after: 1wd, escalate: facilitator}, {after: 3wd, escalate: [promoter, administrator]}]
  answer:
    title: {it: Risposta, en: Answer}
    term: {length: 30d, max: 40d, from: "state:call", on_hold: run}
    allows: [hold]
    deadlines: [{code: halfway, title: {it: M, en: H}, after: 20d, of: "state:call", notice: action-needed, to: promoter}]
  closed: {title: {it: Chiusa, en: Closed}, final: true}
transitions:
  - {id: hear, event: hear, from: [call], to: hearing, by: [timer, promoter]}
  - {id: close-early, event: close, from: [call], to: closed, by: [timer, promoter]}
  - {id: back, event: back, from: [hearing], to: call, by: [timer, promoter]}
  - {id: answer, event: answer, from: [hearing], to: answer, by: [promoter]}
  - {id: close, event: close, from: [hearing, answer], to: closed, by: [promoter]}
  - {id: reopen, event: reopen, from: [closed], to: hearing, by: [promoter], reopens: true, tell: followers}
`

// known is what a test says of the process.
type known struct{ facts guard.Facts }

func (k *known) Facts(context.Context, bun.IDB, workflow.Ref, guard.Needs, time.Time) (guard.Facts, error) {
	return k.facts, nil
}

type hall struct {
	*testing.T
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	known  *known
	rome   *time.Location
}

var hearingRef = workflow.Ref{ProcessID: 1}

func newHall(t *testing.T, start string) *hall {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	library := definition.NewLibrary()
	for _, source := range []string{hearing, silent} {
		if _, err := library.Add("hearing.yaml", []byte(source)); err != nil {
			t.Fatal(err)
		}
	}
	h := &hall{T: t, rows: memory.New(), known: &known{}, rome: rome}
	h.clock = memory.NewClock(h.at(start))
	h.known.facts.Process.Dates = map[string]time.Time{"call-start": h.at("2026-03-02 00:00"), "call-end": h.at("2026-03-13 00:00")}
	h.engine = workflow.NewEngine(library, h.clock, h.known, slog.New(slog.DiscardHandler)).On(h.rows)
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "hearing", Actor: workflow.Person(1, "promoter")})
		return err
	})
	return h
}

func (h *hall) at(wall string) time.Time {
	h.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, h.rome)
	if err != nil {
		h.Fatal(err)
	}
	return at.UTC()
}

func (h *hall) in(do func(ctx context.Context, tx bun.IDB) error) {
	h.Helper()
	if err := h.rows.InTx(h.Context(), do); err != nil {
		h.Fatal(err)
	}
}

func (h *hall) move(event string) workflow.Result {
	h.Helper()
	var r workflow.Result
	h.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = h.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: event, Actor: workflow.Person(1, "promoter")})
		return err
	})
	return r
}

// fires lists what the clock does until an instant, in order.
func (h *hall) fires(until string) []string {
	h.Helper()
	h.clock.Set(h.at(until))
	var out []string
	for range 50 {
		due, err := h.engine.Due(h.Context(), nil, h.clock.Time(), 1)
		if err != nil {
			h.Fatal(err)
		}
		if len(due) == 0 {
			return out
		}
		h.in(func(ctx context.Context, tx bun.IDB) error {
			r, err := h.engine.FireDeadline(ctx, tx, due[0])
			said := due[0].DueAt.In(h.rome).Format("2006-01-02 15:04")
			if r.Transition != "" {
				said += " " + r.Transition
			}
			for _, e := range r.Effects {
				said += fmt.Sprintf(" %s>%v", e.Notice, e.Audience)
			}
			out = append(out, said)
			return err
		})
	}
	h.Fatal("it never ends")
	return nil
}

func (h *hall) want(got []string, want ...string) {
	h.Helper()
	if !slices.Equal(got, want) {
		h.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestDeadlinesHangOnDatesStatesAndDays(t *testing.T) {
	t.Parallel()
	h := newHall(t, "2026-02-02 10:00") // the day of "missed" is over, so it does not happen
	i, err := h.engine.Instance(t.Context(), nil, hearingRef)
	if err != nil || !i.DueAt.Equal(h.at("2026-03-14 00:00")) {
		t.Fatalf("the call ends %s, %v", i.DueAt, err)
	}
	h.want(h.fires("2026-03-14 08:00"),
		"2026-03-12 00:00 action-needed>[facilitator]", // two working days before the end of Friday
		"2026-03-14 00:00 hear")
	// 20 days from 2 March end with Saturday 21, which in Italy is no holiday.
	if i, _ = h.engine.Instance(t.Context(), nil, hearingRef); !i.DueAt.Equal(h.at("2026-03-22 00:00")) || !i.MinAt.Equal(h.at("2026-03-07 00:00")) {
		t.Errorf("the hearing ends %s, at least %s", i.DueAt.In(h.rome), i.MinAt.In(h.rome))
	}
	h.want(h.fires("2026-03-23 12:00"),
		"2026-03-22 00:00 action-overdue>[promoter]")
	// The call is over, so that coming back to it ends it at once.
	h.want(h.fires("2026-03-24 12:00"),
		"2026-03-24 00:00 back action-needed>[facilitator]",
		"2026-03-24 00:00 hear",
		"2026-03-24 00:00 action-overdue>[promoter]")
}

func TestDeadlinesCountFromAnotherState(t *testing.T) {
	t.Parallel()
	h := newHall(t, "2026-03-09 10:00")
	h.clock.Set(h.at("2026-03-10 10:00"))
	h.known.facts.Anchors = map[string][]time.Time{"activity:assembly": {h.at("2026-03-12 18:00"), h.at("2026-03-16 18:00")}}
	h.move("hear")
	armed, err := h.engine.Deadlines(t.Context(), nil, hearingRef)
	if err != nil || !slices.ContainsFunc(armed, func(d workflow.Deadline) bool {
		return d.Name == "deadline.account" && d.DueAt.Equal(h.at("2026-04-08 10:00"))
	}) {
		t.Errorf("thirty days from the call: %+v, %v", armed, err)
	}
	h.want(h.fires("2026-03-18 12:00"), "2026-03-17 18:00 action-needed>[facilitator]") // the day after the last assembly
	h.known.facts.Anchors["activity:assembly"][1] = h.at("2026-03-18 18:00")
	h.in(func(ctx context.Context, tx bun.IDB) error {
		moves, err := h.engine.RescheduleAnchors(ctx, tx, hearingRef, workflow.System())
		if len(moves) != 1 || moves[0].Name != "deadline.minutes" || !moves[0].New.Equal(h.at("2026-03-19 18:00")) {
			t.Errorf("moves %+v", moves)
		}
		return err
	})
	if r := h.move("close"); len(r.Effects) != 1 || r.Effects[0].Occasion != "p1.a0.e2.exit.action-needed" || r.Effects[0].State != "hearing" {
		t.Errorf("leaving: %+v", r.Effects)
	}
	h.want(h.fires("2026-03-25 12:00"))
	if r := h.move("reopen"); r.To != "hearing" || len(r.Effects) != 0 {
		t.Errorf("reopened: %+v", r)
	}
	h.want(h.fires("2026-04-08 12:00"),
		"2026-03-25 12:00 action-overdue>[promoter]",           // the term was over already
		"2026-03-26 12:00 escalation>[facilitator]",            // one working day later
		"2026-03-30 12:00 escalation>[promoter administrator]", // three
		"2026-04-04 12:00 back action-needed>[facilitator]",    // ten days
		"2026-04-04 12:00 hear",
		"2026-04-04 12:00 action-overdue>[promoter]",
		"2026-04-08 00:00 escalation>[facilitator]") // a Saturday, Easter and its Monday do not count
}

// rests suspends from one instant to another and gives what comes of it.
func (h *hall) rests(from, to string) workflow.Suspension {
	h.Helper()
	h.suspend(from)
	h.clock.Set(h.at(to))
	return h.resume()
}

var pause = workflow.Pause{Reason: "Elezioni", Actor: workflow.Person(1, "promoter")}

func (h *hall) suspend(at string) {
	h.Helper()
	h.clock.Set(h.at(at))
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Suspend(ctx, tx, hearingRef, pause)
		return err
	})
}

func (h *hall) resume() (x workflow.Suspension) {
	h.Helper()
	h.in(func(ctx context.Context, tx bun.IDB) (err error) {
		x, err = h.engine.Resume(ctx, tx, hearingRef, pause)
		return err
	})
	return x
}

// ends asserts the end, and the maximum, of the present term.
func (h *hall) ends(due, longest string) {
	h.Helper()
	i, err := h.engine.Instance(h.Context(), nil, hearingRef)
	if err != nil || !i.DueAt.Equal(h.at(due)) || (longest != "" && !i.MaxAt.Equal(h.at(longest))) {
		h.Errorf("ends %s, at most %s, %v; want %s, %s", i.DueAt.In(h.rome), i.MaxAt.In(h.rome), err, due, longest)
	}
}

// armed asserts when a deadline comes.
func (h *hall) armed(name, want string) {
	h.Helper()
	all, err := h.engine.Deadlines(h.Context(), nil, hearingRef)
	if err != nil {
		h.Fatal(err)
	}
	i := slices.IndexFunc(all, func(d workflow.Deadline) bool { return d.Name == name && d.CancelledAt.IsZero() })
	if i < 0 || !all[i].DueAt.Equal(h.at(want)) {
		h.Errorf("%s: want %s in %+v", name, want, all)
	}
}

// A term that counts from an earlier state is suspended with each state since,
// but for those whose own term keeps running.
func TestSuspensionsShiftWhatCountsFromAnEarlierState(t *testing.T) {
	t.Parallel()
	h := newHall(t, "2026-03-05 10:00")
	h.rests("2026-03-06 09:00", "2026-03-09 18:00") // three days
	h.clock.Set(h.at("2026-03-10 10:00"))
	h.move("hear")
	h.armed("deadline.account", "2026-04-07 10:00") // thirty days from 8 March
	x := h.rests("2026-03-11 10:00", "2026-03-16 10:00")
	if !slices.ContainsFunc(x.Moved, func(m workflow.Move) bool {
		return m.Name == "deadline.account" && m.Old.Equal(h.at("2026-04-07 10:00")) && m.New.Equal(h.at("2026-04-12 10:00"))
	}) {
		t.Errorf("moved %+v", x.Moved)
	}
	h.armed("deadline.account", "2026-04-12 10:00")
	h.clock.Set(h.at("2026-03-17 10:00"))
	h.move("answer")
	h.ends("2026-04-13 00:00", "2026-04-23 00:00") // 30 and 40 days from 13 March, eight after the entry
	h.armed("deadline.halfway", "2026-04-02 10:00")
	h.rests("2026-03-18 10:00", "2026-03-25 10:00") // its own term keeps running
	h.ends("2026-04-13 00:00", "2026-04-23 00:00")
	h.armed("deadline.halfway", "2026-04-02 10:00")
	h.move("close")
	h.move("reopen")
	h.armed("deadline.account", "2026-04-12 10:00")
}

// What a suspension did to an end on a date outlasts other changes of dates; a
// date that is given anew is as it was given.
func TestSuspendedDateKeepsItsShift(t *testing.T) {
	t.Parallel()
	h := newHall(t, "2026-03-05 10:00")
	reschedule := func() (moves []workflow.Move) {
		h.in(func(ctx context.Context, tx bun.IDB) (err error) {
			moves, err = h.engine.RescheduleAnchors(ctx, tx, hearingRef, workflow.System())
			return err
		})
		return moves
	}
	h.rests("2026-03-06 09:00", "2026-03-09 18:00")
	h.ends("2026-03-17 00:00", "")
	h.known.facts.Process.Dates["call-start"] = h.at("2026-03-04 00:00")
	if moves := reschedule(); len(moves) != 0 {
		t.Errorf("moves %+v", moves)
	}
	h.ends("2026-03-17 00:00", "")
	h.rests("2026-03-10 09:00", "2026-03-11 09:00")
	reschedule()
	h.ends("2026-03-18 00:00", "")
	h.known.facts.Process.Dates["call-end"] = h.at("2026-03-25 00:00")
	reschedule()
	h.ends("2026-03-26 00:00", "")
	h.armed("end", "2026-03-26 00:00")
	h.rests("2026-03-12 09:00", "2026-03-14 09:00")
	reschedule()
	h.ends("2026-03-28 00:00", "")
}
