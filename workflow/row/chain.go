package row

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"
)

// Log is one row of the transition log. What its hash seals stands in its JSON.
type Log struct {
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
	ActorKind        string          `bun:"actor_kind" json:"actor_kind"`
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

// Text is what erasure may take from a row of the log without breaking its
// chain: who, why, and the salt of their commitments.
type Text struct {
	bun.BaseModel `bun:"table:transition_text"`

	ProcessID    int64  `bun:"process_id,pk"`
	Seq          int64  `bun:"seq,pk"`
	PersonID     int64  `bun:"person_id,nullzero"`
	Reason       string `bun:"reason"`
	PublicReason bool   `bun:"public_reason"`
	Salt         []byte `bun:"salt,nullzero"`
}

// Empty reports that the text says nothing that its row does not.
func (t *Text) Empty() bool { return t.PersonID == 0 && t.Reason == "" }

// Actor is the commitment to who acted.
func (t *Text) Actor() string {
	if t.PersonID == 0 {
		return ""
	}
	return commitment(t.Salt, "actor", strconv.FormatInt(t.PersonID, 10))
}

// Because is the commitment to the reason.
func (t *Text) Because() string { return commitment(t.Salt, "reason", t.Reason) }

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

// Seal puts a row and its text, which has its salt, behind the last row of the
// process's chain, and moves the head that the process carries.
func (r *Log) Seal(process *Instance, text *Text) error {
	r.ProcessID, r.Seq, r.PrevHash = process.ProcessID, process.Seq+1, process.Head
	if r.PrevHash == nil {
		r.PrevHash = []byte{}
	}
	text.ProcessID, text.Seq = r.ProcessID, r.Seq
	r.ActorCommitment, r.ReasonCommitment = text.Actor(), text.Because()
	r.FactsDigest = Digest(r.Facts)
	hash, err := r.Sum()
	if err != nil {
		return err
	}
	r.Hash, process.Head, process.Seq = hash, hash, r.Seq
	return nil
}

// Sum is the hash that the row must have.
func (r *Log) Sum() ([]byte, error) {
	c := *r
	c.At, c.EffectiveAt = c.At.UTC(), c.EffectiveAt.UTC()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode log row: %w", err)
	}
	sum := sha256.Sum256(append(bytes.Clone(r.PrevHash), b...))
	return sum[:], nil
}

// Digest stands for facts in the chain; they must be Canonical.
func Digest(facts []byte) string {
	sum := sha256.Sum256(facts)
	return hex.EncodeToString(sum[:])
}

// Canonical rewrites JSON with sorted keys and no spaces, keeping numbers as
// they were written.
func Canonical(raw []byte) ([]byte, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return json.Marshal(v)
}
