package store

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/row"
)

// Share takes the lock under which people submit to an activity: shared, so
// that they do not queue behind one another, and held against whoever moves
// the activity. Row-share locks would starve the one who closes. The lock ends
// with the transaction; read the clock and the state after it.
func Share(ctx context.Context, tx bun.IDB, ref row.Ref) error {
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
		Args:  append([]any{lockClass(row.Ref{ProcessID: processID})}, args...),
		Into:  []any{activity, new(string)},
	}
}

// Exclude takes the locks of a move, in their order: the process, the activity,
// and what those who submit share. A use case that changes what deadlines hang
// on and then asks the engine to move them begins with it: whoever shares first
// and excludes later waits for others who share, while they wait for what is
// held meanwhile.
func Exclude(ctx context.Context, tx bun.IDB, ref row.Ref) error {
	_, _, err := In(tx).Lock(ctx, ref)
	return err
}

// lockClass keeps these locks apart from those with one 64-bit key. Two
// processes 2^31 apart would share one, which costs a wait and nothing else.
func lockClass(ref row.Ref) int32 { return int32(ref.ProcessID & 0x7fffffff) }

// lockObject is the other half of the key, as ShareOf makes it in SQL.
func lockObject(ref row.Ref) int32 { return int32(ref.ActivityID & 0x7fffffff) }
