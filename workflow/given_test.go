package workflow_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
)

// countedFromACall counts its present term from a date of the call, and the one after it
// from the state before.
const countedFromACall = `
calendar: italy
dates: [{code: call, title: {it: Bando, en: Call}}]
states:
  a:
    title: {it: A, en: A}
    term: {length: 40d, min: 5d, max: 90d, from: "date:call"}
    allows: [extend, shorten, hold]
    reminders: [{before: 2d, to: promoter}]
    at_end: {event: on}
  b: {title: {it: B, en: B}, term: {length: 40d, max: 90d, from: "state:a"}, allows: [extend, shorten], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: on, from: [a], to: b, by: [promoter, timer]}
  - {id: bz, event: on, from: [b], to: z, by: [promoter, timer]}
  - {id: off, event: off, from: [a], to: z, by: [promoter]}
  - {id: again, event: again, from: [z], to: a, by: [promoter], reopens: true, tell: followers}
`

var given = workflow.Person(1, "promoter")

// hangingOnACall is in a since 2 March, whose term counts from that day.
func hangingOnACall(t *testing.T, plan func([]workflow.PlannedPhase)) *hall {
	t.Helper()
	h := running(t, "2026-03-02 00:00", func(d *definition.Compiled) []workflow.PlannedPhase {
		p := outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, nil, nil)
		if plan != nil {
			plan(p)
		}
		return p
	}, movedVersion(1, "a", countedFromACall))
	h.date("2026-03-02 00:00")
	return h
}

// date gives the date of the call and places anew what hangs on it.
func (h *hall) date(at string) []workflow.Move {
	h.Helper()
	h.known.facts.Process.Dates = map[string]time.Time{"call": h.at(at)}
	moves, err := h.again(workflow.System())
	if err != nil {
		h.Fatal(err)
	}
	return moves
}

func (h *hall) again(by workflow.Actor) (moves []workflow.Move, err error) {
	err = h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) error {
		moves, err = h.engine.RescheduleAnchors(ctx, tx, hearingRef, by)
		return err
	})
	return moves, err
}

func (h *hall) change(do func(*workflow.Engine, context.Context, bun.IDB, workflow.Ref, workflow.NewEnd) (workflow.Extension, error), end string) {
	h.Helper()
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := do(h.engine, ctx, tx, hearingRef, workflow.NewEnd{End: h.at(end), Reason: "x", Actor: given})
		return err
	})
}

// What somebody gave the term is kept when what it counts from moves: an end that
// was given stays that date, within a minimum that moves beyond it, and a length
// that was chosen counts from the new anchor.
func TestReanchoringForgetsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan            func([]workflow.PlannedPhase)
		do              func(h *hall)
		end, later, far string // before, and with the call on 7 March and on 27 April
	}{
		"Plain":     {nil, nil, "2026-04-11 00:00", "2026-04-16 00:00", "2026-06-06 00:00"},
		"Extended":  {nil, func(h *hall) { h.change((*workflow.Engine).Extend, "2026-05-20 00:00") }, "2026-05-20 00:00", "2026-05-20 00:00", "2026-05-20 00:00"},
		"Shortened": {nil, func(h *hall) { h.change((*workflow.Engine).Shorten, "2026-03-20 00:00") }, "2026-03-20 00:00", "2026-03-20 00:00", "2026-05-02 00:00"},
		"Both": {nil, func(h *hall) {
			h.change((*workflow.Engine).Shorten, "2026-03-20 00:00")
			h.change((*workflow.Engine).Extend, "2026-04-11 00:00")
		}, "2026-04-11 00:00", "2026-04-11 00:00", "2026-05-02 00:00"},
		"Length": {func(p []workflow.PlannedPhase) { p[0].Days = 70 }, nil, "2026-05-11 00:00", "2026-05-16 00:00", "2026-07-06 00:00"},
		"Fixed": {func(p []workflow.PlannedPhase) {
			p[0].Fixed, p[0].End = true, time.Date(2026, 3, 24, 23, 0, 0, 0, time.UTC)
		}, nil, "2026-03-25 00:00", "2026-03-25 00:00", "2026-05-02 00:00"},
		"Reopened": {nil, func(h *hall) {
			h.clock.Set(h.at("2026-03-10 10:00"))
			h.move("off")
			h.in(func(ctx context.Context, tx bun.IDB) error {
				_, err := h.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "again", Actor: given, End: h.at("2026-03-30 00:00")})
				return err
			})
		}, "2026-03-30 00:00", "2026-03-30 00:00", "2026-05-02 00:00"},
		"Suspended": {nil, func(h *hall) { h.rests("2026-03-03 10:00", "2026-03-06 10:00") }, "2026-04-14 00:00", "2026-04-19 00:00", "2026-06-09 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hangingOnACall(t, c.plan)
			if c.do != nil {
				c.do(h)
			}
			h.ends(c.end, "")
			if moves := h.date("2026-03-02 00:00"); len(moves) > 0 {
				t.Errorf("nothing moved, and yet %v", moves)
			}
			h.ends(c.end, "")
			h.date("2026-03-07 00:00")
			h.ends(c.later, "")
			h.armed("end", c.later)
			h.date("2026-04-27 00:00")
			h.ends(c.far, "")
		})
	}
}

