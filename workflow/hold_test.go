package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/guard"
	"arengo/workflow/store"
)

// stoppable is an activity that can be suspended: in one state its term shifts,
// in the next it keeps running, in a third it counts hours, in the last it hangs
// on meetings.
const stoppable = `
workflow: stoppable
version: 1
level: activity
title: {it: Prova, en: Trial}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: shifts
states:
  shifts:
    title: {it: Uno, en: One}
    term: {length: 20d, min: 5d, max: 40d, extend: {max: 10d, times: 1, act: true}}
    allows: [hold, extend, shorten]
    reminders:
      - {before: 2d, at: "09:00", notice: last-days, to: silent}
      - {after: 1d, of: entry, notice: action-needed, to: facilitator}
      - {after: 10d, of: entry, notice: action-overdue, to: facilitator}
    at_end: {event: next}
  runs:
    title: {it: Due, en: Two}
    term: {length: 10d, on_hold: run}
    allows: [hold]
    reminders:
      - {before: 8d, notice: reminder, to: silent}
      - {before: 1d, notice: last-days, to: silent}
    at_end: {event: next}
  hours:
    title: {it: Tre, en: Three}
    term: {length: 48h}
    allows: [hold]
    at_end: {event: next}
  meets:
    title: {it: Quattro, en: Four}
    term: {until: meeting_end}
    allows: [hold]
    at_end: {event: next}
  over: {title: {it: Fine, en: End}, final: true}
  cancelled: {title: {it: Annullato, en: Cancelled}, final: true}
transitions:
  - {id: to-runs, event: next, from: [shifts], to: runs, by: [facilitator, timer, system],
     requires: [{code: min-term, guard: "true", explain: {it: Mai, en: Never}}]}
  - {id: to-hours, event: next, from: [runs], to: hours, by: [facilitator, timer]}
  - {id: to-meets, event: next, from: [hours], to: meets, by: [facilitator, timer]}
  - {id: finish, event: next, from: [meets], to: over, by: [facilitator, timer]}
  - {id: cancel, event: cancel, from: ["*"], to: cancelled, by: [promoter], reason: required}
`

// trial is a stoppable activity that began on Monday 2 March 2026 at 10:00.
func trial(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	b.create(activity, workflow.Start{Definition: "stoppable", Actor: facilitator})
	return b
}

func (b *bench) suspend(reason string) (x workflow.Suspension, err error) {
	err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		x, err = b.engine.Suspend(ctx, tx, activity, workflow.Pause{Reason: reason, Actor: facilitator})
		return err
	})
	return x, err
}

func (b *bench) resume(reason string) (x workflow.Suspension, err error) {
	err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		x, err = b.engine.Resume(ctx, tx, activity, workflow.Pause{Reason: reason, Actor: facilitator})
		return err
	})
	return x, err
}

