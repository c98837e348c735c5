package workflow

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
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
	of                          string // the anchor of a reminder
	audience                    []string
	due, expires                time.Time
}

// deadlines lists what a state that was entered and ends at due asks for.
// Reminders that fall before the entry are left out.
func deadlines(c *definition.Compiled, s definition.State, entered, due time.Time, f guard.Facts) []wanted {
	var out []wanted
	for _, m := range s.Reminders {
		for i, anchor := range anchorTimes(m.Of, entered, due, f) {
			w := wanted{name: m.Name(i), of: m.Of, action: actionNotice, notice: m.Notice, audience: m.To}
			if m.Before.IsZero() {
				w.due = m.After.Shift(anchor, 1, c.Civil())
			} else {
				w.due, w.expires = m.Before.Shift(anchor, -1, c.Civil()), anchor
			}
			if hour, minute, ok := m.Clock(); ok {
				w.due = civil.BackTo(w.due, hour, minute, c.Location)
			}
			if w.due.After(entered) {
				out = append(out, w)
			}
		}
	}
	if due.IsZero() || s.Final {
		return out
	}
	if s.AtEnd != "" {
		out = append(out, wanted{name: deadlineEnd, action: actionEvent, event: s.AtEnd, due: due})
	} else {
		out = append(out, wanted{
			name: deadlineEnd, action: actionOverdue, notice: definition.NoticeOverdue, audience: c.Responsible(s.Name), due: due,
		})
	}
	for i, o := range s.Overdue {
		name := deadlineEscalation
		if i > 0 {
			name += "." + strconv.Itoa(i+1)
		}
		out = append(out, wanted{
			name: name, action: actionOverdue, notice: definition.NoticeOverdue, audience: o.Escalate, due: o.After.Shift(due, 1, c.Civil()),
		})
	}
	return out
}

func anchorTimes(name string, entered, due time.Time, f guard.Facts) []time.Time {
	switch {
	case name == definition.AnchorEntry:
		return []time.Time{entered}
	case name != definition.AnchorEnd:
		return f.Anchors[name]
	case due.IsZero():
		return nil
	}
	return []time.Time{due}
}

func (w *work) row(d wanted) row.Deadline {
	return row.Deadline{
		ProcessID: w.inst.ProcessID, ActivityID: w.inst.ActivityID, Entry: w.inst.Entry, Name: d.name, Generation: 1,
		WallTime: wallText(d.due, w.def.Location), Zone: w.def.Location.String(), DueAt: d.due.UTC(), ExpiresAt: d.expires,
		Action: d.action, Event: d.event, Notice: d.notice, Audience: row.Join(d.audience),
	}
}

func wallText(t time.Time, zone *time.Location) string {
	return civil.WallOf(t, zone).Format("2006-01-02 15:04:05.999999")
}

// arm writes the deadlines of the state just entered.
func (w *work) arm(ctx context.Context) error {
	var rows []row.Deadline
	for _, d := range deadlines(w.def, w.state(), w.inst.EnteredAt, w.inst.DueAt, w.facts) {
		rows = append(rows, w.row(d))
	}
	if err := w.rows.AddDeadlines(ctx, rows); err != nil {
		return fmt.Errorf("arm deadlines: %w", err)
	}
	return nil
}

// rearm brings the present state's deadlines in line with a new end or new
// anchors, raising the generation of each that moves, and lists the moves.
// A reminder that fired stays fired unless its new time is still to come. With
// save false it only lists.
func (w *work) rearm(ctx context.Context, due time.Time, save bool) ([]Move, error) {
	if !w.inst.HeldAt.IsZero() {
		return nil, nil // all of them rest, and are placed anew when it goes on
	}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return nil, fmt.Errorf("re-arm deadlines: %w", err)
	}
	return w.rearmRows(ctx, rows, due, save)
}

