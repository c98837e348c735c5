package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/definition"
	"arengo/workflow/row"
	"arengo/workflow/store"
)

// Store is where an engine keeps its rows.
type Store = row.Store

// On is the engine with its rows in s, whatever transaction its methods are
// given: nil will do, and reaches the clock and the facter as it is. What makes
// a refused command change nothing is then the business of s.
func (e *Engine) On(s Store) *Engine {
	other := *e
	other.told = nil
	other.open = func(bun.IDB) Store { return s }
	return &other
}

// database opens the store of production.
func database(tx bun.IDB) Store { return store.In(tx) }

// Now is the time, in UTC and in microseconds. A pg.Tx reads it once after its
// last lock.
func (e *Engine) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	kept, keeps := store.Instant(tx)
	if keeps && !kept.IsZero() {
		return kept.UTC().Truncate(time.Microsecond), nil // what PostgreSQL keeps
	}
	now, err := e.clock.Now(ctx, tx)
	if err != nil {
		return now, fmt.Errorf("read the clock: %w", err)
	}
	now = now.UTC().Truncate(time.Microsecond)
	if keeps {
		*kept = now
	}
	return now, nil
}

// Opening is what a transaction begins with that will move an instance: its
// locks in their order, what is read under them and, where that is a statement,
// the time. The engine's methods find it there, whatever is missing they read.
func (e *Engine) Opening(tx pg.Tx, ref Ref) []pg.Step {
	return e.timed(tx, store.Opening(tx, ref))
}

// OpeningOf is Opening for the instance of a deadline, with all that is armed of
// its process; without an ID for the process alone.
func (e *Engine) OpeningOf(tx pg.Tx, d DeadlineRef) []pg.Step {
	return e.timed(tx, store.OpeningOf(tx, d.ProcessID, d.ID))
}

func (e *Engine) timed(tx pg.Tx, steps []pg.Step) []pg.Step {
	clock, told := e.clock.(StatementClock)
	now, keeps := store.Instant(tx)
	if !told || !keeps {
		return steps
	}
	return append(steps, clock.Step(now))
}

// Failed says which deadline could not be carried out, and why: an error of the
// program or of what it asks, never a guard's refusal.
type Failed struct {
	DeadlineRef

	cause error
}

func (f *Failed) Error() string {
	return fmt.Sprintf("deadline %d of process %d: %v", f.ID, f.ProcessID, f.cause)
}

func (f *Failed) Unwrap() error { return f.cause }

// FailedAt is the error as that of a deadline, unless it is one's already.
func FailedAt(d DeadlineRef, err error) error {
	if err == nil || errors.As(err, new(*Failed)) {
		return err
	}
	return &Failed{d, err}
}

// What failed rests, twice as long each time; what was set aside is tried again
// now and then, since whatever was wrong may be mended.
const (
	firstRest = 30 * time.Second
	asideRest = time.Hour
	mostSaid  = 500 // runes of a failure
)

// NoteFailure writes down that a deadline could not be carried out, so that it
// rests and in the end is set aside; then the effects tell those who can mend it,
// once. What was carried out or moved meanwhile, or rests already, is left alone.
func (e *Engine) NoteFailure(ctx context.Context, tx bun.IDB, d DeadlineRef, cause error) ([]Effect, error) {
	rows := e.open(tx)
	r, err := rows.Deadline(ctx, d.ProcessID, d.ID)
	if err != nil {
		return nil, err
	}
	_, inst, err := rows.Lock(ctx, Ref{ProcessID: d.ProcessID, ActivityID: r.ActivityID})
	if err != nil {
		return nil, err
	}
	now, err := e.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	if r, err = rows.Deadline(ctx, d.ProcessID, d.ID); err != nil { // again, now under the lock
		return nil, err
	}
	if r.Generation != d.Generation || !r.Open() || r.RetryAt.After(now) {
		return nil, nil
	}
	before := r.Aside()
	if r.Failures++; errors.Is(cause, ErrEndless) {
		r.Failures = max(r.Failures, row.MostFailures)
	}
	r.RetryAt = now.Add(asideRest)
	if !r.Aside() {
		r.RetryAt = now.Add(firstRest << (r.Failures - 1))
	}
	said := []rune(strings.ReplaceAll(strings.ToValidUTF8(cause.Error(), ""), "\x00", ""))
	r.Failure = string(said[:min(len(said), mostSaid)])
	if err := rows.NoteFailure(ctx, r); err != nil || before || !r.Aside() {
		return nil, err
	}
	e.log.ErrorContext(ctx, "deadline set aside", "process_id", d.ProcessID, "activity_id", r.ActivityID, "deadline_id", d.ID,
		"name", r.Name, "failures", r.Failures, "error", cause)
	w := work{inst: inst}
	return []Effect{{
		Kind: EffectNotice, Ref: inst.Ref(), Notice: definition.NoticeFailed, State: inst.State, At: now,
		Audience: []string{definition.RolePromoter, definition.AudienceAdministrator},
		Occasion: w.occasion(fmt.Sprintf("failed.%s.g%d", r.Name, r.Generation)), DueAt: row.UTC(r.DueAt),
	}}, nil
}

// Insist lets a deadline that rests after it failed be tried at once.
func (e *Engine) Insist(ctx context.Context, tx bun.IDB, processID, id int64) (DeadlineRef, error) {
	rows := e.open(tx)
	r, err := rows.Deadline(ctx, processID, id)
	if err != nil {
		return DeadlineRef{}, err
	}
	r.RetryAt = time.Time{}
	return reference(r), rows.NoteFailure(ctx, r)
}

