package rehearse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arengo/workflow"
	"arengo/workflow/definition"
)

// staff are those who do what the guards ask for, on working days: one thing at
// a time for each desk, which is the process or one of its activities.
type staff struct{ desks []*desk }

type desk struct {
	activity *activity // nil: the process
	seen     string    // what the desk looked like when it was last set
	wake     time.Time // when somebody sits down at it, zero for not yet
}

// Hours at which staff work: at the process, at its activities.
const (
	processHour  = 10
	activityHour = 11
)

// tend sets the desks where something changed.
func (r *rehearsal) tend() {
	for len(r.staff.desks) <= len(r.activities) {
		d := &desk{}
		if n := len(r.staff.desks); n > 0 {
			d.activity = r.activities[n-1]
		}
		r.staff.desks = append(r.staff.desks, d)
	}
	whole := r.instance(process)
	for _, d := range r.staff.desks {
		inst, hour := whole, processHour
		if a := d.activity; a != nil {
			if !a.made() {
				continue
			}
			inst, hour = r.instance(a.ref), activityHour
		}
		seen := fmt.Sprint(whole.Entry, whole.Held(), inst.Entry, inst.Held(), inst.DueAt.Unix())
		if seen == d.seen {
			continue
		}
		d.seen, d.wake = seen, r.slot(r.clock.Time(), hour, 1)
		if due := inst.DueAt; d.activity != nil && !due.IsZero() && !d.wake.Before(due) && due.After(r.clock.Time()) {
			d.wake = r.clock.Time().Add(due.Sub(r.clock.Time()) / 2) // there is no morning before the end
		}
	}
}

// slot is an hour of the nth working day after an instant's own.
func (r *rehearsal) slot(t time.Time, hour, n int) time.Time {
	day := r.date(t)
	for range n {
		day = r.workday(day.Add(1))
	}
	return day.At(hour, 0, r.def.Location)
}

// next is the first desk at which somebody sits down, nil when nobody does.
func (s *staff) next() *desk {
	var first *desk
	for _, d := range s.desks {
		if !d.wake.IsZero() && (first == nil || d.wake.Before(first.wake)) {
			first = d
		}
	}
	return first
}

// work lets somebody do the next thing at a desk.
func (r *rehearsal) work(ctx context.Context, d *desk) error {
	d.wake = time.Time{}
	ref := process
	if d.activity != nil {
		ref = d.activity.ref
	}
	inst, def := r.instance(ref), r.definitionOf(ref)
	goal, ok := r.goal(def, inst.State)
	if !ok || inst.Held() {
		return nil
	}
	if d.activity != nil {
		return r.workActivity(ctx, d, inst, goal)
	}
	return r.workProcess(ctx, d, inst, goal)
}

// workProcess first has the activities of this phase and of the next one begun,
// then does one step a day, spread over the term, and advances before its end.
func (r *rehearsal) workProcess(ctx context.Context, d *desk, inst workflow.Instance, goal definition.Transition) error {
	if err := r.beginActivities(ctx, inst, goal); err != nil {
		return err
	}
	steps, waits, hopeless, err := r.needs(process, goal)
	if err != nil {
		return err
	}
	r.despair(inst, hopeless)
	steps = append(steps, r.documents(inst.State, goal, steps)...)
	last := r.advanceAt(inst)
	now := r.clock.Time()
	if len(steps) > 0 {
		if err := r.take(ctx, steps[0], inst); err != nil {
			return err
		}
		d.wake = r.slot(now, processHour, 1)
		if last.After(now) && steps[0].activity == nil {
			later := now.Add(last.Sub(now) / time.Duration(len(steps)+1))
			if paced := r.slot(later.AddDate(0, 0, -1), processHour, 1); paced.After(d.wake) {
				d.wake = paced
			}
		}
		return nil
	}
	s, _ := r.def.State(inst.State)
	switch {
	case s.AtEnd == goal.Event && now.Before(inst.DueAt): // the clock does it, or stops at a guard
		d.wake = r.slot(inst.DueAt, processHour, 1)
		return nil
	case r.person(goal) == "" || r.nobody(inst.State):
		return nil
	case now.Before(last):
		d.wake = last
		return nil
	case waits || len(hopeless) > 0 || r.unfinished(inst):
		d.wake = r.slot(now, processHour, 1)
		return nil
	}
	return r.advance(ctx, d, inst, goal)
}