func TestSuspensionShiftsTheTerm(t *testing.T) {
	t.Parallel()
	b := trial(t)
	first := b.deadline(activity, 1, "end")
	b.clock.Set(b.at("2026-03-05 09:00"))
	b.sweep() // the facilitator's first reminder has gone
	x, err := b.suspend("Elezioni")
	b.must(err)
	if len(x.Moved) != 3 || slices.ContainsFunc(x.Moved, func(m workflow.Move) bool { return !m.New.IsZero() }) {
		t.Errorf("what rests: %+v", x.Moved)
	}
	if got := notices(x.Effects); !slices.Equal(got, []string{"notice:held>silent"}) {
		t.Errorf("effects %v", got)
	}
	// Nothing fires while it rests, however late, and people cannot move it.
	b.clock.Set(b.at("2026-04-10 18:00")) // over the change to summer time
	if got := slices.DeleteFunc(b.sweep(), func(f workflow.Effect) bool { return f.Ref != activity }); len(got) != 0 {
		t.Errorf("fired meanwhile: %v", got)
	}
	if r := b.fire(first.DeadlineRef); !r.Obsolete {
		t.Errorf("an old timer fired: %+v", r)
	}
	if _, err := b.apply(workflow.Command{Ref: activity, Event: "next", Actor: facilitator}); !blockedBy(err, "held") {
		t.Errorf("moved while it rests: %v", err)
	}
	if _, err := b.extend(activity, b.at("2026-05-01 00:00"), "x"); key(err) != "workflow.held" {
		t.Errorf("extended while it rests: %v", err)
	}
	var preview workflow.Suspension
	undone := errors.New("seen")
	err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		if preview, err = b.engine.Resume(ctx, tx, activity, workflow.Pause{Reason: "-", Actor: facilitator}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if !b.instance(activity).Held() {
		t.Fatal("the preview saved something")
	}
	y, err := b.resume("Elezioni concluse")
	b.must(err)
	want := []workflow.Move{ // 36 civil days later
		{Name: "last-days.2d", Old: b.at("2026-03-20 09:00"), New: b.at("2026-04-25 09:00")},
		{Name: "action-overdue.after.10d.entry", Old: b.at("2026-03-12 10:00"), New: b.at("2026-04-17 10:00")},
		{Name: "end", Old: b.at("2026-03-23 00:00"), New: b.at("2026-04-28 00:00")},
	}
	if !slices.Equal(y.Moved, want) || !slices.Equal(preview.Moved, want) {
		t.Errorf("moved %+v\npreview %+v\nwant %+v", y.Moved, preview.Moved, want)
	}
	i := b.instance(activity)
	if i.Held() || !i.DueAt.Equal(b.at("2026-04-28 00:00")) || !i.MinAt.Equal(b.at("2026-04-13 00:00")) || !i.MaxAt.Equal(b.at("2026-05-18 00:00")) {
		t.Errorf("instance %+v", i)
	}
	b.clock.Set(b.at("2026-04-28 00:00"))
	if got := notices(b.sweep()); !slices.Equal(got, []string{"notice:action-overdue>facilitator", "notice:last-days>silent"}) {
		t.Errorf("effects after the end: %v", got)
	}
	if i := b.instance(activity); i.State != "runs" {
		t.Errorf("state %s", i.State)
	}
	b.verify()
}

func TestSuspensionOfATermThatRuns(t *testing.T) {
	t.Parallel()
	b := trial(t)
	b.mustApply(workflow.Command{Ref: activity, Event: "next", Actor: workflow.System()})
	end := b.instance(activity).DueAt
	_, err := b.suspend("Pausa")
	b.must(err)
	b.clock.Set(b.at("2026-03-08 10:00")) // one reminder went by, the other is to come
	x, err := b.resume("Si riprende")
	b.must(err)
	if len(x.Moved) != 0 || !b.instance(activity).DueAt.Equal(end) {
		t.Errorf("moved %+v", x.Moved)
	}
	if d := b.deadline(activity, 2, "reminder.8d"); d.CancelledAt.IsZero() {
		t.Errorf("a reminder that went by is to be sent late: %+v", d)
	}
	_, err = b.suspend("Pausa")
	b.must(err)
	b.clock.Set(b.at("2026-03-13 10:00")) // the end itself went by
	_, err = b.resume("Si riprende")
	b.must(err)
	b.sweep()
	if i := b.instance(activity); i.State != "hours" || !i.EnteredAt.Equal(end) {
		t.Errorf("an end that went by comes at once, as of its time: %+v", i)
	}
	b.verify()
}

func TestSuspensionOfHoursAndOfMeetings(t *testing.T) {
	t.Parallel()
	b := trial(t)
	for range 2 {
		b.mustApply(workflow.Command{Ref: activity, Event: "next", Actor: facilitator})
	}
	due := b.instance(activity).DueAt
	_, err := b.suspend("Pausa")
	b.must(err)
	b.clock.Advance(90 * time.Minute)
	_, err = b.resume("Si riprende")
	b.must(err)
	if got := b.instance(activity).DueAt; !got.Equal(due.Add(90 * time.Minute)) {
		t.Errorf("hours are exact: due %s, want %s", got, due.Add(90*time.Minute))
	}
	meeting := b.at("2026-03-20 18:00")
	b.facts.set(activity, guard.Facts{Anchors: map[string][]time.Time{"meeting_end": {meeting}}})
	b.mustApply(workflow.Command{Ref: activity, Event: "next", Actor: facilitator})
	_, err = b.suspend("Pausa")
	b.must(err)
	b.clock.Advance(48 * time.Hour)
	_, err = b.resume("Si riprende")
	b.must(err)
	if got := b.instance(activity).DueAt; !got.Equal(meeting) {
		t.Errorf("a meeting stays where it is: due %s", got)
	}
	b.verify()
}

func TestSuspendRefusals(t *testing.T) {
	t.Parallel()
	b := trial(t)
	if _, err := b.resume("x"); key(err) != "workflow.not_held" {
		t.Errorf("resume what runs: %v", err)
	}
	if _, err := b.suspend("  "); key(err) != "workflow.reason_required" {
		t.Errorf("no reason: %v", err)
	}
	_, err := b.suspend("Una volta")
	b.must(err)
	if _, err := b.suspend("Due volte"); key(err) != "workflow.held" {
		t.Errorf("twice: %v", err)
	}
	_, err = b.resume("Avanti")
	b.must(err)
	b.clock.Set(b.instance(activity).DueAt)
	if _, err := b.suspend("Troppo tardi"); key(err) != "workflow.term_ended" {
		t.Errorf("after the end, before the timer: %v", err)
	}
	if got := b.instance(activity); got.Revision != 3 || got.Held() {
		t.Errorf("a refusal changed the instance: %+v", got)
	}
	b.verify()
}

// What calls the whole off is open to people also while it rests, and the
// consequence of another transition goes through; either ends the rest.
func TestSuspendedCanBeLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]workflow.Command{
		"cancelled": {Ref: activity, Event: "cancel", Actor: promoter, Reason: "Manca il bilancio"},
		"runs":      {Ref: activity, Event: "next", Actor: workflow.System()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := trial(t)
			_, err := b.suspend("Pausa")
			b.must(err)
			b.mustApply(c)
			if i := b.instance(activity); i.State != name || i.Held() {
				t.Errorf("instance %+v", i)
			}
			b.verify()
		})
	}
}

