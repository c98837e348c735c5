package rehearse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
	"arengo/workflow/rehearse/scenario"
)

// activity is one of the process in the play; it has a ref once somebody made
// it.
type activity struct {
	ref                workflow.Ref
	kind, phase, title string
	sessions           int
	own                Activity // as it is in the real process
	begun              bool     // staff work on it
	state              string
	counts             map[string]int64
	meetings           []Meeting
	ends               time.Time // the day that was chosen for its end
	byStratum          []poll
	byDay              map[string]int
	part               []part // of each person, nil while nobody takes part
}

// poll counts one stratum's part in an activity.
type poll struct{ invited, answered int64 }

func (a *activity) made() bool { return a.ref.ActivityID != 0 }

// endOf is when an activity ended or its present term will, as guards and
// anchors see it; zero when it has no end, or was called off.
func (r *rehearsal) endOf(a *activity) time.Time {
	inst, left := r.instance(a.ref), map[string]time.Time{}
	plan, err := r.engine.Plan(context.Background(), nil, a.ref)
	if err != nil {
		r.errors.found = append(r.errors.found, err.Error())
	}
	for _, p := range plan {
		left[p.State] = p.EndedAt
	}
	return r.kinds[a.kind].Definition.EndOf(inst.State, inst.EnteredAt, inst.DueAt, left)
}

// planActivities supposes the activities that the states want, beside those
// that are there.
func (r *rehearsal) planActivities() {
	for _, own := range r.Setup.Activities {
		r.activities = append(r.activities, &activity{kind: own.Kind, phase: own.Phase, title: own.Title, own: own})
	}
	for _, s := range r.def.States {
		for _, need := range s.Activities {
			if _, ok := r.kinds[need.Kind]; !ok {
				continue
			}
			there := r.of(need.Kind, s.Name)
			for _, a := range there {
				a.sessions = need.Sessions
			}
			for n := len(there); n < max(1, need.Min); n++ {
				a := &activity{kind: need.Kind, phase: s.Name, sessions: need.Sessions, title: r.kinds[need.Kind].Title}
				if max(1, need.Min) > 1 {
					a.title = fmt.Sprintf("%s %d", a.title, n+1)
				}
				r.activities = append(r.activities, a)
			}
		}
	}
	r.nameApart()
}

// nameApart numbers those of one title by their phase, so that a reader knows
// which is which.
func (r *rehearsal) nameApart() {
	seen := map[string]int{}
	for _, a := range r.activities {
		seen[a.title]++
	}
	for _, a := range r.activities {
		if seen[a.title] > 1 && a.own.Title == "" {
			s, _ := r.def.State(a.phase)
			a.title = fmt.Sprintf("%s (%s)", a.title, s.Title.In(r.Lang))
		}
		a.counts, a.byDay = map[string]int64{}, map[string]int{}
	}
}

// of lists the activities of a kind in a phase.
func (r *rehearsal) of(kind, phase string) []*activity {
	var out []*activity
	for _, a := range r.activities {
		if a.kind == kind && a.phase == phase {
			out = append(out, a)
		}
	}
	return out
}

func (r *rehearsal) activity(ref workflow.Ref) *activity {
	if ref.ActivityID == 0 {
		return nil
	}
	for _, a := range r.activities {
		if a.ref == ref {
			return a
		}
	}
	return nil
}

// create makes an activity in its first state.
func (r *rehearsal) create(ctx context.Context, a *activity, by workflow.Actor) error {
	made := int64(0)
	for _, other := range r.activities {
		if other.made() {
			made++
		}
	}
	a.ref, a.begun = workflow.Ref{ProcessID: process.ProcessID, ActivityID: made + 1}, true
	a.state = r.kinds[a.kind].Definition.Initial
	return r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		res, err := r.engine.Create(ctx, tx, a.ref, workflow.Start{
			Definition: a.kind, Version: r.kinds[a.kind].Definition.Version, Zone: r.def.Location.String(), Closed: r.Setup.Closed, Actor: by,
		})
		if err != nil {
			return err
		}
		return r.conduct.Carry(ctx, tx, res.Effects, noCause)
	})
}

// window is the time in which an activity can take place: what is left of its
// phase, or the phase as it is planned.
func (r *rehearsal) window(a *activity, now time.Time) (from, until time.Time) {
	inst := r.instance(process)
	p := r.planned(a.phase)
	from, until = now, inst.DueAt
	if inst.State != a.phase {
		from, until = p.Start, p.End
		if from.IsZero() { // nobody knows yet
			from, until = inst.DueAt, inst.DueAt
		} else if from.Before(inst.DueAt) { // what comes before it lasts longer than was planned
			until = until.Add(inst.DueAt.Sub(from))
			from = inst.DueAt
		}
	}
	if from.Before(now) {
		from = now
	}
	if !until.After(from.AddDate(0, 0, 3)) {
		until = from.AddDate(0, 0, 30)
	}
	return from, until
}