// A term that counts from an earlier state hangs on nothing that moves.
func TestReanchoringLeavesWhatCountsFromAState(t *testing.T) {
	t.Parallel()
	h := hangingOnACall(t, func(p []workflow.PlannedPhase) { p[1].Days = 70 })
	h.clock.Set(h.at("2026-03-10 10:00"))
	h.move("on")
	h.ends("2026-05-11 00:00", "2026-05-31 00:00")
	if moves := h.date("2026-03-09 00:00"); len(moves) > 0 {
		t.Errorf("moves %v", moves)
	}
	h.ends("2026-05-11 00:00", "2026-05-31 00:00")
}

// What is over by the clock stays over, whoever moves what it hung on.
func TestWhatIsOverDoesNotMove(t *testing.T) {
	t.Parallel()
	h := hangingOnACall(t, nil)
	h.clock.Set(h.at("2026-04-11 00:01"))
	h.known.facts.Process.Dates["call"] = h.at("2026-03-20 00:00")
	if _, err := h.again(given); !fault.Is(err, fault.Closed) {
		t.Errorf("a person moved it: %v", err)
	}
	if moves, err := h.again(workflow.System()); err != nil || len(moves) > 0 {
		t.Errorf("moves %v, %v", moves, err)
	}
	err := h.rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
		def, err := h.engine.Resolve(ctx, tx, "moved", 1)
		if err != nil {
			return err
		}
		_, err = h.engine.Replan(ctx, tx, hearingRef, outlook.Plan(def, civil.Date{Year: 2026, Month: 6, Day: 2}, nil, nil), given)
		return err
	})
	if !fault.Is(err, fault.Closed) {
		t.Errorf("planned anew: %v", err)
	}
	h.fires("2026-04-11 00:02")
	if i := h.present(); i.State == "a" || !i.EnteredAt.Equal(h.at("2026-04-11 00:00")) {
		t.Errorf("%s since %s", i.State, i.EnteredAt)
	}
}

