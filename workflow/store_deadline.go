package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

type deadlineRow struct {
	bun.BaseModel `bun:"table:deadline"`

	ProcessID    int64     `bun:"process_id,pk"`
	ID           int64     `bun:"id,pk,autoincrement"`
	ActivityID   int64     `bun:"activity_id"`
	Entry        int       `bun:"entry"`
	Name         string    `bun:"name"`
	Generation   int       `bun:"generation"`
	WallTime     string    `bun:"wall_time"`
	Zone         string    `bun:"zone"`
	DueAt        time.Time `bun:"due_at"`
	ExpiresAt    time.Time `bun:"expires_at,nullzero"`
	Action       string    `bun:"action"`
	Event        string    `bun:"event"`
	Notice       string    `bun:"notice"`
	Audience     string    `bun:"audience"`
	FiredAt      time.Time `bun:"fired_at,nullzero"`
	CancelledAt  time.Time `bun:"cancelled_at,nullzero"`
	CancelledWhy string    `bun:"cancelled_why"`
}

func (r *deadlineRow) open() bool { return r.FiredAt.IsZero() && r.CancelledAt.IsZero() }

func (r *deadlineRow) reference() DeadlineRef {
	return DeadlineRef{ProcessID: r.ProcessID, ID: r.ID, Generation: r.Generation, DueAt: instant(r.DueAt)}
}

func (r *deadlineRow) deadline() Deadline {
	return Deadline{
		DeadlineRef: r.reference(), ActivityID: r.ActivityID, Entry: r.Entry, Name: r.Name, Zone: r.Zone, Action: r.Action,
		Event: r.Event, Notice: r.Notice, Audience: splitWords(r.Audience), FiredAt: instant(r.FiredAt),
		CancelledAt: instant(r.CancelledAt), CancelledWhy: r.CancelledWhy,
	}
}

const deadlineOpen = "fired_at IS NULL AND cancelled_at IS NULL"

func readDeadline(ctx context.Context, db bun.IDB, processID, id int64) (*deadlineRow, error) {
	row := &deadlineRow{ProcessID: processID, ID: id}
	err := db.NewSelect().Model(row).WherePK().Scan(ctx)
	if pg.NoRows(err) {
		return nil, fault.New(fault.NotFound, "workflow.deadline_unknown", "process", processID, "deadline", id)
	}
	return row, err
}

// readDeadlines lists an instance's deadlines of one entry, or of all when
// entry is 0, by due instant.
func readDeadlines(ctx context.Context, db bun.IDB, ref Ref, entry int) ([]deadlineRow, error) {
	var rows []deadlineRow
	q := db.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID)
	if entry > 0 {
		q = q.Where("entry = ?", entry)
	}
	err := q.Order("due_at", "id").Scan(ctx)
	return rows, err
}

func insertDeadlines(ctx context.Context, tx bun.IDB, rows []deadlineRow) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return err
}

// saveDeadline writes a re-armed or cancelled row.
func saveDeadline(ctx context.Context, tx bun.IDB, row *deadlineRow) error {
	_, err := tx.NewUpdate().Model(row).WherePK().Returning("NULL").
		Column("generation", "wall_time", "due_at", "expires_at", "audience", "fired_at", "cancelled_at", "cancelled_why").Exec(ctx)
	return err
}

