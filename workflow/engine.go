// Package workflow runs instances of definitions: the pure decision of what may
// happen, and the one locked, logged transition path that people and deadlines
// share. What a file says stands in workflow/definition, its conditions in
// workflow/guard, civil time in workflow/civil.
//
// It knows no HTTP, no mail and no domain: facts come in through a Facter,
// consequences leave as data (Effect), and the caller owns the transaction.
package workflow

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/row"
)

// Ref names an instance: a process (ActivityID 0) or one of its activities.
type Ref = row.Ref

// DeadlineRef is the identity that a job carries. The handler re-reads the
// row: a raised generation makes the reference obsolete.
type DeadlineRef struct {
	ProcessID, ID int64
	Generation    int
	DueAt         time.Time // for scheduling only; never trusted when firing
}

// Command asks for one transition. Exactly one of Event and Transition is
// set. ExpectRevision 0 skips the check. IdempotencyKey, when set, makes a
// repeated command return the first one's result with Replayed set and no
// effects. Of a transition that reopens, Tell are those to be told, among those
// it names, End is the end of the term that begins, zero for the usual one, and
// Exception says that Reason is a written one to a legal maximum that goes on,
// which the document Act decided.
// At is when a consequence that the system carries out counts from, zero for now.
type Command struct {
	Ref
	Event, Transition string
	Actor             Actor
	Reason            string
	PublicReason      bool
	ExpectRevision    int64
	IdempotencyKey    string
	Tell              []string
	End               time.Time
	Exception         bool
	Act               string
	At                time.Time
}

// Result tells what a command or a deadline did. Effects are data that the
// caller writes as rows in the same transaction.
type Result struct {
	Ref
	From, To, Transition, Event string
	Revision, Seq               int64
	Entry                       int
	Now                         time.Time // when it was decided
	EffectiveAt                 time.Time // when it counts from: the due instant for a timer
	Effects                     []Effect
	LeftReason                  string // public reason by which From had been entered, "" when none
	Final                       bool   // To is final: what moved has ended

	Replayed bool      // the idempotency key was seen before; nothing was done
	Obsolete bool      // the deadline fired, was cancelled or moved; nothing was done
	Early    bool      // the deadline is not due yet by the clock; nothing was done
	Resting  bool      // the deadline, or one before it, failed and is tried again later; nothing was done
	Blocked  bool      // a guard met the deadline: an incident is open
	Blockers []Blocker // why, when Blocked
}

// EffectKind says what an effect asks of the caller.
type EffectKind string

// The kinds of effect.
const (
	EffectNotice EffectKind = "notice" // tell Audience
	EffectOpen   EffectKind = "open"   // open the process's activities of ActivityKind
	EffectClose  EffectKind = "close"  // close them
	EffectFire   EffectKind = "fire"   // apply Event to the process of Ref
)

// Effect is one consequence as data. Occasion is stable and unique: writing
// an effect twice must be refused by a unique key on it. Ref is the instance
// it came from.
type Effect struct {
	Kind         EffectKind
	Ref          Ref
	Notice       string
	Audience     []string // resolved at sending time
	ActivityKind string
	Event        string
	Occasion     string    // for example p12.a3.e2.reminder.10d.g1
	State        string    // the state that the instance is in
	At           time.Time // when it was due; earlier than now when late
	Expires      time.Time // a notice after this is pointless; zero is never
	DueAt        time.Time // the end of the state's term, zero when none
	Anchor       string    // what a reminder hangs on, when that has several instants
	Nth          int       // which of them, in the order of guard.Facts.Anchors, from 0
	NoTime       bool      // a notice of a state that nobody had time for
}

// Clock tells the time inside a transaction, after the last lock.
type Clock interface {
	Now(ctx context.Context, tx bun.IDB) (time.Time, error)
}

// StatementClock is a Clock that tells the time by a statement, which can
// travel together with others.
type StatementClock interface {
	Clock
	Step(now *time.Time) pg.Step
}

// Facter gathers the facts of an instance that somebody needs at an instant,
// inside the transaction and under the instance's lock. It may tell more.
type Facter interface {
	Facts(ctx context.Context, tx bun.IDB, ref Ref, need guard.Needs, now time.Time) (guard.Facts, error)
}

// Instance is a running process or activity.
type Instance struct {
	Ref
	Definition string
	Version    int
	Zone       string
	Closed     string // days of every year on which the offices are closed too: "12-01,06-24"
	State      string
	Revision   int64
	Entry      int // how many states were entered, the first included
	EnteredAt  time.Time
	MinAt      time.Time // zero times are unset
	DueAt      time.Time
	MaxAt      time.Time
	FirstDueAt time.Time // the end of the term before anybody extended it, or the date that it was made from
	Extensions int       // of the present term
	HeldAt     time.Time // since when it is suspended, zero when it is not
	Reason     string    // of the last transition, "" when it is not public
	CreatedAt  time.Time
}

// Held reports that the instance is suspended: its deadlines rest, and nothing
// is taken in.
func (i Instance) Held() bool { return !i.HeldAt.IsZero() }

