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

// Store is what the engine reads and writes, inside one transaction.
type Store struct{ tx bun.IDB }

// In opens the store inside a transaction, or on a database to read from.
func In(tx bun.IDB) Store { return Store{tx} }

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

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (s Store) Instance(ctx context.Context, ref row.Ref) (*row.Instance, error) {
	return s.instance(ctx, ref, false)
}

// instance reads one row, locked against other writers when lock is set. The
// lock is FOR NO KEY UPDATE, which lets children take their key share.
func (s Store) instance(ctx context.Context, ref row.Ref, lock bool) (*row.Instance, error) {
	r := &row.Instance{ProcessID: ref.ProcessID, ActivityID: ref.ActivityID}
	q := s.tx.NewSelect().Model(r).WherePK()
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	if pg.NoRows(err) {
		return nil, fault.New(fault.NotFound, "workflow.instance_unknown", "process", ref.ProcessID, "activity", ref.ActivityID)
	}
	if err != nil {
		return nil, fmt.Errorf("read instance: %w", err)
	}
	return r, nil
}

// Lock locks the row of the process, then the activity's if the instance is
// one, and keeps out those who share the activity. Both are the same row when
// the instance is the process.
func (s Store) Lock(ctx context.Context, ref row.Ref) (process, inst *row.Instance, err error) {
	if process, err = s.instance(ctx, ref.Process(), true); err != nil || ref.ActivityID == 0 {
		return process, process, err
	}
	if inst, err = s.instance(ctx, ref, true); err != nil {
		return nil, nil, err
	}
	return process, inst, s.exclude(ctx, ref)
}

// Instances reads the process and its activities, the process first.
func (s Store) Instances(ctx context.Context, processID int64) ([]row.Instance, error) {
	var rows []row.Instance
	err := s.tx.NewSelect().Model(&rows).Where("process_id = ?", processID).Order("activity_id").Scan(ctx)
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
	_, err := s.tx.NewUpdate().Model(r).WherePK().Returning("NULL").Exec(ctx)
	return err
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
