package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Revert takes the last migration of an instance back, as long as nothing else
// happened to it since. Faults: Invalid workflow.reason_required; Conflict
// workflow.revert_none, workflow.held, workflow.stale.
func (e *Engine) Revert(ctx context.Context, tx bun.IDB, ref Ref, p Pause) (Migration, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Migration{}, err
	}
	if err := p.check(w); err != nil {
		return Migration{}, err
	}
	old, err := w.revertible(ctx)
	if err != nil {
		return Migration{}, err
	}
	out := Migration{From: w.inst.State, To: old.From.State}
	if w.def, err = e.pinned(ctx, tx, old.From.Definition, old.From.Version, placeOf(w.inst)); err != nil {
		return Migration{}, err
	}
	i := w.inst
	i.Definition, i.Version, i.State = old.From.Definition, old.From.Version, old.From.State
	i.MinAt, i.MaxAt, i.FirstDueAt = old.From.MinAt, old.From.MaxAt, old.From.FirstDueAt
	i.Revision++
	if err := e.gather(ctx, w, w.now); err != nil {
		return Migration{}, err
	}
	if out.Moved, err = w.rearm(ctx, old.From.DueAt, true); err != nil {
		return Migration{}, err
	}
	i.DueAt = old.From.DueAt
	if len(old.Plan) > 0 {
		if err := w.replan(ctx, backwards(old.States), plannable(w.def, old.Plan)); err != nil {
			return Migration{}, err
		}
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActRevert, From: out.From, ActorKind: string(p.Actor.Kind), ActorRole: w.office(p.Actor),
	}
	text := row.Text{PersonID: p.Actor.PersonID, Reason: p.Reason, PublicReason: p.PublicReason}
	if err := w.record(ctx, as, text, migrated{From: old.To, To: pinOf(i), Moved: out.Moved}); err != nil {
		return Migration{}, err
	}
	out.Revision = i.Revision
	return out, nil
}

// Revertible reports that Revert would find a migration to take back.
func (e *Engine) Revertible(ctx context.Context, db bun.IDB, ref Ref) (bool, error) {
	rows := e.open(db)
	inst, err := rows.Instance(ctx, ref)
	if err != nil {
		return false, err
	}
	_, err = (&work{tx: db, rows: rows, process: inst, inst: inst}).revertible(ctx)
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return err == nil, err
}

func (w *work) revertible(ctx context.Context) (migrated, error) {
	none := fault.New(fault.Conflict, "workflow.revert_none")
	if !w.inst.HeldAt.IsZero() {
		return migrated{}, fault.New(fault.Conflict, "workflow.held")
	}
	last, _, err := w.rows.LatestLog(ctx, w.inst.Ref())
	if err != nil {
		return migrated{}, fmt.Errorf("read the latest of the log: %w", err)
	}
	if len(last) == 0 || last[0].Transition != definition.ActMigrate {
		return migrated{}, none
	}
	var m migrated
	if err := json.Unmarshal(last[0].Facts, &m); err != nil {
		return migrated{}, fmt.Errorf("read migration %d: %w", last[0].Seq, err)
	}
	return m, nil
}

// plannable leaves out what a plan of the definition may not name, although it
// has a row: final states, and those of a definition before.
func plannable(def *definition.Compiled, plan []PlannedPhase) []PlannedPhase {
	return slices.DeleteFunc(slices.Clone(plan), func(p PlannedPhase) bool {
		s, ok := def.State(p.State)
		return !ok || s.Final
	})
}

func backwards(names map[string]string) map[string]string {
	out := make(map[string]string, len(names))
	for from, to := range names {
		out[to] = from
	}
	return out
}