// A suspension counts in the unit of the term, and the end that it moves keeps
// off holidays where the term does.
func TestSuspensionCountsInTheTermsOwnUnit(t *testing.T) {
	t.Parallel()
	for term, c := range map[string]struct{ from, to, min, due string }{
		"length: 10wd, min: 10wd":       {"2026-03-04 09:00", "2026-03-06 09:00", "2026-03-18 00:00", "2026-03-18 00:00"}, // Wednesday and Thursday
		"length: 10wd, min: 7d":         {"2026-03-06 09:00", "2026-03-09 09:00", "2026-03-12 00:00", "2026-03-17 00:00"}, // Friday to Sunday
		"length: 10wd":                  {"2026-03-07 09:00", "2026-03-09 09:00", "", "2026-03-14 00:00"},                 // a weekend
		"length: 12d, on_holiday: next": {"2026-03-04 09:00", "2026-03-06 09:00", "", "2026-03-17 00:00"},
		"length: 12d":                   {"2026-03-04 09:00", "2026-03-06 09:00", "", "2026-03-16 00:00"},
		"length: 48h":                   {"2026-03-02 09:00", "2026-03-02 10:30", "", "2026-03-04 01:30"},
	} {
		t.Run(term, func(t *testing.T) {
			t.Parallel()
			h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
calendar: italy
states:
  a: {title: {it: A, en: A}, term: {`+term+`}, allows: [hold], at_end: {event: close}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: z, by: [timer, promoter]}
`))
			h.rests(c.from, c.to)
			h.ends(c.due, "")
			h.armed("end", c.due)
			if got := h.present().MinAt; c.min != "" && !got.Equal(h.at(c.min)) {
				t.Errorf("at least %s, want %s", got.In(h.rome), c.min)
			}
		})
	}
}

// What comes some time after the entry is as much later as the suspensions lasted
// in the unit that it is counted in, like a term of that unit; and it stays there
// when the end moves.
func TestSuspensionCountsInTheDeadlinesOwnUnit(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
calendar: italy
states:
  a:
    title: {it: A, en: A}
    term: {length: 40d}
    allows: [hold, extend]
    deadlines:
      - {code: work, title: {it: W, en: W}, after: 10wd, of: entry, notice: action-needed, to: promoter}
      - {code: civil, title: {it: C, en: C}, after: 20d, of: entry, notice: action-needed, to: promoter}
      - {code: hours, title: {it: H, en: H}, after: 600h, of: entry, notice: action-needed, to: promoter}
    at_end: {event: close}
  b:
    title: {it: B, en: B}
    term: {length: 40d}
    deadlines:
      - {code: later, title: {it: L, en: L}, after: 20wd, of: "state:a", notice: action-needed, to: promoter}
    at_end: {event: close}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [timer, promoter]}
  - {id: end, event: close, from: [b], to: z, by: [timer, promoter]}
`))
	h.armed("deadline.work", "2026-03-14 00:00")
	h.rests("2026-03-06 09:00", "2026-03-09 09:00") // Friday to Sunday: one working day, three civil ones
	h.rests("2026-03-10 09:00", "2026-03-10 13:30") // some hours
	now := map[string]string{
		"deadline.work": "2026-03-17 00:00", "deadline.civil": "2026-03-25 00:00",
		"deadline.hours": "2026-03-30 05:30", // with the hour of summer time
	}
	for name, at := range now {
		h.armed(name, at)
	}
	h.change((*workflow.Engine).Extend, "2026-05-01 00:00")
	for name, at := range now {
		h.armed(name, at)
	}
	h.move("close")
	h.armed("deadline.later", "2026-03-31 00:00")
}

// What it was on a day is right also where an end went by during a suspension
// and came to be known after it.
func TestThePastOfARunningSuspension(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d, on_hold: run}, allows: [hold, extend], at_end: {event: close}}
  b: {title: {it: B, en: B}, term: {length: 30d}, allows: [extend]}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [timer, promoter]}
  - {id: bz, event: bz, from: [b], to: z, by: [promoter]}
`))
	h.rests("2026-03-05 10:00", "2026-03-20 10:00")
	h.fires("2026-03-20 10:05")
	h.change((*workflow.Engine).Extend, "2026-05-01 00:00")
	h.clock.Set(h.at("2026-04-20 10:00"))
	h.move("bz")
	for at, want := range map[string]struct {
		state, due string
		held       bool
	}{
		"2026-03-04 10:00": {"a", "2026-03-12 00:00", false},
		"2026-03-10 10:00": {"a", "2026-03-12 00:00", true},
		"2026-03-15 10:00": {"b", "2026-04-11 00:00", true}, // nobody could do anything yet
		"2026-03-20 10:04": {"b", "2026-04-11 00:00", false},
		"2026-03-21 10:00": {"b", "2026-05-01 00:00", false},
	} {
		m, err := history.At(t.Context(), h.rows, hearingRef.ProcessID, h.at(at))
		if err != nil || len(m) != 1 {
			t.Fatal(m, err)
		}
		if m[0].State != want.state || !m[0].Due.Equal(h.at(want.due)) || m[0].Held != want.held {
			t.Errorf("%s: %s until %s, held %t; want %+v", at, m[0].State, m[0].Due.In(h.rome), m[0].Held, want)
		}
	}
	if m, err := history.At(t.Context(), h.rows, hearingRef.ProcessID, h.at("2026-03-01 10:00")); err != nil || len(m) != 0 {
		t.Error(m, err)
	}
	if err := history.Verify(t.Context(), h.rows, hearingRef.ProcessID); err != nil {
		t.Error(err)
	}
}

// A key answers for what was said of a reopening too: whom to tell and until when.
func TestKeyOfAnotherReopening(t *testing.T) {
	t.Parallel()
	h := hangingOnACall(t, nil)
	h.clock.Set(h.at("2026-03-10 10:00"))
	h.move("off")
	ask := func(end string, tell ...string) (r workflow.Result, err error) {
		err = h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) error {
			r, err = h.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "again", Actor: given, End: h.at(end), Tell: tell, IdempotencyKey: "k"})
			return err
		})
		return r, err
	}
	if _, err := ask("2026-03-30 00:00"); err != nil {
		t.Fatal(err)
	}
	if r, err := ask("2026-03-30 00:00"); err != nil || !r.Replayed {
		t.Errorf("the same again: %+v, %v", r, err)
	}
	for _, other := range []func() (workflow.Result, error){
		func() (workflow.Result, error) { return ask("2026-05-30 00:00") },
		func() (workflow.Result, error) { return ask("2026-03-30 00:00", "followers") },
	} {
		if r, err := other(); !fault.Is(err, fault.Conflict) {
			t.Errorf("another reopening: %+v, %v", r, err)
		}
	}
}

// A reminder whose hour has struck is sent, however late the timer comes: another
// end, by which it would have come before the entry, takes back only what is still
// to come.
func TestAnotherEndTakesBackNoReminderThatIsDue(t *testing.T) {
	t.Parallel()
	for now, want := range map[string][]string{
		"2026-03-02 12:00": nil,
		"2026-03-03 00:01": {"2026-03-03 00:00 action-needed>[promoter]"},
	} {
		h := hangingOnACall(t, nil)
		h.date("2026-01-24 00:00")
		h.armed("action-needed.2d", "2026-03-03 00:00")
		h.clock.Set(h.at(now))
		h.date("2026-01-23 00:00")
		h.ends("2026-03-04 00:00", "")
		h.date("2026-01-23 00:00")
		h.want(h.fires("2026-03-03 12:00"), want...)
	}
}

// What is before the entry does not happen. The entry is when it was, also where
// what counts from it comes some days later for a suspension.
func TestSuspensionDropsNothingThatIsToCome(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 22:50", nil, movedVersion(1, "a", `
states:
  a:
    title: {it: A, en: A}
    term: {length: 20d}
    allows: [hold, shorten]
    reminders: [{before: 2d, at: "17:30", to: promoter}]
    deadlines: [{code: hour, title: {it: H, en: H}, after: 1h, of: entry, notice: action-needed, to: promoter}]
    at_end: {event: close}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: z, by: [timer, promoter]}
