package pg

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// Exec runs a statement that each connection prepares once and keeps: planning
// the few statements of the busiest form costs more than running them. The
// text has $1, $2 … and must be a constant, or backends would grow without end.
func Exec(ctx context.Context, db bun.IDB, query string, args ...any) (sql.Result, error) {
	d, err := plainOf(db)
	if err != nil {
		return nil, err
	}
	return d.ExecContext(ctx, query, prepared(args)...)
}

// QueryRow is Exec for a statement that gives one row. Its Scan returns
// sql.ErrNoRows, see NoRows, when there is none.
func QueryRow(ctx context.Context, db bun.IDB, query string, args ...any) (*sql.Row, error) {
	d, err := plainOf(db)
	if err != nil {
		return nil, err
	}
	return d.QueryRowContext(ctx, query, prepared(args)...), nil
}

// plain is what lies under bun, which would write the arguments into the text.
type plain interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func plainOf(db bun.IDB) (plain, error) {
	switch d := db.(type) {
	case bun.Tx:
		return d.Tx, nil
	case *bun.DB:
		return d.DB, nil
	case bun.Conn:
		return d.Conn, nil
	case Tx:
		return d.Conn.Conn, nil
	}
	return nil, fmt.Errorf("prepared statement: no connection in %T", db)
}

func prepared(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheStatement}, args...)
}
