package workflow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/definition"
)

// DatabaseClock asks PostgreSQL for clock_timestamp(): now() would freeze at
// the beginning of the transaction, before the wait for the lock.
type DatabaseClock struct{}

// Now is the server's time in UTC, in microseconds.
func (DatabaseClock) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	var now time.Time
	err := tx.NewRaw(clockQuery).Scan(ctx, &now)
	return now.UTC(), err
}

// Step is Now as a statement to be sent after others.
func (DatabaseClock) Step(now *time.Time) pg.Step {
	return pg.Step{Query: clockQuery, Into: []any{now}}
}

const clockQuery = "SELECT clock_timestamp()"

type instanceRow struct {
	bun.BaseModel `bun:"table:workflow_instance"`

	ProcessID  int64     `bun:"process_id,pk"`
	ActivityID int64     `bun:"activity_id,pk"`
	Definition string    `bun:"definition"`
	Version    int       `bun:"version"`
	Zone       string    `bun:"zone"`
	State      string    `bun:"state"`
	Revision   int64     `bun:"revision"`
	Entry      int       `bun:"entry"`
	EnteredAt  time.Time `bun:"entered_at"`
	MinAt      time.Time `bun:"min_at,nullzero"`
	DueAt      time.Time `bun:"due_at,nullzero"`
	MaxAt      time.Time `bun:"max_at,nullzero"`
	Reason     string    `bun:"reason"`
	Head       []byte    `bun:"head,nullzero"`
	Seq        int64     `bun:"seq"`
	CreatedAt  time.Time `bun:"created_at"`
}

func (r *instanceRow) ref() Ref { return Ref{r.ProcessID, r.ActivityID} }

func (r *instanceRow) instance() Instance {
	return Instance{
		Ref: r.ref(), Definition: r.Definition, Version: r.Version, Zone: r.Zone, State: r.State,
		Revision: r.Revision, Entry: r.Entry, EnteredAt: instant(r.EnteredAt), MinAt: instant(r.MinAt),
		DueAt: instant(r.DueAt), MaxAt: instant(r.MaxAt), Reason: r.Reason, CreatedAt: instant(r.CreatedAt),
	}
}

// instant is a time in UTC; the zero time stays zero.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// readInstance reads one row, locked against other writers when lock is set.
// The lock is FOR NO KEY UPDATE, which lets children take their key share.
func readInstance(ctx context.Context, db bun.IDB, ref Ref, lock bool) (*instanceRow, error) {
	row := &instanceRow{ProcessID: ref.ProcessID, ActivityID: ref.ActivityID}
	q := db.NewSelect().Model(row).WherePK()
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
	return row, nil
}

// Share takes the lock under which people submit to an activity: shared, so
// that they do not queue behind one another, and held against whoever moves
// the activity. Row-share locks would starve the one who closes. The lock ends
// with the transaction; read the clock and the state after it.
func Share(ctx context.Context, tx bun.IDB, ref Ref) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock_shared(?, ?)`, lockClass(ref), lockObject(ref)).Exec(ctx)
	return err
}

// ShareOf is Share for the activity that a query finds, which gives its id in
// one column, as a step to be sent together with what is read under the lock.
// The query is a constant, whose arguments begin at $2; where it finds nothing
// the step fails with pg.NoRows. The id goes into activity.
func ShareOf(processID int64, activity *int64, query string, args ...any) pg.Step {
	return pg.Step{
		Query: `SELECT a.id, pg_advisory_xact_lock_shared($1::int, (a.id & 2147483647)::int)::text FROM (` + query + `) AS a (id)`,
		Args:  append([]any{lockClass(Ref{ProcessID: processID})}, args...),
		Into:  []any{activity, new(string)},
	}
}

// Exclude takes the locks of a move, in their order: the process, the activity,
// and what those who submit share. A use case that changes what deadlines hang
// on and then asks the engine to move them begins with it: whoever shares first
// and excludes later waits for others who share, while they wait for what is
// held meanwhile.
func Exclude(ctx context.Context, tx bun.IDB, ref Ref) error {
	_, _, err := lockInstances(ctx, tx, ref)
	return err
}

// lockInstances locks the row of the process, then the activity's if the
// instance is one, and keeps out those who share the activity.
func lockInstances(ctx context.Context, tx bun.IDB, ref Ref) (process, inst *instanceRow, err error) {
	if process, err = readInstance(ctx, tx, ref.Process(), true); err != nil || ref.ActivityID == 0 {
		return process, process, err
	}
	if inst, err = readInstance(ctx, tx, ref, true); err != nil {
		return nil, nil, err
	}
	return process, inst, exclude(ctx, tx, ref)
}

// exclude waits for all who share the activity, and keeps others out until the
// end of the transaction.
func exclude(ctx context.Context, tx bun.IDB, ref Ref) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock(?, ?)`, lockClass(ref), lockObject(ref)).Exec(ctx)
	return err
}

// lockClass keeps these locks apart from those with one 64-bit key. Two
// processes 2^31 apart would share one, which costs a wait and nothing else.
func lockClass(ref Ref) int32 { return int32(ref.ProcessID & 0x7fffffff) }

// lockObject is the other half of the key, as ShareOf makes it in SQL.
func lockObject(ref Ref) int32 { return int32(ref.ActivityID & 0x7fffffff) }

func insertInstance(ctx context.Context, tx bun.IDB, row *instanceRow) error {
	_, err := tx.NewInsert().Model(row).Returning("NULL").Exec(ctx)
	if pg.Constraint(err) == "workflow_instance_pkey" {
		return fault.New(fault.Conflict, "workflow.instance_exists").Because(err)
	}
	return err
}

