package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// Pause is the request for a suspension, or for its end. With is the occasion of
// the process's own notice, where the instance rests or goes on with its process.
// ExpectRevision 0 skips the check.
type Pause struct {
	With           string
	Reason         string
	PublicReason   bool
	Actor          Actor
	ExpectRevision int64
}

// Suspension is what a suspension or its end changes, or would change.
type Suspension struct {
	Old, New time.Time // the end of the term, the same when it stays
	Moved    []Move    // what rests (New is zero) or comes at another time
	Process  []Move    // what of the process hangs on the activity and moves with it
	Later    []Date    // of a preview: ends of phases to come, which follow
	Audience []string  // who is told
	Effects  []Effect
	Revision int64
}

// Suspend lets an instance rest: its deadlines fire no more, people move it no
// more, and whoever asks Held takes nothing in, until Resume. What calls the
// whole off still does, and so do the consequences of others. The state must
// allow "hold". Faults: Invalid workflow.reason_required (field reason); Closed
// workflow.term_ended; Conflict workflow.hold_not_allowed, workflow.held,
// workflow.stale.
func (e *Engine) Suspend(ctx context.Context, tx bun.IDB, ref Ref, p Pause) (Suspension, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Suspension{}, err
	}
	if err := p.check(w); err != nil {
		return Suspension{}, err
	}
	out, err := w.suspend(ctx)
	if err != nil {
		return Suspension{}, err
	}
	if err := w.rows.CancelDeadlines(ctx, w.inst, whyHeld, w.now); err != nil {
		return Suspension{}, fmt.Errorf("rest deadlines: %w", err)
	}
	w.inst.HeldAt = w.now
	return e.paused(ctx, w, p, definition.ActSuspend, definition.NoticeHeld, out)
}

// whyHeld is why a deadline that rests is cancelled.
const whyHeld = "held"

func (p Pause) check(w *work) error {
	switch {
	case p.ExpectRevision != 0 && p.ExpectRevision != w.inst.Revision:
		return fault.New(fault.Conflict, "workflow.stale", "expected", p.ExpectRevision, "revision", w.inst.Revision)
	case strings.TrimSpace(p.Reason) == "":
		return fault.Field("reason", "workflow.reason_required")
	}
	return nil
}

// suspend lists the deadlines that would rest.
func (w *work) suspend(ctx context.Context) (Suspension, error) {
	switch {
	case !w.inst.HeldAt.IsZero():
		return Suspension{}, fault.New(fault.Conflict, "workflow.held")
	case !slices.Contains(w.state().Allows, "hold"):
		return Suspension{}, fault.New(fault.Conflict, "workflow.hold_not_allowed")
	}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return Suspension{}, fmt.Errorf("read deadlines: %w", err)
	}
	out := Suspension{Old: row.UTC(w.inst.DueAt), New: row.UTC(w.inst.DueAt), Audience: w.concerned(), Revision: w.inst.Revision}
	for _, r := range rows {
		switch {
		case !r.Open():
		case r.Action == actionEvent && !r.DueAt.After(w.now):
			return Suspension{}, w.tooLate()
		default:
			out.Moved = append(out.Moved, Move{Name: r.Name, Old: w.stood(&r)})
		}
	}
	return out, nil
}

// Resume ends a suspension. By the term's on_hold, what was to come is as many
// civil days later as the suspension lasted (shift, the usual; working days for
// terms in working days, exact time for those in hours and minutes, and off a
// holiday where the term's ends move), or keeps its dates (run): an end that went by
// meanwhile then comes at once, reminders that did are not sent any more. Ends
// that hang on a meeting or an activity stay with it; one on a date shifts, and
// so does what counts from an earlier state, in this state and those to come.
// Faults: Invalid workflow.reason_required (field reason); Conflict
// workflow.not_held, workflow.stale.
func (e *Engine) Resume(ctx context.Context, tx bun.IDB, ref Ref, p Pause) (Suspension, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Suspension{}, err
	}
	if err := p.check(w); err != nil {
		return Suspension{}, err
	}
	out, err := e.resume(ctx, w)
	if err != nil {
		return Suspension{}, err
	}
	return e.paused(ctx, w, p, definition.ActResume, definition.NoticeResumed, out)
}

func (e *Engine) resume(ctx context.Context, w *work) (Suspension, error) {
	if w.inst.HeldAt.IsZero() {
		return Suspension{}, fault.New(fault.Conflict, "workflow.not_held")
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return Suspension{}, err
	}
	old := row.UTC(w.inst.DueAt)
	n := len(w.rests)
	due, err := w.resumedEnd(ctx)
	if err != nil {
		return Suspension{}, err
	}
	w.inst.HeldAt = time.Time{}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return Suspension{}, fmt.Errorf("read deadlines: %w", err)
	}
	for i := range rows {
		if err := w.revive(ctx, &rows[i]); err != nil {
			return Suspension{}, err
		}
	}
	moves, err := w.rearmRows(ctx, rows, w.anew(rows, due, w.rests[n:]...))
	if err != nil {
		return Suspension{}, err
	}
	w.inst.DueAt = due
	return Suspension{Old: old, New: due, Moved: moves, Audience: w.concerned(), Revision: w.inst.Revision}, nil
}

