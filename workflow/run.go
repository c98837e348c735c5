package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Start is what Create needs. Version 0 is the latest, an empty Zone the
// definition's; Plan may be nil.
type Start struct {
	Definition string
	Version    int
	Zone       string
	Actor      Actor
	Plan       []PlannedPhase
}

// Create starts an instance in its initial state, arms its deadlines and
// returns the effects of entering it. The process must exist before its
// activities. A second instance is a fault.Conflict "workflow.instance_exists".
func (e *Engine) Create(ctx context.Context, tx bun.IDB, ref Ref, s Start) (Result, error) {
	w, err := e.begin(ctx, tx, ref, s)
	if err != nil {
		return Result{}, err
	}
	if err := w.plan(ctx, s.Plan); err != nil {
		return Result{}, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return Result{}, err
	}
	if err := e.enter(ctx, w, "", w.now); err != nil {
		return Result{}, err
	}
	w.facts.Term = guard.TermFacts{EnteredAt: w.now, MinAt: instant(w.inst.MinAt), DueAt: instant(w.inst.DueAt), MaxAt: instant(w.inst.MaxAt)}
	row := &logRow{EffectiveAt: w.now, Transition: definition.ActCreate, ActorKind: s.Actor.Kind, ActorRole: w.office(s.Actor)}
	if err := w.record(ctx, row, textRow{PersonID: s.Actor.PersonID}, w.facts); err != nil {
		return Result{}, err
	}
	if err := w.arm(ctx); err != nil {
		return Result{}, err
	}
	r := w.result("", row)
	r.Effects = w.effects(w.state().OnEnter, "enter", w.now)
	return r, nil
}

// begin inserts the row of a new instance, under the process's lock.
func (e *Engine) begin(ctx context.Context, tx bun.IDB, ref Ref, s Start) (*work, error) {
	def, err := e.pinned(ctx, tx, s.Definition, s.Version, s.Zone)
	if err != nil {
		return nil, err
	}
	level := definition.LevelProcess
	w := &work{tx: tx, def: def}
	if ref.ActivityID != 0 {
		level = definition.LevelActivity
		if w.process, err = readInstance(ctx, tx, ref.Process(), true); err != nil {
			return nil, err
		}
	}
	if def.Level != level {
		return nil, fmt.Errorf("create %+v: workflow %s is of level %s", ref, def.Name, def.Level)
	}
	if w.now, err = e.now(ctx, tx); err != nil {
		return nil, err
	}
	if err := publish(ctx, tx, e.shipped(def), w.now); err != nil {
		return nil, err
	}
	w.inst = &instanceRow{
		ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, Definition: def.Name, Version: def.Version,
		Zone: def.Location.String(), State: def.Initial, EnteredAt: w.now, CreatedAt: w.now,
	}
	if w.process == nil {
		w.process = w.inst
	}
	return w, insertInstance(ctx, tx, w.inst)
}

// shipped is the definition with its own zone, as it is published.
func (e *Engine) shipped(def *definition.Compiled) *definition.Compiled {
	if c, err := e.defs.Get(def.Name, def.Version); err == nil {
		return c
	}
	return def
}

