package pg

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// send runs steps in one journey. pgx's own batch would ask the server to
// describe again, each time, what the connection learned when it prepared.
func send(ctx context.Context, conn *pgx.Conn, steps []Step) (err error) {
	batch, err := encode(ctx, conn, steps)
	if err != nil {
		return err
	}
	results := conn.PgConn().ExecBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for i := range steps {
		if err := receive(conn, results, &steps[i]); err != nil {
			return steps[i].because(err)
		}
	}
	return nil
}

// builders turn arguments into bytes; what they grew to is used again.
var builders = sync.Pool{New: func() any { return new(pgx.ExtendedQueryBuilder) }}

func encode(ctx context.Context, conn *pgx.Conn, steps []Step) (*pgconn.Batch, error) {
	b := builders.Get().(*pgx.ExtendedQueryBuilder)
	defer builders.Put(b)
	batch := new(pgconn.Batch)
	for i := range steps {
		s := &steps[i]
		sd, err := conn.Prepare(ctx, s.Query, s.Query)
		if err != nil {
			return nil, err
		}
		if err := b.Build(conn.TypeMap(), sd, s.Args); err != nil {
			return nil, err
		}
		batch.ExecStatement(sd, b.ParamValues, b.ParamFormats, slices.Clone(b.ResultFormats)) // kept until the answer
	}
	return batch, nil
}

// receive takes the answer to one step.
func receive(conn *pgx.Conn, results *pgconn.MultiResultReader, s *Step) error {
	if !results.NextResult() {
		return cmp.Or(results.Close(), errSilent)
	}
	answer := results.ResultReader()
	if !s.reads() {
		tag, err := answer.Close()
		if s.Affected != nil {
			*s.Affected = tag.RowsAffected()
		}
		if err == nil && s.commits && tag.String() != "COMMIT" {
			return sql.ErrTxDone // PostgreSQL's ROLLBACK to a transaction that has failed before
		}
		return err
	}
	rows := pgx.RowsFromResultReader(conn.TypeMap(), answer)
	defer rows.Close()
	if s.Each != nil {
		return each(rows, s.Each)
	}
	if !rows.Next() {
		return cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	err := rows.Scan(s.Into...)
	rows.Close()
	return cmp.Or(err, rows.Err())
}

// errSilent is a server that answered less than it was asked.
var errSilent = errors.New("the server gave no answer to a statement")
