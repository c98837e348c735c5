package store

import (
	"context"
	"fmt"
	"time"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/row"
)

const deadlineOpen = "fired_at IS NULL AND cancelled_at IS NULL"

// Deadline reads one deadline; fault.NotFound "workflow.deadline_unknown".
func (s Store) Deadline(ctx context.Context, processID, id int64) (*row.Deadline, error) {
	r := &row.Deadline{ProcessID: processID, ID: id}
	err := s.tx.NewSelect().Model(r).WherePK().Scan(ctx)
	if pg.NoRows(err) {
		return nil, fault.New(fault.NotFound, "workflow.deadline_unknown", "process", processID, "deadline", id)
	}
	return r, err
}

// Deadlines lists an instance's deadlines of one entry, or of all when entry is
// 0, by due instant.
func (s Store) Deadlines(ctx context.Context, ref row.Ref, entry int) ([]row.Deadline, error) {
	var rows []row.Deadline
	q := s.tx.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID)
	if entry > 0 {
		q = q.Where("entry = ?", entry)
	}
	err := q.Order("due_at", "id").Scan(ctx)
	return rows, err
}

// AddDeadlines arms deadlines.
func (s Store) AddDeadlines(ctx context.Context, rows []row.Deadline) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return err
}

// NoteFailure writes how often a deadline failed, and until when it rests.
func (s Store) NoteFailure(ctx context.Context, r *row.Deadline) error {
	_, err := s.tx.NewUpdate().Model(r).WherePK().Returning("NULL").Column("failures", "retry_at", "failure").Exec(ctx)
	return err
}

// SaveDeadline writes a re-armed or cancelled row: not whose it is. Its failures
// are those of another instant, and forgotten.
func (s Store) SaveDeadline(ctx context.Context, r *row.Deadline) error {
	_, err := s.tx.NewUpdate().Model(r).WherePK().Returning("NULL").
		Column("generation", "wall_time", "due_at", "expires_at", "action", "event", "notice", "audience", "fired_at", "cancelled_at", "cancelled_why").
		Set("failures = 0, retry_at = NULL, failure = ''").Exec(ctx)
	return err
}

// CancelDeadlines cancels what is open of the present entry of an instance.
func (s Store) CancelDeadlines(ctx context.Context, i *row.Instance, why string, now time.Time) error {
	_, err := s.tx.NewRaw(`UPDATE deadline SET cancelled_at = ?, cancelled_why = ? WHERE process_id = ? AND activity_id = ?
		AND entry = ? AND `+deadlineOpen, now, why, i.ProcessID, i.ActivityID, i.Entry).Exec(ctx)
	return err
}

// Claim marks a deadline fired by identity, generation and clock. False says
// that somebody else did, or that it moved.
func (s Store) Claim(ctx context.Context, r *row.Deadline, now time.Time) (bool, error) {
	res, err := s.tx.NewRaw(`UPDATE deadline SET fired_at = ? WHERE process_id = ? AND id = ? AND generation = ?
		AND due_at <= ? AND `+deadlineOpen, now, r.ProcessID, r.ID, r.Generation, now).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("claim deadline: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Earliest is the first open deadline of an instance that is due no later than
// the given one, or nil. Others that nothing waits
// for do not count.
func (s Store) Earliest(ctx context.Context, limit *row.Deadline) (*row.Deadline, error) {
	r := new(row.Deadline)
	err := s.tx.NewSelect().Model(r).Where("process_id = ? AND activity_id = ?", limit.ProcessID, limit.ActivityID).
		Where(deadlineOpen).Where("(due_at, id) <= (?, ?)", limit.DueAt, limit.ID).
		Where("failures = 0 OR action = 'event' AND failures < ? OR id = ?", row.MostFailures, limit.ID). // see Waits
		Order("due_at", "id").Limit(1).Scan(ctx)
	if pg.NoRows(err) {
		return nil, nil
	}
	return r, err
}

// Due lists open deadlines due in [from, to), the earliest first: their
// identity, generation and instant. What failed and rests until then is left out.
func (s Store) Due(ctx context.Context, from, to time.Time, limit int) ([]row.Deadline, error) {
	var rows []row.Deadline
	err := s.tx.NewSelect().Model(&rows).Column("process_id", "id", "generation", "due_at").Where(deadlineOpen).
		Where("due_at >= ? AND due_at < ?", from, to).Where("retry_at IS NULL OR retry_at < ?", to).Order("due_at", "process_id", "id").Limit(int64(limit)).Scan(ctx)
	return rows, err
}

// Passed lists, as Due does and with whose they are, the open deadlines of a
// process and its activities that are due no later than an instant; of the same
// instant the process's own come last. What failed holds up nobody else, and is
// left out.
func (s Store) Passed(ctx context.Context, processID int64, until time.Time) ([]row.Deadline, error) {
	var rows []row.Deadline
	err := s.tx.NewSelect().Model(&rows).Column("process_id", "id", "activity_id", "generation", "due_at").Where(deadlineOpen).
		Where("process_id = ? AND due_at <= ? AND failures = 0", processID, until).OrderExpr("due_at, activity_id = 0, id").Scan(ctx)
	return rows, err
}

// Aside lists the open deadlines of a process, or of all when it is 0, that were
// set aside, in the order of their instants.
func (s Store) Aside(ctx context.Context, processID int64) ([]row.Deadline, error) {
	var rows []row.Deadline
	// failures > 0 is what the index knows.
	q := s.tx.NewSelect().Model(&rows).Where(deadlineOpen).Where("failures > 0 AND failures >= ?", row.MostFailures)
	if processID != 0 {
		q = q.Where("process_id = ?", processID)
	}
	err := q.Order("due_at", "process_id", "id").Scan(ctx)
	return rows, err
}
