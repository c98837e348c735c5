package store

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/row"
)

// Salt is what nobody can guess, for the commitments of one row.
func (Store) Salt() []byte {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails, see crypto/rand
	return salt
}

// AppendLog writes a sealed row and its text, unless that is empty.
func (s Store) AppendLog(ctx context.Context, r *row.Log, text *row.Text) error {
	if _, err := s.tx.NewInsert().Model(r).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	if text.Empty() {
		return nil
	}
	_, err := s.tx.NewInsert().Model(text).Returning("NULL").Exec(ctx)
	return err
}

// LogByKey is the row of an idempotency key, or nil.
func (s Store) LogByKey(ctx context.Context, processID int64, key string) (*row.Log, error) {
	r := new(row.Log)
	err := s.tx.NewSelect().Model(r).Where("process_id = ? AND idempotency_key = ?", processID, key).Scan(ctx)
	if pg.NoRows(err) {
		return nil, nil
	}
	return r, err
}

// Log reads the log of a process in order, from after a sequence number, at
// most limit rows (0 is all), with the texts that are kept, by sequence number.
func (s Store) Log(ctx context.Context, processID, after int64, limit int) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	q := s.tx.NewSelect().Model(&rows).Where("process_id = ? AND seq > ?", processID, after).Order("seq")
	if limit > 0 {
		q = q.Limit(int64(limit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, nil, err
	}
	texts, err := s.texts(ctx, rows)
	return rows, texts, err
}

// BriefLog is the whole Log of a process without facts, but for those of the
// transitions named.
func (s Store) BriefLog(ctx context.Context, processID int64, factual []string) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	err := s.tx.NewSelect().Model(&rows).ExcludeColumn("facts").
		ColumnExpr("CASE WHEN transition IN (?) THEN facts END AS facts", bun.List(factual)).
		Where("process_id = ?", processID).Order("seq").Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	texts, err := s.texts(ctx, rows)
	return rows, texts, err
}

// Passages are the rows of an instance's log, in order, that enter a state, and
// those of acts: where each counts from, what led where, and, of the acts that
// are factual alone, the facts. Acts that enter no state have neither an event
// nor an empty state before them.
func (s Store) Passages(ctx context.Context, ref row.Ref, acts, factual []string) ([]row.Log, error) {
	var rows []row.Log
	err := s.tx.NewSelect().Model(&rows).Column("seq", "effective_at", "transition", "event", "from_state", "to_state").
		ColumnExpr("CASE WHEN transition IN (?) THEN facts END AS facts", bun.List(factual)).
		Where("process_id = ? AND activity_id = ? AND (event <> '' OR from_state = '' OR transition IN (?))", ref.ProcessID, ref.ActivityID, bun.List(acts)).
		Order("seq").Scan(ctx)
	return rows, err
}

// LatestLog is the last row of one instance's log, or none.
func (s Store) LatestLog(ctx context.Context, ref row.Ref) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	err := s.tx.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID).
		Order("seq DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	texts, err := s.texts(ctx, rows)
	return rows, texts, err
}

// texts reads the texts of rows of one process that follow one another.
func (s Store) texts(ctx context.Context, rows []row.Log) (map[int64]row.Text, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var texts []row.Text
	err := s.tx.NewSelect().Model(&texts).
		Where("process_id = ? AND seq BETWEEN ? AND ?", rows[0].ProcessID, rows[0].Seq, rows[len(rows)-1].Seq).Scan(ctx)
	by := make(map[int64]row.Text, len(texts))
	for _, t := range texts {
		by[t.Seq] = t
	}
	return by, err
}
