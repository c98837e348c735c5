package store

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/workflow/row"
)

// Plan reads the plan of an instance in order.
func (s Store) Plan(ctx context.Context, ref row.Ref) ([]row.Phase, error) {
	var rows []row.Phase
	err := s.tx.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID).
		Order("position").OrderExpr(`state COLLATE "C"`).Scan(ctx)
	return rows, err
}

// WritePlan replaces what is planned and keeps what happened.
func (s Store) WritePlan(ctx context.Context, ref row.Ref, rows []row.Phase) error {
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
	_, err := s.tx.NewRaw(`UPDATE workflow_plan SET ended_at = ?, reason = ? WHERE process_id = ? AND activity_id = ? AND state = ?`,
		p.At, p.Reason, ref.ProcessID, ref.ActivityID, p.Left).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = s.tx.NewRaw(`INSERT INTO workflow_plan AS p (process_id, activity_id, state, position, source, days, fixed, started_at, reason)
		SELECT ?, ?, ?, coalesce(max(position) + 1, 0), 'none', 0, false, ?, '' FROM workflow_plan WHERE process_id = ? AND activity_id = ?
		ON CONFLICT (process_id, activity_id, state) DO UPDATE
		SET started_at = coalesce(p.started_at, EXCLUDED.started_at), ended_at = NULL, reason = ''`,
		ref.ProcessID, ref.ActivityID, p.Entered, p.At, ref.ProcessID, ref.ActivityID).Exec(ctx)
	return err
}

// ReplacePlan puts rows in the place of a whole plan, with what happened.
func (s Store) ReplacePlan(ctx context.Context, ref row.Ref, rows []row.Phase) error {
	_, err := s.tx.NewRaw(`DELETE FROM workflow_plan WHERE process_id = ? AND activity_id = ?`, ref.ProcessID, ref.ActivityID).Exec(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = s.tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return err
}