`))
	h.armed("deadline.hour", "2026-03-02 23:50")
	h.rests("2026-03-02 23:00", "2026-03-03 00:10")
	h.armed("deadline.hour", "2026-03-03 01:00")
	h.change((*workflow.Engine).Shorten, "2026-03-05 17:30")
	h.want(h.fires("2026-03-04 00:00"), "2026-03-03 01:00 action-needed>[promoter]", "2026-03-03 17:30 action-needed>[promoter]")
}

// What rested comes where it belongs once it goes on, also where that is over by
// then: nothing counts from within the suspension.
func TestAnEndThatRestedCountsFromItsNewPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do         func(h *hall)
		told, ends string
	}{
		"Given": {func(h *hall) {
			h.change((*workflow.Engine).Shorten, "2026-03-12 17:00")
			h.rests("2026-03-10 10:00", "2026-03-12 17:30")
		}, "2026-03-12 17:00", "2026-03-14 17:00"},
		"GoneBy": {func(h *hall) {
			h.change((*workflow.Engine).Shorten, "2026-03-12 17:00")
			h.fires("2026-03-10 18:00")
			h.rests("2026-03-12 10:00", "2026-03-14 18:00")
		}, "", "2026-03-14 17:00"},
		"Moved": {func(h *hall) {
			h.date("2026-01-28 00:00")
			h.fires("2026-03-08 09:00")
			h.suspend("2026-03-08 10:00")
			h.clock.Set(h.at("2026-03-10 00:07"))
			h.date("2026-01-27 00:00")
			h.resume()
		}, "", "2026-03-10 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hangingOnACall(t, nil)
			c.do(h)
			h.ends(c.ends, "")
			h.armed("end", c.ends)
			if c.told != "" {
				h.armed("action-needed.2d", c.told)
			}
			h.fires("2026-03-16 00:00")
			if i := h.present(); i.State != "b" || !i.EnteredAt.Equal(h.at(c.ends)) {
				t.Errorf("%s since %s", i.State, i.EnteredAt.In(h.rome))
			}
		})
	}
}

// A date that is given anew after a suspension is as it was given, however little
// it moved; one that nobody gave anew keeps what the suspension added.
func TestADateGivenAnewAfterAHold(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-04-08 00:00": "2026-04-09 00:00", "2026-04-10 00:00": "2026-04-16 00:00",
		"2026-04-12 00:00": "2026-04-13 00:00", "2026-04-20 00:00": "2026-04-21 00:00",
	} {
		h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
dates: [{code: call, title: {it: Bando, en: Call}}]
states:
  a: {title: {it: A, en: A}, term: {until: "date:call"}, allows: [hold], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter, timer]}
`))
		h.date("2026-04-10 00:00")
		h.ends("2026-04-11 00:00", "")
		h.rests("2026-03-03 10:00", "2026-03-08 10:00") // five days
		h.ends("2026-04-16 00:00", "")
		h.date(day)
		h.ends(want, "")
	}
}
