package workflow

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/definition"
)

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonical rewrites JSON with sorted keys and no spaces, keeping numbers as
// they were written.
func canonical(raw []byte) ([]byte, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return json.Marshal(v)
}

type logRow struct {
	bun.BaseModel `bun:"table:transition_log" json:"-"`

	ProcessID        int64           `bun:"process_id,pk" json:"process"`
	Seq              int64           `bun:"seq,pk" json:"seq"`
	ActivityID       int64           `bun:"activity_id" json:"activity"`
	At               time.Time       `bun:"at" json:"at"`
	EffectiveAt      time.Time       `bun:"effective_at" json:"effective_at"`
	Transition       string          `bun:"transition" json:"transition"`
	Event            string          `bun:"event" json:"event"`
	From             string          `bun:"from_state" json:"from"`
	To               string          `bun:"to_state" json:"to"`
	ActorKind        ActorKind       `bun:"actor_kind" json:"actor_kind"`
	ActorRole        string          `bun:"actor_role" json:"actor_role"`
	ActorCommitment  string          `bun:"actor_commitment" json:"actor"`
	ReasonCommitment string          `bun:"reason_commitment" json:"reason"`
	Facts            json.RawMessage `bun:"facts,type:jsonb" json:"-"` // stands for itself by its digest
	FactsDigest      string          `bun:"facts_digest" json:"facts"`
	DeadlineID       int64           `bun:"deadline_id,nullzero" json:"deadline"`
	IdempotencyKey   string          `bun:"idempotency_key,nullzero" json:"key"`
	PrevHash         []byte          `bun:"prev_hash" json:"-"`
	Hash             []byte          `bun:"hash" json:"-"`
}

type textRow struct {
	bun.BaseModel `bun:"table:transition_text"`

	ProcessID    int64  `bun:"process_id,pk"`
	Seq          int64  `bun:"seq,pk"`
	PersonID     int64  `bun:"person_id,nullzero"`
	Reason       string `bun:"reason"`
	PublicReason bool   `bun:"public_reason"`
	Salt         []byte `bun:"salt,nullzero"`
}

// commitment hides a value behind the row's salt: once the salt is erased,
// nobody can tell it, and the chain still holds. Each purpose derives its own
// key, so that showing one value does not betray the other.
func commitment(salt []byte, purpose, value string) string {
	if value == "" {
		return ""
	}
	key := hmac.New(sha256.New, salt)
	key.Write([]byte(purpose))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

func personValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func (r *logRow) sum() ([]byte, error) {
	c := *r
	c.At, c.EffectiveAt = c.At.UTC(), c.EffectiveAt.UTC()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode log row: %w", err)
	}
	sum := sha256.Sum256(append(bytes.Clone(r.PrevHash), b...))
	return sum[:], nil
}

// appendLog seals a row to the chain whose head the process's row carries, and
// moves that head; the caller saves the process's row.
func appendLog(ctx context.Context, tx bun.IDB, process *instanceRow, row *logRow, text textRow) error {
	process.Seq++
	row.ProcessID, row.Seq, row.PrevHash = process.ProcessID, process.Seq, process.Head
	if row.PrevHash == nil {
		row.PrevHash = []byte{}
	}
	text.ProcessID, text.Seq, text.Salt = row.ProcessID, row.Seq, make([]byte, 16)
	rand.Read(text.Salt) // never fails, see crypto/rand
	row.ActorCommitment = commitment(text.Salt, "actor", personValue(text.PersonID))
	row.ReasonCommitment = commitment(text.Salt, "reason", text.Reason)
	row.FactsDigest = digest(row.Facts)
	hash, err := row.sum()
	if err != nil {
		return err
	}
	row.Hash, process.Head = hash, hash
	if _, err := tx.NewInsert().Model(row).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	if text.PersonID == 0 && text.Reason == "" {
		return nil
	}
	_, err = tx.NewInsert().Model(&text).Returning("NULL").Exec(ctx)
	return err
}

