package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// mostReplayed bounds the boundaries that are carried out together: definitions
// whose terms are all over could go round for ever.
const mostReplayed = 1000

// ErrEndless is the failure of a definition, which no second try mends: what it
// is the cause of is set aside at once.
var ErrEndless = errors.New("its states lead to each other without end")

// FireDeadline carries out one deadline, and before it the earlier ones of
// the same instance that are due and not done, so that missed boundaries are
// replayed in order. Obsolete, early, resting and blocked ones are results, not
// errors; an error, or panic, is a *Failed of the one which failed.
func (e *Engine) FireDeadline(ctx context.Context, tx bun.IDB, d DeadlineRef) (Result, error) {
	target, err := e.open(tx).Deadline(ctx, d.ProcessID, d.ID)
	if err != nil {
		return Result{}, err
	}
	w, err := e.lock(ctx, tx, Ref{ProcessID: d.ProcessID, ActivityID: target.ActivityID})
	if err != nil {
		return Result{}, err
	}
	if target, err = w.rows.Deadline(ctx, d.ProcessID, d.ID); err != nil { // again, now under the lock
		return Result{}, err
	}
	idle := Result{Ref: w.inst.Ref(), From: w.inst.State, To: w.inst.State, Revision: w.inst.Revision, Entry: w.inst.Entry, Now: w.now}
	switch {
	case target.Generation != d.Generation || !target.Open():
		idle.Obsolete = true
		return idle, nil
	case target.DueAt.After(w.now):
		idle.Early = true
		return idle, nil
	}
	rests := func(r *row.Deadline) bool { return r.RetryAt.After(w.now) }
	if idle.Resting = rests(target); idle.Resting {
		return idle, nil
	}
	var last Result
	var effects []Effect
	for n := 0; ; n++ {
		if n == mostReplayed {
			return Result{}, &Failed{d, ErrEndless}
		}
		next, err := w.rows.Earliest(ctx, target)
		if err != nil {
			return Result{}, fmt.Errorf("look for earlier deadlines: %w", err)
		}
		if next == nil {
			break
		}
		if rests(next) {
			if idle.Resting = n == 0; idle.Resting {
				return idle, nil
			}
			break
		}
		err = fault.Caught(func() error {
			if last, err = e.fire(ctx, w, next); err != nil || next.ID == target.ID {
				return err
			}
			return pg.Send(ctx, tx) // what it writes must be refused as its own
		})
		if err != nil {
			return Result{}, &Failed{reference(next), err}
		}
		effects = append(effects, last.Effects...)
	}
	last.Effects = effects
	return last, nil
}

func (e *Engine) fire(ctx context.Context, w *work, d *row.Deadline) (Result, error) {
	if err := w.rows.Claim(ctx, d, w.now); err != nil {
		return Result{}, err
	}
	if d.Action == actionEvent {
		return e.fireEvent(ctx, w, d)
	}
	r := w.result(w.inst.State, &row.Log{EffectiveAt: d.DueAt.UTC()})
	audience := row.Words(d.Audience)
	if d.Action == actionOverdue {
		audience = e.reachable(ctx, w, d.DueAt.UTC(), audience)
	}
	told := w.notice(d, d.Notice, audience)
	if anchor, i, ok := w.state().Instant(d.Name); ok {
		told.Anchor, told.Nth = anchor, i
	}
	r.Effects = []Effect{told}
	return r, nil
}

// fireEvent applies the event that ends a term, as of the due instant. When a
// guard stands in the way the deadline stays fired and an incident is opened.
func (e *Engine) fireEvent(ctx context.Context, w *work, d *row.Deadline) (Result, error) {
	at := d.DueAt.UTC()
	if err := e.gather(ctx, w, at); err != nil {
		return Result{}, err
	}
	timer := Actor{Kind: ActorTimer}
	decision, err := Decide(w.def, Input{State: w.inst.State, Event: d.Event, Actor: timer, Facts: w.facts})
	if err != nil {
		return Result{}, err
	}
	if len(decision.Blockers) == 0 {
		return e.move(ctx, w, decision.Transition, &row.Log{
			EffectiveAt: at, ActorKind: string(ActorTimer), ActorRole: string(ActorTimer), DeadlineID: d.ID,
		}, row.Text{})
	}
	blockers, err := json.Marshal(decision.Blockers)
	if err != nil {
		return Result{}, fmt.Errorf("encode blockers: %w", err)
	}
	err = w.rows.AddIncident(ctx, &row.Incident{
		ProcessID: d.ProcessID, ActivityID: d.ActivityID, DeadlineID: d.ID, Transition: newBlocked(w.inst.Ref(), decision).Transition,
		Blockers: blockers, OpenedAt: w.now,
	})
	if err != nil {
		return Result{}, fmt.Errorf("open incident: %w", err)
	}
	r := w.result(w.inst.State, &row.Log{EffectiveAt: at, Event: d.Event})
	r.Blocked, r.Blockers = true, decision.Blockers
	r.Effects = []Effect{w.notice(d, definition.NoticeAction, e.reachable(ctx, w, at, e.concerned(ctx, w, decision.Blockers)))}
	return r, nil
}

