package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
)

// Exec runs a statement that each connection prepares once and keeps: planning
// the few statements of the busiest form costs more than running them. The
// text has $1, $2 … and must be a constant, or backends would grow without end.
func Exec(ctx context.Context, db bun.IDB, query string, args ...any) (sql.Result, error) {
	d, err := plainOf(ctx, db)
	if err != nil {
		return nil, err
	}
	return d.ExecContext(ctx, query, prepared(args)...)
}

// QueryRow is Exec for a statement that gives one row. Its Scan returns
// sql.ErrNoRows, see NoRows, when there is none.
func QueryRow(ctx context.Context, db bun.IDB, query string, args ...any) (*sql.Row, error) {
	d, err := plainOf(ctx, db)
	if err != nil {
		return nil, err
	}
	return d.QueryRowContext(ctx, query, prepared(args)...), nil
}

// plain is what lies under bun, which would write the arguments into the text.
type plain interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// plainOf reaches it, with nothing left that waits.
func plainOf(ctx context.Context, db bun.IDB) (plain, error) {
	switch d := db.(type) {
	case bun.Tx:
		return d.Tx, nil
	case *bun.DB:
		return d.DB, nil
	case bun.Conn:
		return d.Conn, nil
	case Tx:
		return d.Conn.Conn, d.Send(ctx)
	}
	return nil, fmt.Errorf("prepared statement: no connection in %T", db)
}

func prepared(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheStatement}, args...)
}

// alone runs a step by itself.
func alone(ctx context.Context, db bun.IDB, s *Step) error {
	d, err := plainOf(ctx, db)
	if err != nil {
		return err
	}
	if len(s.Into) > 0 {
		return d.QueryRowContext(ctx, s.Query, prepared(s.Args)...).Scan(s.Into...)
	}
	if s.Each != nil {
		rows, err := d.QueryContext(ctx, s.Query, prepared(s.Args)...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what it would say, Err says
		return errors.Join(each(rows, s.Each), rows.Err())
	}
	res, err := d.ExecContext(ctx, s.Query, prepared(s.Args)...)
	if err == nil && s.Affected != nil {
		*s.Affected, err = res.RowsAffected()
	}
	return err
}

// Time takes a timestamp in UTC, NULL as the zero time.
func Time(to *time.Time) sql.Scanner { return (*instant)(to) }

// Null is a timestamp as an argument, the zero time as NULL.
func Null(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}

type instant time.Time

// Scan takes what database/sql gives.
func (i *instant) Scan(value any) error {
	at, ok := value.(time.Time)
	if !ok && value != nil {
		return fmt.Errorf("a timestamp was expected, not %T", value)
	}
	if *i = instant(at); ok {
		*i = instant(at.UTC())
	}
	return nil
}

// ScanTimestamptz takes what pgx gives.
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	if v.InfinityModifier != pgtype.Finite {
		return errors.New("a timestamp was expected, not infinity")
	}
	if *i = (instant{}); v.Valid {
		*i = instant(v.Time.UTC())
	}
	return nil
}
