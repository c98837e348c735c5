package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/row"
)

const deadlineOpen = "fired_at IS NULL AND cancelled_at IS NULL"

const selectDeadline = `SELECT process_id, id, activity_id, entry, name, generation, wall_time::text, zone, due_at, expires_at, action, event,
	notice, audience, fired_at, cancelled_at, cancelled_why, failures, retry_at, failure FROM deadline`

func scanDeadline(scan pg.Scan) (row.Deadline, error) {
	var r row.Deadline
	err := scan(&r.ProcessID, &r.ID, &r.ActivityID, &r.Entry, &r.Name, &r.Generation, &r.WallTime, &r.Zone, pg.Time(&r.DueAt),
		pg.Time(&r.ExpiresAt), &r.Action, &r.Event, &r.Notice, &r.Audience, pg.Time(&r.FiredAt), pg.Time(&r.CancelledAt), &r.CancelledWhy,
		&r.Failures, pg.Time(&r.RetryAt), &r.Failure)
	return r, err
}

// deadlines reads what a condition with $1, $2 … selects.
func (s Store) deadlines(ctx context.Context, where string, args ...any) ([]row.Deadline, error) {
	var rows []row.Deadline
	err := pg.Send(ctx, s.tx, pg.Step{Query: selectDeadline + " WHERE " + where, Args: args, Each: func(scan pg.Scan) error {
		r, err := scanDeadline(scan)
		rows = append(rows, r)
		return err
	}})
	return rows, err
}

// Deadline reads one deadline; fault.NotFound "workflow.deadline_unknown".
func (s Store) Deadline(ctx context.Context, processID, id int64) (*row.Deadline, error) {
	b, err := s.board(ctx, processID, time.Time{})
	if err != nil {
		return nil, err
	}
	if b != nil {
		if i := slices.IndexFunc(b.open, func(d row.Deadline) bool { return d.ID == id }); i >= 0 {
			r := b.open[i]
			return &r, nil
		}
	}
	rows, err := s.deadlines(ctx, "process_id = $1 AND id = $2", processID, id)
	if err == nil && len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "workflow.deadline_unknown", "process", processID, "deadline", id)
	}
	if err != nil {
		return nil, fmt.Errorf("read deadline: %w", err)
	}
	return &rows[0], nil
}

// Deadlines lists an instance's deadlines of one entry, or of all when entry is
// 0, by due instant.
func (s Store) Deadlines(ctx context.Context, ref row.Ref, entry int) ([]row.Deadline, error) {
	return s.deadlines(ctx, "process_id = $1 AND activity_id = $2 AND ($3::int <= 0 OR entry = $3) ORDER BY due_at, id",
		ref.ProcessID, ref.ActivityID, entry)
}

// AddDeadlines arms deadlines.
func (s Store) AddDeadlines(ctx context.Context, rows []row.Deadline) error {
	s.note(rows)
	steps := make([]pg.Step, len(rows))
	for i, r := range rows {
		steps[i] = pg.Step{Query: addDeadline, Because: because("arm deadline " + r.Name), Args: []any{
			r.ProcessID, r.ActivityID, r.Entry, r.Name, r.Generation, r.WallTime, r.Zone, r.DueAt, pg.Null(r.ExpiresAt), r.Action, r.Event,
			r.Notice, r.Audience, pg.Null(r.FiredAt), pg.Null(r.CancelledAt), r.CancelledWhy,
		}}
	}
	return pg.Later(ctx, s.tx, steps...)
}

