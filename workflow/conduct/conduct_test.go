package conduct_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/memory"
)

// path opens its surveys when it listens and closes them when it ends.
const path = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: preparation
states:
  preparation: {title: {it: Preparazione, en: Preparation}}
  listening:
    title: {it: Ascolto, en: Listening}
    term: {length: 10d}
    on_enter: [{open: {kind: questionnaire}}]
    at_end: {event: finish}
    deadlines:
      - {code: account, title: {it: Resoconto, en: Account}, after: 2d, of: "activity:questionnaire", notice: action-needed, to: promoter}
  over: {title: {it: Concluso, en: Over}, final: true, on_enter: [{close: {kind: questionnaire}}, {notice: phase-opened, to: followers}]}
transitions:
  - {id: launch, event: launch, from: [preparation], to: listening, by: [promoter]}
  - {id: finish, event: finish, from: [listening], to: over, by: [promoter, timer]}
`

// survey lasts DAYS; whoever opens it is BY.
const survey = `
workflow: questionnaire
version: 1
level: activity
title: {it: Questionario, en: Questionnaire}
timezone: Europe/Rome
roles: [promoter, facilitator]
counts: [questions]
initial: ready
states:
  ready: {title: {it: Pronto, en: Ready}}
  open:
    title: {it: Aperto, en: Open}
    term: {length: DAYSd}
    allows: [respond, extend, shorten, hold]
    on_enter: [{notice: activity-opened, to: invited}]
    reminders: [{before: 1d, notice: reminder, to: silent}]
    at_end: {event: close}
  closed: {title: {it: Chiuso, en: Closed}, final: true, on_enter: [{notice: activity-closed, to: facilitator}]}
transitions:
  - id: open
    event: open
    from: [ready]
    to: open
    by: [BY]
    requires:
      - {code: asked, guard: counts.questions > 0, explain: {it: Non ci sono domande, en: There are no questions}, fix: invitations}
  - {id: close, event: close, from: [open], to: closed, by: [facilitator, system, timer]}
  - {id: cut-short, event: cut-short, from: [open], to: closed, by: [system]}
