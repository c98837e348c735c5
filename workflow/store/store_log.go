package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

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

// Entries are the instants, the latest of each, from which an instance was in
// states; those that it never entered are left out. Acts that enter no state have
// neither an event nor an empty state before them.
func (s Store) Entries(ctx context.Context, ref row.Ref, states []string) (map[string]time.Time, error) {
	var rows []struct {
		State string
		At    time.Time
	}
	err := s.tx.NewRaw(`SELECT to_state AS state, max(effective_at) AS at FROM transition_log
		WHERE process_id = ? AND activity_id = ? AND to_state IN (?) AND (event <> '' OR from_state = '')
		GROUP BY to_state`, ref.ProcessID, ref.ActivityID, bun.List(states)).Scan(ctx, &rows)
	out := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		out[r.State] = r.At.UTC()
	}
	return out, err
}

// Rests are the suspensions of an instance that are over, in order: from an act
// that begins one to the next that ends it or that enters a state, see Entries.
func (s Store) Rests(ctx context.Context, ref row.Ref, begins, ends string) ([]row.Rest, error) {
	var rows []struct {
		State   string
		At, End time.Time
	}
	err := s.tx.NewRaw(`SELECT from_state AS state, effective_at AS at, "end" FROM (
			SELECT seq, transition, from_state, effective_at, lead(effective_at) OVER (ORDER BY seq) AS "end" FROM transition_log
			WHERE process_id = ? AND activity_id = ? AND (transition IN (?, ?) OR event <> '')) l
		WHERE transition = ? AND "end" IS NOT NULL ORDER BY seq`, ref.ProcessID, ref.ActivityID,
		begins, ends, begins).Scan(ctx, &rows)
	var out []row.Rest
	for _, r := range rows {
		out = append(out, row.Rest{State: r.State, From: r.At.UTC(), To: r.End.UTC()})
	}
	return out, err
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
