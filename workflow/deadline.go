package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// What a deadline does when it fires.
const (
	actionEvent   = "event"
	actionNotice  = "notice"
	actionOverdue = "overdue"
)

// Names of the deadlines that are not reminders.
const (
	deadlineEnd        = "end"
	deadlineEscalation = "escalation"
)

// wanted is a deadline that a state asks for at an instant.
type wanted struct {
	name, action, event, notice string
	of                          string // the anchor
	audience                    []string
	due, expires                time.Time
	term                        time.Time // of the end: when the term is over, which it may come after
	nth                         int       // which of its anchor's instants it hangs on
	missed                      bool      // past at the entry: it does not happen
}

// deadlines lists what a state asks for as things stand at a moment, without what
// is missed.
func deadlines(c *definition.Compiled, s definition.State, at moment) []wanted {
	return slices.DeleteFunc(asked(c, s, at), func(w wanted) bool { return w.missed })
}

// asked is deadlines with what is missed.
func asked(c *definition.Compiled, s definition.State, at moment) []wanted {
	var out []wanted
	for _, m := range s.Reminders {
		w := wanted{of: m.Of, action: actionNotice, notice: m.Notice, audience: m.To}
		hour, minute, ok := m.Clock()
		for _, d := range at.place(w, m.Of, m.Before, m.After) {
			d.name = m.Name(d.nth)
			if ok {
				d.due = civil.BackTo(d.due, hour, minute, c.Location)
			}
			out = append(out, d)
		}
	}
	for _, d := range s.Deadlines {
		w := wanted{action: actionEvent, event: d.Event}
		switch {
		case d.Notice != "":
			w = wanted{action: actionNotice, notice: d.Notice, audience: d.To}
		case len(d.Escalate) > 0:
			w = wanted{action: actionOverdue, notice: d.Alarm(), audience: d.Escalate}
		}
		for _, w := range at.place(w, d.Of, d.Before, d.After) {
			w.name, w.of = d.Name(w.nth), d.Of
			out = append(out, w)
		}
	}
	for i := range out {
		out[i].missed = !out[i].due.After(at.began)
	}
	switch {
	case s.Final:
		return out
	case !at.Due.IsZero():
		return append(out, atEnd(c, s, at)...)
	case s.Term.Hangs():
		return append(out, unknown(c, s, at)...)
	}
	return out
}

// moment is how things stand for a state that was entered and ends at due.
func (w *work) moment(entered, due time.Time) moment {
	at := outlook.Moment{Entered: entered, Due: due, Facts: w.facts, Cal: w.def.Civil()}
	return moment{Moment: at, began: w.inst.EnteredAt, rested: w.rested, asks: unknownFor.Shift(entered, 1, w.def.Civil())}
}

// after is a span after an anchor, which stands as many civil days later as was
// suspended; working days, hours and minutes count by their own.
func (m moment) after(anchor string, at time.Time, span civil.Span) time.Time {
	if span.WorkDays > 0 || span.Exact() {
		if from, rests := m.rested(anchor); len(rests) > 0 {
			at = span.Shift(from, 1, m.Cal)
			for _, r := range rests {
				at = r.Delay(at, span, m.Cal)
			}
			return at
		}
	}
	return span.Shift(at, 1, m.Cal)
}

// arm writes the deadlines of the state just entered.
func (w *work) arm(ctx context.Context) error {
	var rows []row.Deadline
	for _, d := range deadlines(w.def, w.state(), w.moment(w.inst.EnteredAt, w.inst.DueAt)) {
		rows = append(rows, w.row(d))
	}
	if err := w.rows.AddDeadlines(ctx, rows); err != nil {
		return fmt.Errorf("arm deadlines: %w", err)
	}
	return nil
}

// RescheduleAnchors re-arms what hangs on meetings, activities and dates after
// they changed in the facts, and lists what moved, the end of the term included.
// It is logged when the term's end moves. An end that a person gave stays the
// date that it is, unless the new minimum lies beyond it; a length chosen in the
// plan counts from the new anchor. Where the maximum comes before such an end, a
// person shortens it first (fault.Conflict workflow.anchor_beyond_max); the system
// leaves it as it was promised, and the log calls it an exception. The end of a
// term that is over by the clock does not move any more: fault.Closed
// workflow.term_ended, and nothing happens where it is the system that asks.
func (e *Engine) RescheduleAnchors(ctx context.Context, tx bun.IDB, ref Ref, actor Actor) ([]Move, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	plan, err := w.planned(ctx)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	b := w.reanchored(phaseOf(plan, w.inst.State))
	if err := w.mayBecome(ctx, b.Due); err != nil {
		if actor.Kind == ActorSystem && fault.Is(err, fault.Closed) {
			return nil, nil
		}
		return nil, err
	}
	limit := w.exceeded(b)
	if !limit.IsZero() && actor.Kind != ActorSystem {
		return nil, fault.New(fault.Conflict, "workflow.anchor_beyond_max", "max", w.local(limit), "due", w.local(b.Due))
	}
	moves, err := e.become(ctx, w, b, actor)
	if err == nil && !limit.IsZero() {
		err = w.stays(ctx, b.Due, moves)
	}
	if err != nil || len(w.def.Dates) == 0 {
		return moves, err
	}
	return moves, w.redate(ctx)
}