func (w *work) rearmRows(ctx context.Context, rows []row.Deadline, due time.Time, save bool) (moves []Move, err error) {
	have := make(map[string]*row.Deadline, len(rows))
	for i := range rows {
		have[rows[i].Name] = &rows[i]
	}
	for _, d := range deadlines(w.def, w.state(), w.entered(), due, w.facts) {
		old := have[d.name]
		delete(have, d.name)
		move, changed := w.shift(old, d)
		if !changed {
			continue
		}
		moves = append(moves, move)
		if !save {
			continue
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
		moves = append(moves, Move{Name: gone.Name, Old: row.UTC(gone.DueAt)})
		gone.CancelledAt, gone.CancelledWhy = w.now, "moved"
		if save {
			err = w.rows.SaveDeadline(ctx, gone)
		}
		if err != nil {
			return nil, fmt.Errorf("cancel %s: %w", gone.Name, err)
		}
	}
	return moves, nil
}

// shift changes a row to what is wanted now and says what moves. A reminder
// whose new time is already past is cancelled; an end in the past is moved
// there, so that the next sweep fires it.
func (w *work) shift(have *row.Deadline, d wanted) (Move, bool) {
	past := !d.due.After(w.now)
	switch {
	case have == nil && past && d.action == actionNotice:
		return Move{}, false
	case have != nil && !have.FiredAt.IsZero() && d.of == definition.AnchorEntry:
		return Move{}, false // said once; only what counts towards an end is said again
	case have == nil:
		return Move{Name: d.name, New: d.due}, true
	case have.DueAt.Equal(d.due) && (have.Open() || !have.FiredAt.IsZero() || past):
		return Move{}, false
	case past && !have.Open():
		return Move{}, false
	case past && !have.DueAt.After(w.now): // about to fire anyway
		return Move{}, false
	}
	move := Move{Name: d.name, Old: row.UTC(have.DueAt), New: d.due}
	if past && d.action == actionNotice {
		move.New = time.Time{}
		have.CancelledAt, have.CancelledWhy = w.now, "moved into the past"
		return move, true
	}
	have.Generation++
	have.DueAt, have.WallTime, have.ExpiresAt = d.due.UTC(), wallText(d.due, w.def.Location), d.expires
	have.FiredAt, have.CancelledAt, have.CancelledWhy = time.Time{}, time.Time{}, ""
	return move, true
}

// bounds are the instants of a state's term, counted from entry. Zero is unset.
type bounds struct{ min, due, max time.Time }

// termBounds places a term. An anchored term ends at its anchor, when that is
// known. A planned phase with a fixed end keeps it; one that is entered on its
// planned day keeps its planned end; otherwise its length counts from entry.
// Whatever the plan says, the end stays within the minimum and the maximum.
func termBounds(term *definition.Term, entry time.Time, p *PlannedPhase, f guard.Facts, cal civil.Calendar) bounds {
	var b bounds
	if term == nil {
		if p != nil && p.Fixed && p.End.After(entry) {
			b.due = p.End
		}
		return b
	}
	if !term.Min.IsZero() {
		b.min = term.Min.After(entry, cal)
	}
	if !term.Max.IsZero() {
		b.max = term.Max.After(entry, cal)
	}
	b.due = plannedEnd(term, entry, p, f, cal)
	if term.Until != "" || b.due.IsZero() {
		return b
	}
	if b.due.Before(b.min) {
		b.due = b.min
	}
	if !b.max.IsZero() && b.due.After(b.max) {
		b.due = b.max
	}
	return b
}

func plannedEnd(term *definition.Term, entry time.Time, p *PlannedPhase, f guard.Facts, cal civil.Calendar) time.Time {
	if term.Until != "" {
		return f.Anchor(term.Until)
	}
	length := term.Length
	if p != nil {
		onTime := !p.Start.IsZero() && civil.DateOf(p.Start, cal.Zone()) == civil.DateOf(entry, cal.Zone())
		if (p.Fixed || onTime) && p.End.After(entry) {
			return p.End
		}
		if p.Days > 0 {
			length = civil.Span{Days: p.Days}
		}
	}
	if length.IsZero() {
		return time.Time{}
	}
	return length.After(entry, cal)
}
