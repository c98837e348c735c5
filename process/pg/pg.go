// Package pg opens PostgreSQL the way Arengo needs it and runs transactions
// that survive serialization failures. It imports nothing of ours.
package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const attempts = 5

// idleLimit is how long a transaction may wait for the program that began it. A
// node that stands still, or that the network lost, keeps no lock for longer.
const idleLimit = "30s"

// stalePlan is what PostgreSQL reports once for a prepared statement whose
// tables were changed by a migration meanwhile.
const stalePlan = "0A000"

// Open connects to a PostgreSQL URL with at most conns connections. Statements
// run in exec mode: bun writes arguments into the text, and caching each
// distinct text as a prepared statement would grow every backend without end.
func Open(url string, conns int) (*bun.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "arengo"
	}
	config.RuntimeParams["timezone"] = "UTC"
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(limitIdle(config.RuntimeParams)))
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return bun.NewDB(pool, pgdialect.New()), nil
}

// limitIdle sets the limit by a statement, since poolers refuse it at the start
// of a session. Who names another in the address gets that.
func limitIdle(asked map[string]string) func(context.Context, *pgx.Conn) error {
	const name = "idle_in_transaction_session_timeout"
	return func(ctx context.Context, c *pgx.Conn) error {
		if _, given := asked[name]; given {
			return nil
		}
		_, err := c.Exec(ctx, "SET "+name+" = '"+idleLimit+"'")
		return err
	}
}

// InTx runs fn in one transaction and runs it again, from its beginning, when
// PostgreSQL reports a serialization failure or a deadlock. fn must therefore
// have no effect outside the transaction.
func InTx(ctx context.Context, db *bun.DB, fn func(ctx context.Context, tx bun.Tx) error) error {
	return again(ctx, func() error { return db.RunInTx(ctx, nil, fn) })
}

// errUndone takes a transaction back that only was to show what it does.
var errUndone = errors.New("taken back")

// Undone is InTx for what is only to be seen: whatever fn wrote is taken back.
func Undone(ctx context.Context, db *bun.DB, fn func(ctx context.Context, tx bun.Tx) error) error {
	err := InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return errUndone
	})
	if errors.Is(err, errUndone) {
		return nil
	}
	return err
}

// again runs a transaction until it neither failed to serialize nor was chosen
// to end a deadlock.
func again(ctx context.Context, run func() error) error {
	var err error
	for try := range attempts {
		if err = run(); !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(time.Duration(5+rand.IntN(20)) * time.Millisecond << try):
		}
	}
	return fmt.Errorf("transaction failed %d times: %w", attempts, err)
}

// Lost reports whether err says that the database went away or cannot be
// reached for now: whatever was asked may be asked again later. A context that
// ended is no such error.
func Lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code {
		case "57P01", "57P02", "57P03", "53300", "25P03": // shut down, crashed, starting, full, stood still
			return true
		}
		return strings.HasPrefix(pe.Code, "08")
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Constraint names the constraint that err reports as violated, or "".
func Constraint(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && len(pe.Code) == 5 && pe.Code[:2] == "23" {
		return pe.ConstraintName
	}
	return ""
}

// NoRows reports that a query found nothing.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func retryable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01" || pe.Code == stalePlan)
}
