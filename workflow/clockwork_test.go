package workflow_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// opened is a survey opened on 2 March at 10:00: it ends with 22 March.
func opened(t *testing.T, answers int64) *bench {
	t.Helper()
	b := newBench(t)
	b.running(answers)
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
	if due := b.instance(activity).DueAt; !due.Equal(b.at("2026-03-23 00:00")) {
		t.Fatalf("due %s", due)
	}
	return b
}

func TestTimerClosesInTwoSteps(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	end := b.deadline(activity, 2, "end")
	b.clock.Set(end.DueAt.Add(-time.Microsecond))
	b.sweep()
	if r := b.fire(end.DeadlineRef); !r.Early || b.instance(activity).State != "open" {
		t.Errorf("a microsecond early: %+v", r)
	}
	if b.instance(activity).Past(b.clock.Time()) {
		t.Error("input is refused a microsecond early")
	}
	b.clock.Set(end.DueAt)
	if !b.instance(activity).Past(b.clock.Time()) {
		t.Error("input is let in at the end, before the timer came by")
	}
	r := b.fire(end.DeadlineRef)
	if r.To != "closing" || !r.EffectiveAt.Equal(end.DueAt) || !b.instance(activity).DueAt.Equal(end.DueAt.Add(2*time.Hour)) {
		t.Errorf("%+v", r)
	}
	if r := b.fire(end.DeadlineRef); !r.Obsolete || len(r.Effects) > 0 {
		t.Errorf("twice: %+v", r)
	}
	b.clock.Advance(2 * time.Hour)
	if got := notices(b.sweep()); !slices.Equal(got, []string{"notice:activity-closed>facilitator", "fire:analyse>"}) {
		t.Errorf("effects %v", got)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	last := log[len(log)-1]
	if last.Office != "timer" || last.ActorKind != workflow.ActorTimer || last.DeadlineID == 0 || last.From != "closing" || last.To != "closed" {
		t.Errorf("the log says %+v", last)
	}
	b.verify()
}

func TestMissedBoundariesAreReplayedInOrder(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	b.clock.Set(b.at("2026-05-01 12:00")) // the worker was down over everything
	end := b.deadline(activity, 2, "end")
	r := b.fire(end.DeadlineRef) // the job of the end comes first; the reminders before it go first all the same
	if got := notices(r.Effects); !slices.Equal(got, []string{"notice:reminder>silent", "notice:last-days>silent"}) {
		t.Errorf("effects %v", got)
	}
	for _, e := range r.Effects {
		if !e.Expires.Equal(end.DueAt) || !e.At.Before(e.Expires) {
			t.Errorf("a late %s was due %s and expires %s", e.Notice, e.At, e.Expires)
		}
	}
	b.sweep()
	i := b.instance(activity)
	if i.State != "closed" || !i.EnteredAt.Equal(end.DueAt.Add(2*time.Hour)) {
		t.Errorf("%s since %s: the grace must count from the missed end", i.State, i.EnteredAt)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	if n := len(log); !log[n-2].EffectiveAt.Equal(end.DueAt) || !log[n-2].At.Equal(b.clock.Time()) {
		t.Errorf("log %+v", log[n-2])
	}
	b.verify()
}

func TestBlockedDeadlineOpensAnIncident(t *testing.T) {
	t.Parallel()
	b := opened(t, 0)
	b.clock.Set(b.at("2026-03-23 00:00"))
	end := b.deadline(activity, 2, "end")
	r := b.fire(end.DeadlineRef)
	if !r.Blocked || !slices.Equal(codes(r.Blockers), []string{"answered"}) || r.To != "open" {
		t.Fatalf("%+v", r)
	}
	if got := notices(r.Effects[2:]); !slices.Equal(got, []string{"notice:action-needed>facilitator"}) || r.Effects[2].Occasion != "p7.a3.e2.end.g1" {
		t.Errorf("effects %v", got)
	}
	if r := b.fire(end.DeadlineRef); !r.Obsolete {
		t.Errorf("a blocked deadline fires again: %+v", r)
	}
	b.clock.Set(b.at("2026-03-24 00:00"))
	if got := notices(b.sweep()); !slices.Equal(got, []string{"notice:escalation>promoter"}) {
		t.Errorf("escalation %v", got)
	}
	open, err := b.engine.Incidents(t.Context(), b.db, 0)
	if err != nil || len(open) != 1 || open[0].Transition != "end" || open[0].Blockers[0].Explain.In("it") != "Nessuno ha risposto" {
		t.Fatalf("incidents %+v, %v", open, err)
	}
	b.facts.set(activity, guard.Facts{Counts: map[string]int64{"answers": 1}})
	b.mustApply(workflow.Command{Ref: activity, Event: "end", Actor: facilitator})
	if open, err = b.engine.Incidents(t.Context(), b.db, process.ProcessID); err != nil || len(open) != 0 {
		t.Errorf("still open %+v, %v", open, err)
	}
	b.verify()
}

func TestTermWithoutEventBecomesOverdue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	b.clock.Set(b.at("2026-04-03 00:00"))
	got := notices(b.sweep())
	want := []string{"notice:action-needed>facilitator", "notice:action-needed>facilitator,promoter", "notice:action-overdue>promoter"}
	if !slices.Equal(got, want) {
		t.Errorf("effects %v, want %v", got, want)
	}
	b.clock.Set(b.at("2026-04-10 00:00"))
	if got := notices(b.sweep()); !slices.Equal(got, []string{"notice:action-overdue>promoter"}) {
		t.Errorf("escalation %v", got)
	}
	b.verify()
}

func (b *bench) extend(ref workflow.Ref, end time.Time, reason string) (workflow.Extension, error) {
	var x workflow.Extension
	err := b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		x, err = b.engine.Extend(ctx, tx, ref, workflow.NewEnd{End: end, Reason: reason, Actor: facilitator, PublicReason: true})
		return err
	})
	return x, err
}