// nobody reports that the scenario has nobody advance the process from a state.
func (r *rehearsal) nobody(state string) bool {
	return r.Scenario.Nobody || slices.Contains(r.Scenario.NobodyIn, state)
}

// beginActivities has those made that belong to the phase, or that the next one
// opens or wants ready.
func (r *rehearsal) beginActivities(ctx context.Context, inst workflow.Instance, goal definition.Transition) error {
	next, _ := r.def.State(goal.To)
	for _, a := range r.activities {
		if a.made() || a.phase != inst.State && (a.phase != goal.To || !opens(next, a.kind)) {
			continue
		}
		who := r.office(goal, definition.Runners)
		if a.own.Title == "" {
			r.act(step{what: r.words.Tell("prepare", "title", a.title), fix: "activities", who: who}, inst)
		}
		if err := r.create(ctx, a, workflow.Person(1, who)); err != nil {
			return err
		}
	}
	return nil
}

// advanceAt is the morning on which people mean to move on: that of one of the
// last working days of the term, and a week after the entry where there is none.
func (r *rehearsal) advanceAt(inst workflow.Instance) time.Time {
	if inst.DueAt.IsZero() {
		return r.slot(inst.EnteredAt, processHour, 5)
	}
	day := r.date(inst.DueAt.Add(-time.Second))
	for slack := r.slack(inst); ; day = day.Add(-1) {
		if !r.cal.Working(day) || r.resting(day) {
			if day.Before(r.date(inst.EnteredAt)) {
				break
			}
			continue
		}
		if slack == 0 {
			break
		}
		slack--
	}
	first := r.slot(inst.EnteredAt, processHour, 1)
	if at := day.At(processHour, 0, r.def.Location); at.After(first) {
		return at
	}
	return first
}

// slack is by how many working days people are early: none to two, by seed and
// phase.
func (r *rehearsal) slack(inst workflow.Instance) int {
	return int((r.Scenario.Seed*7 + uint64(inst.Entry)*13 + uint64(len(inst.State))) % 3)
}

// unfinished waits for the activities of a phase without a term of its own.
func (r *rehearsal) unfinished(inst workflow.Instance) bool {
	if !inst.DueAt.IsZero() || r.clock.Time().After(inst.EnteredAt.AddDate(0, 0, 120)) {
		return false
	}
	return slices.ContainsFunc(r.activities, func(a *activity) bool {
		return a.phase == inst.State && a.made() && !r.kinds[a.kind].Definition.Final(a.state)
	})
}

// workActivity prepares an activity ahead of its phase, opens it within, and
// sees it to its end.
func (r *rehearsal) workActivity(ctx context.Context, d *desk, inst workflow.Instance, goal definition.Transition) error {
	a, def, now := d.activity, r.kinds[d.activity.kind].Definition, r.clock.Time()
	whole := r.instance(process)
	leads := r.open(def, goal.To) && !r.open(def, a.state) && a.counts["attended"] == 0
	if over := r.def.Final(whole.State) || position(r.def, whole.State) > position(r.def, a.phase); over && leads {
		return nil // its phase went by without it
	}
	steps, waits, hopeless, err := r.needs(a.ref, goal)
	if err != nil {
		return err
	}
	r.despair(inst, hopeless)
	if kind := r.kinds[a.kind]; len(steps) == 0 && leads && kind.Invited != 0 && a.counts["invited"] == 0 {
		steps = append(steps, step{
			what: r.words.Tell("invite", "title", a.title), fix: "invitations", who: r.office(goal, definition.Runners), activity: a,
			do: func(ctx context.Context) error { return r.count(ctx, a, "invited", 1) },
		})
	}
	s, _ := def.State(a.state)
	switch {
	case len(steps) > 0:
		if err := r.take(ctx, steps[0], inst); err != nil {
			return err
		}
		d.wake = r.slot(now, activityHour, 1)
		if !inst.DueAt.IsZero() && inst.DueAt.Before(d.wake) && inst.DueAt.After(now) {
			d.wake = now.Add(inst.DueAt.Sub(now) / 2)
		}
		return nil
	case s.AtEnd == goal.Event && now.Before(inst.DueAt):
		d.wake = r.slot(inst.DueAt, activityHour, 1)
		return nil
	case leads && whole.State != a.phase, r.person(goal) == "" && !waits:
		return nil
	case waits || len(hopeless) > 0 || r.person(goal) == "":
		d.wake = r.slot(now, activityHour, 1)
		return nil
	}
	return r.advance(ctx, d, inst, goal)
}
