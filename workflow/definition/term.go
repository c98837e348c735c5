package definition

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/workflow/civil"
)

// Term is how long a state lasts. Length, Min and Max count from From (the
// entry when it is ""); Until names an anchor instead of a length, and one that
// is a date or a day ends with that day. Zero spans are unset.
type Term struct {
	Length, Min, Max civil.Span
	Until, From      string
	Extend           *Extension
	OnHold           string // what a suspension does to the end: HoldShift when "", or HoldRun
	OnHoliday        string // what an end on a holiday does: HolidayKeep when "", or HolidayNext
	Law              *Law
	Line             int
}

// Exact reports a term whose ends are instants rather than days: it, its maximum or
// what extends it is counted in hours or minutes. A nil one is not.
func (t *Term) Exact() bool {
	return t != nil && (t.Length.Exact() || t.Max.Exact() || t.Extend != nil && t.Extend.Max.Exact())
}

// Dated reports a term that ends with a date or a day; a nil one does not.
func (t *Term) Dated() bool {
	if t == nil {
		return false
	}
	kind, _ := SplitAnchor(t.Until)
	return kind == AnchorDate || kind == AnchorDay
}

// Called reports a term whose end hangs on a date of the call; a nil one does not.
func (t *Term) Called() bool {
	if t == nil {
		return false
	}
	until, _ := SplitAnchor(t.Until)
	from, _ := SplitAnchor(t.From)
	return until == AnchorDate || from == AnchorDate
}

// Runs reports a term that keeps running during a suspension; a nil one does not.
func (t *Term) Runs() bool { return t != nil && t.OnHold == HoldRun }

// What a term does when it is suspended and when it ends on a holiday.
const (
	HoldShift   = "shift" // the end moves by as long as the suspension lasted
	HoldRun     = "run"   // the term keeps running
	HolidayKeep = "keep"
	HolidayNext = "next" // the end moves to that of the next working day
)

// Extension bounds how a term may be extended: by Max in all beyond the planned
// end, Times times, with an attached act where Act says so. Zero values are no
// bound. One with a Law of its own is granted beyond the term's maximum.
type Extension struct {
	Max   civil.Span
	Times int
	Act   bool
	Law   *Law
	Line  int
}

// Bound is the law that says how far the end may move: of the extension, or of
// the term itself. It is nil where only the definition does.
func (t *Term) Bound() *Law {
	switch {
	case t == nil:
		return nil
	case t.Extend != nil && t.Extend.Law != nil:
		return t.Extend.Law
	}
	return t.Law
}

// Spent reports that as many extensions as were granted are all that there are.
func (t *Term) Spent(granted int) bool {
	return t != nil && t.Extend != nil && t.Extend.Times > 0 && granted >= t.Extend.Times
}

// Latest is the latest end that an extension may give without an exception, of a
// term whose maximum and whose end before any extension are these; zero for no
// bound. It is the maximum or what extend adds to the planned end, whichever comes
// first. An extend that rests on a law of its own is granted beyond the maximum,
// since that is what the law grants it for: then whichever comes last holds, and
// no bound when the law names none.
func (t *Term) Latest(limit, planned time.Time, cal civil.Calendar) time.Time {
	if t == nil || t.Extend == nil {
		return limit
	}
	x := t.Extend
	switch {
	case x.Max.IsZero() && x.Law != nil:
		return time.Time{}
	case x.Max.IsZero() || planned.IsZero():
		return limit
	}
	last := x.Max.Shift(planned, 1, cal)
	if limit.IsZero() || last.After(limit) == (x.Law != nil) {
		return last
	}
	return limit
}

// Reminder is a notice before or after an anchor ("end" of the term unless Of
// names another). Without a notice of its own it is NoticeAction when it goes
// to staff alone, else NoticeReminder. At, when set, moves it back to the last such wall time
// ("09:00") not after the computed instant.
type Reminder struct {
	Before, After civil.Span
	Of            string
	Notice        string
	To            []string
	At            string
	Line          int
}

// Deadline is a further deadline of a state. It is Before or After the anchor
// Of, or on it when both are zero, and does exactly one thing: fire Event, send
// Notice to To, or tell Escalate that action is overdue.
type Deadline struct {
	Code          string
	Title         Text
	Before, After civil.Span
	Of            string
	Event         string
	Notice        string
	To            []string
	Escalate      []string
	Law           *Law
	Line          int
}

