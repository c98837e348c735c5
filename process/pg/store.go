package pg

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"
)

// through is how bun reaches a Tx: what waits goes first.
type through struct{ tx Tx }

// ExecContext runs a statement after what waits.
func (c through) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := c.tx.Send(ctx); err != nil {
		return nil, err
	}
	return c.tx.Conn.Conn.ExecContext(ctx, query, args...)
}

// QueryContext runs a query after what waits.
func (c through) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := c.tx.Send(ctx); err != nil {
		return nil, err
	}
	return c.tx.Conn.Conn.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query after what waits. Where that is refused the row
// says that the transaction is over; its cause comes from the transaction.
func (c through) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = c.tx.Send(ctx) // kept in the Tx, see cause
	return c.tx.Conn.Conn.QueryRowContext(ctx, query, args...)
}

// ExecContext is that of a bun.Tx.
func (tx Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := tx.Send(ctx); err != nil {
		return nil, err
	}
	return tx.Conn.ExecContext(ctx, query, args...)
}

// QueryContext is that of a bun.Tx.
func (tx Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.Send(ctx); err != nil {
		return nil, err
	}
	return tx.Conn.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of a bun.Tx.
func (tx Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = tx.Send(ctx) // kept in the Tx, see cause
	return tx.Conn.QueryRowContext(ctx, query, args...)
}

// NewSelect begins a query of the transaction.
func (tx Tx) NewSelect() *bun.SelectQuery { return tx.Conn.NewSelect().Conn(through{tx}) }

// NewInsert begins a statement of the transaction.
func (tx Tx) NewInsert() *bun.InsertQuery { return tx.Conn.NewInsert().Conn(through{tx}) }

// NewUpdate begins a statement of the transaction.
func (tx Tx) NewUpdate() *bun.UpdateQuery { return tx.Conn.NewUpdate().Conn(through{tx}) }

// NewDelete begins a statement of the transaction.
func (tx Tx) NewDelete() *bun.DeleteQuery { return tx.Conn.NewDelete().Conn(through{tx}) }

// NewMerge begins a statement of the transaction.
func (tx Tx) NewMerge() *bun.MergeQuery { return tx.Conn.NewMerge().Conn(through{tx}) }

// NewValues begins a part of a statement of the transaction.
func (tx Tx) NewValues(model any) *bun.ValuesQuery {
	return tx.Conn.NewValues(model).Conn(through{tx})
}

// NewRaw begins a statement of the transaction in SQL.
func (tx Tx) NewRaw(query string, args ...any) *bun.RawQuery {
	return tx.Conn.NewRaw(query, args...).Conn(through{tx})
}

var errWithin = errors.New("a transaction cannot begin within another")

// BeginTx is refused with an error: the end of another transaction would be the
// end of this one.
func (Tx) BeginTx(context.Context, *sql.TxOptions) (bun.Tx, error) { return bun.Tx{}, errWithin }

// RunInTx is refused as BeginTx is.
func (Tx) RunInTx(context.Context, *sql.TxOptions, func(context.Context, bun.Tx) error) error {
	return errWithin
}