// schedule fixes the meetings of an activity on evenings of working days,
// spread over its window; those of its kind in the phase follow each other.
func (r *rehearsal) schedule(ctx context.Context, a *activity, now time.Time) error {
	a.meetings = a.own.Meetings
	for _, m := range a.meetings {
		if m.Start.Before(now) { // the real ones are not to come in this play
			a.meetings = nil
		}
	}
	if len(a.meetings) == 0 {
		from, until := r.window(a, now)
		n, peers := max(1, a.sessions), r.of(a.kind, a.phase)
		place := slices.Index(peers, a)
		for i := range n {
			at := from.Add(until.Sub(from) * time.Duration(2*(i+1)) / time.Duration(3*n+1))
			day := r.workday(civil.DateOf(at, r.def.Location).Add(place))
			if soonest := r.workday(civil.DateOf(now, r.def.Location).Add(2 + i)); day.Before(soonest) {
				day = soonest
			}
			a.meetings = append(a.meetings, Meeting{day.At(18, 0, r.def.Location), day.At(20, 0, r.def.Location)})
		}
	}
	a.counts["meetings"] = int64(len(a.meetings))
	return r.anchored(ctx, a)
}

// finishOn chooses the day on which an activity ends: the last working day but
// one of its window, a week before where a person must end the phase, or the one
// that was chosen already.
func (r *rehearsal) finishOn(ctx context.Context, a *activity, now time.Time) error {
	from, until := r.window(a, now)
	day := civil.DateOf(until.Add(-time.Second), r.def.Location).Add(-1)
	if s, _ := r.def.State(a.phase); s.AtEnd == "" {
		day = day.Add(-6)
	}
	for !r.cal.Working(day) {
		day = day.Add(-1)
	}
	if least := civil.DateOf(from, r.def.Location).Add(1); day.Before(least) {
		day = r.workday(least)
	}
	a.ends = day.Add(1).Start(r.def.Location)
	if a.own.End.After(now) {
		a.ends = a.own.End
	}
	def := r.kinds[a.kind].Definition
	var plan []workflow.PlannedPhase
	for _, s := range def.States {
		if s.Term != nil && s.Term.Until == "" && r.open(def, s.Name) && def.Allows(s.Name, "extend") {
			plan = append(plan, workflow.PlannedPhase{State: s.Name, End: a.ends, Source: outlook.SourceFixed, Fixed: true})
			break
		}
	}
	if err := r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		return r.engine.SetPlan(ctx, tx, a.ref, plan)
	}); err != nil {
		return err
	}
	return r.anchored(ctx, a)
}

// anchored tells the engine that instants moved on which terms may hang, of
// activities and then of the process.
func (r *rehearsal) anchored(ctx context.Context, of ...*activity) error {
	refs := []workflow.Ref{}
	for _, a := range of {
		refs = append(refs, a.ref)
	}
	refs = append(refs, process)
	return r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		for _, ref := range refs {
			if r.definitionOf(ref).Final(r.stateOf(ref)) {
				continue
			}
			if _, err := r.engine.RescheduleAnchors(ctx, tx, ref, workflow.System()); err != nil {
				return err
			}
		}
		return nil
	})
}

// entered lets people take part in a state that an activity just entered.
func (r *rehearsal) entered(a *activity) {
	def := r.kinds[a.kind].Definition
	if def.Allows(a.state, "register") && a.counts["registered"] == 0 {
		r.crowd.register(a, r.kinds[a.kind].Registered)
	}
	if len(a.meetings) > 0 && !a.meetings[0].End.After(r.clock.Time()) && a.counts["attended"] == 0 {
		r.crowd.attend(a)
	}
}

// instance is one as it stands; the play made it, so it is there.
func (r *rehearsal) instance(ref workflow.Ref) workflow.Instance {
	inst, err := r.engine.Instance(context.Background(), nil, ref)
	if err != nil {
		r.errors.found = append(r.errors.found, err.Error())
	}
	return inst
}

// workday is the first working day from a date on that nobody rests on.
func (r *rehearsal) workday(d civil.Date) civil.Date {
	for !r.cal.Working(d) || r.resting(d) {
		d = d.Add(1)
	}
	return d
}

// resting reports that the scenario suspends work on a date.
func (r *rehearsal) resting(d civil.Date) bool {
	return slices.ContainsFunc(r.holds, func(h scenario.Hold) bool { return !d.Before(h.From) && !h.Until.Before(d) })
}

// opens reports that entering a state opens activities of a kind, or wants them
// ready.
func opens(s definition.State, kind string) bool {
	return slices.ContainsFunc(s.OnEnter, func(x definition.Action) bool { return x.Open == kind }) ||
		slices.ContainsFunc(s.Activities, func(n definition.ActivityNeed) bool { return n.Kind == kind && n.AtEntry != "" })
}
