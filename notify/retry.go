package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// Again is what may be tried once more of some deliveries of one notice: the
// identifiers of those that may, and how many may not, by reason code. What was
// sent, or is on its way, is in neither.
type Again struct {
	Ready   []int64
	Refused map[string]int
}

func (a *Again) refuse(why string) {
	if a.Refused == nil {
		a.Refused = map[string]int{}
	}
	a.Refused[why]++
}

// Past is why a message that answered somebody is not tried again once it is too
// late: what it answered is over, and is asked anew.
const Past = "past"

// MayRetry says which of the deliveries of a notice could be tried once more now:
// those that failed or expired, those whose address was refused or missing and is a
// good one by now; if their notice is for their persons still, see Source.Check.
func (o *Outbox) MayRetry(ctx context.Context, db bun.IDB, n Notice, deliveries []int64, now time.Time) (Again, error) {
	return o.mayRetry(ctx, db, n, deliveries, now, "")
}

// Retry queues them once more, in the caller's transaction, to the addresses that
// their persons have now. What was written down of them stays, with an event
// "queued" whose reply is "retry". It takes a delivery that stands still and no
// other, so that doing it twice, or while a drainer is at work, sends once. A
// notice that had expired has as long to go as one of its kind that is due now.
func (o *Outbox) Retry(ctx context.Context, tx bun.IDB, n Notice, deliveries []int64, now time.Time) (Again, error) {
	again, err := o.mayRetry(ctx, tx, n, deliveries, now, "FOR NO KEY UPDATE OF d")
	if err != nil || len(again.Ready) == 0 {
		return again, err
	}
	audience, err := o.source.Audience(ctx, tx, n)
	if err != nil {
		return Again{}, err
	}
	var taken []int64
	for _, way := range o.ways {
		recipients := wanted(way, n, audience)
		if recipients == nil {
			continue
		}
		ids, err := requeue(ctx, tx, n, way.Name(), recipients, again.Ready)
		if err != nil {
			return Again{}, err
		}
		taken = append(taken, ids...)
	}
	for range len(again.Ready) - len(taken) { // left since we looked: they are not locked
		again.refuse("left_audience")
	}
	again.Ready = taken
	kind, _ := KindNamed(n.Kind)
	return again, prolong(ctx, tx, n, now, now.Add(kind.TimeToLive))
}

func (o *Outbox) mayRetry(ctx context.Context, db bun.IDB, n Notice, deliveries []int64, now time.Time, lock string) (out Again, err error) {
	audience, err := o.source.Audience(ctx, db, n)
	if err != nil || audience == nil {
		return out, err
	}
	kind, _ := KindNamed(n.Kind)
	var open []stopped
	for _, way := range o.ways {
		recipients := wanted(way, n, audience)
		if recipients == nil {
			continue
		}
		rows, err := listStopped(ctx, db, n, way.Name(), recipients, deliveries, lock)
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			switch {
			case !n.CancelledAt.IsZero():
				out.refuse("cancelled")
			case kind.Category == Transactional && !now.Before(n.ExpiresAt):
				out.refuse(Past)
			case r.Why != "":
				out.refuse(r.Why)
			default:
				open = append(open, r)
			}
		}
	}
	for part := range slices.Chunk(open, retryBatch) {
		if err := o.checkAgain(ctx, db, n, part, &out); err != nil {
			return Again{}, err
		}
	}
	return out, nil
}

// retryBatch is how many persons the source is asked about at once.
const retryBatch = 5000

// checkAgain asks the source what it is asked before a message is sent.
func (o *Outbox) checkAgain(ctx context.Context, db bun.IDB, n Notice, part []stopped, out *Again) error {
	persons := make([]int64, len(part))
	for i, r := range part {
		persons[i] = r.PersonID
	}
	reasons, err := o.source.Check(ctx, db, n, persons)
	if err != nil {
		return fmt.Errorf("check %s: %w", n.Kind, err)
	}
	for _, r := range part {
		if v, refused := reasons[r.PersonID]; refused && v.Until.IsZero() {
			out.refuse(cmp.Or(v.Reason, "refused"))
		} else {
			out.Ready = append(out.Ready, r.ID)
		}
	}
	return nil
}
