package workflow

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Start is what Create needs. Version 0 is the latest, an empty Zone the
// definition's; Plan may be nil.
type Start struct {
	Definition string
	Version    int
	Zone       string
	Closed     string // see Instance
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
	w.facts.Term = termFacts(instance(w.inst), w.now, w.def.Location)
	as := &row.Log{EffectiveAt: w.now, Transition: definition.ActCreate, ActorKind: string(s.Actor.Kind), ActorRole: w.office(s.Actor)}
	if err := w.record(ctx, as, row.Text{PersonID: s.Actor.PersonID}, w.facts); err != nil {
		return Result{}, err
	}
	if err := w.arm(ctx); err != nil {
		return Result{}, err
	}
	r := w.result("", as)
	r.Effects = w.effects(w.state().OnEnter, "enter", w.now)
	return r, nil
}

// begin inserts the row of a new instance, under the process's lock.
func (e *Engine) begin(ctx context.Context, tx bun.IDB, ref Ref, s Start) (*work, error) {
	def, err := e.pinned(ctx, tx, s.Definition, s.Version, place{s.Zone, s.Closed})
	if err != nil {
		return nil, err
	}
	level := definition.LevelProcess
	w := &work{tx: tx, rows: e.open(tx), told: e.told, def: def}
	if ref.ActivityID != 0 {
		level = definition.LevelActivity
		if w.process, _, err = w.rows.Lock(ctx, ref.Process()); err != nil {
			return nil, err
		}
	}
	if def.Level != level {
		return nil, fmt.Errorf("create %+v: workflow %s is of level %s", ref, def.Name, def.Level)
	}
	if w.now, err = e.now(ctx, tx); err != nil {
		return nil, err
	}
	if err := w.rows.Publish(ctx, published(e.shipped(def), w.now)); err != nil {
		return nil, err
	}
	w.inst = &row.Instance{
		ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, Definition: def.Name, Version: def.Version,
		Zone: def.Location.String(), ClosedDays: s.Closed, State: def.Initial, EnteredAt: w.now, CreatedAt: w.now,
	}
	if w.process == nil {
		w.process = w.inst
	}
	return w, w.rows.AddInstance(ctx, w.inst)
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
	rows := e.open(tx)
	inst, err := rows.Instance(ctx, ref)
	if err != nil {
		return nil, err
	}
	w := &work{tx: tx, rows: rows, process: inst, inst: inst}
	if w.now, err = e.now(ctx, tx); err != nil {
		return nil, err
	}
	if w.def, err = e.pinned(ctx, tx, inst.Definition, inst.Version, placeOf(inst)); err != nil {
		return nil, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	options, err := Options(w.def, Input{State: inst.State, Held: row.UTC(inst.HeldAt), Actor: actor, Facts: w.facts})
	if err != nil {
		return nil, err
	}
	return options, w.foresee(ctx, options)
}

// foresee adds to options when the states that they lead to would end.
func (w *work) foresee(ctx context.Context, options []Option) error {
	plan, err := w.planned(ctx)
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