const (
	addDeadline = `INSERT INTO deadline (process_id, activity_id, entry, name, generation, wall_time, zone, due_at, expires_at, action,
			event, notice, audience, fired_at, cancelled_at, cancelled_why)
		VALUES ($1, $2, $3, $4, $5, $6::text::timestamp, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	saveDeadline = `UPDATE deadline SET generation = $3, wall_time = $4::text::timestamp, due_at = $5, expires_at = $6, action = $7, event = $8,
		notice = $9, audience = $10, fired_at = $11, cancelled_at = $12, cancelled_why = $13,
		failures = 0, retry_at = NULL, failure = '' WHERE process_id = $1 AND id = $2`
)

// NoteFailure writes how often a deadline failed, and until when it rests.
func (s Store) NoteFailure(ctx context.Context, r *row.Deadline) error {
	s.forget(r.ProcessID)
	return pg.Later(ctx, s.tx, pg.Step{
		Query: `UPDATE deadline SET failures = $3, retry_at = $4, failure = $5 WHERE process_id = $1 AND id = $2`,
		Args:  []any{r.ProcessID, r.ID, r.Failures, pg.Null(r.RetryAt), r.Failure}, Because: because("note a failure"),
	})
}

// SaveDeadline writes a re-armed or cancelled row: not whose it is. Its failures
// are those of another instant, and forgotten.
func (s Store) SaveDeadline(ctx context.Context, r *row.Deadline) error {
	s.forget(r.ProcessID)
	return pg.Later(ctx, s.tx, pg.Step{Query: saveDeadline, Because: because("save deadline " + r.Name), Args: []any{
		r.ProcessID, r.ID, r.Generation, r.WallTime, r.DueAt, pg.Null(r.ExpiresAt), r.Action, r.Event, r.Notice, r.Audience,
		pg.Null(r.FiredAt), pg.Null(r.CancelledAt), r.CancelledWhy,
	}})
}

// CancelDeadlines cancels what is open of the present entry of an instance.
func (s Store) CancelDeadlines(ctx context.Context, i *row.Instance, why string, now time.Time) error {
	s.gone(i.ProcessID, func(d *row.Deadline) bool { return d.ActivityID == i.ActivityID && d.Entry == i.Entry })
	return pg.Later(ctx, s.tx, pg.Step{
		Query: `UPDATE deadline SET cancelled_at = $1, cancelled_why = $2 WHERE process_id = $3 AND activity_id = $4
			AND entry = $5 AND ` + deadlineOpen,
		Args: []any{now, why, i.ProcessID, i.ActivityID, i.Entry},
	})
}

// Claim marks a deadline fired by identity, generation and clock. One that
// somebody else fired, or that moved, is an error, after which the transaction
// comes to nothing.
func (s Store) Claim(ctx context.Context, r *row.Deadline, now time.Time) error {
	s.gone(r.ProcessID, func(d *row.Deadline) bool { return d.ID == r.ID })
	return pg.Later(ctx, s.tx, pg.Step{
		// A division by zero where there is nothing to claim: nobody else may have to look, since the end may travel with it.
		Query: `WITH claimed AS (UPDATE deadline SET fired_at = $1 WHERE process_id = $2 AND id = $3 AND generation = $4
			AND due_at <= $1 AND ` + deadlineOpen + ` RETURNING id) SELECT 1 / count(*) FROM claimed`,
		Args: []any{now, r.ProcessID, r.ID, r.Generation},
		Because: func(err error) error {
			return fmt.Errorf("deadline %d of process %d changed under the lock: %w", r.ID, r.ProcessID, err)
		},
	})
}

// Earliest is the first open deadline of an instance that is due no later than
// the given one, or nil. Others that nothing waits for do not count.
func (s Store) Earliest(ctx context.Context, limit *row.Deadline) (*row.Deadline, error) {
	b, err := s.board(ctx, limit.ProcessID, limit.DueAt)
	if err != nil {
		return nil, err
	}
	if b != nil {
		return b.earliest(limit), nil
	}
	rows, err := s.deadlines(ctx, `process_id = $1 AND activity_id = $2 AND `+deadlineOpen+` AND (due_at, id) <= ($3, $4)
		AND (failures = 0 OR action = 'event' AND failures < $5 OR id = $4) ORDER BY due_at, id LIMIT 1`, // see Waits
		limit.ProcessID, limit.ActivityID, limit.DueAt, limit.ID, row.MostFailures)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
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
	b, err := s.board(ctx, processID, until)
	if err != nil {
		return nil, err
	}
	if b != nil {
		return b.until(until), nil
	}
	return s.deadlines(ctx, "process_id = $1 AND due_at <= $2 AND failures = 0 AND "+deadlineOpen+" ORDER BY due_at, activity_id = 0, id", processID, until)
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
