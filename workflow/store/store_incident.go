package store

import (
	"context"
	"time"

	"arengo/workflow/row"
)

// AddIncident opens that of a deadline.
func (s Store) AddIncident(ctx context.Context, r *row.Incident) error {
	_, err := s.tx.NewInsert().Model(r).Returning("NULL").Exec(ctx)
	return err
}

// Hold opens an incident without a deadline, unless one is open for the same
// transition; it reports whether it did. The instance is locked.
func (s Store) Hold(ctx context.Context, r *row.Incident) (bool, error) {
	res, err := s.tx.NewRaw(`INSERT INTO incident (process_id, activity_id, deadline_id, transition, blockers, opened_at)
		SELECT ?0, ?1, 0, ?2, ?3::jsonb, ?4 WHERE NOT EXISTS (SELECT FROM incident WHERE process_id = ?0 AND activity_id = ?1
			AND transition = ?2 AND resolved_at IS NULL)`,
		r.ProcessID, r.ActivityID, r.Transition, string(r.Blockers), r.OpenedAt).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Resolve closes what is open of an instance.
func (s Store) Resolve(ctx context.Context, ref row.Ref, now time.Time) error {
	_, err := s.tx.NewRaw(`UPDATE incident SET resolved_at = ? WHERE process_id = ? AND activity_id = ? AND resolved_at IS NULL`,
		now, ref.ProcessID, ref.ActivityID).Exec(ctx)
	return err
}

// Withdraw closes what Hold opened for one transition of an instance.
func (s Store) Withdraw(ctx context.Context, ref row.Ref, transition string, now time.Time) error {
	_, err := s.tx.NewRaw(`UPDATE incident SET resolved_at = ? WHERE process_id = ? AND activity_id = ? AND transition = ?
		AND deadline_id = 0 AND resolved_at IS NULL`, now, ref.ProcessID, ref.ActivityID, transition).Exec(ctx)
	return err
}

// Incidents lists what is open of a process, or of all when it is 0, the oldest
// first.
func (s Store) Incidents(ctx context.Context, processID int64) ([]row.Incident, error) {
	var rows []row.Incident
	q := s.tx.NewSelect().Model(&rows).Where("resolved_at IS NULL")
	if processID != 0 {
		q = q.Where("process_id = ?", processID)
	}
	err := q.Order("opened_at", "process_id", "id").Scan(ctx)
	return rows, err
}