`

// world is a stage in memory, and what was announced on it.
type world struct {
	testing.TB
	*conduct.Conduct
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	log    strings.Builder
	asked  map[int64]int64 // questions by activity
	told   []string
	keys   []string     // occasions of what was told
	broken workflow.Ref // announcing anything of it fails
	mute   bool         // that it failed as well
}

var (
	process  = workflow.Ref{ProcessID: 4}
	promoter = workflow.Person(1, "promoter")
	start    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

func ref(activity int64) workflow.Ref {
	return workflow.Ref{ProcessID: process.ProcessID, ActivityID: activity}
}

// newWorld has a path with two surveys.
func newWorld(t testing.TB, days, by string) *world {
	t.Helper()
	return newWorldOf(t, strings.NewReplacer("DAYS", days, "BY", by).Replace(survey))
}

// newWorldOf has a path with two surveys of a definition.
func newWorldOf(t testing.TB, survey string) *world {
	t.Helper()
	return newWorldOn(t, path, survey)
}

// newWorldOn has two surveys of a definition on a path of its own.
func newWorldOn(t testing.TB, path, survey string) *world {
	t.Helper()
	w := &world{TB: t, rows: memory.New(), clock: memory.NewClock(start), asked: map[int64]int64{1: 1, 2: 1}}
	library := definition.NewLibrary()
	for _, source := range []string{path, survey} {
		_, err := library.Add("test.yaml", []byte(source))
		w.must(err)
	}
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	w.engine = workflow.NewEngine(library, w.clock, w, log).On(w.rows)
	w.Conduct = conduct.New(w.engine, w, w.clock, log)
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.engine.Create(ctx, tx, process, workflow.Start{Definition: "path", Actor: promoter})
		for a := int64(1); err == nil && a <= 2; a++ {
			_, err = w.engine.Create(ctx, tx, ref(a), workflow.Start{Definition: "questionnaire", Actor: promoter})
		}
		return err
	}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Facts counts the questions of a survey.
func (w *world) Facts(ctx context.Context, tx bun.IDB, r workflow.Ref, _ guard.Needs, _ time.Time) (guard.Facts, error) {
	f := guard.Facts{
		Process: guard.ProcessFacts{Published: true}, Counts: map[string]int64{"questions": w.asked[r.ActivityID]}, Anchors: map[string][]time.Time{},
	}
	if r.ActivityID != 0 {
		return f, nil
	}
	instances, err := w.engine.Instances(ctx, tx, r.ProcessID)
	for _, i := range instances {
		switch {
		case i.ActivityID == 0:
		case i.State == "closed":
			f.Anchors["activity:questionnaire"] = append(f.Anchors["activity:questionnaire"], i.EnteredAt)
		case !i.DueAt.IsZero():
			f.Anchors["activity:questionnaire"] = append(f.Anchors["activity:questionnaire"], i.DueAt)
		}
	}
	return f, err
}

func (w *world) Activities(_ context.Context, _ bun.IDB, processID int64) ([]conduct.Activity, error) {
	return []conduct.Activity{
		{Ref: workflow.Ref{ProcessID: processID, ActivityID: 1}, Kind: "questionnaire"},
		{Ref: workflow.Ref{ProcessID: processID, ActivityID: 2}, Kind: "questionnaire"},
	}, nil
}

func (w *world) Announce(_ context.Context, _ bun.IDB, e workflow.Effect, c conduct.Cause) error {
	if e.Ref == w.broken && (e.Notice != definition.NoticeFailed || w.mute) {
		return errors.New("the line is down")
	}
	told := fmt.Sprintf("%d %s", e.Ref.ActivityID, e.Notice)
	for _, word := range []string{c.ClosedBy, c.Reason} {
		if word != "" {
			told += " " + word
		}
	}
	if !c.OldEnd.IsZero() {
		told += " " + c.OldEnd.Format(time.DateOnly)
	}
	w.told, w.keys = append(w.told, told), append(w.keys, e.Occasion)
	return nil
}

func (w *world) InTx(ctx context.Context, _ workflow.DeadlineRef, do func(ctx context.Context, tx bun.IDB) error) error {
	told, keys := slices.Clone(w.told), slices.Clone(w.keys)
	err := w.rows.InTx(ctx, do)
	if err != nil {
		w.told, w.keys = told, keys
	}
	return err
}

// hear gives what was announced since it was last asked.
func (w *world) hear() []string {
	told := w.told
	w.told = nil
	return told
}

func (w *world) apply(c workflow.Command) {
	w.Helper()
	w.must(w.InTx(w.Context(), workflow.DeadlineRef{ProcessID: c.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Apply(ctx, tx, c)
		return err
	}))
}

func (w *world) sweep() {
	w.Helper()
	_, err := w.Sweep(w.Context(), nil)
	w.must(err)
}

// expect holds the states of the process and its surveys, and what was told.
func (w *world) expect(states string, told ...string) {
	w.Helper()
	instances, err := w.engine.Instances(w.Context(), nil, process.ProcessID)
	w.must(err)
	var got []string
	for _, i := range instances {
		got = append(got, i.State)
	}
	if s := strings.Join(got, " "); s != states {
		w.Errorf("states %s, want %s", s, states)
	}
	if heard := w.hear(); !slices.Equal(heard, told) {
		w.Errorf("told %q, want %q", heard, told)
	}
	w.must(history.Verify(w.Context(), w.rows, process.ProcessID))
}

func TestProcessOpensItsActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.expect("listening open open", "1 activity-opened", "2 activity-opened")
}

// The end that an activity shares with its phase is its own, however late the
// worker and in whatever order it learns of them.
func TestSharedEndIsTheActivitys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.hear()
	w.clock.Advance(20 * 24 * time.Hour)
	due, err := w.engine.Due(t.Context(), nil, w.clock.Time(), 10)
	w.must(err)
	own, err := w.engine.Deadlines(t.Context(), nil, process)
	w.must(err)
	i := slices.IndexFunc(due, func(d workflow.DeadlineRef) bool {
		return slices.ContainsFunc(own, func(o workflow.Deadline) bool { return o.DeadlineRef == d })
	})
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Fire(ctx, tx, due[i])
		return err
	}))
	w.expect("over closed closed", "1 reminder timer", "2 reminder timer", "1 activity-closed timer", "2 activity-closed timer", "0 phase-opened timer")
	w.sweep()
	w.expect("over closed closed")
}

func TestPhaseCutsShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "30", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.apply(workflow.Command{Ref: ref(1), Event: "close", Actor: workflow.Person(2, "facilitator"), Reason: "Bastano", PublicReason: true})
	w.hear()
	w.clock.Advance(12 * 24 * time.Hour)
	w.sweep()
	w.expect("over closed closed", "2 activity-closed phase", "0 phase-opened timer")
}

// A process that ends closes what is still open, also where its definition does
// not say so: by a person or the clock, whether it rests or could not open.
func TestTheEndCloses(t *testing.T) {
	t.Parallel()
	silent := strings.Replace(path, "{close: {kind: questionnaire}}, ", "", 1)
	finish := func(w *world) { w.apply(workflow.Command{Ref: process, Event: "finish", Actor: promoter}) }
	late := func(w *world) { w.clock.Advance(12 * 24 * time.Hour); w.sweep() }
	cut := []string{"1 activity-closed phase", "2 activity-closed phase"}
	for name, c := range map[string]struct {
		before, end func(w *world)
		state       string
		told        []string
	}{
		"by a person":  {nil, finish, "over closed closed", append([]string{"0 phase-opened"}, cut...)},
		"by the clock": {nil, late, "over closed closed", append([]string{"0 phase-opened timer"}, cut...)},
		"what rests": {func(w *world) {
			w.must(w.InTx(w.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
				_, err := w.Suspend(ctx, tx, ref(1), workflow.Pause{Reason: "Neve", Actor: workflow.Person(2, "facilitator")})
				return err
			}))
		}, finish, "over closed closed", append([]string{"0 phase-opened"}, cut...)},
		"what a person closed": {func(w *world) {
			w.apply(workflow.Command{Ref: ref(2), Event: "close", Actor: workflow.Person(2, "facilitator")})
		}, finish, "over closed closed", []string{"0 phase-opened", "1 activity-closed phase"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOn(t, silent, strings.NewReplacer("DAYS", "30", "BY", "facilitator, system").Replace(survey))
			w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
			if c.before != nil {
				c.before(w)
			}
			w.hear()
			c.end(w)
			w.expect(c.state, c.told...)
			w.clock.Advance(60 * 24 * time.Hour)
			w.sweep()
			w.expect(c.state)
		})
	}
}

// What could not open does not open once its process has ended.
func TestTheEndWithdraws(t *testing.T) {
	t.Parallel()
	silent := strings.Replace(path, "{close: {kind: questionnaire}}, ", "", 1)
	w := newWorldOn(t, silent, strings.NewReplacer("DAYS", "30", "BY", "system").Replace(survey))
	w.asked[2] = 0
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.hear()
	w.apply(workflow.Command{Ref: process, Event: "finish", Actor: promoter})
	w.expect("over closed ready", "0 phase-opened", "1 activity-closed phase")
	w.asked[2] = 1
	w.sweep()
	w.expect("over closed ready")
}

// A consequence that a guard stops is told to those responsible, once, and
// waits for a person, or for the next sweep when no person may do it.
func TestStoppedConsequence(t *testing.T) {
	t.Parallel()
	for by, after := range map[string]string{"facilitator, system": "listening open ready", "system": "listening open open"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "5", by)
			w.asked[2] = 0
			w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
			w.expect("listening open ready", "1 activity-opened", "2 action-needed")
			w.sweep()
			w.expect("listening open ready")
			w.asked[2] = 1
			w.sweep()
			w.hear()
			w.expect(after)
		})
	}
}

func TestTermsThatChangeAreTold(t *testing.T) {
	t.Parallel()
	facilitator := workflow.Person(2, "facilitator")
	pause := workflow.Pause{Reason: "Neve", PublicReason: true, Actor: facilitator}
	for name, c := range map[string]struct {
		want string
		do   func(ctx context.Context, tx bun.IDB, w *world) error
	}{
		"later": {"1 deadline-extended Pochi 2026-03-07", func(ctx context.Context, tx bun.IDB, w *world) error {
			x := workflow.NewEnd{End: start.AddDate(0, 0, 9), Reason: "Pochi", PublicReason: true, Actor: facilitator}
			_, err := w.Extend(ctx, tx, ref(1), x)
			return err
		}},
		"sooner": {"1 deadline-shortened 2026-03-07", func(ctx context.Context, tx bun.IDB, w *world) error {
			_, err := w.Shorten(ctx, tx, ref(1), workflow.NewEnd{End: start.AddDate(0, 0, 3), Reason: "Bastano", Actor: facilitator})
			return err
		}},
		"held": {"1 held Neve", func(ctx context.Context, tx bun.IDB, w *world) error {
			_, err := w.Suspend(ctx, tx, ref(1), pause)
			return err
		}},
		"resumed": {"1 held Neve, 1 resumed Neve", func(ctx context.Context, tx bun.IDB, w *world) error {
			if _, err := w.Suspend(ctx, tx, ref(1), pause); err != nil {
				return err
			}
			_, err := w.Resume(ctx, tx, ref(1), pause)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "5", "facilitator, system")
			w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
			w.hear()
			w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error { return c.do(ctx, tx, w) }))
			w.expect("listening open open", strings.Split(c.want, ", ")...)
		})
	}
}

// One deadline that fails holds up no other, and stays due.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.hear()
	w.broken = ref(1)
	w.clock.Advance(7 * 24 * time.Hour)
	w.sweep()
	w.expect("listening open closed", "2 reminder timer", "2 activity-closed timer")
	if n := strings.Count(w.log.String(), "the line is down"); n != 2 {
		t.Errorf("%d failures logged: %s", n, w.log.String())
	}
	w.broken = workflow.Ref{}
	w.sweep() // they rest
	w.expect("listening open closed")
	w.clock.Advance(30 * time.Second)
	w.sweep()
	w.expect("listening closed closed", "1 reminder timer", "1 activity-closed timer")
}

// What goes on failing is tried less and less often, and in the end is set aside:
// people are told once, others do not wait for it, and it can be tried again.
func TestSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.hear()
	w.broken = ref(1)
	w.clock.Advance(7 * 24 * time.Hour)
	begun := w.clock.Time()
	var tries []time.Duration
	for failures := 0; failures < 5; {
		w.sweep()
		if n := strings.Count(w.log.String(), `"deadline failed"`) / 2; n > failures { // the reminder and the end
			failures, tries = n, append(tries, w.clock.Time().Sub(begun))
		}
		w.clock.Advance(15 * time.Second)
	}
	if want := []time.Duration{0, 30 * time.Second, 90 * time.Second, 210 * time.Second, 450 * time.Second}; !slices.Equal(tries, want) {
		t.Errorf("tried after %v, want %v", tries, want)
	}
	aside, err := w.engine.Aside(t.Context(), nil, 0)
	w.must(err)
	if len(aside) != 2 || aside[1].Action != "event" || aside[1].Failure != "the line is down" || aside[1].Failures != 5 {
		t.Fatalf("%+v", aside)
	}
	w.expect("listening open closed", "2 reminder timer", "2 activity-closed timer", "1 deadline-failed", "1 deadline-failed")
	w.clock.Advance(40 * time.Minute)
	w.sweep()
	if n := strings.Count(w.log.String(), `"deadline failed"`); n != 10 {
		t.Errorf("%d failures logged", n)
	}
	w.clock.Advance(time.Hour)
	w.sweep() // once more, told to nobody
	w.expect("listening open closed")
	w.broken = workflow.Ref{}
	w.sweep()
	w.expect("listening open closed")
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Insist(ctx, tx, aside[1].ProcessID, aside[1].ID)
		return err
	}))
	w.expect("listening closed closed", "1 activity-closed timer")
	if aside, err = w.engine.Aside(t.Context(), nil, process.ProcessID); err != nil || len(aside) != 0 { // the reminder went with its state
		t.Errorf("%+v, %v", aside, err)
	}
}

// What can tell nobody is set aside all the same.
func TestSetAsideUntold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.broken, w.mute = ref(1), true
	w.clock.Advance(7 * 24 * time.Hour)
	for range 5 {
		w.sweep()
		w.clock.Advance(time.Hour / 2)
	}
	if aside, err := w.engine.Aside(t.Context(), nil, 0); err != nil || len(aside) != 2 {
		t.Errorf("%+v, %v", aside, err)
	}
	if !strings.Contains(w.log.String(), "nobody is told of a failed deadline") {
		t.Error(w.log.String())
	}
}

// What could not open in its phase does not open after it.
func TestStoppedOpeningEndsWithThePhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "system")
	w.asked[2] = 0
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.apply(workflow.Command{Ref: process, Event: "finish", Actor: promoter})
	w.hear()
	w.asked[2] = 1
	w.sweep()
	w.expect("over closed ready")
	if open, err := w.engine.Incidents(t.Context(), nil, 0); err != nil || len(open) > 0 {
		t.Errorf("still held: %+v, %v", open, err)
	}
}

// What the phase hangs on the end of its activities follows it.
func TestPhaseFollowsTheEndOfItsActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	due := func() string {
		all, err := w.engine.Deadlines(t.Context(), nil, process)
		w.must(err)
		for _, d := range all {
			if strings.Contains(d.Name, "account") && d.CancelledAt.IsZero() {
				return d.DueAt.Format(time.DateOnly)
			}
		}
		return "never"
	}
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	if got := due(); got != "2026-03-09" {
		t.Errorf("opened: %s", got)
	}
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Extend(ctx, tx, ref(2), workflow.NewEnd{End: start.AddDate(0, 0, 7), Reason: "x", Actor: workflow.Person(2, "facilitator")})
		return err
	}))
	if got := due(); got != "2026-03-11" {
		t.Errorf("extended: %s", got)
	}
	for a := int64(1); a <= 2; a++ {
		w.apply(workflow.Command{Ref: ref(a), Event: "close", Actor: workflow.Person(2, "facilitator")})
	}
	if got := due(); got != "2026-03-04" {
		t.Errorf("closed: %s", got)
	}
}

// Whoever moves the end of an activity learns which dates of the process move
// with it.
func TestDatesOfTheProcessThatMoveAlongAreListed(t *testing.T) {
	t.Parallel()
	pause := workflow.Pause{Reason: "x", Actor: workflow.Person(2, "facilitator")}
	w := newWorld(t, "5", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	day := func(d int) time.Time { return time.Date(2026, 3, d-1, 23, 0, 0, 0, time.UTC) }
	expect := func(got []workflow.Move, err error, from, to int) {
		t.Helper()
		w.must(err)
		if want := []workflow.Move{{Name: "deadline.account", Old: day(from), New: day(to)}}; !slices.Equal(got, want) {
			t.Errorf("moved %v, want %v", got, want)
		}
	}
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		later, err := w.Extend(ctx, tx, ref(1), workflow.NewEnd{End: day(11), Reason: "x", Actor: pause.Actor})
		expect(later.Process, err, 10, 13)
		sooner, err := w.Shorten(ctx, tx, ref(1), workflow.NewEnd{End: day(9), Reason: "x", Actor: pause.Actor})
		expect(sooner.Process, err, 13, 11)
		_, err = w.Suspend(ctx, tx, ref(1), pause)
		w.clock.Advance(48 * time.Hour)
		w.must(err)
		on, err := w.Resume(ctx, tx, ref(1), pause)
		expect(on.Process, err, 11, 13)
		return nil
	}))
}

// TestOneFaultStopsNoProcess: a guard of an activity that cannot be evaluated is
// the business of that activity alone.
func TestOneFaultStopsNoProcess(t *testing.T) {
	t.Parallel()
	close := "{id: close, event: close, from: [open], to: closed, by: [facilitator, system, timer]"
	guarded := close + `, requires: [{code: x, guard: "activities[0].over", explain: {it: No, en: No}}]`
	w := newWorldOf(t, strings.NewReplacer("DAYS", "5", "BY", "facilitator, system", close, guarded).Replace(survey))
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.clock.Advance(20 * 24 * time.Hour)
	w.sweep()
	if i, err := w.engine.Instance(t.Context(), nil, process); err != nil || i.State != "over" {
		t.Errorf("twenty days later the process is in %s: %v", i.State, err)
	}
	incidents, err := w.engine.Incidents(t.Context(), nil, 0)
	if err != nil || len(incidents) != 2 || incidents[0].ActivityID == 0 || incidents[0].Blockers[0].Fix != "phases" {
		t.Errorf("%+v, %v", incidents, err)
	}
}

// TestAPublicationThatFailedIsForgotten: what one program was about to publish is
// not what it runs once another published something else.
func TestAPublicationThatFailedIsForgotten(t *testing.T) {
	t.Parallel()
	rows, clock, log := memory.New(), memory.NewClock(start), slog.New(slog.DiscardHandler)
	one := workflow.NewEngine(definition.NewLibrary(), clock, nil, log).On(rows)
	other := workflow.NewEngine(definition.NewLibrary(), clock, nil, log).On(rows)
	lasting := func(days string) *definition.Compiled {
		c, problems := definition.Check("path", []byte(strings.ReplaceAll(path, "10d", days)), nil)
		if problems != nil {
			t.Fatal(problems)
		}
		return c
	}
	failed := errors.New("the rest fails")
	err := rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
		if err := one.Publish(ctx, tx, lasting("11d"), workflow.Pin{}); err != nil {
			return err
		}
		if _, err := one.Resolve(ctx, tx, "path", 1); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if err := rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
		return other.Publish(ctx, tx, lasting("99d"), workflow.Pin{})
	}); err != nil {
		t.Fatal(err)
	}
	got, err := one.Resolve(t.Context(), nil, "path", 1)
	if err != nil || got.States[1].Term.Length.Days != 99 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whatever was missed comes in the order of its instants, in whichever order the
// timer learns of it, and counts from when it should have come: the phase that
// ended on the tenth day closed the surveys then, and not their own ends two days
// later.
func TestMissedIsReplayedInOrderAcrossLevels(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]workflow.Ref{"Sweep": {}, "Process": process, "Activity": ref(1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "12", "facilitator, system")
			w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
			w.hear()
			w.clock.Advance(20 * 24 * time.Hour)
			if first != (workflow.Ref{}) {
				all, err := w.engine.Deadlines(t.Context(), nil, first)
				w.must(err)
				i := slices.IndexFunc(all, func(d workflow.Deadline) bool { return d.Name == "end" })
				for range 2 { // delivered twice
					w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
						_, err := w.Fire(ctx, tx, all[i].DeadlineRef)
						return err
					}))
				}
			}
			w.sweep()
			w.expect("over closed closed", "1 activity-closed phase", "2 activity-closed phase", "0 phase-opened timer")
			log, err := w.engine.Log(t.Context(), nil, process.ProcessID, 0, 0)
			w.must(err)
			end := time.Date(2026, 3, 12, 23, 0, 0, 0, time.UTC)
			for _, e := range log {
				if e.To == "closed" || e.To == "over" {
					if !e.EffectiveAt.Equal(end) || !e.Late() {
						t.Errorf("%s of %d counts from %s", e.Transition, e.ActivityID, e.EffectiveAt)
					}
				}
			}
			for at, states := range map[time.Time]string{end.Add(-time.Second): "listening open open", end: "over closed closed"} {
				m, err := history.At(t.Context(), w.rows, process.ProcessID, at)
				if w.must(err); len(m) != 3 || m[0].State+" "+m[1].State+" "+m[2].State != states {
					t.Errorf("at %s: %+v", at, m)
				}
			}
		})
	}
}

// What a person did to an activity after the end of its phase, before anybody
// knew of that, stays before what the phase does to it.
func TestConsequencesComeAfterWhatIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "30", "facilitator, system")
	w.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	w.clock.Advance(15 * 24 * time.Hour)
	known := w.clock.Time()
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{ProcessID: process.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.engine.Extend(ctx, tx, ref(1), workflow.NewEnd{End: start.AddDate(0, 0, 40), Reason: "x", Actor: workflow.Person(2, "facilitator")})
		return err
	}))
	w.clock.Advance(5 * 24 * time.Hour)
	w.sweep()
	for a, want := range map[int64]time.Time{1: known, 2: time.Date(2026, 3, 12, 23, 0, 0, 0, time.UTC)} {
		i, err := w.engine.Instance(t.Context(), nil, ref(a))
		if w.must(err); i.State != "closed" || !i.EnteredAt.Equal(want) {
			t.Errorf("activity %d is %s since %s, want %s", a, i.State, i.EnteredAt, want)
		}
	}
}

// A process whose states lead to each other without end is stopped, and the
// sweep ends.
func TestEndlessRoundIsSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "5", "facilitator, system")
	library := definition.NewLibrary()
	_, err := library.Add("round.yaml", []byte(`
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter]
initial: a
states:
  a: {title: {it: A, en: A}, term: {until: "day:2026-03-05"}, at_end: {event: go}}
  b: {title: {it: B, en: B}, term: {until: "day:2026-03-05"}, at_end: {event: go}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: go, from: [a], to: b, by: [timer]}
  - {id: ba, event: go, from: [b], to: a, by: [timer]}
  - {id: end, event: end, from: [a, b], to: z, by: [promoter], title: {it: Concludi, en: End}}
`))
	w.must(err)
	w.rows = memory.New()
	w.engine = workflow.NewEngine(library, w.clock, w, slog.New(slog.DiscardHandler)).On(w.rows)
	w.Conduct = conduct.New(w.engine, w, w.clock, slog.New(slog.DiscardHandler))
	w.must(w.InTx(t.Context(), workflow.DeadlineRef{}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.engine.Create(ctx, tx, process, workflow.Start{Definition: "path", Actor: promoter})
		return err
	}))
	w.clock.Advance(7 * 24 * time.Hour)
	w.sweep()
	if aside, err := w.engine.Aside(t.Context(), nil, 0); err != nil || len(aside) != 1 || len(w.told) != 1 {
		t.Errorf("%+v, %v, told %v", aside, err, w.told)
	}
	w.sweep()
}