// claimDeadline marks a deadline fired by identity, generation and clock. False
// says that somebody else did, or that it moved.
func claimDeadline(ctx context.Context, tx bun.IDB, row *deadlineRow, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`UPDATE deadline SET fired_at = ? WHERE process_id = ? AND id = ? AND generation = ?
		AND due_at <= ? AND `+deadlineOpen, now, row.ProcessID, row.ID, row.Generation, now).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("claim deadline: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// cancelDeadlines cancels what is open of one entry of one instance.
func cancelDeadlines(ctx context.Context, tx bun.IDB, row *instanceRow, why string, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE deadline SET cancelled_at = ?, cancelled_why = ? WHERE process_id = ? AND activity_id = ?
		AND entry = ? AND `+deadlineOpen, now, why, row.ProcessID, row.ActivityID, row.Entry).Exec(ctx)
	return err
}

// earliestDue is the first open deadline of an instance that is due no later
// than the given row, or nil.
func earliestDue(ctx context.Context, tx bun.IDB, limit *deadlineRow) (*deadlineRow, error) {
	row := new(deadlineRow)
	err := tx.NewSelect().Model(row).Where("process_id = ? AND activity_id = ?", limit.ProcessID, limit.ActivityID).
		Where(deadlineOpen).Where("(due_at, id) <= (?, ?)", limit.DueAt, limit.ID).
		Order("due_at", "id").Limit(1).Scan(ctx)
	if pg.NoRows(err) {
		return nil, nil
	}
	return row, err
}

// openDeadlines lists references of open deadlines due in [from, to).
func openDeadlines(ctx context.Context, db bun.IDB, from, to time.Time, limit int) ([]DeadlineRef, error) {
	var rows []deadlineRow
	err := db.NewSelect().Model(&rows).Column("process_id", "id", "generation", "due_at").Where(deadlineOpen).
		Where("due_at >= ? AND due_at < ?", from, to).Order("due_at", "process_id", "id").Limit(int64(limit)).Scan(ctx)
	out := make([]DeadlineRef, len(rows))
	for i := range rows {
		out[i] = rows[i].reference()
	}
	return out, err
}

// passedDeadlines lists references of open deadlines of a process's activities
// that are due no later than an instant.
func passedDeadlines(ctx context.Context, tx bun.IDB, processID int64, until time.Time) ([]DeadlineRef, error) {
	var rows []deadlineRow
	err := tx.NewSelect().Model(&rows).Column("process_id", "id", "generation", "due_at").Where(deadlineOpen).
		Where("process_id = ? AND activity_id <> 0 AND due_at <= ?", processID, until).Order("due_at", "id").Scan(ctx)
	out := make([]DeadlineRef, len(rows))
	for i := range rows {
		out[i] = rows[i].reference()
	}
	return out, err
}

type incidentRow struct {
	bun.BaseModel `bun:"table:incident"`

	ProcessID  int64           `bun:"process_id,pk"`
	ID         int64           `bun:"id,pk,autoincrement"`
	ActivityID int64           `bun:"activity_id"`
	DeadlineID int64           `bun:"deadline_id"`
	Transition string          `bun:"transition"`
	Blockers   json.RawMessage `bun:"blockers,type:jsonb"`
	OpenedAt   time.Time       `bun:"opened_at"`
	ResolvedAt time.Time       `bun:"resolved_at,nullzero"`
}

func insertIncident(ctx context.Context, tx bun.IDB, row *incidentRow) error {
	_, err := tx.NewInsert().Model(row).Returning("NULL").Exec(ctx)
	return err
}

// holdIncident opens an incident without a deadline, unless one is open for the
// same transition; it reports whether it did. The instance is locked.
func holdIncident(ctx context.Context, tx bun.IDB, row *incidentRow) (bool, error) {
	res, err := tx.NewRaw(`INSERT INTO incident (process_id, activity_id, deadline_id, transition, blockers, opened_at)
		SELECT ?0, ?1, 0, ?2, ?3::jsonb, ?4 WHERE NOT EXISTS (SELECT FROM incident WHERE process_id = ?0 AND activity_id = ?1
			AND transition = ?2 AND resolved_at IS NULL)`,
		row.ProcessID, row.ActivityID, row.Transition, string(row.Blockers), row.OpenedAt).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func resolveIncidents(ctx context.Context, tx bun.IDB, ref Ref, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE incident SET resolved_at = ? WHERE process_id = ? AND activity_id = ? AND resolved_at IS NULL`,
		now, ref.ProcessID, ref.ActivityID).Exec(ctx)
	return err
}

func openIncidents(ctx context.Context, db bun.IDB, processID int64) ([]Incident, error) {
	var rows []incidentRow
	q := db.NewSelect().Model(&rows).Where("resolved_at IS NULL")
	if processID != 0 {
		q = q.Where("process_id = ?", processID)
	}
	if err := q.Order("opened_at", "process_id", "id").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Incident, len(rows))
	for i, r := range rows {
		out[i] = Incident{
			Ref: Ref{r.ProcessID, r.ActivityID}, ID: r.ID, DeadlineID: r.DeadlineID,
			Transition: r.Transition, OpenedAt: instant(r.OpenedAt),
		}
		if err := json.Unmarshal(r.Blockers, &out[i].Blockers); err != nil {
			return nil, fmt.Errorf("read incident %d: %w", r.ID, err)
		}
	}
	return out, nil
}