func TestExtend(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	b.clock.Set(b.at("2026-03-14 08:00")) // the 10-day reminder (13 March) has gone
	b.sweep()
	before := b.deadline(activity, 2, "end")
	newEnd := b.at("2026-04-02 00:00")
	x, err := b.extend(activity, newEnd, "Poche risposte")
	b.must(err)
	if !x.Old.Equal(before.DueAt) || !x.New.Equal(newEnd) || x.Revision != 3 {
		t.Errorf("extension %+v", x)
	}
	want := []workflow.Move{
		{Name: "reminder.10d", Old: b.at("2026-03-13 00:00"), New: b.at("2026-03-23 00:00")},
		{Name: "last-days.2d", Old: b.at("2026-03-20 09:00"), New: b.at("2026-03-30 09:00")},
		{Name: "escalation", Old: b.at("2026-03-24 00:00"), New: b.at("2026-04-03 00:00")},
	}
	if !slices.Equal(x.Moved, want) {
		t.Errorf("moved %+v, want %+v", x.Moved, want)
	}
	if got := notices(x.Effects); !slices.Equal(got, []string{"notice:deadline-extended>silent"}) || x.Effects[0].Occasion != "p7.a3.e2.extended.r3" {
		t.Errorf("effects %+v", x.Effects)
	}
	after := b.deadline(activity, 2, "end")
	if after.ID != before.ID || after.Generation != 2 || !after.DueAt.Equal(newEnd) {
		t.Errorf("end %+v", after)
	}
	if d := b.deadline(activity, 2, "reminder.10d"); d.Generation != 2 || !d.FiredAt.IsZero() {
		t.Errorf("a sent reminder whose new time is to come is armed again: %+v", d)
	}
	b.clock.Set(b.at("2026-03-23 00:00"))
	if r := b.fire(before.DeadlineRef); !r.Obsolete {
		t.Errorf("the old end fired: %+v", r)
	}
	if got := b.sweep(); len(got) != 1 || got[0].Occasion != "p7.a3.e2.reminder.10d.g2" {
		t.Errorf("effects %+v", got)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	if last := log[len(log)-1]; last.Transition != "extend" || last.From != "open" || last.To != "open" || last.Reason != "Poche risposte" || last.Office != "facilitator" {
		t.Errorf("log %+v", last)
	}
	// A small extension leaves a reminder alone whose new time is over.
	x, err = b.extend(activity, b.at("2026-04-02 12:00"), "Ancora mezza giornata")
	b.must(err)
	if slices.ContainsFunc(x.Moved, func(m workflow.Move) bool { return m.Name == "reminder.10d" && !m.New.After(b.clock.Time()) }) {
		t.Errorf("moved into the past: %+v", x.Moved)
	}
	b.verify()
}

func TestExtendRefusals(t *testing.T) {
	t.Parallel()
	b := opened(t, 0)
	b.clock.Set(b.at("2026-03-20 10:00"))
	for _, c := range []struct {
		name, end, reason, want string
		ref                     workflow.Ref
	}{
		{"no reason", "2026-03-30 00:00", " ", "workflow.reason_required", activity},
		{"the same end", "2026-03-23 00:00", "x", "workflow.extend_not_later", activity},
		{"an earlier end", "2026-03-22 00:00", "x", "workflow.extend_not_later", activity},
		{"beyond the maximum", "2026-05-02 00:01", "x", "workflow.extend_beyond_max", activity},
		{"not allowed in the state", "2026-05-02 00:00", "x", "workflow.extend_not_allowed", process},
		{"no such instance", "2026-05-02 00:00", "x", "workflow.instance_unknown", workflow.Ref{ProcessID: 7, ActivityID: 99}},
	} {
		if _, err := b.extend(c.ref, b.at(c.end), c.reason); key(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if i := b.instance(activity); i.Revision != 2 {
		t.Errorf("a refusal changed the instance: %+v", i)
	}
	b.clock.Set(b.at("2026-03-23 00:00"))
	if _, err := b.extend(activity, b.at("2026-03-30 00:00"), "x"); key(err) != "workflow.term_ended" {
		t.Errorf("after the end, before the timer: %v", err)
	}
	b.sweep() // a guard blocks the end: now somebody must be able to help
	b.clock.Set(b.at("2026-03-23 09:00"))
	if _, err := b.extend(activity, b.at("2026-03-23 08:00"), "x"); key(err) != "workflow.extend_past" {
		t.Errorf("into the past: %v", err)
	}
	x, err := b.extend(activity, b.at("2026-05-02 00:00"), "Nessuno ha risposto")
	b.must(err)
	if end := b.deadline(activity, 2, "end"); end.Generation != 2 || !end.FiredAt.IsZero() || !x.New.Equal(end.DueAt) {
		t.Errorf("a blocked end is armed again: %+v", end)
	}
	if open, err := b.engine.Incidents(t.Context(), b.db, 0); err != nil || len(open) != 0 {
		t.Errorf("incidents %+v, %v", open, err)
	}
	b.verify()
}

func TestFixedEndIsTheDeadline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	plan := func(end string) error {
		return b.in(func(ctx context.Context, tx bun.IDB) error {
			return b.engine.SetPlan(ctx, tx, activity, []workflow.PlannedPhase{
				{State: "open", Start: b.at("2026-03-10 00:00"), End: b.at(end), Fixed: true, Source: outlook.SourceFixed},
			})
		})
	}
	b.must(plan("2026-03-20 18:00"))
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
	if due := b.instance(activity).DueAt; !due.Equal(b.at("2026-03-20 18:00")) {
		t.Errorf("due %s", due)
	}
	b.must(plan("2026-03-25 18:00"))
	if due := b.instance(activity).DueAt; !due.Equal(b.at("2026-03-20 18:00")) {
		t.Errorf("a plan moved a running term to %s: that takes an extension", due)
	}
	if d := b.deadline(activity, 2, "reminder.10d"); !d.DueAt.Equal(b.at("2026-03-10 18:00")) {
		t.Errorf("reminder %+v", d)
	}
	b.verify()
}

func TestPlanKeepsWithinTheLaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, end, want string }{
		{"below the minimum", "2026-03-04 00:00", "2026-03-08 00:00"},
		{"above the maximum", "2026-08-01 00:00", "2026-05-02 00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
			b.create(activity, workflow.Start{Definition: "survey", Actor: facilitator, Plan: []workflow.PlannedPhase{
				{State: "open", End: b.at(c.end), Fixed: true},
			}})
			b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
			if due := b.instance(activity).DueAt; !due.Equal(b.at(c.want)) {
				t.Errorf("due %s, want %s", due.In(rome(t)), c.want)
			}
		})
	}
}

func TestSetPlanRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	for want, phases := range map[string][]workflow.PlannedPhase{
		"workflow.plan_state_unknown": {{State: "party"}},
		"workflow.plan_end_missing":   {{State: "open", Fixed: true}},
		"workflow.plan_order":         {{State: "open", Start: b.at("2026-03-10 00:00"), End: b.at("2026-03-09 00:00")}},
	} {
		err := b.in(func(ctx context.Context, tx bun.IDB) error { return b.engine.SetPlan(ctx, tx, activity, phases) })
		if key(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestMeetingsMoveTheirReminders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	meet := func(starts ...string) {
		f := guard.Facts{Anchors: map[string][]time.Time{}}
		for _, s := range starts {
			f.Anchors["meeting"] = append(f.Anchors["meeting"], b.at(s))
			f.Anchors["meeting_end"] = append(f.Anchors["meeting_end"], b.at(s).Add(time.Hour))
		}
		b.facts.set(activity, f)
	}
	reschedule := func() []workflow.Move {
		var moves []workflow.Move
		b.must(b.in(func(ctx context.Context, tx bun.IDB) (err error) {
			moves, err = b.engine.RescheduleAnchors(ctx, tx, activity, facilitator)
			return err
		}))
		return moves
	}
	b.create(activity, workflow.Start{Definition: "seminar", Actor: facilitator})
	if i := b.instance(activity); !i.DueAt.IsZero() {
		t.Errorf("due %s without a meeting", i.DueAt)
	}
	meet("2026-03-30 18:00") // the night before last the clocks changed
	if moves := reschedule(); len(moves) != 3 {
		t.Errorf("armed %+v", moves)
	}
	day := b.deadline(activity, 1, "meeting-reminder.1d.meeting.0")
	if !day.DueAt.Equal(b.at("2026-03-29 18:00")) || !b.instance(activity).DueAt.Equal(b.at("2026-03-30 19:00")) {
		t.Errorf("reminder %+v", day)
	}
	if moves := reschedule(); len(moves) != 0 {
		t.Errorf("nothing changed, but %+v moved", moves)
	}
	meet("2026-03-28 18:00")
	if moves := reschedule(); len(moves) != 3 {
		t.Errorf("moved %+v", moves)
	}
	day = b.deadline(activity, 1, "meeting-reminder.1d.meeting.0")
	if day.Generation != 2 || !day.DueAt.Equal(b.at("2026-03-27 18:00")) {
		t.Errorf("reminder %+v", day)
	}
	b.clock.Set(b.at("2026-03-27 18:00"))
	// the first effect is the process's own reminder to its facilitator
	if got := b.sweep(); len(got) != 2 || got[1].Occasion != "p7.a3.e1.meeting-reminder.1d.meeting.0.g2" || !got[1].Expires.Equal(b.at("2026-03-28 18:00")) {
		t.Errorf("effects %+v", got)
	}
	meet("2026-04-10 18:00", "2026-04-11 18:00") // put off after the reminder went: it goes again
	reschedule()
	if d := b.deadline(activity, 1, "meeting-reminder.1d.meeting.0"); d.Generation != 3 || !d.FiredAt.IsZero() {
		t.Errorf("reminder %+v", d)
	}
	if d := b.deadline(activity, 1, "meeting-reminder.1h.meeting.1"); !d.DueAt.Equal(b.at("2026-04-11 17:00")) {
		t.Errorf("second meeting %+v", d)
	}
	meet("2026-04-10 18:00")
	reschedule()
	if d := b.deadline(activity, 1, "meeting-reminder.1h.meeting.1"); d.CancelledWhy != "moved" {
		t.Errorf("a meeting that is gone still reminds: %+v", d)
	}
	if _, err := b.extend(activity, b.at("2026-05-01 00:00"), "x"); key(err) != "workflow.extend_anchored" {
		t.Errorf("extending what a meeting ends: %v", err)
	}
	meet() // called off altogether: nothing may fire
	reschedule()
	if due, err := b.engine.Due(t.Context(), b.db, b.at("2027-01-01 00:00"), 10); err != nil || slices.ContainsFunc(due, func(d workflow.DeadlineRef) bool {
		return d.ID == day.ID
	}) {
		t.Errorf("due %+v, %v", due, err)
	}
	if i := b.instance(activity); !i.DueAt.IsZero() {
		t.Errorf("still due %s", i.DueAt)
	}
	b.verify()
}

func TestClockThatJumpsBack(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	entered := b.instance(activity).EnteredAt
	b.clock.Set(entered.Add(-time.Hour))
	r := b.mustApply(workflow.Command{Ref: activity, Event: "end", Actor: facilitator})
	if r.EffectiveAt.Before(entered) || b.instance(activity).EnteredAt.Before(entered) {
		t.Errorf("the log runs backwards: %+v", r)
	}
	b.verify()
}

func TestReminderBeforeTheEntryIsLeftOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	b.create(activity, workflow.Start{Definition: "survey", Actor: facilitator, Plan: []workflow.PlannedPhase{
		{State: "open", End: b.at("2026-03-10 18:00"), Fixed: true},
	}})
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
	all, err := b.engine.Deadlines(t.Context(), b.db, activity)
	b.must(err)
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
	}
	if !slices.Equal(names, []string{"last-days.2d", "end", "escalation"}) {
		t.Errorf("armed %v: ten days before an end in eight days is over", names)
	}
}

// An alarm for a role that nobody holds goes on along the chain, to the promoter
// and at last to who runs the platform; it is never for nobody.
func TestAnAlarmReachesSomebody(t *testing.T) {
	t.Parallel()
	for want, roles := range map[string]map[string]int64{
		"expert": {"expert": 1, "facilitator": 1}, "facilitator": {"facilitator": 1, "promoter": 1}, "promoter": {"promoter": 1}, "administrator": {},
	} {
		b := newBench(t)
		b.facts.set(activity, guard.Facts{Counts: map[string]int64{"answers": 0}, Process: guard.ProcessFacts{Roles: roles}})
		b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
		b.create(activity, workflow.Start{Definition: "chained-survey", Actor: facilitator})
		b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
		b.clock.Set(b.at("2026-03-24 00:00"))
		got := notices(b.sweep())
		if len(got) == 0 || got[len(got)-1] != "notice:escalation>"+want {
			t.Errorf("%v: %v", roles, got)
		}
	}
}
