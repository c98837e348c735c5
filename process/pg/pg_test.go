package pg_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/process/processtest"
)

func table(t *testing.T) *bun.DB {
	t.Helper()
	db := processtest.EmptyDatabase(t)
	const ddl = `CREATE TABLE thing (id int CONSTRAINT thing_pk PRIMARY KEY, n int CONSTRAINT thing_positive CHECK (n >= 0));
		INSERT INTO thing VALUES (1, 0), (2, 0)`
	if _, err := db.ExecContext(t.Context(), ddl); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestOpenRefusesBadAddress(t *testing.T) {
	t.Parallel()
	_, err := pg.Open("postgres://user:very-secret@host:port/db", 2)
	if err == nil {
		t.Fatal("was accepted")
	}
	if strings.Contains(err.Error(), "very-secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestOpenSession(t *testing.T) {
	t.Parallel()
	var zone, app, idle string
	db := processtest.EmptyDatabase(t)
	const settings = "SELECT current_setting('timezone'), current_setting('application_name'), current_setting('idle_in_transaction_session_timeout')"
	if err := db.NewRaw(settings).Scan(t.Context(), &zone, &app, &idle); err != nil {
		t.Fatal(err)
	}
	if zone != "UTC" || app != "arengo" || idle != "30s" {
		t.Errorf("time zone %q, application %q, idle for %s", zone, app, idle)
	}
}

// A node that stands still in the middle of a transaction loses it with its
// locks, and learns so when it goes on.
func TestWhoStandsStillKeepsNoLock(t *testing.T) {
	t.Parallel()
	address, ctx := processtest.DatabaseURL(t), t.Context()
	open := func(more string) *bun.DB {
		db, err := pg.Open(address+more, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	still, other := open(mark+"idle_in_transaction_session_timeout=200"), open("")
	lock := func(tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "LOCK TABLE person")
		return err
	}
	err := pg.InTx(ctx, still, func(ctx context.Context, tx bun.Tx) error {
		if err := lock(tx); err != nil {
			return err
		}
		if err := pg.InTx(ctx, other, func(_ context.Context, tx bun.Tx) error { return lock(tx) }); err != nil {
			t.Errorf("the other: %v", err)
		}
		return lock(tx)
	})
	if !pg.Lost(err) {
		t.Errorf("it goes on as if nothing had happened: %v", err)
	}
}

func TestOpenPreparesNothing(t *testing.T) {
	t.Parallel()
	db := table(t)
	db.SetMaxOpenConns(1)
	for i := range 20 {
		if _, err := db.NewRaw("INSERT INTO thing VALUES (?, ?)", 10+i, i).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := db.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("%d prepared statements are kept, want 0", n)
	}
}

func TestInTxCommitsAndRollsBack(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	set := func(n int, result error) error {
		return pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE thing SET n = ? WHERE id = 1", n); err != nil {
				return err
			}
			return result
		})
	}
	if err := set(5, nil); err != nil {
		t.Fatal(err)
	}
	want := errors.New("no")
	if err := set(6, want); !errors.Is(err, want) {
		t.Fatalf("got %v, want the function's own error", err)
	}
	var n int
	if err := db.NewRaw("SELECT n FROM thing WHERE id = 1").Scan(ctx, &n); err != nil || n != 5 {
		t.Errorf("n is %d (%v), want 5", n, err)
	}
}

// Two transactions lock two rows in opposite order: PostgreSQL ends one, and
// it runs again.
func TestInTxRunsAgainAfterDeadlock(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	meet := make(chan struct{}, 2)
	both := make(chan struct{})
	go func() { <-meet; <-meet; close(both) }()
	var tries atomic.Int32
	run := func(first, second int, ended chan<- error) {
		once := false
		ended <- pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
			tries.Add(1)
			if _, err := tx.ExecContext(ctx, "UPDATE thing SET n = n + 1 WHERE id = ?", first); err != nil {
				return err
			}
			if !once {
				once = true
				meet <- struct{}{}
				<-both
			}
			_, err := tx.ExecContext(ctx, "UPDATE thing SET n = n + 1 WHERE id = ?", second)
			return err
		})
	}
	ended := make(chan error, 2)
	go run(1, 2, ended)
	go run(2, 1, ended)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if tries.Load() != 3 {
		t.Errorf("%d tries, want 3: one transaction twice", tries.Load())
	}
	var sum int
	if err := db.NewRaw("SELECT sum(n) FROM thing").Scan(ctx, &sum); err != nil || sum != 4 {
		t.Errorf("sum %d (%v), want 4", sum, err)
	}
}

func TestInTxGivesUp(t *testing.T) {
	t.Parallel()
	db, tries := table(t), 0
	err := pg.InTx(t.Context(), db, func(ctx context.Context, tx bun.Tx) error {
		tries++
		_, err := tx.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
		return err
	})
	if err == nil || tries != 5 {
		t.Errorf("%d tries, %v; want 5 and an error", tries, err)
	}
}

func TestInTxStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	db, tries := table(t), 0
	err := pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
		tries++
		_, err := tx.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) || tries != 1 {
		t.Errorf("%d tries, %v; want one and the context's error", tries, err)
	}
}

func TestConstraint(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	cases := []struct{ name, sql, want string }{
		{"Unique", "INSERT INTO thing VALUES (1, 1)", "thing_pk"},
		{"Check", "INSERT INTO thing VALUES (9, -1)", "thing_positive"},
		{"Other", "SELECT 1 / 0", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := db.ExecContext(ctx, c.sql)
			if err == nil {
				t.Fatal("no error")
			}
			if got := pg.Constraint(err); got != c.want {
				t.Errorf("constraint %q, want %q", got, c.want)
			}
		})
	}
	if got := pg.Constraint(nil); got != "" {
		t.Errorf("no error names %q", got)
	}
}

func TestNoRows(t *testing.T) {
	t.Parallel()
	var n int
	err := table(t).NewRaw("SELECT n FROM thing WHERE id = 99").Scan(t.Context(), &n)
	if !pg.NoRows(err) || pg.NoRows(nil) || pg.NoRows(sql.ErrTxDone) {
		t.Errorf("no rows is not told apart: %v", err)
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var pid int
	if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewRaw("SELECT pg_terminate_backend(?)", pid).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT 1"); !pg.Lost(err) {
		t.Errorf("%v is not told from other errors", err)
	}
	_, wrong := db.ExecContext(ctx, "SELECT 1 / 0")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, cancelled := db.ExecContext(ended, "SELECT 1")
	for _, err := range []error{wrong, cancelled, sql.ErrNoRows, context.DeadlineExceeded, nil} {
		if pg.Lost(err) {
			t.Errorf("%v passes for a database that went away", err)
		}
	}
}
