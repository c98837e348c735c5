package notify

import (
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/channel"
)

// Status is where a delivery stands.
type Status string

// The statuses of a delivery. Queued, deferred and sending ones are still to be
// sent; the others are final, but for a sent one that comes back later.
const (
	Queued     Status = "queued"     // waits for its first attempt
	Sending    Status = "sending"    // a worker holds it until LeaseUntil
	Sent       Status = "sent"       // the other side took responsibility for it
	Deferred   Status = "deferred"   // temporary refusal; tried again at DueAt
	Failed     Status = "failed"     // given up; the address itself is not blamed
	Bounced    Status = "bounced"    // the address was refused for good, at once or by a report
	Complained Status = "complained" // taken, and reported as unwanted by its reader
	Suppressed Status = "suppressed" // not sent on purpose; SuppressedWhy says why
	Expired    Status = "expired"    // too late to be worth sending
)

// Delivery is one notice for one person on one channel: a row of the ledger.
// Channel is the name of a channel of package channel,
// or preference.Digest while it waits for a digest, and after it was told in one. QueuedAt, DueAt, LeaseUntil
// and SentAt are instants of the database's real clock, not of the process's,
// because they are about machines. SentAt stays when a message comes back. Attempts counts refusals
// and crashes; an unreachable relay does not count.
type Delivery struct {
	bun.BaseModel `bun:"table:delivery,alias:d"`

	ProcessID     int64     `bun:"process_id"`
	ID            int64     `bun:"id,autoincrement"`
	NoticeID      int64     `bun:"notice_id"`
	PersonID      int64     `bun:"person_id"`
	Address       string    `bun:"address"`
	Name          string    `bun:"name"`
	Locale        string    `bun:"locale"`
	Channel       string    `bun:"channel"`
	Priority      int       `bun:"priority"`
	Status        Status    `bun:"status"`
	Attempts      int       `bun:"attempts"`
	QueuedAt      time.Time `bun:"queued_at"`
	DueAt         time.Time `bun:"due_at"`
	ClaimedBy     string    `bun:"claimed_by,nullzero"`
	LeaseUntil    time.Time `bun:"lease_until,nullzero"`
	SentAt        time.Time `bun:"sent_at,nullzero"`
	MessageID     string    `bun:"message_id,nullzero"`
	ReplyCode     int       `bun:"reply_code,nullzero"`
	Reply         string    `bun:"reply,nullzero"`
	SuppressedWhy string    `bun:"suppressed_why,nullzero"`
	Doubtful      bool      `bun:"doubtful"`           // it may have arrived, and nobody knows
	DigestID      int64     `bun:"digest_id,nullzero"` // of process 0, in which what was collected is told
}

// Tally counts what became of the deliveries of one run.
type Tally struct {
	Sent, Deferred, Bounced, Failed, Suppressed, Expired int
	// Released were given back untouched: the channel could not be used, or the
	// run was told to stop.
	Released int
}

func (t *Tally) add(o Tally) {
	t.Sent, t.Deferred, t.Bounced, t.Failed = t.Sent+o.Sent, t.Deferred+o.Deferred, t.Bounced+o.Bounced, t.Failed+o.Failed
	t.Suppressed, t.Expired, t.Released = t.Suppressed+o.Suppressed, t.Expired+o.Expired, t.Released+o.Released
}

// job is a delivery that passed every check, with what it says.
type job struct {
	delivery Delivery
	notice   Notice
	facts    Facts
	now      time.Time
}

// letter is what a channel carries.
func (j job) letter() channel.Letter {
	return channel.Letter{
		Occasion: j.notice.occasion(), DeliveryID: j.delivery.ID, PersonID: j.delivery.PersonID,
		Address: j.delivery.Address, Name: j.delivery.Name, Facts: j.facts, Now: j.now,
	}
}

// occasion is what channels may know of a notice.
func (n Notice) occasion() channel.Occasion {
	kind, _ := KindNamed(n.Kind)
	return channel.Occasion{
		ProcessID: n.ProcessID, NoticeID: n.ID, ActivityID: n.ActivityID, Key: n.Key, Kind: n.Kind,
		Owed: kind.Category == Transactional, Proof: kind.Proof, Deadline: kind.Deadline, Expires: n.ExpiresAt, Calendar: string(kind.Calendar),
	}
}

// notice identifies the notice of a delivery.
func (d Delivery) notice() [2]int64 { return [2]int64{d.ProcessID, d.NoticeID} }
