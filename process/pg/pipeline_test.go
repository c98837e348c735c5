package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
)

const readThing = "SELECT n FROM thing WHERE id = $1"

func readN(id int, n *int) pg.Step {
	return pg.Step{Query: readThing, Args: []any{id}, Into: []any{n}}
}

func setN(id, n int, affected *int64) pg.Step {
	return pg.Step{Query: "UPDATE thing SET n = $2 WHERE id = $1", Args: []any{id, n}, Affected: affected}
}

// number is what the table holds, seen from outside.
func number(t *testing.T, db *bun.DB, id int) int {
	t.Helper()
	var n int
	if err := db.NewRaw("SELECT n FROM thing WHERE id = ?", id).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInTxAfterCommits(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	var first, second int
	var affected int64
	err := pg.InTxAfter(ctx, db, []pg.Step{readN(1, &first)}, func(ctx context.Context, tx pg.Tx) error {
		if err := tx.Send(ctx, setN(1, first+7, &affected), readN(1, &second)); err != nil {
			return err
		}
		if n := number(t, db, 1); n != 0 {
			t.Errorf("others see %d before the end, want 0", n)
		}
		_, err := tx.NewRaw("UPDATE thing SET n = n + 1 WHERE id = ?", 1).Exec(ctx)
		return err
	})
	if err != nil || first != 0 || affected != 1 || second != 7 {
		t.Errorf("read %d, wrote %d rows, read %d: %v", first, affected, second, err)
	}
	if n := number(t, db, 1); n != 8 {
		t.Errorf("n is %d, want 8", n)
	}
}

// Whatever goes wrong, nothing stays, and the only connection serves on.
func TestInTxAfterRollsBack(t *testing.T) {
	t.Parallel()
	refusal := errors.New("no")
	cases := []struct {
		name    string
		opening []pg.Step
		fn      func(ctx context.Context, tx pg.Tx) error
		want    func(error) bool
	}{
		{
			"Refusal", nil, func(context.Context, pg.Tx) error { return refusal },
			func(err error) bool { return errors.Is(err, refusal) },
		},
		{
			"Constraint", nil, func(ctx context.Context, tx pg.Tx) error { return tx.Send(ctx, setN(1, -1, nil)) },
			func(err error) bool { return pg.Constraint(err) == "thing_positive" },
		},
		{"NoRowAtOpening", []pg.Step{readN(99, new(int))}, func(context.Context, pg.Tx) error {
			t.Error("ran without its row")
			return nil
		}, pg.NoRows},
		{"NoRowLater", nil, func(ctx context.Context, tx pg.Tx) error { return tx.Send(ctx, readN(99, new(int)), setN(1, 5, nil)) }, pg.NoRows},
		{"FailureSwallowed", nil, func(ctx context.Context, tx pg.Tx) error {
			_ = tx.Send(ctx, setN(1, -1, nil))
			return nil
		}, func(err error) bool { return err != nil }},
		{
			"BadStatement",
			[]pg.Step{{Query: "SELECT nothing FROM nowhere", Into: []any{new(int)}}},
			nil,
			func(err error) bool { return err != nil && strings.Contains(err.Error(), "nowhere") },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := table(t)
			db.SetMaxOpenConns(1)
			opening := append([]pg.Step{setN(2, 9, nil)}, c.opening...)
			if err := pg.InTxAfter(t.Context(), db, opening, c.fn); !c.want(err) {
				t.Errorf("got %v", err)
			}
			if one, two := number(t, db, 1), number(t, db, 2); one != 0 || two != 0 {
				t.Errorf("left %d and %d, want nothing", one, two)
			}
		})
	}
}

func TestInTxAfterRollsBackAfterPanic(t *testing.T) {
	t.Parallel()
	db := table(t)
	db.SetMaxOpenConns(1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = pg.InTxAfter(t.Context(), db, []pg.Step{setN(1, 3, nil)}, func(context.Context, pg.Tx) error { panic("no") })
	}()
	if n := number(t, db, 1); n != 0 {
		t.Errorf("n is %d, want 0", n)
	}
}

// A step sees what another transaction committed while an earlier step of the
// same journey waited for its lock.
func TestStepsSeeWhatTheLockWaitedFor(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	lock := pg.Step{Query: "SELECT pg_advisory_xact_lock(7)"}
	var n int
	ended := make(chan error, 1)
	err := pg.InTxAfter(ctx, db, []pg.Step{lock, setN(1, 4, nil)}, func(ctx context.Context, _ pg.Tx) error {
		go func() {
			ended <- pg.InTxAfter(t.Context(), db, []pg.Step{lock, readN(1, &n)}, func(context.Context, pg.Tx) error { return nil })
		}()
		return waiting(ctx, db)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || n != 4 {
		t.Errorf("read %d (%v), want the 4 that was committed meanwhile", n, err)
	}
}

// waiting returns when somebody waits for an advisory lock of this database.
func waiting(ctx context.Context, db *bun.DB) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	beat := time.NewTicker(5 * time.Millisecond)
	defer beat.Stop()
	for ; ; <-beat.C {
		var n int
		err := db.NewRaw(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(ctx, &n)
		if err != nil || n > 0 {
			return err
		}
	}
}

// A migration changes a table under a statement that a connection has kept.
func TestInTxAfterSurvivesMigration(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	db.SetMaxOpenConns(1)
	all := pg.Step{Query: "SELECT * FROM thing WHERE id = 1", Into: []any{new(int), new(int)}}
	read := func(steps ...pg.Step) error {
		return pg.InTxAfter(ctx, db, steps, func(context.Context, pg.Tx) error { return nil })
	}
	if err := read(all); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "ALTER TABLE thing ALTER n TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	if err := read(all); err != nil {
		t.Error(err)
	}
}

func TestInTxAfterRunsAgain(t *testing.T) {
	t.Parallel()
	db, tries := table(t), 0
	err := pg.InTxAfter(t.Context(), db, nil, func(ctx context.Context, tx pg.Tx) error {
		if tries++; tries == 3 {
			return tx.Send(ctx, setN(1, tries, nil))
		}
		return tx.Send(ctx, pg.Step{Query: "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"})
	})
	if n := number(t, db, 1); err != nil || tries != 3 || n != 3 {
		t.Errorf("%d tries, n %d: %v", tries, n, err)
	}
}

func TestInTxAfterStopsWithItsContext(t *testing.T) {
	t.Parallel()
	db := table(t)
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(t.Context())
	err := pg.InTxAfter(ctx, db, []pg.Step{setN(1, 3, nil)}, func(ctx context.Context, tx pg.Tx) error {
		cancel()
		return tx.Send(ctx, readN(1, new(int)))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := number(t, db, 1); n != 0 {
		t.Errorf("n is %d, want 0", n)
	}
}

// Somebody who goes away in the last moment must not leave a connection that
// holds the activity's lock until it is used again.
func TestInTxAfterLeavesNoLockBehind(t *testing.T) {
	t.Parallel()
	db := table(t)
	ctx, cancel := context.WithCancel(t.Context())
	lock := pg.Step{Query: "SELECT pg_advisory_xact_lock(11)"}
	err := pg.InTxAfter(ctx, db, []pg.Step{lock, setN(1, 3, nil)}, func(context.Context, pg.Tx) error {
		cancel()
		return nil
	})
	if err == nil {
		t.Error("committed for somebody who had gone")
	}
	var held int
	if err := db.NewRaw(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 11
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(t.Context(), &held); err != nil {
		t.Fatal(err)
	}
	if n := number(t, db, 1); held != 0 || n != 0 {
		t.Errorf("%d locks are held, n is %d; want none of it", held, n)
	}
}