// Overdue escalates when a term ended and the state is still there.
type Overdue struct {
	After    civil.Span
	Escalate []string
	Line     int
}

// Name identifies a reminder within its state: notice, offset, anchor and,
// where the anchor may have several instants, which (i ≥ 0).
func (m Reminder) Name(i int) string {
	name := m.Notice + "." + m.Before.String()
	if m.Before.IsZero() {
		name = m.Notice + ".after." + m.After.String()
	}
	if m.Of != AnchorEnd {
		name += "." + m.Of
	}
	if i >= 0 && several(m.Of) {
		name += "." + strconv.Itoa(i)
	}
	return name
}

// Name identifies a deadline within its state; i is which of its anchor's
// several instants it hangs on.
func (d Deadline) Name(i int) string {
	name := "deadline." + d.Code
	if several(d.Of) {
		name += "." + strconv.Itoa(i)
	}
	return name
}

// Instant tells which instant of an anchor that has several the reminder or the
// deadline of that name hangs on, from 0; false when its anchor has one only, or
// the state has none of that name.
func (s State) Instant(name string) (anchor string, i int, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	i, err := strconv.Atoi(name[dot+1:])
	if err != nil || i < 0 {
		return "", 0, false
	}
	for _, m := range s.Reminders {
		if several(m.Of) && m.Name(i) == name {
			return m.Of, i, true
		}
	}
	for _, d := range s.Deadlines {
		if several(d.Of) && d.Name(i) == name {
			return d.Of, i, true
		}
	}
	return "", 0, false
}

// Clock is the time of day that the reminder moves back to; false when it has
// none.
func (m Reminder) Clock() (hour, minute int, ok bool) {
	at := clockPattern.FindStringSubmatch(m.At)
	if at == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(at[1])
	minute, _ = strconv.Atoi(at[2])
	return hour, minute, true
}

// SplitAnchor takes an anchor apart: "state:report" is AnchorState and
// "report", "end" is AnchorEnd and "".
func SplitAnchor(anchor string) (kind, name string) {
	kind, name, _ = strings.Cut(anchor, ":")
	return kind, name
}

// several reports that an anchor may have more than one instant: meetings have.
func several(anchor string) bool { return anchor == AnchorMeeting || anchor == AnchorMeetingEnd }

// Fine reports that something of the state comes some working days, hours or
// minutes after its entry.
func (s State) Fine() bool {
	fine := func(of string, after civil.Span) bool {
		return (of == AnchorEntry || of == "") && (after.WorkDays > 0 || after.Exact())
	}
	return slices.ContainsFunc(s.Reminders, func(m Reminder) bool { return fine(m.Of, m.After) }) ||
		slices.ContainsFunc(s.Deadlines, func(d Deadline) bool { return fine(d.Of, d.After) })
}

// Hangs reports that something of the state is placed by anchors of a kind, such
// as AnchorActivity.
func (s State) Hangs(kind string) bool {
	return slices.ContainsFunc(s.anchors(), func(anchor string) bool {
		k, _ := SplitAnchor(anchor)
		return k == kind
	})
}

// anchors are all that something in the state hangs on.
func (s *State) anchors() []string {
	var out []string
	if s.Term != nil {
		out = append(out, s.Term.From, s.Term.Until)
	}
	for _, m := range s.Reminders {
		out = append(out, m.Of)
	}
	for _, d := range s.Deadlines {
		out = append(out, d.Of)
	}
	return out
}

// EndOf is when an activity in a state ended, or the end of its present term,
// which it has since entered: what AnchorActivity means. One whose terms are all
// behind it ended when it left the last of them, whatever is still written about
// it, whoever concludes it and however often; left says when each state was left.
// One that never had a term ended when it entered its state. It is zero while the
// end is unknown, and of what was called off.
func (c *Compiled) EndOf(state string, entered, due time.Time, left map[string]time.Time) time.Time {
	switch {
	case c.CalledOff(state):
		return time.Time{}
	case !due.IsZero():
		return due
	}
	limited := func(s State) bool { return s.Term != nil }
	ahead := c.States[slices.IndexFunc(c.States, func(s State) bool { return s.Name == state }):]
	if !c.Final(state) && (state == c.Initial || slices.ContainsFunc(ahead, limited)) {
		return time.Time{}
	}
	var end time.Time
	for _, s := range c.States {
		if limited(s) && left[s.Name].After(end) {
			end = left[s.Name]
		}
	}
	if end.IsZero() {
		return entered
	}
	return end
}