// Explain lists the transitions that leave the present state and what blocks
// each for this actor: the same decision as Apply, without the move or a lock.
func (e *Engine) Explain(ctx context.Context, tx bun.IDB, ref Ref, actor Actor) ([]Option, error) {
	row, err := readInstance(ctx, tx, ref, false)
	if err != nil {
		return nil, err
	}
	w := &work{tx: tx, process: row, inst: row}
	if w.now, err = e.now(ctx, tx); err != nil {
		return nil, err
	}
	if w.def, err = e.pinned(ctx, tx, row.Definition, row.Version, row.Zone); err != nil {
		return nil, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	options, err := Options(w.def, Input{State: row.State, Actor: actor, Facts: w.facts})
	if err != nil {
		return nil, err
	}
	return options, w.foresee(ctx, options)
}

// foresee adds to options when the states that they lead to would end.
func (w *work) foresee(ctx context.Context, options []Option) error {
	plan, err := readPlan(ctx, w.tx, w.inst.ref())
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	for i := range options {
		o := &options[i]
		if o.To.Final {
			continue
		}
		var planned *PlannedPhase
		if k := slices.IndexFunc(plan, func(p PlannedPhase) bool { return p.State == o.To.Name }); k >= 0 {
			planned = &plan[k]
			o.Planned = planned.End
		}
		o.Ends = termBounds(o.To.Term, w.now, planned, w.facts, w.def.Civil()).due
	}
	return nil
}

// Due lists deadlines that are due at now and not done, the oldest first.
func (e *Engine) Due(ctx context.Context, db bun.IDB, now time.Time, limit int) ([]DeadlineRef, error) {
	return openDeadlines(ctx, db, time.Time{}, now.Add(time.Microsecond), limit)
}

// OfProcess gives the due instant of an open deadline that is a process's own;
// false for one of an activity, or one that is done.
func (e *Engine) OfProcess(ctx context.Context, tx bun.IDB, d DeadlineRef) (time.Time, bool, error) {
	row, err := readDeadline(ctx, tx, d.ProcessID, d.ID)
	if err != nil {
		return time.Time{}, false, err
	}
	return row.DueAt.UTC(), row.ActivityID == 0 && row.Generation == d.Generation && row.open(), nil
}

// Passed lists the open deadlines of a process's activities that are due no
// later than an instant, the earliest first.
func (e *Engine) Passed(ctx context.Context, tx bun.IDB, processID int64, until time.Time) ([]DeadlineRef, error) {
	return passedDeadlines(ctx, tx, processID, until)
}

// Soon lists open deadlines due in [from, to), the earliest first.
func (e *Engine) Soon(ctx context.Context, db bun.IDB, from, to time.Time, limit int) ([]DeadlineRef, error) {
	return openDeadlines(ctx, db, from, to, limit)
}

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (e *Engine) Instance(ctx context.Context, db bun.IDB, ref Ref) (Instance, error) {
	row, err := readInstance(ctx, db, ref, false)
	if err != nil {
		return Instance{}, err
	}
	return row.instance(), nil
}

// Instances reads the process and its activities, the process first.
func (e *Engine) Instances(ctx context.Context, db bun.IDB, processID int64) ([]Instance, error) {
	rows, err := readInstances(ctx, db, processID)
	if err != nil {
		return nil, fmt.Errorf("read instances: %w", err)
	}
	out := make([]Instance, len(rows))
	for i := range rows {
		out[i] = rows[i].instance()
	}
	return out, nil
}

// Definition is the compiled definition an instance is pinned to, in the
// instance's zone.
func (e *Engine) Definition(ctx context.Context, db bun.IDB, i Instance) (*definition.Compiled, error) {
	return e.pinned(ctx, db, i.Definition, i.Version, i.Zone)
}

// Plan reads the plan of an instance in order, with the titles of its states.
func (e *Engine) Plan(ctx context.Context, db bun.IDB, ref Ref) ([]PlannedPhase, error) {
	i, err := e.Instance(ctx, db, ref)
	if err != nil {
		return nil, err
	}
	def, err := e.Definition(ctx, db, i)
	if err != nil {
		return nil, err
	}
	plan, err := readPlan(ctx, db, ref)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	for i := range plan {
		s, _ := def.State(plan[i].State)
		plan[i].Title = s.Title
	}
	return plan, nil
}

// Deadlines reads every deadline of an instance by due instant, done and
// cancelled ones included.
func (e *Engine) Deadlines(ctx context.Context, db bun.IDB, ref Ref) ([]Deadline, error) {
	rows, err := readDeadlines(ctx, db, ref, 0)
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	out := make([]Deadline, len(rows))
	for i := range rows {
		out[i] = rows[i].deadline()
	}
	return out, nil
}

// Incidents reads the open incidents of a process, the oldest first; process
// 0 reads everyone's.
func (e *Engine) Incidents(ctx context.Context, db bun.IDB, processID int64) ([]Incident, error) {
	out, err := openIncidents(ctx, db, processID)
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	return out, nil
}
