package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Step is one statement of several that travel together. Query has $1, $2 … and
// must be a constant: each connection prepares it once and keeps it. Into takes
// the columns of its one row; a step without Into gives none. Affected, unless
// nil, takes the number of rows that it wrote.
type Step struct {
	Query    string
	Args     []any
	Into     []any
	Affected *int64
}

// Tx is a transaction whose statements can also be sent several at a time. Each
// still sees what was committed before it began, as when sent alone.
type Tx struct{ bun.Conn }

// Send runs steps in their order and waits once for all. An error, also of a
// step that found no row for its Into (see NoRows), leaves the transaction to
// be rolled back.
func (tx Tx) Send(ctx context.Context, steps ...Step) error {
	return tx.Raw(func(d any) error {
		c, ok := d.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("send statements together: the driver is %T", d)
		}
		return send(ctx, c.Conn(), steps)
	})
}

func send(ctx context.Context, conn *pgx.Conn, steps []Step) (err error) {
	var batch pgx.Batch
	for _, s := range steps {
		if len(s.Args) > 0 || len(s.Into) > 0 {
			if _, err := conn.Prepare(ctx, s.Query, s.Query); err != nil {
				return err
			}
		}
		batch.Queue(s.Query, s.Args...)
	}
	results := conn.SendBatch(ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for _, s := range steps {
		if len(s.Into) > 0 {
			if err := results.QueryRow().Scan(s.Into...); err != nil {
				return err
			}
			continue
		}
		tag, err := results.Exec()
		if err != nil {
			return err
		}
		if s.Affected != nil {
			*s.Affected = tag.RowsAffected()
		}
	}
	return nil
}

// InTxAfter is InTx for a use case that is asked for often: the transaction
// begins together with the opening steps, its locks and what is read under
// them, so that they cost one journey to the server instead of one each.
func InTxAfter(ctx context.Context, db *bun.DB, opening []Step, fn func(ctx context.Context, tx Tx) error) error {
	steps := append([]Step{{Query: "BEGIN"}}, opening...)
	return again(ctx, func() error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		tx, ended := Tx{conn}, false
		defer func() {
			if !ended { // an error, a refusal or a panic
				tx.abandon(ctx)
			}
		}()
		if err := tx.Send(ctx, steps...); err != nil {
			return err
		}
		if err := fn(ctx, tx); err != nil {
			return err
		}
		err = tx.commit(ctx)
		ended = err == nil
		return err
	})
}

// commit ends the transaction. PostgreSQL answers ROLLBACK to the COMMIT of a
// transaction that has failed before.
func (tx Tx) commit(ctx context.Context) error {
	return tx.Raw(func(d any) error {
		tag, err := d.(*stdlib.Conn).Conn().Exec(ctx, "COMMIT")
		if err == nil && tag.String() != "COMMIT" {
			return sql.ErrTxDone
		}
		return err
	})
}

// abandon gives the connection back clean, or drops it when a statement failed
// on it: its prepared statements may be older than the tables.
func (tx Tx) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Raw(func(d any) error {
		conn := d.(*stdlib.Conn).Conn()
		if conn.PgConn().TxStatus() != inTransaction {
			return driver.ErrBadConn
		}
		if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
			return driver.ErrBadConn
		}
		return nil
	})
}

// inTransaction is how PostgreSQL calls a transaction without an error in it.
const inTransaction = 'T'