func logByKey(ctx context.Context, tx bun.IDB, processID int64, key string) (*logRow, error) {
	row := new(logRow)
	err := tx.NewSelect().Model(row).Where("process_id = ? AND idempotency_key = ?", processID, key).Scan(ctx)
	if pg.NoRows(err) {
		return nil, nil
	}
	return row, err
}

func readLog(ctx context.Context, db bun.IDB, processID, after int64, limit int) ([]logRow, map[int64]textRow, error) {
	var rows []logRow
	q := db.NewSelect().Model(&rows).Where("process_id = ? AND seq > ?", processID, after).Order("seq")
	if limit > 0 {
		q = q.Limit(int64(limit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, nil, err
	}
	texts, err := readTexts(ctx, db, rows)
	return rows, texts, err
}

// readTexts reads the texts of rows of one process that follow one another.
func readTexts(ctx context.Context, db bun.IDB, rows []logRow) (map[int64]textRow, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var texts []textRow
	err := db.NewSelect().Model(&texts).
		Where("process_id = ? AND seq BETWEEN ? AND ?", rows[0].ProcessID, rows[0].Seq, rows[len(rows)-1].Seq).Scan(ctx)
	by := make(map[int64]textRow, len(texts))
	for _, t := range texts {
		by[t.Seq] = t
	}
	return by, err
}

// Log reads the transition log of a process in order, from after a sequence
// number, at most limit rows (0 is all).
func (e *Engine) Log(ctx context.Context, db bun.IDB, processID, after int64, limit int) ([]LogEntry, error) {
	rows, texts, err := readLog(ctx, db, processID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return entries(rows, texts), nil
}

// Brief is the whole log of a process as public pages list it, in order. Only
// what moved a date comes with its facts: those of the rest, which are most of
// the log's bytes, say nothing to readers.
func (e *Engine) Brief(ctx context.Context, db bun.IDB, processID int64) ([]LogEntry, error) {
	var rows []logRow
	err := db.NewSelect().Model(&rows).ExcludeColumn("facts").
		ColumnExpr("CASE WHEN transition IN (?) THEN facts END AS facts", bun.List([]string{definition.ActExtend, definition.ActReschedule})).
		Where("process_id = ?", processID).Order("seq").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read log in brief: %w", err)
	}
	texts, err := readTexts(ctx, db, rows)
	if err != nil {
		return nil, fmt.Errorf("read log in brief: %w", err)
	}
	return entries(rows, texts), nil
}

// Latest is the last entry of one instance's log; false when it has none.
func (e *Engine) Latest(ctx context.Context, db bun.IDB, ref Ref) (LogEntry, bool, error) {
	var rows []logRow
	err := db.NewSelect().Model(&rows).Where("process_id = ? AND activity_id = ?", ref.ProcessID, ref.ActivityID).
		Order("seq DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return LogEntry{}, false, err
	}
	texts, err := readTexts(ctx, db, rows)
	if err != nil {
		return LogEntry{}, false, fmt.Errorf("read the latest of the log: %w", err)
	}
	return entries(rows, texts)[0], true, nil
}

func entries(rows []logRow, texts map[int64]textRow) []LogEntry {
	out := make([]LogEntry, len(rows))
	for i, r := range rows {
		text := texts[r.Seq]
		out[i] = LogEntry{
			Ref: Ref{r.ProcessID, r.ActivityID}, Seq: r.Seq, At: r.At.UTC(), EffectiveAt: r.EffectiveAt.UTC(),
			Transition: r.Transition, Event: r.Event, From: r.From, To: r.To, ActorKind: r.ActorKind, Office: r.ActorRole,
			PersonID: text.PersonID, Reason: text.Reason, PublicReason: text.PublicReason,
			DeadlineID: r.DeadlineID, Facts: r.Facts, Hash: hex.EncodeToString(r.Hash),
		}
	}
	return out
}
