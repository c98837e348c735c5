// Package channel says what every way to people has in common: e-mail, the inbox
// on the site, push messages. Each is a folder beside this file. Package notify
// keeps the ledger and asks a channel for three things only: whom it reaches, whom
// it must not reach any more, and to carry one letter.
package channel

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/templates"
)

// Occasion is what a channel must know of a notice. Owed tells that it answers
// what its reader just did, such as asking for a link, so that it goes wherever
// it can go at all. Proof tells that it proves whose an address is, so that it goes
// to that address alone. Deadline tells that it comes too late when it waits, and
// Expires is when it is not worth reading any more, an instant of the process's
// clock. Calendar is the method, as in RFC 5546, of the calendar file that notices of
// this kind carry, or "".
type Occasion struct {
	ProcessID, NoticeID, ActivityID int64
	Key, Kind                       string
	Owed, Proof, Deadline           bool
	Expires                         time.Time
	Calendar                        string
}

// Letter is one notice for one person, with all that it may say. Address is where
// the channel reaches the person, as its Recipients gave it. Now is an instant of
// the process's clock.
type Letter struct {
	Occasion
	DeliveryID, PersonID int64
	Address, Name        string
	Facts                templates.Facts
	Now                  time.Time
}

// Ref names what a notice says to a person, the same on every channel, at every
// attempt and on every node. It is not secret: whoever opens it has to be that person.
func (l Letter) Ref() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "inbox\n%d\n%d\n%d", l.ProcessID, l.NoticeID, l.PersonID))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// Outcome classifies what became of a letter.
type Outcome string

// The outcomes.
const (
	// Delivered: the other side took responsibility, whatever happened afterwards.
	Delivered Outcome = "delivered"
	// Deferred: refused for now, or the connection broke before the end.
	Deferred Outcome = "deferred"
	// Bounced: the address was refused for good.
	Bounced Outcome = "bounced"
	// Refused: this letter was refused for good, not for its address.
	Refused Outcome = "refused"
	// Lost: the letter went out whole, the answer never came. It may or may not
	// have been taken; sending it again with its reference is right.
	Lost Outcome = "lost"
	// Unavailable: the channel itself cannot be used; the letter was not tried.
	Unavailable Outcome = "unavailable"
)

// Result is the outcome of one letter with the other side's reply. Reference
// names the letter there: a Message-ID, or "". AddressGone tells that the reply
// blames the address itself, so that nothing should be sent there again. Err says
// why a channel is Unavailable and is nil otherwise.
type Result struct {
	Outcome     Outcome
	Reference   string
	Code        int
	Reply       string
	AddressGone bool
	Err         error
}

// Session carries letters one after the other. It is for one goroutine at a time.
type Session interface {
	// Send carries one letter. The error tells that the letter could not be
	// written, which is our own trouble and not that of the channel or the
	// address.
	Send(ctx context.Context, l Letter) (Result, error)
	// Close gives the session back; a channel may keep its connection for the next.
	Close()
}

// Reach is whom a channel reaches.
type Reach interface {
	// Name is the word for the channel in the ledger.
	Name() string

	// Recipients turns those a notice is for, a query that yields the columns
	// person_id, address, name and locale, into those whom the channel reaches:
	// a query that yields them too and why, the reason code for which one must
	// not be written to, or NULL. A nil query means that such notices do not go
	// this way.
	Recipients(o Occasion, who schema.QueryAppender) schema.QueryAppender

	// Blocked names those of the addresses that must not be used any more for
	// such a notice, each with its reason code. It is asked at the last moment.
	Blocked(ctx context.Context, db bun.IDB, o Occasion, addresses []string) (map[string]string, error)
}

// Silent is a channel that disturbs nobody, since its readers come to look: what
// they chose to hear less often, and the hours at which they sleep, are not its
// business.
type Silent interface{ Silent() }

// Channel carries letters to those whom it reaches.
type Channel interface {
	Reach
	// Open gives a session. It does not connect before the first letter.
	Open() Session
	// Close gives up what sessions left behind; the channel may be used again.
	Close()
}
