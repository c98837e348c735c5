package store

import (
	"context"
	"slices"
	"time"

	"arengo/process/pg"
	"arengo/workflow/row"
)

// AddIncident opens that of a deadline.
func (s Store) AddIncident(ctx context.Context, r *row.Incident) error {
	s.troubled(r.ProcessID)
	return pg.Later(ctx, s.tx, pg.Step{
		Query: `INSERT INTO incident (process_id, activity_id, deadline_id, transition, blockers, opened_at)
			VALUES ($1, $2, $3, $4, $5::jsonb, $6)`,
		Args: []any{r.ProcessID, r.ActivityID, r.DeadlineID, r.Transition, string(r.Blockers), r.OpenedAt},
	})
}

// Hold opens an incident without a deadline, unless one is open for the same
// transition; it reports whether it did. The instance is locked.
func (s Store) Hold(ctx context.Context, r *row.Incident) (bool, error) {
	s.troubled(r.ProcessID)
	var n int64
	err := pg.Send(ctx, s.tx, pg.Step{
		Query: `INSERT INTO incident (process_id, activity_id, deadline_id, transition, blockers, opened_at)
			SELECT $1, $2, 0, $3, $4::jsonb, $5 WHERE NOT EXISTS (SELECT FROM incident WHERE process_id = $1 AND activity_id = $2
				AND transition = $3 AND resolved_at IS NULL)`,
		Args: []any{r.ProcessID, r.ActivityID, r.Transition, string(r.Blockers), r.OpenedAt}, Affected: &n,
	})
	return n == 1, err
}

// Resolve closes what is open of an instance.
func (s Store) Resolve(ctx context.Context, ref row.Ref, now time.Time) error {
	return s.resolve(ctx, ref, now, func(row.Incident) bool { return true }, "true")
}

// Withdraw closes what Hold opened for one transition of an instance.
func (s Store) Withdraw(ctx context.Context, ref row.Ref, transition string, now time.Time) error {
	return s.resolve(ctx, ref, now, func(r row.Incident) bool { return r.Transition == transition && r.DeadlineID == 0 },
		"transition = $4 AND deadline_id = 0", transition)
}

// resolve closes what is open of an instance and suits; where it is known that
// nothing does there is nothing to write.
func (s Store) resolve(ctx context.Context, ref row.Ref, now time.Time, suits func(r row.Incident) bool, where string, args ...any) error {
	if list, known := s.troubles(ref.ProcessID); known {
		left := slices.DeleteFunc(slices.Clone(list), func(r row.Incident) bool { return r.ActivityID == ref.ActivityID && suits(r) })
		if s.held.troubles[ref.ProcessID] = left; len(left) == len(list) {
			return nil
		}
	}
	return pg.Later(ctx, s.tx, pg.Step{
		Query: `UPDATE incident SET resolved_at = $1 WHERE process_id = $2 AND activity_id = $3 AND resolved_at IS NULL AND ` + where,
		Args:  append([]any{now, ref.ProcessID, ref.ActivityID}, args...),
	})
}

// Incidents lists what is open of a process, or of all when it is 0, the oldest
// first.
func (s Store) Incidents(ctx context.Context, processID int64) ([]row.Incident, error) {
	if list, known := s.troubles(processID); known {
		return slices.Clone(list), nil
	}
	var rows []row.Incident
	where, args := "$1::bigint = 0", []any{processID}
	if processID != 0 {
		where = "process_id = $1"
	}
	err := pg.Send(ctx, s.tx, incidents(func(r row.Incident) { rows = append(rows, r) }, where, args...))
	return rows, err
}

// incidents reads the open ones that a condition selects, one by one.
func incidents(take func(r row.Incident), where string, args ...any) pg.Step {
	return pg.Step{
		Query: `SELECT process_id, id, activity_id, deadline_id, transition, blockers::text, opened_at FROM incident
			WHERE resolved_at IS NULL AND ` + where + ` ORDER BY opened_at, process_id, id`,
		Args: args,
		Each: func(scan pg.Scan) error {
			var r row.Incident
			var blockers string
			err := scan(&r.ProcessID, &r.ID, &r.ActivityID, &r.DeadlineID, &r.Transition, &blockers, pg.Time(&r.OpenedAt))
			r.Blockers = []byte(blockers)
			take(r)
			return err
		},
	}
}

// troubles are the open incidents of a process that is locked, where they are
// known.
func (s Store) troubles(processID int64) ([]row.Incident, bool) {
	if s.held == nil {
		return nil, false
	}
	list, known := s.held.troubles[processID]
	return list, known
}

// troubled forgets the incidents of a process, where one is added.
func (s Store) troubled(processID int64) {
	if s.held != nil {
		delete(s.held.troubles, processID)
	}
}