// Past reports that the instance's term is over at now: input is refused even
// though no timer came by yet.
func (i Instance) Past(now time.Time) bool { return !i.DueAt.IsZero() && !now.Before(i.DueAt) }

// Deadline is one row of the clock's work.
type Deadline struct {
	DeadlineRef
	ActivityID   int64
	Entry        int
	Name         string
	Zone         string
	Action       string // event, notice or overdue
	Event        string
	Notice       string
	Audience     []string
	FiredAt      time.Time
	CancelledAt  time.Time
	CancelledWhy string
	Failures     int
	RetryAt      time.Time // until when it rests after it failed
	Failure      string    // what the program said, in its own language
}

// Extension is what an extension changes, or would change.
type Extension struct {
	Old, New  time.Time
	Moved     []Move        // reminders and follow-ups that move along
	Process   []Move        // what of the process hangs on the activity and moves with it
	Later     []Date        // of a preview: ends of phases to come, which follow
	Waits     *PlannedPhase // of a preview: what then comes on its first possible day
	Effects   []Effect      // the notice to those affected
	Revision  int64
	Exception bool // the new end is beyond the longest without an exception

	Back []history.Grant // those that a shortening takes back in time, which count as used no more

	Law *definition.Law // the one that an Exception goes beyond, nil where only the definition bounds the term
}

// Pin names the definition that an instance ran by.
type Pin struct {
	Definition string
	Version    int
}

// LogEntry is one row of the transition log. Reason is "" once erased or when
// the reader may not see it; Office is who acted for the public view: a role,
// "timer" or "system".
type LogEntry struct {
	Ref
	Seq                         int64
	At, EffectiveAt             time.Time
	Transition, Event, From, To string
	ActorKind                   ActorKind
	Office                      string
	PersonID                    int64 // 0 when erased or not a person
	Reason                      string
	PublicReason                bool
	DeadlineID                  int64
	FromPin, ToPin              Pin             // by which From and To are named; zero is the instance's present one
	Key                         string          // the idempotency key of the command, "" when it had none
	Facts                       json.RawMessage // counts only: what the decision was made on
	Hash                        string          // hexadecimal
}

// Answers reports that the entry is what a command asks for, by whom and why
// included and what it says of a reopening, so that the command under its key was
// carried out. Once names and reasons are erased, whoever has the key is believed.
func (e LogEntry) Answers(c Command) bool {
	if e.PersonID != 0 && (e.PersonID != c.Actor.PersonID || e.Reason != c.Reason) {
		return false
	}
	return e.ActivityID == c.ActivityID && e.says(c) && (c.Event == "" || e.Event == c.Event) && (c.Transition == "" || e.Transition == c.Transition)
}

// punctual is how far behind its instant the timer may be: a worker that was
// killed is replaced within it.
const punctual = time.Minute

// Late reports that the timer came when workers had been away: what it and its
// consequences did counts from EffectiveAt all the same.
func (e LogEntry) Late() bool {
	return e.ActorKind != ActorPerson && Late(e.EffectiveAt, e.At)
}

// Late reports that what counts from an instant was carried out when workers had
// been away.
func Late(from, done time.Time) bool { return done.Sub(from) > punctual }

// Incident is a deadline that a guard stopped and nobody resolved yet.
type Incident struct {
	Ref
	ID, DeadlineID int64
	Transition     string
	Blockers       []Blocker
	OpenedAt       time.Time
}

// Blocked is the refusal of a transition with everything that stands in its
// way. It unwraps to a fault.Conflict "workflow.blocked".
type Blocked struct {
	Ref
	Transition string
	Blockers   []Blocker
	cause      error
}

// Engine runs instances. It holds no state of its own and is safe for
// concurrent use by any number of nodes.
type Engine struct {
	defs   *definition.Library
	clock  Clock
	facter Facter
	log    *slog.Logger
	open   func(tx bun.IDB) Store
	told   Witness
}

// Witness is told of every row of the log in the transaction that writes it,
// when the instance stands as the row says: what it writes is there if the row
// is. Its error undoes both.
type Witness func(ctx context.Context, tx bun.IDB, e LogEntry) error

// NewEngine puts an engine together that keeps its rows in PostgreSQL, in the
// transaction that each method is given; see On for another place.
func NewEngine(defs *definition.Library, clock Clock, facter Facter, log *slog.Logger) *Engine {
	return &Engine{defs: defs, clock: clock, facter: facter, log: log, open: database}
}

// Tell makes the engine tell a witness, before it is first used. A rehearsal has
// none, see On.
func (e *Engine) Tell(by Witness) { e.told = by }

// office is the public name of an actor outside a transition: the first of the
// definition's roles that a person holds.
func (w *work) office(a Actor) string {
	if a.Kind != ActorPerson {
		return string(a.Kind)
	}
	for _, role := range w.def.Roles {
		if slices.Contains(a.Roles, role) {
			return role
		}
	}
	return ""
}