// What a law of its own grants goes beyond the maximum, as far and as often as
// it says; whatever else does is an exception, also a second time.
func TestExtensionOfLaw(t *testing.T) {
	t.Parallel()
	const law = `law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`
	for name, c := range map[string]struct{ extend, last, beyond string }{
		"bounded by its law":      {`{max: 30d, times: 1, ` + law + `}`, "2026-06-30 00:00", "2026-07-02 00:00"},
		"not bounded by its law":  {`{act: true, ` + law + `}`, "2026-12-01 00:00", ""},
		"bounded by the term's":   {`{act: true}`, "", "2026-06-02 00:00"},
		"bounded by what is ours": {`{max: 30d}`, "", "2026-06-02 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 90d, max: 90d, `+law+`, extend: `+c.extend+`}, allows: [extend], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter, timer]}
`))
			act := "delibera"
			ask := func(end string, exception bool) (x workflow.Extension, err error) {
				h.in(func(ctx context.Context, tx bun.IDB) error {
					x, err = h.engine.Extend(ctx, tx, hearingRef, workflow.NewEnd{End: h.at(end), Reason: "Pochi", Act: act, Exception: exception, Actor: given})
					return nil
				})
				return x, err
			}
			if c.beyond != "" {
				if _, err := ask(c.beyond, false); key(err) != "workflow.extend_beyond_max" {
					t.Errorf("beyond: %v", err)
				}
			}
			if c.last == "" {
				if x, err := ask(c.beyond, true); err != nil || !x.Exception {
					t.Errorf("an exception: %+v, %v", x, err)
				}
				return
			}
			if x, err := ask(c.last, false); err != nil || x.Exception {
				t.Fatalf("what the law grants: %+v, %v", x, err)
			}
			if c.beyond == "" {
				return
			}
			act = ""
			if _, err := ask(c.beyond, true); key(err) != "workflow.exception_act_missing" {
				t.Errorf("without an act: %v", err)
			}
			act = "delibera"
			if _, err := ask(c.beyond, false); key(err) != "workflow.extend_times" {
				t.Errorf("one error: %v", err)
			}
			if x, err := ask(c.beyond, true); err != nil || !x.Exception || x.Law == nil || x.Law.Article != "art. 11" {
				t.Errorf("a second time: %+v, %v", x, err)
			}
		})
	}
}

// What the definition alone bounds, within what a law allows, is no exception to that
// law, which the log does not name and no act need decide.
func TestExtensionWithinTheLaw(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ extend, first, plain string }{
		"by its maximum":                       {`{max: 10d}`, "", "2026-04-20 00:00"},
		"by its times":                         {`{times: 1}`, "2026-04-05 00:00", "2026-04-20 00:00"},
		"by its own, where the law names none": {`{max: 10d}`, "", "2026-04-20 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit, law := "max: 90d, ", `law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`
			if strings.Contains(name, "names none") {
				limit = ""
			}
			h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 30d, `+limit+law+`, extend: `+c.extend+`}, allows: [extend], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter, timer]}
`))
			ask := func(end, act string, exception bool) (x workflow.Extension, err error) {
				h.in(func(ctx context.Context, tx bun.IDB) error {
					x, err = h.engine.Extend(ctx, tx, hearingRef, workflow.NewEnd{End: h.at(end), Reason: "Pochi", Act: act, Exception: exception, Actor: given})
					return nil
				})
				return x, err
			}
			if c.first != "" {
				if _, err := ask(c.first, "", false); err != nil {
					t.Fatal(err)
				}
			}
			is := h.present()
			def, err := h.engine.Resolve(t.Context(), nil, is.Definition, is.Version)
			if err != nil {
				t.Fatal(err)
			}
			if is.Bound(def) != nil || is.Beyond(def, h.at(c.plain)) != nil {
				t.Error("the law bounds what only the definition does")
			}
			if _, err := ask(c.plain, "", false); err == nil {
				t.Error("no exception is asked for")
			}
			if x, err := ask(c.plain, "", true); err != nil || !x.Exception || x.Law != nil {
				t.Fatalf("an exception to the definition: %+v, %v", x, err)
			}
			log, err := h.engine.Brief(t.Context(), nil, is.ProcessID)
			if err != nil || !strings.Contains(string(log[len(log)-1].Facts), `"no_law":true`) {
				t.Errorf("the log says %s, %v", log[len(log)-1].Facts, err)
			}
			if limit == "" {
				return
			}
			if _, err := ask("2026-06-10 00:00", "", true); key(err) != "workflow.exception_act_missing" {
				t.Errorf("beyond the law without an act: %v", err)
			}
			if x, err := ask("2026-06-10 00:00", "delibera", true); err != nil || x.Law == nil {
				t.Errorf("beyond the law: %+v, %v", x, err)
			}
		})
	}
}