// mayBecome refuses another end for a term that is over by the clock.
func (w *work) mayBecome(ctx context.Context, due time.Time) error {
	if row.UTC(w.inst.DueAt).Equal(due) || w.inst.DueAt.IsZero() {
		return nil
	}
	return w.stillOpen(ctx)
}

// become gives the present term new bounds and re-arms what hangs on them.
func (e *Engine) become(ctx context.Context, w *work, b outlook.Bounds, actor Actor) ([]Move, error) {
	moves, err := w.rearm(ctx, b.Due)
	if err != nil {
		return nil, err
	}
	w.inst.MinAt, w.inst.MaxAt, w.inst.FirstDueAt = b.Min, b.Max, b.First
	if row.UTC(w.inst.DueAt).Equal(b.Due) {
		return moves, w.rows.SaveInstance(ctx, w.inst)
	}
	return moves, w.newDue(ctx, b.Due, moves, actor)
}

// rearm brings the present state's deadlines in line with a new end or new
// anchors, raising the generation of each that moves, and lists the moves.
// A reminder that fired stays fired unless its new time is still to come.
func (w *work) rearm(ctx context.Context, due time.Time) ([]Move, error) {
	if !w.inst.HeldAt.IsZero() {
		return nil, nil // all of them rest, and are placed anew when it goes on
	}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return nil, fmt.Errorf("re-arm deadlines: %w", err)
	}
	return w.rearmRows(ctx, rows, w.anew(rows, due))
}

// rearmRows is rearm of these rows. That an end is unknown is nothing that anybody
// counts on: what asks for it is in no list of moves.
func (w *work) rearmRows(ctx context.Context, rows []row.Deadline, at moment) (moves []Move, err error) {
	have := make(map[string]*row.Deadline, len(rows))
	for i := range rows {
		have[rows[i].Name] = &rows[i]
	}
	for _, d := range asked(w.def, w.state(), at) {
		old := have[d.name]
		delete(have, d.name)
		move, changed := w.shift(old, d)
		if !changed {
			continue
		}
		if d.name == deadlineEnd {
			move.Old, move.New = w.stood(old), d.date()
		}
		if d.notice != definition.NoticeUnknown && (move.Changed || !move.Old.Equal(move.New)) {
			moves = append(moves, move)
		}
		if old == nil {
			err = w.rows.AddDeadlines(ctx, []row.Deadline{w.row(d)})
		} else {
			err = w.rows.SaveDeadline(ctx, old)
		}
		if err != nil {
			return nil, fmt.Errorf("re-arm %s: %w", d.name, err)
		}
	}
	for i := range rows {
		gone := &rows[i]
		if have[gone.Name] == nil || !gone.Open() {
			continue
		}
		if gone.Notice != definition.NoticeUnknown {
			moves = append(moves, Move{Name: gone.Name, Old: w.stood(gone)})
		}
		gone.CancelledAt, gone.CancelledWhy = w.now, "moved"
		if err = w.rows.SaveDeadline(ctx, gone); err != nil {
			return nil, fmt.Errorf("cancel %s: %w", gone.Name, err)
		}
	}
	return moves, nil
}

// shift changes a row to what is wanted now and says what moves. A reminder
// whose new time is already past is cancelled; an end in the past is moved
// there, so that the next sweep fires it. What is due already comes, however late,
// also where its new time is before the entry; an event not before it can happen.
func (w *work) shift(have *row.Deadline, d wanted) (Move, bool) {
	past := d.missed || !d.due.After(w.now)
	if have == nil {
		return Move{Name: d.name, New: d.due}, !past || !d.missed && d.action != actionNotice
	}
	same := have.DueAt.Equal(d.due)
	move := Move{Name: d.name, Old: row.UTC(have.DueAt), New: d.due, Changed: d.differs(have)}
	switch {
	case !have.FiredAt.IsZero() && (same || d.of == definition.AnchorEntry):
		return Move{}, false // said once; only what counts towards an end is said again
	case past && !have.Open(), d.missed && !have.DueAt.After(w.now):
		return Move{}, false
	case past && !have.DueAt.After(w.now) && (d.action != actionEvent || !d.due.After(have.DueAt)):
		if have.CancelledWhy != whyHeld { // about to fire anyway, as what it is now; what rested comes where it belongs
			move.New, same = move.Old, true
		}
	case d.missed, past && d.action == actionNotice:
		move.New = time.Time{}
		have.CancelledAt, have.CancelledWhy = w.now, "moved into the past"
		return move, true
	}
	if same && have.Open() && !move.Changed {
		return Move{}, false
	}
	have.Action, have.Event, have.Notice, have.Audience = d.action, d.event, d.notice, row.Join(d.audience)
	have.Generation++
	if !same {
		have.DueAt, have.WallTime = d.due.UTC(), wallText(d.due, w.def.Location)
	}
	have.ExpiresAt = d.expires
	have.FiredAt, have.CancelledAt, have.CancelledWhy = time.Time{}, time.Time{}, ""
	return move, true
}

// differs reports that a row does something else than what is wanted, or tells
// others, whenever it comes.
func (d wanted) differs(have *row.Deadline) bool {
	return have.Action != d.action || have.Event != d.event || have.Notice != d.notice || have.Audience != row.Join(d.audience)
}
