package pg_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/process/processtest"
)

// What is written late is seen by whatever is read after it, in whichever way.
func TestLaterIsSeenByWhoReads(t *testing.T) {
	t.Parallel()
	reads := map[string]func(ctx context.Context, tx pg.Tx, n *int) error{
		"Raw": func(ctx context.Context, tx pg.Tx, n *int) error {
			return tx.NewRaw("SELECT n FROM thing WHERE id = ?", 1).Scan(ctx, n)
		},
		"Select": func(ctx context.Context, tx pg.Tx, n *int) error {
			return tx.NewSelect().Table("thing").Column("n").Where("id = 1").Scan(ctx, n)
		},
		"QueryRow": func(ctx context.Context, tx pg.Tx, n *int) error {
			return tx.QueryRowContext(ctx, "SELECT n FROM thing WHERE id = ?", 1).Scan(n)
		},
		"Query": func(ctx context.Context, tx pg.Tx, n *int) error {
			rows, err := tx.QueryContext(ctx, "SELECT n FROM thing WHERE id = ?", 1)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				err = errors.Join(err, rows.Scan(n))
			}
			return errors.Join(err, rows.Err())
		},
		"Prepared": func(ctx context.Context, tx pg.Tx, n *int) error {
			row, err := pg.QueryRow(ctx, tx, readThing, 1)
			if err != nil {
				return err
			}
			return row.Scan(n)
		},
		"Step": func(ctx context.Context, tx pg.Tx, n *int) error { return pg.Send(ctx, tx, readN(1, n)) },
		"Update": func(ctx context.Context, tx pg.Tx, n *int) error {
			return tx.NewUpdate().Table("thing").Set("n = n").Where("id = 1").Returning("n").Scan(ctx, n)
		},
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, n := table(t), 0
			err := pg.InAct(t.Context(), db, func(ctx context.Context, tx pg.Tx) error {
				if err := pg.Later(ctx, tx, setN(1, 4, nil)); err != nil {
					return err
				}
				return read(ctx, tx, &n)
			})
			if kept := number(t, db, 1); err != nil || n != 4 || kept != 4 {
				t.Errorf("read %d, kept %d: %v", n, kept, err)
			}
		})
	}
}

// A refusal of what was written late is that of the transaction, whenever it is
// told, and whatever the caller made of it.
func TestLaterRefuses(t *testing.T) {
	t.Parallel()
	meant := errors.New("what it means")
	bad := setN(1, -1, nil)
	bad.Because = func(err error) error { return errors.Join(meant, err) }
	after := map[string]func(ctx context.Context, tx pg.Tx) error{
		"AtTheEnd":  func(context.Context, pg.Tx) error { return nil },
		"AtTheNext": func(ctx context.Context, tx pg.Tx) error { return tx.Send(ctx, readN(1, new(int))) },
		"AtARow":    func(ctx context.Context, tx pg.Tx) error { return tx.QueryRowContext(ctx, "SELECT 1").Scan(new(int)) },
		"Swallowed": func(ctx context.Context, tx pg.Tx) error { _ = tx.Send(ctx); return nil },
		"Lost":      func(ctx context.Context, tx pg.Tx) error { _ = tx.Send(ctx); return errors.New("something else") },
	}
	for name, then := range after {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := table(t)
			db.SetMaxOpenConns(1)
			err := pg.InAct(t.Context(), db, func(ctx context.Context, tx pg.Tx) error {
				if err := pg.Later(ctx, tx, setN(2, 9, nil), bad); err != nil {
					return err
				}
				return then(ctx, tx)
			})
			if !errors.Is(err, meant) || pg.Constraint(err) != "thing_positive" {
				t.Errorf("got %v", err)
			}
			if one, two := number(t, db, 1), number(t, db, 2); one != 0 || two != 0 {
				t.Errorf("left %d and %d, want nothing", one, two)
			}
		})
	}
}

// What fails to serialize at the end runs again from the beginning, which knows
// nothing of the try before.
func TestActRunsAgainWithNothingKept(t *testing.T) {
	t.Parallel()
	type known struct{ times int }
	db, tries := table(t), 0
	err := pg.InAct(t.Context(), db, func(ctx context.Context, tx pg.Tx) error {
		k, keeps := pg.Kept(tx, func() *known { return new(known) })
		same, _ := pg.Kept(tx, func() *known { return nil })
		k.times++
		if !keeps || k.times != 1 || same != k {
			t.Errorf("kept %v, %d times", keeps, k.times)
		}
		if tries++; tries == 3 {
			return pg.Later(ctx, tx, setN(1, tries, nil))
		}
		return pg.Later(ctx, tx, setN(1, 7, nil), pg.Step{Query: "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"})
	})
	if n := number(t, db, 1); err != nil || tries != 3 || n != 3 {
		t.Errorf("%d tries, n %d: %v", tries, n, err)
	}
	if _, keeps := pg.Kept(db, func() *known { return nil }); keeps {
		t.Error("the database keeps something")
	}
}

// Steps sent to any other transaction do the same, one after the other.
func TestStepsGoAnywhere(t *testing.T) {
	t.Parallel()
	db, n, affected, sum := table(t), 0, int64(0), 0
	err := pg.InTx(t.Context(), db, func(ctx context.Context, tx bun.Tx) error {
		if err := pg.Later(ctx, tx, setN(1, 5, nil)); err != nil {
			return err
		}
		return pg.Send(ctx, tx, setN(2, 6, &affected), readN(1, &n), pg.Step{
			Query: "SELECT n FROM thing ORDER BY id", Each: func(scan pg.Scan) error {
				var one int
				err := scan(&one)
				sum += one
				return err
			},
		})
	})
	if err != nil || n != 5 || affected != 1 || sum != 11 {
		t.Errorf("read %d and %d, wrote %d: %v", n, sum, affected, err)
	}
}

func TestNoTransactionWithinAnother(t *testing.T) {
	t.Parallel()
	db := table(t)
	err := pg.InAct(t.Context(), db, func(ctx context.Context, tx pg.Tx) error {
		return tx.RunInTx(ctx, nil, func(context.Context, bun.Tx) error { return nil })
	})
	if err == nil {
		t.Error("began")
	}
}

// What is read and then written costs two journeys, and nothing none.
func TestActTravelsTwice(t *testing.T) {
	t.Parallel()
	db, journeys := counted(t)
	act := func(fn func(ctx context.Context, tx pg.Tx) error) int64 {
		before := journeys()
		if err := pg.InAct(t.Context(), db, fn); err != nil {
			t.Fatal(err)
		}
		return journeys() - before
	}
	busy := func(ctx context.Context, tx pg.Tx) error {
		var n int
		if err := tx.Send(ctx, readN(1, &n), readN(2, &n)); err != nil {
			return err
		}
		return pg.Later(ctx, tx, setN(1, n+1, nil), setN(2, n+1, nil))
	}
	act(busy) // prepares
	if n := act(busy); n != 2 {
		t.Errorf("%d journeys, want 2", n)
	}
	if n := act(func(context.Context, pg.Tx) error { return nil }); n != 0 {
		t.Errorf("%d journeys for nothing", n)
	}
}

// counted is a table behind a wire that counts how often the program waited for
// the server.
func counted(t *testing.T) (*bun.DB, func() int64) {
	t.Helper()
	db, journeys := processtest.CountedDatabase(t)
	const ddl = `CREATE TABLE thing (id int PRIMARY KEY, n int); INSERT INTO thing VALUES (1, 0), (2, 0)`
	if _, err := db.ExecContext(t.Context(), ddl); err != nil {
		t.Fatal(err)
	}
	return db, journeys
}