func updateInstance(ctx context.Context, tx bun.IDB, row *instanceRow) error {
	_, err := tx.NewUpdate().Model(row).WherePK().Returning("NULL").Exec(ctx)
	return err
}

func readInstances(ctx context.Context, db bun.IDB, processID int64) ([]instanceRow, error) {
	var rows []instanceRow
	err := db.NewSelect().Model(&rows).Where("process_id = ?", processID).Order("activity_id").Scan(ctx)
	return rows, err
}

// publish writes a definition once; another source under the same name and
// version is refused.
func publish(ctx context.Context, tx bun.IDB, c *definition.Compiled, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO workflow_definition (name, version, sha256, source, created_at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, version) DO NOTHING`,
		c.Name, c.Version, c.SHA256, string(c.Source), now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", c.Name, c.Version, err)
	}
	var sum string
	err = tx.NewRaw("SELECT sha256 FROM workflow_definition WHERE name = ? AND version = ?", c.Name, c.Version).Scan(ctx, &sum)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", c.Name, c.Version, err)
	}
	if sum != c.SHA256 {
		return fault.New(fault.Conflict, "workflow.definition_changed", "name", c.Name, "version", c.Version)
	}
	return nil
}

type usedRow struct {
	Name    string
	Version int
}

// usedDefinitions names what instances run.
func usedDefinitions(ctx context.Context, db bun.IDB) ([]usedRow, error) {
	var rows []usedRow
	err := db.NewRaw("SELECT DISTINCT definition AS name, version FROM workflow_instance ORDER BY 1, 2").Scan(ctx, &rows)
	return rows, err
}

func publishedSource(ctx context.Context, db bun.IDB, name string, version int) ([]byte, bool, error) {
	var source string
	err := db.NewRaw("SELECT source FROM workflow_definition WHERE name = ? AND version = ?", name, version).Scan(ctx, &source)
	if pg.NoRows(err) {
		return nil, false, nil
	}
	return []byte(source), err == nil, err
}

type planRow struct {
	bun.BaseModel `bun:"table:workflow_plan"`

	ProcessID    int64      `bun:"process_id,pk"`
	ActivityID   int64      `bun:"activity_id,pk"`
	State        string     `bun:"state,pk"`
	Position     int        `bun:"position"`
	PlannedStart time.Time  `bun:"planned_start,nullzero"`
	PlannedEnd   time.Time  `bun:"planned_end,nullzero"`
	Source       TermSource `bun:"source"`
	Days         int        `bun:"days"`
	Fixed        bool       `bun:"fixed"`
	StartedAt    time.Time  `bun:"started_at,nullzero"`
	EndedAt      time.Time  `bun:"ended_at,nullzero"`
	Reason       string     `bun:"reason"`
}

func readPlan(ctx context.Context, db bun.IDB, ref Ref) ([]PlannedPhase, error) {
	var rows []planRow
	err := db.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID).
		Order("position").Scan(ctx)
	out := make([]PlannedPhase, len(rows))
	for i, r := range rows {
		out[i] = PlannedPhase{
			State: r.State, Start: instant(r.PlannedStart), End: instant(r.PlannedEnd), Source: r.Source, Days: r.Days,
			Fixed: r.Fixed, StartedAt: instant(r.StartedAt), EndedAt: instant(r.EndedAt), Reason: r.Reason,
		}
	}
	return out, err
}

// writePlan replaces what is planned and keeps what happened.
func writePlan(ctx context.Context, tx bun.IDB, ref Ref, plan []PlannedPhase) error {
	states := []string{""}
	rows := make([]planRow, len(plan))
	for i, p := range plan {
		states = append(states, p.State)
		rows[i] = planRow{
			ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, State: p.State, Position: i,
			PlannedStart: p.Start, PlannedEnd: p.End, Source: p.Source, Days: p.Days, Fixed: p.Fixed,
		}
	}
	_, err := tx.NewRaw(`DELETE FROM workflow_plan WHERE process_id = ? AND activity_id = ? AND started_at IS NULL AND state NOT IN (?)`,
		ref.ProcessID, ref.ActivityID, bun.List(states)).Exec(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = tx.NewInsert().Model(&rows).On("CONFLICT (process_id, activity_id, state) DO UPDATE").
		Set("position = EXCLUDED.position, planned_start = EXCLUDED.planned_start, planned_end = EXCLUDED.planned_end").
		Set("source = EXCLUDED.source, days = EXCLUDED.days, fixed = EXCLUDED.fixed").
		Returning("NULL").Exec(ctx)
	return err
}

// notePlan writes what happened beside the plan: one state ended, another
// began. A state outside the plan gets a row after the planned ones.
func notePlan(ctx context.Context, tx bun.IDB, ref Ref, left, entered, reason string, at time.Time) error {
	_, err := tx.NewRaw(`UPDATE workflow_plan SET ended_at = ?, reason = ? WHERE process_id = ? AND activity_id = ? AND state = ?`,
		at, reason, ref.ProcessID, ref.ActivityID, left).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO workflow_plan AS p (process_id, activity_id, state, position, source, days, fixed, started_at, reason)
		SELECT ?, ?, ?, coalesce(max(position) + 1, 0), 'none', 0, false, ?, '' FROM workflow_plan WHERE process_id = ? AND activity_id = ?
		ON CONFLICT (process_id, activity_id, state) DO UPDATE
		SET started_at = coalesce(p.started_at, EXCLUDED.started_at), ended_at = NULL, reason = ''`,
		ref.ProcessID, ref.ActivityID, entered, at, ref.ProcessID, ref.ActivityID).Exec(ctx)
	return err
}

// splitWords and joinWords keep a list of declared words in one column.
func splitWords(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func joinWords(words []string) string { return strings.Join(words, ",") }