// concerned are those to tell of what was stopped: who may move the state on,
// and where a guard could not be evaluated those who can correct it.
func (e *Engine) concerned(ctx context.Context, w *work, blockers []Blocker) []string {
	out := slices.Clone(w.def.Responsible(w.inst.State))
	for _, b := range blockers {
		if b.Fault == nil {
			continue
		}
		e.log.ErrorContext(ctx, "guard failed", "process_id", w.inst.ProcessID, "activity_id", w.inst.ActivityID,
			"definition", w.def.Name, "version", w.def.Version, "guard", b.Code, "error", b.Fault)
		for _, word := range []string{definition.RolePromoter, definition.AudienceAdministrator} {
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// reachable is reaching, with the people who hold roles now. An alarm waits for
// no fact: where they cannot be counted it goes to whom it names.
func (e *Engine) reachable(ctx context.Context, w *work, at time.Time, audience []string) []string {
	err := fault.Caught(func() error { return e.gatherFor(ctx, w, guard.Needs{Roles: true}, at) })
	if err != nil {
		e.log.WarnContext(ctx, "facts are missing for an alarm", "process_id", w.inst.ProcessID, "activity_id", w.inst.ActivityID, "error", err)
	}
	if err != nil && len(audience) > 0 {
		return audience
	}
	return w.reaching(audience)
}

// reaching is whom an alarm goes to: its audience, or where nobody holds any of
// its roles what follows in the state's chain of escalation, else the promoter,
// else the administrator. What is overdue is never said to nobody.
func (w *work) reaching(audience []string) []string {
	held := func(word string) bool {
		return !slices.Contains(definition.Roles, word) || w.facts.Process.Roles[word] > 0
	}
	chain := w.state().Overdue
	at := slices.IndexFunc(chain, func(o definition.Overdue) bool { return slices.Equal(o.Escalate, audience) })
	next := [][]string{audience}
	for _, o := range chain[at+1:] {
		next = append(next, o.Escalate)
	}
	for _, words := range append(next, []string{definition.RolePromoter}) {
		if len(words) > 0 && w.facts.Process.Roles == nil || slices.ContainsFunc(words, held) { // nil: nobody counts them
			return words
		}
	}
	return []string{definition.AudienceAdministrator}
}

func (w *work) notice(d *row.Deadline, notice string, audience []string) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.Ref(), Notice: notice, Audience: audience, State: w.inst.State,
		Occasion: w.occasion(fmt.Sprintf("%s.g%d", d.Name, d.Generation)),
		At:       d.DueAt.UTC(), Expires: row.UTC(d.ExpiresAt), DueAt: row.UTC(w.inst.DueAt),
	}
}

// counts is the instant from which a command counts: now, or that of the boundary
// that it follows. It is not before what happened to the instance already, also
// where the clock was set back: time never runs backwards in the log.
func (w *work) counts(ctx context.Context, c Command) (time.Time, error) {
	at := w.now
	if c.Actor.Kind == ActorSystem && !c.At.IsZero() && c.At.Before(at) {
		last, _, err := w.rows.LatestLog(ctx, c.Ref)
		if err != nil {
			return at, fmt.Errorf("read the latest of the log: %w", err)
		}
		at = c.At.UTC()
		for _, r := range last {
			at = outlook.AtLeast(at, r.EffectiveAt.UTC())
		}
	}
	return outlook.AtLeast(at, w.inst.EnteredAt.UTC()), nil
}

// Hold opens an incident for a consequence that guards stopped: like a stopped
// deadline it stays, with its reasons, until the instance moves. It gives the
// notice to those responsible, and nothing when that incident is open already
// or when the event does not belong to the instance's state at all, as for an
// activity that is open or over.
func (e *Engine) Hold(ctx context.Context, tx bun.IDB, b *Blocked) ([]Effect, error) {
	if b.Transition == "" {
		return nil, nil
	}
	w, err := e.lock(ctx, tx, b.Ref)
	if err != nil {
		return nil, err
	}
	blockers, err := json.Marshal(b.Blockers)
	if err != nil {
		return nil, fmt.Errorf("encode blockers: %w", err)
	}
	opened, err := w.rows.Hold(ctx, &row.Incident{
		ProcessID: b.ProcessID, ActivityID: b.ActivityID, Transition: b.Transition, Blockers: blockers, OpenedAt: w.now,
	})
	if err != nil || !opened {
		return nil, err
	}
	return []Effect{{
		Kind: EffectNotice, Ref: b.Ref, Notice: definition.NoticeAction, Audience: e.reachable(ctx, w, w.now, e.concerned(ctx, w, b.Blockers)), State: w.inst.State,
		Occasion: w.occasion(fmt.Sprintf("held.%s.s%d", b.Transition, w.process.Seq)), At: w.now, DueAt: row.UTC(w.inst.DueAt),
	}}, nil
}

// Withdraw closes the incidents that Hold opened for transitions of an instance:
// what asked for them asks for the contrary now.
func (e *Engine) Withdraw(ctx context.Context, tx bun.IDB, ref Ref, transitions ...string) error {
	if len(transitions) == 0 {
		return nil
	}
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return err
	}
	for _, t := range transitions {
		if err := w.rows.Withdraw(ctx, ref, t, w.now); err != nil {
			return fmt.Errorf("withdraw %s: %w", t, err)
		}
	}
	return nil
}

// ForNobody reports that a held transition is one that no person can carry out:
// only trying it again helps. It is false when the instance has left the state.
func (e *Engine) ForNobody(ctx context.Context, db bun.IDB, inst Instance, i Incident) (bool, error) {
	def, err := e.Resolve(ctx, db, inst.Definition, inst.Version)
	if err != nil {
		return false, err
	}
	for _, t := range def.Leaving(inst.State) {
		if t.ID == i.Transition {
			return !slices.ContainsFunc(t.By, func(by string) bool { return slices.Contains(definition.Roles, by) }), nil
		}
	}
	return false, nil
}
