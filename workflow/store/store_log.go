package store

import (
	"context"
	"crypto/rand"

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
	err := pg.Later(ctx, s.tx, pg.Step{Query: appendLog, Because: because("append to the log"), Args: []any{
		r.ProcessID, r.Seq, r.ActivityID, r.At, r.EffectiveAt, r.Transition, r.Event, r.From, r.To, r.ActorKind, r.ActorRole,
		r.ActorCommitment, r.ReasonCommitment, string(r.Facts), r.FactsDigest, r.DeadlineID, r.IdempotencyKey, r.PrevHash, r.Hash,
	}})
	if err != nil || text.Empty() {
		return err
	}
	return pg.Later(ctx, s.tx, pg.Step{Query: appendText, Because: because("append to the texts of the log"), Args: []any{
		text.ProcessID, text.Seq, text.PersonID, text.Reason, text.PublicReason, text.Salt,
	}})
}

const (
	appendLog = `INSERT INTO transition_log (process_id, seq, activity_id, at, effective_at, transition, event, from_state, to_state,
			actor_kind, actor_role, actor_commitment, reason_commitment, facts, facts_digest, deadline_id, idempotency_key, prev_hash, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, nullif($16::bigint, 0), nullif($17::text, ''), $18, $19)`
	appendText = `INSERT INTO transition_text (process_id, seq, person_id, reason, public_reason, salt)
		VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6)`
)

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
	return s.part(ctx, after, limit, "process_id = ?", processID)
}

// LogOf is Log of one instance alone.
func (s Store) LogOf(ctx context.Context, ref row.Ref, after int64, limit int) ([]row.Log, map[int64]row.Text, error) {
	return s.part(ctx, after, limit, "process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID)
}

func (s Store) part(ctx context.Context, after int64, limit int, of string, args ...any) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	// Without a limit bun writes none.
	err := s.tx.NewSelect().Model(&rows).Where(of, args...).Where("seq > ?", after).Order("seq").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	texts, err := s.texts(ctx, rows)
	return rows, texts, err
}

// BriefLog is the whole Log of a process without facts, but for those of the
// transitions named, and of what was an exception.
func (s Store) BriefLog(ctx context.Context, processID int64, factual []string) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	err := s.tx.NewSelect().Model(&rows).ExcludeColumn("facts").
		ColumnExpr("CASE WHEN transition IN (?) OR facts->'exception' IS NOT NULL THEN facts END AS facts", bun.List(factual)).
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

// LatestLog is the last row of one instance's log but those of some acts, or none.
func (s Store) LatestLog(ctx context.Context, ref row.Ref, but ...string) ([]row.Log, map[int64]row.Text, error) {
	var rows []row.Log
	q := s.tx.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID)
	if len(but) > 0 {
		q = q.Where("event <> '' OR transition NOT IN (?)", bun.List(but))
	}
	if err := q.Order("seq DESC").Limit(1).Scan(ctx); err != nil {
		return nil, nil, err
	}
	texts, err := s.texts(ctx, rows)
	return rows, texts, err
}

// texts reads the texts of rows of one process, in order: by their numbers where
// others lie between them.
func (s Store) texts(ctx context.Context, rows []row.Log) (map[int64]row.Text, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var texts []row.Text
	first, last := rows[0].Seq, rows[len(rows)-1].Seq
	q := s.tx.NewSelect().Model(&texts).Where("process_id = ? AND seq BETWEEN ? AND ?", rows[0].ProcessID, first, last)
	if last-first >= int64(len(rows)) {
		q = q.Where("seq IN (?)", bun.List(seqs(rows)))
	}
	err := q.Scan(ctx)
	by := make(map[int64]row.Text, len(texts))
	for _, t := range texts {
		by[t.Seq] = t
	}
	return by, err
}

func seqs(rows []row.Log) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = r.Seq
	}
	return out
}
