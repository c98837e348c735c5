// Package row holds what the engine keeps of its instances, as plain rows: the
// engine reads and writes them through a store, which is PostgreSQL in
// production (workflow/store) and plain memory in a rehearsal
// (workflow/memory). Times are instants in microseconds; zero ones are unset.
package row

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Ref names an instance: a process (ActivityID 0) or one of its activities.
type Ref struct{ ProcessID, ActivityID int64 }

// Process is the reference of the process that the instance belongs to.
func (r Ref) Process() Ref { return Ref{ProcessID: r.ProcessID} }

// Definition is a published definition: immutable.
type Definition struct {
	Name      string
	Version   int
	SHA256    string
	Source    []byte
	CreatedAt time.Time

	BaseName    string // what a process made it from for itself, "" for one that is shipped
	BaseVersion int
}

// Instance is a running process or activity. Head and Seq, the end of the
// chain of its log, stand on the process alone.
type Instance struct {
	bun.BaseModel `bun:"table:workflow_instance"`

	ProcessID  int64     `bun:"process_id,pk"`
	ActivityID int64     `bun:"activity_id,pk"`
	Definition string    `bun:"definition"`
	Version    int       `bun:"version"`
	Zone       string    `bun:"zone"`
	State      string    `bun:"state"`
	Revision   int64     `bun:"revision"`
	Entry      int       `bun:"entry"`
	EnteredAt  time.Time `bun:"entered_at"`
	MinAt      time.Time `bun:"min_at,nullzero"`
	DueAt      time.Time `bun:"due_at,nullzero"`
	MaxAt      time.Time `bun:"max_at,nullzero"`
	ClosedDays string    `bun:"closed_days"`           // of every year, on which the offices are closed too; see Join
	HeldAt     time.Time `bun:"held_at,nullzero"`      // since when it is suspended
	HeldDays   int       `bun:"held_days"`             // civil days that suspensions added to this entry
	FirstDueAt time.Time `bun:"first_due_at,nullzero"` // the end before anybody extended it, suspensions added, or the date that it was made from
	Extensions int       `bun:"extensions"`            // of this entry
	EndGiven   bool      `bun:"end_given"`             // DueAt is the date that an act gave: extended, shortened, chosen
	Reason     string    `bun:"reason"`
	Head       []byte    `bun:"head,nullzero"`
	Seq        int64     `bun:"seq"`
	CreatedAt  time.Time `bun:"created_at"`
}

// Ref names the instance.
func (r *Instance) Ref() Ref { return Ref{r.ProcessID, r.ActivityID} }

// Phase is one state of an instance's plan, and what happened beside it.
type Phase struct {
	bun.BaseModel `bun:"table:workflow_plan"`

	ProcessID    int64     `bun:"process_id,pk"`
	ActivityID   int64     `bun:"activity_id,pk"`
	State        string    `bun:"state,pk"`
	Position     int       `bun:"position"`
	PlannedStart time.Time `bun:"planned_start,nullzero"`
	PlannedEnd   time.Time `bun:"planned_end,nullzero"`
	Source       string    `bun:"source"`
	Days         int       `bun:"days"`
	Fixed        bool      `bun:"fixed"`
	StartedAt    time.Time `bun:"started_at,nullzero"`
	EndedAt      time.Time `bun:"ended_at,nullzero"`
	Reason       string    `bun:"reason"`
}

// Passage is what happened beside a plan: Left ended, for Reason, and Entered
// began. Left is "" for the first state.
type Passage struct {
	Left, Entered, Reason string
	At                    time.Time
}

// Deadline is one piece of the clock's work.
type Deadline struct {
	bun.BaseModel `bun:"table:deadline"`

	ProcessID    int64     `bun:"process_id,pk"`
	ID           int64     `bun:"id,pk,autoincrement"`
	ActivityID   int64     `bun:"activity_id"`
	Entry        int       `bun:"entry"`
	Name         string    `bun:"name"`
	Generation   int       `bun:"generation"`
	WallTime     string    `bun:"wall_time"`
	Zone         string    `bun:"zone"`
	DueAt        time.Time `bun:"due_at"`
	ExpiresAt    time.Time `bun:"expires_at,nullzero"`
	Action       string    `bun:"action"`
	Event        string    `bun:"event"`
	Notice       string    `bun:"notice"`
	Audience     string    `bun:"audience"` // see Words
	FiredAt      time.Time `bun:"fired_at,nullzero"`
	CancelledAt  time.Time `bun:"cancelled_at,nullzero"`
	CancelledWhy string    `bun:"cancelled_why"`
	Failures     int       `bun:"failures"`          // how often it could not be carried out
	RetryAt      time.Time `bun:"retry_at,nullzero"` // until when it rests after that
	Failure      string    `bun:"failure"`           // what the program said
}

// MostFailures is how often a deadline may fail before it is set aside: nothing
// waits for it any more, and people are told.
const MostFailures = 5

// Open reports that the deadline neither fired nor was cancelled.
func (r *Deadline) Open() bool { return r.FiredAt.IsZero() && r.CancelledAt.IsZero() }

// Waits reports whether what comes later in the same instance waits for the
// deadline: a transition comes in its turn, though it failed, until it is set
// aside; a notice that failed holds up nothing.
func (r *Deadline) Waits() bool { return r.Failures == 0 || r.Action == "event" && !r.Aside() }

// Aside reports that the deadline failed so often that nothing waits for it.
func (r *Deadline) Aside() bool { return r.Failures >= MostFailures }

// Words and Join keep a list of declared words in one column.
func Words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// Join is the column that Words reads.
func Join(words []string) string { return strings.Join(words, ",") }

// Incident is a transition that a guard stopped. DeadlineID is 0 for that of a
// consequence.
type Incident struct {
	bun.BaseModel `bun:"table:incident"`

	ProcessID  int64           `bun:"process_id,pk"`
	ID         int64           `bun:"id,pk,autoincrement"`
	ActivityID int64           `bun:"activity_id"`
	DeadlineID int64           `bun:"deadline_id"`
	Transition string          `bun:"transition"`
	Blockers   json.RawMessage `bun:"blockers,type:jsonb"`
	OpenedAt   time.Time       `bun:"opened_at"`
	ResolvedAt time.Time       `bun:"resolved_at,nullzero"`
}

// UTC is a time in UTC; the zero time stays zero.
func UTC(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}