func TestExtensionWithinItsBounds(t *testing.T) {
	t.Parallel()
	b := trial(t)
	ask := func(end, act string, exception bool) (x workflow.Extension, err error) {
		err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
			x, err = b.engine.Extend(ctx, tx, activity, workflow.NewEnd{
				End: b.at(end), Reason: "Pochi", Act: act, Exception: exception, Actor: facilitator,
			})
			return err
		})
		return x, err
	}
	if _, err := ask("2026-03-28 00:00", "", false); key(err) != "workflow.extend_act_missing" {
		t.Errorf("without an act: %v", err)
	}
	if _, err := ask("2026-04-02 00:01", "delibera", false); key(err) != "workflow.extend_beyond_max" {
		t.Errorf("beyond what is planned and ten days: %v", err)
	}
	x, err := ask("2026-04-01 00:00", "delibera", false)
	b.must(err)
	if x.Exception {
		t.Error("an exception within the bounds")
	}
	if _, err := ask("2026-04-02 00:00", "delibera", false); key(err) != "workflow.extend_times" {
		t.Errorf("a second time: %v", err)
	}
	x, err = ask("2026-05-30 00:00", "delibera-2", true)
	b.must(err)
	if !x.Exception || !b.instance(activity).DueAt.Equal(b.at("2026-05-30 00:00")) {
		t.Errorf("a written exception: %+v", x)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	if facts := string(log[len(log)-1].Facts); !jsonHas(t, facts, "act", "delibera-2") || !jsonHas(t, facts, "exception", true) {
		t.Errorf("the log says %s", facts)
	}
	rows, _, err := store.In(b.db).BriefLog(t.Context(), process.ProcessID, nil)
	b.must(err)
	for i, r := range rows {
		if last := i == len(rows)-1; (r.Facts != nil) != last {
			t.Errorf("%d of %d, %s, comes with the facts %s", i+1, len(rows), r.Transition, r.Facts)
		}
	}
	b.verify()
}

