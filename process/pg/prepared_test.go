package pg_test

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process/pg"
)

func TestPreparedIsKeptOnce(t *testing.T) {
	t.Parallel()
	db, ctx := table(t), t.Context()
	db.SetMaxOpenConns(1)
	for i := range 20 {
		err := pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
			_, err := pg.Exec(ctx, tx, "INSERT INTO thing VALUES ($1, $2)", 10+i, i)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		row, err := pg.QueryRow(ctx, db, "SELECT n FROM thing WHERE id = $1", 10+i)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := row.Scan(&n); err != nil || n != i {
			t.Fatalf("got %d (%v), want %d", n, err, i)
		}
	}
	row, err := pg.QueryRow(ctx, db, "SELECT n FROM thing WHERE id = $1", -1)
	if err != nil {
		t.Fatal(err)
	}
	if err := row.Scan(new(int)); !pg.NoRows(err) {
		t.Errorf("got %v, want no rows", err)
	}
	var n int
	if err := db.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(ctx, &n); err != nil || n != 2 {
		t.Errorf("%d prepared statements (%v), want the two of this test", n, err)
	}
}
