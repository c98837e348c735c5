package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"arengo/workflow/definition"
)

// FireDeadline carries out one deadline, and before it the earlier ones of
// the same instance that are due and not done, so that missed boundaries are
// replayed in order. Obsolete, early and blocked ones are results, not errors.
func (e *Engine) FireDeadline(ctx context.Context, tx bun.IDB, d DeadlineRef) (Result, error) {
	target, err := readDeadline(ctx, tx, d.ProcessID, d.ID)
	if err != nil {
		return Result{}, err
	}
	w, err := e.lock(ctx, tx, Ref{d.ProcessID, target.ActivityID})
	if err != nil {
		return Result{}, err
	}
	if target, err = readDeadline(ctx, tx, d.ProcessID, d.ID); err != nil { // again, now under the lock
		return Result{}, err
	}
	idle := Result{Ref: w.inst.ref(), From: w.inst.State, To: w.inst.State, Revision: w.inst.Revision, Entry: w.inst.Entry, Now: w.now}
	switch {
	case target.Generation != d.Generation || !target.open():
		idle.Obsolete = true
		return idle, nil
	case target.DueAt.After(w.now):
		idle.Early = true
		return idle, nil
	}
	var last Result
	var effects []Effect
	for {
		row, err := earliestDue(ctx, tx, target)
		if err != nil {
			return Result{}, fmt.Errorf("look for earlier deadlines: %w", err)
		}
		if row == nil {
			break
		}
		if last, err = e.fire(ctx, w, row); err != nil {
			return Result{}, err
		}
		effects = append(effects, last.Effects...)
	}
	last.Effects = effects
	return last, nil
}

func (e *Engine) fire(ctx context.Context, w *work, row *deadlineRow) (Result, error) {
	ok, err := claimDeadline(ctx, w.tx, row, w.now)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, fmt.Errorf("deadline %d of process %d changed under the lock", row.ID, row.ProcessID)
	}
	if row.Action == actionEvent {
		return e.fireEvent(ctx, w, row)
	}
	r := w.result(w.inst.State, &logRow{EffectiveAt: row.DueAt.UTC()})
	told := w.notice(row, row.Notice, splitWords(row.Audience))
	for _, m := range w.state().Reminders {
		if i, ok := m.Nth(row.Name); ok {
			told.Anchor, told.Nth = m.Of, i
		}
	}
	r.Effects = []Effect{told}
	return r, nil
}

// fireEvent applies the event that ends a term, as of the due instant. When a
// guard stands in the way the deadline stays fired and an incident is opened.
func (e *Engine) fireEvent(ctx context.Context, w *work, row *deadlineRow) (Result, error) {
	at := row.DueAt.UTC()
	if err := e.gather(ctx, w, at); err != nil {
		return Result{}, err
	}
	timer := Actor{Kind: ActorTimer}
	d, err := Decide(w.def, Input{State: w.inst.State, Event: row.Event, Actor: timer, Facts: w.facts})
	if err != nil {
		return Result{}, err
	}
	if len(d.Blockers) == 0 {
		return e.move(ctx, w, d.Transition, &logRow{
			EffectiveAt: at, ActorKind: ActorTimer, ActorRole: string(ActorTimer), DeadlineID: row.ID,
		}, textRow{})
	}
	blockers, err := json.Marshal(d.Blockers)
	if err != nil {
		return Result{}, fmt.Errorf("encode blockers: %w", err)
	}
	err = insertIncident(ctx, w.tx, &incidentRow{
		ProcessID: row.ProcessID, ActivityID: row.ActivityID, DeadlineID: row.ID, Transition: newBlocked(w.inst.ref(), d).Transition,
		Blockers: blockers, OpenedAt: w.now,
	})
	if err != nil {
		return Result{}, fmt.Errorf("open incident: %w", err)
	}
	r := w.result(w.inst.State, &logRow{EffectiveAt: at, Event: row.Event})
	r.Blocked, r.Blockers = true, d.Blockers
	r.Effects = []Effect{w.notice(row, definition.NoticeAction, w.def.Responsible(w.inst.State))}
	return r, nil
}

func (w *work) notice(row *deadlineRow, notice string, audience []string) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.ref(), Notice: notice, Audience: audience, State: w.inst.State,
		Occasion: w.occasion(fmt.Sprintf("%s.g%d", row.Name, row.Generation)),
		At:       row.DueAt.UTC(), Expires: instant(row.ExpiresAt), DueAt: instant(w.inst.DueAt),
	}
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
	opened, err := holdIncident(ctx, tx, &incidentRow{
		ProcessID: b.ProcessID, ActivityID: b.ActivityID, Transition: b.Transition, Blockers: blockers, OpenedAt: w.now,
	})
	if err != nil || !opened {
		return nil, err
	}
	return []Effect{{
		Kind: EffectNotice, Ref: b.Ref, Notice: definition.NoticeAction, Audience: w.def.Responsible(w.inst.State), State: w.inst.State,
		Occasion: w.occasion(fmt.Sprintf("held.%s.s%d", b.Transition, w.process.Seq)), At: w.now, DueAt: instant(w.inst.DueAt),
	}}, nil
}

// ForNobody reports that a held transition is one that no person can carry out:
// only trying it again helps. It is false when the instance has left the state.
func (e *Engine) ForNobody(ctx context.Context, db bun.IDB, i Incident) (bool, error) {
	inst, err := e.Instance(ctx, db, i.Ref)
	if err != nil {
		return false, err
	}
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
