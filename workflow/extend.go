package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// NewEnd is the request for an extension. ExpectRevision 0 skips the check.
type NewEnd struct {
	End            time.Time
	Reason         string
	PublicReason   bool
	Actor          Actor
	ExpectRevision int64
}

// Extend moves the end of the present state's term to a later instant. The
// state must allow "extend". Faults: Invalid workflow.extend_not_later,
// workflow.extend_past, workflow.extend_beyond_max (field end),
// workflow.reason_required (field reason); Closed workflow.term_ended;
// Conflict workflow.extend_not_allowed, workflow.no_term,
// workflow.extend_anchored, workflow.stale.
func (e *Engine) Extend(ctx context.Context, tx bun.IDB, ref Ref, x NewEnd) (Extension, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Extension{}, err
	}
	if x.ExpectRevision != 0 && x.ExpectRevision != w.inst.Revision {
		return Extension{}, fault.New(fault.Conflict, "workflow.stale", "expected", x.ExpectRevision, "revision", w.inst.Revision)
	}
	if strings.TrimSpace(x.Reason) == "" {
		return Extension{}, fault.Field("reason", "workflow.reason_required")
	}
	out, err := e.extend(ctx, w, x.End, true)
	if err != nil {
		return Extension{}, err
	}
	w.inst.DueAt = out.New
	w.inst.Revision++
	if err := w.rows.Resolve(ctx, ref, w.now); err != nil {
		return Extension{}, fmt.Errorf("resolve incidents: %w", err)
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActExtend, From: w.inst.State, ActorKind: string(x.Actor.Kind), ActorRole: w.office(x.Actor),
	}
	text := row.Text{PersonID: x.Actor.PersonID, Reason: x.Reason, PublicReason: x.PublicReason}
	if err := w.record(ctx, as, text, moved{out.Old, out.New, out.Moved}); err != nil {
		return Extension{}, err
	}
	out.Revision = w.inst.Revision
	if audience := w.affected(); len(audience) > 0 {
		out.Effects = []Effect{{
			Kind: EffectNotice, Ref: ref, Notice: definition.NoticeExtended, Audience: audience, State: w.inst.State, At: w.now,
			Occasion: w.occasion(fmt.Sprintf("extended.r%d", w.inst.Revision)), Expires: out.New, DueAt: out.New,
		}}
	}
	return out, nil
}

// PreviewExtend lists what Extend would move and saves nothing. It returns
// the same faults, except those of the reason and the revision.
func (e *Engine) PreviewExtend(ctx context.Context, tx bun.IDB, ref Ref, end time.Time) (Extension, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Extension{}, err
	}
	return e.extend(ctx, w, end, false)
}

func (e *Engine) extend(ctx context.Context, w *work, end time.Time, save bool) (Extension, error) {
	end = end.UTC().Truncate(time.Microsecond)
	if err := w.mayExtend(ctx, end); err != nil {
		return Extension{}, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return Extension{}, err
	}
	moves, err := w.rearm(ctx, end, save)
	if err != nil {
		return Extension{}, err
	}
	out := Extension{Old: row.UTC(w.inst.DueAt), New: end, Revision: w.inst.Revision}
	for _, m := range moves {
		if m.Name != deadlineEnd {
			out.Moved = append(out.Moved, m)
		}
	}
	return out, nil
}

// local is an instant in the process's own zone, in which a refusal is read.
func (w *work) local(t time.Time) time.Time { return t.In(w.def.Location) }

func (w *work) mayExtend(ctx context.Context, end time.Time) error {
	switch s := w.state(); {
	case w.inst.DueAt.IsZero():
		return fault.New(fault.Conflict, "workflow.no_term")
	case s.Term != nil && s.Term.Until != "":
		return fault.New(fault.Conflict, "workflow.extend_anchored")
	case !slices.Contains(s.Allows, "extend"):
		return fault.New(fault.Conflict, "workflow.extend_not_allowed")
	case !end.After(w.inst.DueAt):
		return fault.Field("end", "workflow.extend_not_later", "due", w.local(w.inst.DueAt))
	case !end.After(w.now):
		return fault.Field("end", "workflow.extend_past")
	case !w.inst.MaxAt.IsZero() && end.After(w.inst.MaxAt):
		return fault.Field("end", "workflow.extend_beyond_max", "max", w.local(w.inst.MaxAt))
	}
	if w.now.Before(w.inst.DueAt) {
		return nil
	}
	// The term is over by the clock. Its event is about to fire and people may
	// already have been turned away, so it is too late; unless a guard stopped
	// the event, or nothing was to fire at all.
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	for _, r := range rows {
		if r.Name == deadlineEnd && r.Action == actionEvent && r.Open() {
			return fault.New(fault.Closed, "workflow.term_ended", "due", w.local(w.inst.DueAt))
		}
	}
	return nil
}

// affected are those whom the state's reminders of its end would have told.
func (w *work) affected() []string {
	var out []string
	for _, m := range w.state().Reminders {
		if m.Of != definition.AnchorEnd {
			continue
		}
		for _, word := range m.To {
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// NotePublication records in a process's log that its pages became public;
// nothing moves.
func (e *Engine) NotePublication(ctx context.Context, tx bun.IDB, processID int64, actor Actor) error {
	w, err := e.lock(ctx, tx, Ref{ProcessID: processID})
	if err != nil {
		return err
	}
	as := &row.Log{EffectiveAt: w.now, Transition: definition.ActPublish, From: w.inst.State, ActorKind: string(actor.Kind), ActorRole: w.office(actor)}
	return w.record(ctx, as, row.Text{PersonID: actor.PersonID}, map[string]int{})
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