// DateChange is a date of the call as it was and as it is, YYYY-MM-DD; "" is none.
type DateChange struct {
	Code string `json:"code"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}

// NoteDates records in a process's log that dates of its call changed, with a
// reason that everybody may read, "" for none. What hangs on them is moved, and
// logged, by RescheduleAnchors.
func (e *Engine) NoteDates(ctx context.Context, tx bun.IDB, processID int64, actor Actor, reason string, dates []DateChange) error {
	w, err := e.lock(ctx, tx, Ref{ProcessID: processID})
	if err != nil {
		return err
	}
	as := &row.Log{EffectiveAt: w.now, Transition: definition.ActReschedule, From: w.inst.State, ActorKind: string(actor.Kind), ActorRole: w.office(actor)}
	text := row.Text{PersonID: actor.PersonID, Reason: reason, PublicReason: reason != ""}
	return w.record(ctx, as, text, map[string][]DateChange{"dates": dates})
}

// NotePublication records in a process's log that its pages became public;
// nothing moves.
func (e *Engine) NotePublication(ctx context.Context, tx bun.IDB, processID int64, actor Actor) error {
	return e.note(ctx, tx, Ref{ProcessID: processID}, actor, definition.ActPublish, map[string]int{})
}

// note records an act that moves nothing in an instance's log, with what it keeps.
func (e *Engine) note(ctx context.Context, tx bun.IDB, r Ref, actor Actor, act string, facts any) error {
	w, err := e.lock(ctx, tx, r)
	if err != nil {
		return err
	}
	as := &row.Log{EffectiveAt: w.now, Transition: act, From: w.inst.State, ActorKind: string(actor.Kind), ActorRole: w.office(actor)}
	return w.record(ctx, as, row.Text{PersonID: actor.PersonID}, facts)
}

// PhaseChange is the phases of the process between which an activity was moved, as
// its log keeps them.
type PhaseChange struct {
	From string `json:"phase_from"`
	To   string `json:"phase_to"`
}

// NotePhase records in an activity's log that it was moved to another phase of the
// process; its own state stays.
func (e *Engine) NotePhase(ctx context.Context, tx bun.IDB, activity Ref, actor Actor, c PhaseChange) error {
	return e.note(ctx, tx, activity, actor, definition.ActChangePhase, c)
}

// PhaseChangeOf reads it from an entry of the log; zero for one of another act.
func PhaseChangeOf(e LogEntry) (c PhaseChange) {
	if e.Event != "" || e.Transition != definition.ActChangePhase || json.Unmarshal(e.Facts, &c) != nil {
		return PhaseChange{}
	}
	return c
}

// NoteErasure records in a process's log that the names of those who took part
// were erased, with how many rows of what; nothing moves.
func (e *Engine) NoteErasure(ctx context.Context, tx bun.IDB, processID int64, counts map[string]int) error {
	w, err := e.lock(ctx, tx, Ref{ProcessID: processID})
	if err != nil {
		return err
	}
	as := &row.Log{EffectiveAt: w.now, Transition: definition.ActErase, From: w.inst.State, ActorKind: string(ActorSystem), ActorRole: string(ActorSystem)}
	return w.record(ctx, as, row.Text{}, counts)
}

// DocumentAct is a document that was published or withdrawn, as the log keeps it:
// its code and the SHA-256 of its title, a line feed and its text, in hex.
type DocumentAct struct {
	Code   string `json:"document"`
	Digest string `json:"digest"`
}

// NoteDocument records in a process's log that a document was published, again
// where its text changed, or withdrawn; nothing moves. act is one of
// definition.ActPublishDocument and definition.ActWithdrawDocument.
func (e *Engine) NoteDocument(ctx context.Context, tx bun.IDB, processID int64, actor Actor, act string, d DocumentAct) error {
	return e.note(ctx, tx, Ref{ProcessID: processID}, actor, act, d)
}

// DocumentOf is the document that an entry of the log published or withdrew; its
// code is "" for one of another act.
func DocumentOf(e LogEntry) (d DocumentAct) {
	if e.Event != "" || e.Transition != definition.ActPublishDocument && e.Transition != definition.ActWithdrawDocument {
		return d
	}
	if json.Unmarshal(e.Facts, &d) != nil {
		return DocumentAct{}
	}
	return d
}

// Ruling is by what an end was moved, or a term reopened: whether as an exception
// to its maximum, whether the definition alone sets that, the code of the document that
// decided it, "" for none, and how many extensions an earlier end returned.
type Ruling struct {
	Exception bool
	NoLaw     bool `json:"no_law"`
	Act       string
	Returned  int
}

// RulingOf reads it from an entry of the log; zero where it has none.
func RulingOf(e LogEntry) (r Ruling) {
	if json.Unmarshal(e.Facts, &r) != nil {
		return Ruling{}
	}
	return r
}

// DatesOf are the dates of the call that an entry of the log changed, none for
// one of another act.
func DatesOf(e LogEntry) []DateChange {
	var f struct{ Dates []DateChange }
	if e.Transition != definition.ActReschedule || json.Unmarshal(e.Facts, &f) != nil {
		return nil
	}
	return f.Dates
}

// moved is what the log keeps of an act that changes dates: dates alone.
type moved struct {
	Old   time.Time `json:"old"`
	New   time.Time `json:"new"`
	Moved []Move    `json:"moved"`

	Act       string `json:"act,omitempty"`       // the document by which it was decided
	Exception bool   `json:"exception,omitempty"` // beyond the maximum
	NoLaw     bool   `json:"no_law,omitempty"`    // which the definition alone sets
	Returned  int    `json:"returned,omitempty"`  // extensions that a shortening took back in time: they count no more
}
