// Package history reads the log of a process back: whether anything of it was
// changed, and what was at an instant of the past.
package history

import (
	"bytes"
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/workflow/row"
	"arengo/workflow/store"
)

// Flaw is what Verify finds wrong with a row of the log, in English.
type Flaw string

// The flaws of a log. Actor and reason are compared only while their text is
// kept: what was erased is no flaw.
const (
	FlawEmpty    Flaw = "there is no log"
	FlawMissing  Flaw = "it is missing"
	FlawOrder    Flaw = "it does not continue the row before"
	FlawChanged  Flaw = "it was changed"
	FlawFacts    Flaw = "its facts were changed"
	FlawLeap     Flaw = "it does not leave the state that the row before entered"
	FlawActor    Flaw = "its actor was changed"
	FlawReason   Flaw = "its reason was changed"
	FlawInstance Flaw = "it speaks of an activity that is not there, or an activity has no row"
	FlawState    Flaw = "its activity is in another state than it says"
	FlawHead     Flaw = "the head does not match the last row"
)

// Flaws are all of them.
var Flaws = []Flaw{
	FlawEmpty, FlawMissing, FlawOrder, FlawChanged, FlawFacts, FlawLeap, FlawActor, FlawReason, FlawInstance, FlawState, FlawHead,
}

// Break is the error of a log that does not hold: the first row at fault, or 0
// when no row is.
type Break struct {
	ProcessID int64
	Seq       int64
	Flaw      Flaw
}

// Error names the process, the row and what is wrong with it.
func (b *Break) Error() string {
	return fmt.Sprintf("log of process %d, row %d: %s", b.ProcessID, b.Seq, b.Flaw)
}

// Kept is the log and the instances of a process as they are kept: a
// workflow.Store is one.
type Kept interface {
	Log(ctx context.Context, processID, after int64, limit int) ([]row.Log, map[int64]row.Text, error)
	Instances(ctx context.Context, processIDs ...int64) ([]row.Instance, error)
}

// In is what PostgreSQL keeps, seen from a transaction or a connection.
func In(db bun.IDB) store.Store { return store.In(db) }

// Verify recomputes the hash chain of a process: every row's hash, the facts'
// digests, the commitments of texts not erased, the head, and that each
// instance is in the state its log says. What does not hold is a *Break. A move
// in between would look like one: kept is a transaction that sees one instant,
// or nothing else is under way.
func Verify(ctx context.Context, kept Kept, processID int64) error {
	rows, texts, err := kept.Log(ctx, processID, 0, 0)
	if err != nil {
		return fmt.Errorf("verify process %d: %w", processID, err)
	}
	head, last := []byte{}, map[int64]*row.Log{}
	for i := range rows {
		r, seq := &rows[i], int64(i)+1
		flaw, err := link{seq, head, last[r.ActivityID]}.check(r, texts[r.Seq])
		if err != nil {
			return fmt.Errorf("verify process %d, row %d: %w", processID, r.Seq, err)
		}
		if flaw != "" {
			return &Break{processID, seq, flaw}
		}
		head, last[r.ActivityID] = r.Hash, r
	}
	instances, err := kept.Instances(ctx, processID)
	if err != nil {
		return fmt.Errorf("verify process %d: %w", processID, err)
	}
	if b := compare(instances, last, head, int64(len(rows))); b != nil {
		b.ProcessID = processID
		return b
	}
	return nil
}

// compare holds the instances against the last row of each.
func compare(instances []row.Instance, last map[int64]*row.Log, head []byte, seq int64) *Break {
	if seq == 0 {
		return &Break{Flaw: FlawEmpty}
	}
	for _, n := range instances {
		r := last[n.ActivityID]
		switch {
		case r == nil:
			return &Break{Flaw: FlawInstance}
		case n.State != r.To:
			return &Break{Seq: r.Seq, Flaw: FlawState}
		case n.ActivityID == 0 && (!bytes.Equal(n.Head, head) || n.Seq != seq):
			return &Break{Seq: seq, Flaw: FlawHead}
		}
		delete(last, n.ActivityID)
	}
	for _, r := range last {
		return &Break{Seq: r.Seq, Flaw: FlawInstance}
	}
	return nil
}

// link is where a row of the chain must stand: its number, the hash before it,
// and the row before it of the same instance, nil for none.
type link struct {
	seq    int64
	head   []byte
	before *row.Log
}

func (l link) check(r *row.Log, text row.Text) (Flaw, error) {
	sum, err := r.Sum()
	if err != nil {
		return "", err
	}
	facts, err := row.Canonical(r.Facts)
	if err != nil {
		return "", err
	}
	left := ""
	if l.before != nil {
		left = l.before.To
	}
	switch {
	case r.Seq != l.seq:
		return FlawMissing, nil
	case !bytes.Equal(r.PrevHash, l.head):
		return FlawOrder, nil
	case !bytes.Equal(sum, r.Hash):
		return FlawChanged, nil
	case row.Digest(facts) != r.FactsDigest:
		return FlawFacts, nil
	case r.From != left:
		return FlawLeap, nil
	case text.Salt != nil && text.Actor() != r.ActorCommitment:
		return FlawActor, nil
	case text.Salt != nil && text.Because() != r.ReasonCommitment:
		return FlawReason, nil
	}
	return "", nil
}
