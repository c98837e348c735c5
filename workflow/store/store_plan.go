package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/row"
)

// Plan reads the plan of an instance in order.
func (s Store) Plan(ctx context.Context, ref row.Ref) ([]row.Phase, error) {
	if s.held != nil && s.held.has(ref.Process()) {
		if _, known := s.held.plans[ref]; !known {
			if err := pg.Send(ctx, s.tx, s.held.readPlan(ref)); err != nil {
				return nil, err
			}
		}
		return slices.Clone(s.held.plans[ref]), nil
	}
	var rows []row.Phase
	err := pg.Send(ctx, s.tx, planStep(func(r row.Phase) { rows = append(rows, r) }, planOf, ref.ProcessID, ref.ActivityID))
	return rows, err
}

// planOf is the plan of one instance.
const planOf = "process_id = $1 AND activity_id = $2"

// planStep reads what a condition selects, row by row.
func planStep(take func(r row.Phase), where string, args ...any) pg.Step {
	return pg.Step{
		Query: `SELECT process_id, activity_id, state, position, planned_start, planned_end, source, days, fixed, started_at, ended_at, reason
			FROM workflow_plan WHERE ` + where + ` ORDER BY position, state COLLATE "C"`,
		Args: args,
		Each: func(scan pg.Scan) error {
			var r row.Phase
			err := scan(&r.ProcessID, &r.ActivityID, &r.State, &r.Position, pg.Time(&r.PlannedStart), pg.Time(&r.PlannedEnd), &r.Source,
				&r.Days, &r.Fixed, pg.Time(&r.StartedAt), pg.Time(&r.EndedAt), &r.Reason)
			take(r)
			return err
		},
	}
}

// replanned forgets the plan of an instance, which is about to change.
func (s Store) replanned(ref row.Ref) {
	if s.held != nil {
		delete(s.held.plans, ref)
	}
}

// WritePlan replaces what is planned and keeps what happened.
func (s Store) WritePlan(ctx context.Context, ref row.Ref, rows []row.Phase) error {
	s.replanned(ref)
	states := []string{""}
	for _, r := range rows {
		states = append(states, r.State)
	}
	_, err := s.tx.NewRaw(`DELETE FROM workflow_plan WHERE process_id = ? AND activity_id = ? AND started_at IS NULL AND state NOT IN (?)`,
		ref.ProcessID, ref.ActivityID, bun.List(states)).Exec(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = s.tx.NewInsert().Model(&rows).On("CONFLICT (process_id, activity_id, state) DO UPDATE").
		Set("position = EXCLUDED.position, planned_start = EXCLUDED.planned_start, planned_end = EXCLUDED.planned_end").
		Set("source = EXCLUDED.source, days = EXCLUDED.days, fixed = EXCLUDED.fixed").
		Returning("NULL").Exec(ctx)
	return err
}

// NotePlan writes what happened beside the plan. A state outside the plan gets
// a row after the planned ones.
func (s Store) NotePlan(ctx context.Context, ref row.Ref, p row.Passage) error {
	steps := []pg.Step{{Query: notePassage, Args: []any{ref.ProcessID, ref.ActivityID, p.Entered, p.Left, p.At, p.Reason}}}
	if !s.plans(ref, p.Entered) {
		steps = append(steps, pg.Step{Query: addPassage, Args: []any{ref.ProcessID, ref.ActivityID, p.Entered, p.At}})
	}
	s.replanned(ref)
	return pg.Later(ctx, s.tx, steps...)
}

// plans reports that the plan is known to have a row of a state; where nothing is
// known, it is false.
func (s Store) plans(ref row.Ref, state string) bool {
	return s.held != nil && slices.ContainsFunc(s.held.plans[ref], func(r row.Phase) bool { return r.State == state })
}

const (
	notePassage = `UPDATE workflow_plan SET started_at = CASE state WHEN $3 THEN coalesce(started_at, $5) ELSE started_at END,
		ended_at = CASE state WHEN $3 THEN NULL ELSE $5::timestamptz END, reason = CASE state WHEN $3 THEN '' ELSE $6::text END
		WHERE process_id = $1 AND activity_id = $2 AND state IN ($3, $4)`
	addPassage = `INSERT INTO workflow_plan (process_id, activity_id, state, position, source, days, fixed, started_at, reason)
		SELECT $1, $2, $3, coalesce(max(position) + 1, 0), 'none', 0, false, $4, '' FROM workflow_plan WHERE process_id = $1 AND activity_id = $2
		ON CONFLICT (process_id, activity_id, state) DO NOTHING`
)

// ReplacePlan puts rows in the place of a whole plan, with what happened.
func (s Store) ReplacePlan(ctx context.Context, ref row.Ref, rows []row.Phase) error {
	s.replanned(ref)
	_, err := s.tx.NewRaw(`DELETE FROM workflow_plan WHERE process_id = ? AND activity_id = ?`, ref.ProcessID, ref.ActivityID).Exec(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = s.tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return err
}
