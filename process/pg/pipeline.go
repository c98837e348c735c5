package pg

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Step is one statement of several that travel together. Query has $1, $2 … and
// must be a constant: each connection prepares it once and keeps it. Into takes
// the columns of its one row, Each is called for every row; a step without
// either gives none. Affected, unless nil, takes the number of rows that it
// wrote. Because, unless nil, says of the step's error what it means.
type Step struct {
	Query    string
	Args     []any
	Into     []any
	Each     func(scan Scan) error
	Affected *int64
	Because  func(err error) error

	commits bool // and must not be answered otherwise
}

// Scan takes the columns of a row.
type Scan func(dest ...any) error

// reads reports that the step gives rows.
func (s *Step) reads() bool { return len(s.Into) > 0 || s.Each != nil }

func (s *Step) because(err error) error {
	if err == nil || s.Because == nil {
		return err
	}
	return s.Because(err)
}

// Send runs steps in their order and waits once for all, where db is a Tx, and
// one after the other elsewhere. An error, also of a step that found no row for
// its Into (see NoRows), leaves the transaction to be rolled back.
func Send(ctx context.Context, db bun.IDB, steps ...Step) error {
	if tx, ok := db.(Tx); ok {
		return tx.Send(ctx, steps...)
	}
	for i := range steps {
		if err := alone(ctx, db, &steps[i]); err != nil {
			return steps[i].because(err)
		}
	}
	return nil
}

// Later is Send for steps that write and whose outcome nobody waits for: a Tx
// sends them along with its next statement, or with its end. What is read after
// them sees them. What must stop the transaction must be refused by PostgreSQL
// itself, which may be about to commit when the answers come: a step has no
// Into, Each or Affected here.
func Later(ctx context.Context, db bun.IDB, steps ...Step) error {
	if tx, ok := db.(Tx); ok {
		if tx.act.waiting == nil {
			tx.act.waiting = make([]Step, 0, usual)
		}
		tx.act.waiting = append(tx.act.waiting, steps...)
		return nil
	}
	return Send(ctx, db, steps...)
}

// cursor is what rows of both drivers can do.
type cursor interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

func each(rows cursor, do func(scan Scan) error) error {
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Tx is a transaction that begins with its first statement, whose statements can
// be sent several at a time, and whose last ones travel with its end. Each still
// sees what was committed before it began, as when sent alone.
type Tx struct {
	bun.Conn
	act *act
}

// usual is how many steps a move sends with its end.
const usual = 9

// act is one try of a transaction.
type act struct {
	begun   bool
	waiting []Step // not sent yet
	kept    map[any]any
	failed  error // the first, after which PostgreSQL refuses everything
}

// take gives what is to be sent next: BEGIN before the first, and what waited.
func (a *act) take(steps ...Step) []Step {
	all := a.waiting
	if !a.begun {
		all = append(make([]Step, 0, 1+len(a.waiting)+len(steps)), Step{Query: "BEGIN"})
		all = append(all, a.waiting...)
	}
	a.begun, a.waiting = true, nil
	return append(all, steps...)
}

// Kept is what somebody keeps for the length of a transaction: its one value of
// type T, made by fresh when it is first asked for. It is false where db is no
// Tx, which keeps nothing.
func Kept[T any](db bun.IDB, fresh func() *T) (*T, bool) {
	tx, ok := db.(Tx)
	if !ok {
		return nil, false
	}
	key := (*T)(nil)
	if have, ok := tx.act.kept[key]; ok {
		return have.(*T), true
	}
	value := fresh()
	tx.act.kept[key] = value
	return value, true
}

// Send runs what waits and then steps, see the function of that name.
func (tx Tx) Send(ctx context.Context, steps ...Step) error {
	if tx.act.failed != nil || tx.act.begun && len(tx.act.waiting)+len(steps) == 0 {
		return tx.act.failed
	}
	all := tx.act.take(steps...)
	tx.act.failed = tx.Raw(func(d any) error {
		c, ok := d.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("send statements together: the driver is %T", d)
		}
		return send(ctx, c.Conn(), all)
	})
	return tx.act.failed
}

// InTxAfter is InAct for a use case that begins with its locks and what is read
// under them.
func InTxAfter(ctx context.Context, db *bun.DB, opening []Step, fn func(ctx context.Context, tx Tx) error) error {
	return InAct(ctx, db, func(ctx context.Context, tx Tx) error {
		if err := tx.Send(ctx, opening...); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// InAct is InTx for a use case that is asked for often: the transaction begins
// together with what fn sends first and ends together with what it sent Later,
// so that one which reads and then writes costs two journeys to the server.
func InAct(ctx context.Context, db *bun.DB, fn func(ctx context.Context, tx Tx) error) error {
	return again(ctx, func() error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		tx, ended := Tx{conn, &act{kept: map[any]any{}}}, false
		defer func() {
			if !ended { // an error, a refusal or a panic
				tx.abandon(ctx)
			}
		}()
		if err := fn(ctx, tx); err != nil {
			return tx.cause(err)
		}
		err = tx.commit(ctx)
		ended = err == nil
		return err
	})
}

// cause is why a transaction failed: what PostgreSQL refused first, where the
// caller met only that nothing works after it.
func (tx Tx) cause(err error) error {
	if tx.act.failed == nil || errors.Is(err, tx.act.failed) {
		return err
	}
	return errors.Join(tx.act.failed, err)
}

// commit ends the transaction with what waits; one that sent nothing never was.
func (tx Tx) commit(ctx context.Context) error {
	if !tx.act.begun && len(tx.act.waiting) == 0 {
		return nil
	}
	return cmp.Or(ctx.Err(), tx.Send(ctx, Step{Query: "COMMIT", commits: true}))
}

// abandon gives the connection back clean, or drops it when a statement failed
// on it: its prepared statements may be older than the tables.
func (tx Tx) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Raw(func(d any) error {
		conn := d.(*stdlib.Conn).Conn()
		switch status := conn.PgConn().TxStatus(); {
		case status == outside && tx.act.failed == nil:
			return nil
		case status != inTransaction:
			return driver.ErrBadConn
		}
		if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
			return driver.ErrBadConn
		}
		return nil
	})
}

// How PostgreSQL calls a connection without a transaction, and a transaction
// without an error in it.
const (
	outside       = 'I'
	inTransaction = 'T'
)