func TestShorten(t *testing.T) {
	t.Parallel()
	b := trial(t)
	ask := func(end, reason string) (x workflow.Extension, err error) {
		err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
			x, err = b.engine.Shorten(ctx, tx, activity, workflow.NewEnd{End: b.at(end), Reason: reason, Actor: facilitator})
			return err
		})
		return x, err
	}
	b.clock.Set(b.at("2026-03-04 10:00"))
	for _, c := range []struct{ end, reason, want string }{
		{"2026-03-15 00:00", "", "workflow.reason_required"},
		{"2026-03-23 00:00", "x", "workflow.shorten_not_earlier"},
		{"2026-03-04 10:00", "x", "workflow.shorten_past"},
		{"2026-03-07 00:00", "x", "workflow.shorten_below_min"},
	} {
		if _, err := ask(c.end, c.reason); key(err) != c.want {
			t.Errorf("%s: %v, want %s", c.end, err, c.want)
		}
	}
	before := b.deadline(activity, 1, "end")
	x, err := ask("2026-03-15 00:00", "Il termine di legge è più breve")
	b.must(err)
	if got := notices(x.Effects); !slices.Equal(got, []string{"notice:deadline-shortened>silent"}) || len(x.Moved) != 1 || !x.Moved[0].New.Equal(b.at("2026-03-12 09:00")) {
		t.Errorf("effects %v, moved %+v", got, x.Moved)
	}
	b.clock.Set(b.at("2026-03-15 00:00"))
	b.sweep()
	if r := b.fire(before.DeadlineRef); !r.Obsolete || b.instance(activity).State != "runs" {
		t.Errorf("at the new end: %+v, %+v", r, b.instance(activity))
	}
	b.mustApply(workflow.Command{Ref: activity, Event: "next", Actor: facilitator})
	if _, err := ask("2026-03-16 00:00", "x"); key(err) != "workflow.shorten_not_allowed" {
		t.Errorf("where the state does not allow it: %v", err)
	}
	b.verify()
}

// blockedBy reports a refusal with just this reason.
func blockedBy(err error, code string) bool {
	var blocked *workflow.Blocked
	return errors.As(err, &blocked) && len(blocked.Blockers) == 1 && blocked.Blockers[0].Code == code
}

func jsonHas(t *testing.T, raw, name string, want any) bool {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(raw), &fields); err != nil {
		t.Fatal(err)
	}
	return fields[name] == want
}

// endsOnACall is a state that ends with a date of the call.
const endsOnACall = `
dates: [{code: call, title: {it: Bando, en: Call}}]
states:
  a: {title: {it: A, en: A}, term: {until: "date:call"}, allows: [hold], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter, timer]}
`

// What was suspended before a date was given is no part of it; what rests after is.
func TestADateGivenWhileAllRestsIsMeantAsGiven(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", endsOnACall))
	h.date("2026-04-10 00:00")
	h.suspend("2026-03-03 10:00")
	h.clock.Set(h.at("2026-03-08 09:00"))
	h.date("2026-05-10 00:00")
	h.ends("2026-05-11 00:00", "")
	h.clock.Set(h.at("2026-03-08 10:00"))
	h.resume()
	h.ends("2026-05-11 00:00", "")
	h.rests("2026-03-10 10:00", "2026-03-12 10:00")
	h.ends("2026-05-13 00:00", "")
}

// Who is told that all goes on is called to no end that was over before.
func TestAnEndThatWasOverIsToldToNobody(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 3d}, allows: [hold]}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter]}
`))
	for _, over := range []bool{false, true} {
		x := h.rests(map[bool]string{false: "2026-03-03 10:00", true: "2026-03-10 10:00"}[over], map[bool]string{false: "2026-03-04 10:00", true: "2026-03-12 10:00"}[over])
		if len(x.Effects) != 1 || x.Old.Equal(x.New) {
			t.Fatalf("resumed: %+v", x)
		}
		if told := x.Effects[0].DueAt; told.IsZero() != over {
			t.Errorf("told of %s where the end is %s", told, x.New)
		}
	}
}
