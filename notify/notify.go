// Package notify tells people what concerns them, and remembers that it did.
//
// A Notice is one occasion ("the questionnaire opened", "two days are left"),
// written in the transaction of its cause. When it is due the Outbox expands
// it into one Delivery for each person of its audience, who is resolved then
// and not before. A Drainer claims deliveries under a lease, asks the domain
// once more whether each should still go, renders it in the reader's language
// and hands it to the relay. Nothing is lost when a process dies: a lease that
// ran out is claimed again and the message carries the same Message-ID.
//
// The package knows no domain: a Source, implemented by the domain, answers
// who, whether still, and with what facts.
package notify

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/templates"
)

// Account is the process identifier of notices that belong to no process,
// such as a sign-in link.
const Account int64 = 0

// Notice is one occasion to tell somebody something.
//
// Key names the occasion and the version of its schedule, for example
// "reminder/42/g3"; it is unique in its process, so adding a notice twice adds
// it once. Audience is a word of the domain's own list; PersonID restricts it
// to one person and is 0 otherwise. Payload is a JSON object typed by Kind,
// read back by the Source and by nobody else: it holds identifiers, never
// tokens. A zero ExpiresAt means DueAt plus the time to live of the kind.
// Times are instants of the process's clock, given by the caller.
type Notice struct {
	bun.BaseModel `bun:"table:notice,alias:n"`

	ProcessID   int64           `bun:"process_id"`
	ID          int64           `bun:"id,autoincrement"`
	ActivityID  int64           `bun:"activity_id,nullzero"`
	Key         string          `bun:"key"`
	Kind        string          `bun:"kind"`
	Audience    string          `bun:"audience"`
	PersonID    int64           `bun:"person_id,nullzero"`
	Payload     json.RawMessage `bun:"payload,type:jsonb"`
	DueAt       time.Time       `bun:"due_at"`
	ExpiresAt   time.Time       `bun:"expires_at"`
	CreatedAt   time.Time       `bun:"created_at"`
	ExpandedAt  time.Time       `bun:"expanded_at,nullzero"`
	CancelledAt time.Time       `bun:"cancelled_at,nullzero"`
	Paused      bool            `bun:"paused,scanonly"` // known to the drain alone
}

// Source is what the domain knows about notices. It is asked inside no
// transaction but the expansion's, never while the network is in use.
type Source interface {
	// Audience gives a query (a *bun.SelectQuery, a *bun.RawQuery or
	// bun.SafeQuery) that yields the columns person_id bigint, address text,
	// name text and locale text of those the notice is for at this moment. It
	// becomes the SELECT of one INSERT, so ten thousand people are one
	// statement. A nil query is an empty audience. An error leaves the notice
	// to be expanded later and is logged.
	Audience(ctx context.Context, db bun.IDB, n Notice) (schema.QueryAppender, error)

	// Check is asked at the last moment, for the persons of one batch. It
	// returns those who must not receive the notice, or not yet.
	Check(ctx context.Context, db bun.IDB, n Notice, persons []int64) (map[int64]Verdict, error)

	// Facts returns what the message says to each of the persons. A person
	// left out of the answer is skipped with the reason "no_facts". Name and
	// locale that stay empty are taken from the delivery.
	Facts(ctx context.Context, db bun.IDB, n Notice, persons []int64) (map[int64]Facts, error)
}

// Verdict is why somebody must not receive a notice: a short reason code, such as
// already answered, unsubscribed, withdrawn. With an Until they must not yet: at
// that instant of the process's clock they are asked about again, unless the
// notice has expired by then.
type Verdict struct {
	Reason string
	Until  time.Time
}

// Clock tells the time of the domain: PostgreSQL's in production, a set one in
// tests and rehearsals. Leases do not use it; they use the database's own.
type Clock interface {
	Now(ctx context.Context, tx bun.IDB) (time.Time, error)
}

// What a message says, see package templates.
type (
	// Facts is all that a message may say to one person.
	Facts = templates.Facts
	// Process describes the process a message belongs to.
	Process = templates.Process
	// Phase is the step that the process is at.
	Phase = templates.Phase
	// Activity is what a message is about inside its process.
	Activity = templates.Activity
	// Recipient is the one reader of a message.
	Recipient = templates.Recipient
	// Deadline is an exact, half-open end.
	Deadline = templates.Deadline
	// Meeting is an appointment.
	Meeting = templates.Meeting
	// Along is what rests or goes on together with its process.
	Along = templates.Along
	// Own is what a definition says in words of its own.
	Own = templates.Own
)
