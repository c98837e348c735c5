package notify

import (
	"time"

	"github.com/uptrace/bun"
)

// Status is where a delivery stands.
type Status string

// The statuses of a delivery. Pending, deferred and claimed ones are still to
// be sent; the others are final.
const (
	Pending  Status = "pending"  // waits for its first attempt
	Claimed  Status = "claimed"  // a worker holds it until LeaseUntil
	Sent     Status = "sent"     // the relay took responsibility for it
	Deferred Status = "deferred" // temporary refusal; tried again at DueAt
	Failed   Status = "failed"   // given up; the address itself is not blamed
	Bounced  Status = "bounced"  // the address was refused for good
	Skipped  Status = "skipped"  // not sent on purpose; SkippedWhy says why
	Expired  Status = "expired"  // too late to be worth sending
)

// Mail is the channel of e-mail, the only one so far.
const Mail = "mail"

// Delivery is one notice for one person on one channel: a row of the ledger.
// DueAt, LeaseUntil and SentAt are instants of the database's real clock, not
// of the process's, because they are about machines. Attempts counts refusals
// and crashes; an unreachable relay does not count.
type Delivery struct {
	bun.BaseModel `bun:"table:delivery,alias:d"`

	ProcessID  int64     `bun:"process_id"`
	ID         int64     `bun:"id,autoincrement"`
	NoticeID   int64     `bun:"notice_id"`
	PersonID   int64     `bun:"person_id"`
	Address    string    `bun:"address"`
	Name       string    `bun:"name"`
	Locale     string    `bun:"locale"`
	Channel    string    `bun:"channel"`
	Priority   int       `bun:"priority"`
	Status     Status    `bun:"status"`
	Attempts   int       `bun:"attempts"`
	DueAt      time.Time `bun:"due_at"`
	ClaimedBy  string    `bun:"claimed_by,nullzero"`
	LeaseUntil time.Time `bun:"lease_until,nullzero"`
	SentAt     time.Time `bun:"sent_at,nullzero"`
	MessageID  string    `bun:"message_id,nullzero"`
	ReplyCode  int       `bun:"reply_code,nullzero"`
	Reply      string    `bun:"reply,nullzero"`
	SkippedWhy string    `bun:"skipped_why,nullzero"`
}

// Tally counts what became of the deliveries of one run.
type Tally struct {
	Sent, Deferred, Bounced, Failed, Skipped, Expired int
	// Released were given back untouched: the relay was unreachable, or the
	// run was told to stop.
	Released int
}
