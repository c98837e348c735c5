package notify

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// errUnbuilt marks what the next commits fill in.
var errUnbuilt = errors.New("notify: not built yet")

// Outbox writes notices and deliveries. It holds no state but its settings, so
// one serves a whole process and any number of nodes may have one.
type Outbox struct {
	source Source
	lease  time.Duration
}

// NewOutbox makes an outbox that asks the source for its audiences. The lease
// on claimed deliveries is 45 seconds.
func NewOutbox(source Source) *Outbox {
	return &Outbox{source: source, lease: 45 * time.Second}
}

// Add writes notices in the caller's transaction. A notice whose key exists
// already in its process is left as it is, cancelled or not: a restart never
// duplicates. It returns a fault Invalid for an unknown kind, an empty key or
// a missing time.
func (o *Outbox) Add(ctx context.Context, tx bun.IDB, notices ...Notice) error { return errUnbuilt }

// Cancel withdraws, in the caller's transaction, the notices of a process whose
// key starts with the prefix, together with their deliveries that nobody has
// sent yet. It returns how many notices it withdrew.
func (o *Outbox) Cancel(ctx context.Context, tx bun.IDB, processID int64, keyPrefix string, now time.Time) (int, error) {
	return 0, errUnbuilt
}

// Expand turns at most limit due notices into deliveries, each in a transaction
// of its own, and returns the numbers of notices and of deliveries. Running it
// twice, or on two nodes at once, adds nothing. A notice whose audience cannot
// be found is put off and reported in the error; the others go on.
func (o *Outbox) Expand(ctx context.Context, db *bun.DB, now time.Time, limit int) (notices, deliveries int, err error) {
	return 0, 0, errUnbuilt
}

// Claim takes at most n deliveries that are due, or whose holder's lease ran
// out, for the named worker, transactional ones first.
func (o *Outbox) Claim(ctx context.Context, db bun.IDB, worker string, n int) ([]Delivery, error) {
	return nil, errUnbuilt
}
