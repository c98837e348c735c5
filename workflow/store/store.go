// Package store keeps the engine's rows in PostgreSQL.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/row"
)

// Store is what the engine reads and writes, inside one transaction. What it
// writes in a pg.Tx goes with the next statement or with the end, see pg.Later.
type Store struct {
	tx   bun.IDB
	held *held // nil outside a pg.Tx
}

// In opens the store inside a transaction, or on a database to read from.
func In(tx bun.IDB) Store {
	h, _ := pg.Kept(tx, newHeld)
	return Store{tx, h}
}

// Clock asks PostgreSQL for clock_timestamp(): now() would freeze at the
// beginning of the transaction, before the wait for the lock.
type Clock struct{}

// Now is the server's time in UTC, in microseconds.
func (Clock) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	var now time.Time
	err := tx.NewRaw(clockQuery).Scan(ctx, &now)
	return now.UTC(), err
}

// Step is Now as a statement to be sent after others.
func (Clock) Step(now *time.Time) pg.Step {
	return pg.Step{Query: clockQuery, Into: []any{now}}
}

const clockQuery = "SELECT clock_timestamp()"

const selectInstance = `SELECT process_id, activity_id, definition, version, zone, state, revision, entry, entered_at, min_at, due_at,
	max_at, closed_days, held_at, held_days, first_due_at, extensions, end_given, reason, head, seq, created_at FROM workflow_instance`

func scanInstance(scan pg.Scan) (row.Instance, error) {
	var r row.Instance
	err := scan(&r.ProcessID, &r.ActivityID, &r.Definition, &r.Version, &r.Zone, &r.State, &r.Revision, &r.Entry,
		pg.Time(&r.EnteredAt), pg.Time(&r.MinAt), pg.Time(&r.DueAt), pg.Time(&r.MaxAt), &r.ClosedDays, pg.Time(&r.HeldAt), &r.HeldDays,
		pg.Time(&r.FirstDueAt), &r.Extensions, &r.EndGiven, &r.Reason, &r.Head, &r.Seq, pg.Time(&r.CreatedAt))
	return r, err
}