// revive takes a deadline out of its rest under a new generation. A reminder
// whose time went by while the terms kept running stays where it is. The given row
// still says that it rested, the one that is kept no more.
func (w *work) revive(ctx context.Context, r *row.Deadline) error {
	if r.CancelledAt.IsZero() || r.CancelledWhy != whyHeld {
		return nil
	}
	if w.runs() && r.Action == actionNotice && !r.DueAt.After(w.now) {
		return nil
	}
	r.Generation++
	r.CancelledAt = time.Time{}
	kept := *r
	kept.CancelledWhy = ""
	if err := w.rows.SaveDeadline(ctx, &kept); err != nil {
		return fmt.Errorf("revive %s: %w", r.Name, err)
	}
	return nil
}

// runs reports that the state's term keeps running during a suspension.
func (w *work) runs() bool { return w.runsIn(w.inst.State) }

func (w *work) runsIn(state string) bool {
	s, _ := w.def.State(state)
	return s.Term.Runs()
}

// Rests reports an instance whose suspension keeps its dates: nobody knows when its
// state ends, nor when what comes after it begins, before it goes on. By a term that
// keeps running they stay as they are.
func (i Instance) Rests(def *definition.Compiled) bool {
	s, _ := def.State(i.State)
	return i.Held() && !s.Term.Runs()
}

// resumedEnd places minimum and maximum after a suspension that ends now, counts
// its days, and gives the new end of the term.
func (w *work) resumedEnd(ctx context.Context) (time.Time, error) {
	due, held := row.UTC(w.inst.DueAt), row.UTC(w.inst.HeldAt)
	if w.runs() || w.now.Before(held) {
		return due, nil
	}
	r := civil.Rest{From: held, To: w.now}
	w.inst.HeldDays += r.Days(w.def.Civil())
	w.rests = append(w.rests, history.Rest{State: w.inst.State, Rest: r})
	w.recall()
	t := w.state().Term
	b := w.bounds().After(t, r, w.def.Civil())
	w.inst.MinAt, w.inst.MaxAt = b.Min, b.Max
	switch {
	case t == nil || t.Until == "":
		w.inst.FirstDueAt = b.First
		return b.Due, nil
	case !t.Dated():
		return outlook.TermBounds(t, w.inst.EnteredAt, nil, w.facts, w.def.Civil()).Due, nil
	}
	r, err := w.sinceGiven(ctx, r)
	return outlook.Bounds{Due: due}.After(t, r, w.def.Civil()).Due, err
}

// sinceGiven is what of a suspension that ends now moves an end on a date: a date that
// was given meanwhile was meant as it was given, so only what rested since then does.
func (w *work) sinceGiven(ctx context.Context, r civil.Rest) (civil.Rest, error) {
	act := []string{definition.ActReschedule}
	rows, err := w.rows.Passages(ctx, w.inst.Ref(), act, act)
	if err != nil {
		return r, fmt.Errorf("read passages: %w", err)
	}
	for _, l := range rows {
		if l.Transition != definition.ActReschedule || l.EffectiveAt.Before(r.From) {
			continue
		}
		var m moved
		if err := json.Unmarshal(l.Facts, &m); err != nil {
			return r, fmt.Errorf("read entry %d: %w", l.Seq, err)
		}
		if !m.Old.Equal(m.New) {
			r.From = l.EffectiveAt.UTC()
		}
	}
	return r, nil
}

// entered is the entry into the state as what counts from it sees it: as many
// days later as suspensions lasted.
func (w *work) entered() time.Time { return w.daysLater(w.inst.EnteredAt, w.inst.HeldDays) }

// paused logs a suspension or its end and tells those concerned.
func (e *Engine) paused(ctx context.Context, w *work, p Pause, act, notice string, out Suspension) (Suspension, error) {
	w.inst.Revision++
	as := &row.Log{
		EffectiveAt: w.now, Transition: act, From: w.inst.State, ActorKind: string(p.Actor.Kind), ActorRole: w.office(p.Actor),
	}
	text := row.Text{PersonID: p.Actor.PersonID, Reason: p.Reason, PublicReason: p.PublicReason}
	if err := w.record(ctx, as, text, moved{Old: out.Old, New: out.New, Moved: out.Moved}); err != nil {
		return Suspension{}, err
	}
	out.Revision = w.inst.Revision
	due := row.UTC(w.inst.DueAt)
	if !due.After(w.now) {
		due = time.Time{} // it was over before: nobody is called to what is past
	}
	if len(out.Audience) > 0 {
		out.Effects = []Effect{{
			Kind: EffectNotice, Ref: w.inst.Ref(), Notice: notice, Audience: out.Audience, State: w.inst.State, At: w.now,
			Occasion: w.occasion(fmt.Sprintf("%s.r%d", act, w.inst.Revision)), DueAt: due,
		}}
	}
	return out, nil
}

// concerned are those who wait for what moves or rests now.
func (w *work) concerned() []string { return w.def.Concerned(w.inst.State) }

// tooLate says that the term is over by the clock: its event is about to fire,
// and people may have been turned away.
func (w *work) tooLate() error {
	return fault.New(fault.Closed, "workflow.term_ended", "due", w.local(w.inst.DueAt))
}

// sayable are the facts that explanations may speak of: while an instance rests nobody
// knows on which day its minimum will be reached.
func (in Input) sayable() guard.Facts {
	f := in.Facts
	if !in.Held.IsZero() {
		f.Term.MinAt = time.Time{}
	}
	return f
}
