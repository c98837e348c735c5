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
	r.Effects = []Effect{w.notice(row, row.Notice, splitWords(row.Audience))}
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
	r.Effects = []Effect{w.notice(row, NoticeAction, w.def.Responsible(w.inst.State))}
	return r, nil
}

func (w *work) notice(row *deadlineRow, notice string, audience []string) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.ref(), Notice: notice, Audience: audience, State: w.inst.State,
		Occasion: w.occasion(fmt.Sprintf("%s.g%d", row.Name, row.Generation)),
		At:       row.DueAt.UTC(), Expires: instant(row.ExpiresAt), DueAt: instant(w.inst.DueAt),
	}
}

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
	if err := resolveIncidents(ctx, tx, ref, w.now); err != nil {
		return Extension{}, fmt.Errorf("resolve incidents: %w", err)
	}
	row := &logRow{
		EffectiveAt: w.now, Transition: actExtend, From: w.inst.State, ActorKind: x.Actor.Kind, ActorRole: w.office(x.Actor),
	}
	text := textRow{PersonID: x.Actor.PersonID, Reason: x.Reason, PublicReason: x.PublicReason}
	if err := w.record(ctx, row, text, moved{out.Old, out.New, out.Moved}); err != nil {
		return Extension{}, err
	}
	out.Revision = w.inst.Revision
	if audience := w.affected(); len(audience) > 0 {
		out.Effects = []Effect{{
			Kind: EffectNotice, Ref: ref, Notice: NoticeExtended, Audience: audience, State: w.inst.State, At: w.now,
			Occasion: w.occasion(fmt.Sprintf("extended.r%d", w.inst.Revision)), Expires: out.New, DueAt: out.New,
		}}
	}
	return out, nil
}

// Replan replaces the plan of an instance and moves the end of the present
// state with it, earlier or later, as if the state had begun on its planned
// start; reminders follow and the move is logged. It is for dates that were
// promised to nobody yet: a public end takes Extend. Faults: those of SetPlan.
func (e *Engine) Replan(ctx context.Context, tx bun.IDB, ref Ref, plan []PlannedPhase, actor Actor) ([]Move, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	if err := w.plan(ctx, plan); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(plan, func(p PlannedPhase) bool { return p.State == w.inst.State })
	if i < 0 {
		return nil, nil
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	from := w.inst.EnteredAt
	if !plan[i].Start.IsZero() {
		from = plan[i].Start
	}
	b := termBounds(w.state().Term, from, &plan[i], w.facts, w.def.Location)
	moves, err := w.rearm(ctx, b.due, true)
	if err != nil {
		return nil, err
	}
	w.inst.MinAt, w.inst.MaxAt = b.min, b.max
	if instant(w.inst.DueAt).Equal(b.due) {
		return moves, updateInstance(ctx, tx, w.inst)
	}
	return moves, w.newDue(ctx, b.due, moves, actor)
}

// moved is what the log keeps of an act that changes dates: dates alone.
type moved struct {
	Old   time.Time `json:"old"`
	New   time.Time `json:"new"`
	Moved []Move    `json:"moved"`
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
	out := Extension{Old: instant(w.inst.DueAt), New: end, Revision: w.inst.Revision}
	for _, m := range moves {
		if m.Name != deadlineEnd {
			out.Moved = append(out.Moved, m)
		}
	}
	return out, nil
}

func (w *work) mayExtend(ctx context.Context, end time.Time) error {
	switch s := w.state(); {
	case w.inst.DueAt.IsZero():
		return fault.New(fault.Conflict, "workflow.no_term")
	case s.Term != nil && s.Term.Until != "":
		return fault.New(fault.Conflict, "workflow.extend_anchored")
	case !contains(s.Allows, "extend"):
		return fault.New(fault.Conflict, "workflow.extend_not_allowed")
	case !end.After(w.inst.DueAt):
		return fault.Field("end", "workflow.extend_not_later", "due", instant(w.inst.DueAt))
	case !end.After(w.now):
		return fault.Field("end", "workflow.extend_past")
	case !w.inst.MaxAt.IsZero() && end.After(w.inst.MaxAt):
		return fault.Field("end", "workflow.extend_beyond_max", "max", instant(w.inst.MaxAt))
	}
	if w.now.Before(w.inst.DueAt) {
		return nil
	}
	// The term is over by the clock. Its event is about to fire and people may
	// already have been turned away, so it is too late; unless a guard stopped
	// the event, or nothing was to fire at all.
	rows, err := readDeadlines(ctx, w.tx, w.inst.ref(), w.inst.Entry)
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	for _, r := range rows {
		if r.Name == deadlineEnd && r.Action == actionEvent && r.open() {
			return fault.New(fault.Closed, "workflow.term_ended", "due", instant(w.inst.DueAt))
		}
	}
	return nil
}

// affected are those whom the state's reminders of its end would have told.
func (w *work) affected() []string {
	var out []string
	for _, m := range w.state().Reminders {
		if m.Of != anchorEnd {
			continue
		}
		for _, word := range m.To {
			out = appendNew(out, word)
		}
	}
	return out
}