func unknown(ref row.Ref) error {
	return fault.New(fault.NotFound, "workflow.instance_unknown", "process", ref.ProcessID, "activity", ref.ActivityID)
}

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (s Store) Instance(ctx context.Context, ref row.Ref) (*row.Instance, error) {
	if s.held != nil && s.held.has(ref) {
		return s.held.instance(ref)
	}
	var out *row.Instance
	err := pg.Send(ctx, s.tx, pg.Step{
		Query: selectInstance + " WHERE process_id = $1 AND activity_id = $2", Args: []any{ref.ProcessID, ref.ActivityID},
		Each: func(scan pg.Scan) error {
			r, err := scanInstance(scan)
			out = &r
			return err
		},
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read instance: %w", err)
	case out == nil:
		return nil, unknown(ref)
	}
	return out, nil
}

// Lock locks the row of the process, then the activity's if the instance is
// one, and keeps out those who share the activity. Both are the same row when
// the instance is the process. What is locked already is not asked again.
func (s Store) Lock(ctx context.Context, ref row.Ref) (process, inst *row.Instance, err error) {
	h := s.held
	if h == nil {
		h = newHeld() // for this once
	}
	if !h.has(ref) {
		if err := pg.Send(ctx, s.tx, h.locks(ref)...); err != nil {
			return nil, nil, fmt.Errorf("lock instance: %w", err)
		}
	}
	if process, err = h.instance(ref.Process()); err != nil || ref.ActivityID == 0 {
		return process, process, err
	}
	inst, err = h.instance(ref)
	return process, inst, err
}

// Instances reads processes and their activities, each process first.
func (s Store) Instances(ctx context.Context, processIDs ...int64) ([]row.Instance, error) {
	var rows []row.Instance
	err := pg.Send(ctx, s.tx, pg.Step{
		Query: selectInstance + " WHERE process_id = ANY ($1) ORDER BY process_id, activity_id", Args: []any{processIDs},
		Each: func(scan pg.Scan) error {
			r, err := scanInstance(scan)
			rows = append(rows, r)
			return err
		},
	})
	return rows, err
}

// AddInstance begins an instance; fault.Conflict "workflow.instance_exists".
func (s Store) AddInstance(ctx context.Context, r *row.Instance) error {
	_, err := s.tx.NewInsert().Model(r).Returning("NULL").Exec(ctx)
	if pg.Constraint(err) == "workflow_instance_pkey" {
		return fault.New(fault.Conflict, "workflow.instance_exists").Because(err)
	}
	return err
}

// SaveInstance writes a changed row.
func (s Store) SaveInstance(ctx context.Context, r *row.Instance) error {
	if s.held != nil && s.held.has(r.Ref()) {
		s.held.instances[r.Ref()] = asKept(*r)
	}
	return pg.Later(ctx, s.tx, pg.Step{Query: saveInstance, Because: because("save instance"), Args: []any{
		r.ProcessID, r.ActivityID, r.Definition, r.Version, r.Zone, r.State, r.Revision, r.Entry, r.EnteredAt,
		pg.Null(r.MinAt), pg.Null(r.DueAt), pg.Null(r.MaxAt), r.ClosedDays, pg.Null(r.HeldAt), r.HeldDays, pg.Null(r.FirstDueAt),
		r.Extensions, r.EndGiven, r.Reason, r.Head, r.Seq,
	}})
}

const saveInstance = `UPDATE workflow_instance SET definition = $3, version = $4, zone = $5, state = $6, revision = $7, entry = $8,
	entered_at = $9, min_at = $10, due_at = $11, max_at = $12, closed_days = $13, held_at = $14, held_days = $15, first_due_at = $16,
	extensions = $17, end_given = $18, reason = $19, head = $20, seq = $21 WHERE process_id = $1 AND activity_id = $2`

// asKept is a row as the database keeps it: instants in microseconds.
func asKept(r row.Instance) row.Instance {
	for _, at := range []*time.Time{&r.EnteredAt, &r.MinAt, &r.DueAt, &r.MaxAt, &r.HeldAt, &r.FirstDueAt, &r.CreatedAt} {
		*at = row.UTC(*at).Truncate(time.Microsecond)
	}
	return r
}

// because says of an error what was being done.
func because(what string) func(error) error {
	return func(err error) error { return fmt.Errorf(what+": %w", err) }
}

// Publish writes a definition once; another source under the same name and
// version is a fault.Conflict "workflow.definition_changed".
func (s Store) Publish(ctx context.Context, d row.Definition) error {
	_, err := s.tx.NewRaw(`INSERT INTO workflow_definition (name, version, sha256, source, created_at, base_name, base_version)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, version) DO NOTHING`,
		d.Name, d.Version, d.SHA256, string(d.Source), d.CreatedAt, d.BaseName, d.BaseVersion).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", d.Name, d.Version, err)
	}
	var sum string
	err = s.tx.NewRaw("SELECT sha256 FROM workflow_definition WHERE name = ? AND version = ?", d.Name, d.Version).Scan(ctx, &sum)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", d.Name, d.Version, err)
	}
	if sum != d.SHA256 {
		return fault.New(fault.Conflict, "workflow.definition_changed", "name", d.Name, "version", d.Version)
	}
	return nil
}

// Used names what instances run, without the sources.
func (s Store) Used(ctx context.Context) ([]row.Definition, error) {
	var rows []struct {
		Name    string
		Version int
	}
	err := s.tx.NewRaw("SELECT DISTINCT definition AS name, version FROM workflow_instance ORDER BY 1, 2").Scan(ctx, &rows)
	out := make([]row.Definition, len(rows))
	for i, r := range rows {
		out[i] = row.Definition{Name: r.Name, Version: r.Version}
	}
	return out, err
}

// Source is that of a published definition; false when nobody published it.
func (s Store) Source(ctx context.Context, name string, version int) ([]byte, bool, error) {
	var source string
	err := s.tx.NewRaw("SELECT source FROM workflow_definition WHERE name = ? AND version = ?", name, version).Scan(ctx, &source)
	if pg.NoRows(err) {
		return nil, false, nil
	}
	return []byte(source), err == nil, err
}

// Versions are the published definitions of a name, the oldest first, without the
// sources.
func (s Store) Versions(ctx context.Context, name string) ([]row.Definition, error) {
	var out []row.Definition
	err := s.tx.NewRaw(`SELECT name, version, base_name, base_version FROM workflow_definition WHERE name = ? ORDER BY version`, name).Scan(ctx, &out)
	return out, err
}
