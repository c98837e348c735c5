package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// moment is an outlook.Moment with when the state began, for whom it was entered
// earlier or later, what suspended that which counts from an anchor, and when an end
// that nobody knows is asked for; pending says that it was armed already, and what
// was said of it is not said again.
type moment struct {
	outlook.Moment

	began   time.Time
	rested  func(anchor string) (from time.Time, rests []history.Rest)
	asks    time.Time
	pending bool
}

// rested is the entry that an anchor names, and the suspensions since.
func (w *work) rested(anchor string) (from time.Time, rests []history.Rest) {
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorEntry:
		from = w.inst.EnteredAt
	case definition.AnchorState:
		from = w.entries[name]
	}
	if !from.IsZero() {
		rests = slices.DeleteFunc(slices.Clone(w.rests), func(r history.Rest) bool { return r.From.Before(from) || w.runsIn(r.State) })
	}
	return from, rests
}

// place puts a deadline before or after each instant of its anchor, or on it
// when both spans are zero. What comes before its anchor is pointless after it.
func (m moment) place(w wanted, of string, before, after civil.Span) []wanted {
	var out []wanted
	for i, anchor := range m.Instants(of) {
		w.nth, w.due, w.expires = i, anchor, time.Time{}
		switch {
		case !before.IsZero():
			w.due, w.expires = before.Shift(anchor, -1, m.Cal), anchor
		case !after.IsZero():
			w.due = m.after(of, anchor, after)
		}
		out = append(out, w)
	}
	return out
}

// remember adds the last entries into the states that anchors of the definition
// name to the facts, which otherwise know of meetings alone.
func (w *work) remember(ctx context.Context) error {
	names := w.def.Remembered()
	if len(names) == 0 && w.inst.HeldDays == 0 && !w.state().Fine() {
		return nil
	}
	rows, err := w.rows.Passages(ctx, w.inst.Ref(), []string{
		definition.ActSuspend, definition.ActResume, definition.ActMigrate, definition.ActRevert,
	}, []string{definition.ActMigrate})
	if err != nil {
		return fmt.Errorf("read passages: %w", err)
	}
	p, err := history.PastOf(rows)
	if err != nil {
		return err
	}
	if w.turned != nil {
		w.turned(&p)
	}
	maps.DeleteFunc(p.Entries, func(name string, _ time.Time) bool { return !slices.Contains(names, name) })
	w.entries, w.rests = p.Entries, p.Rests
	w.recall()
	return nil
}

// recall places what hangs on earlier states: a term that counts from one is
// suspended with whichever state stood since, so it counts from as many civil
// days later as those suspensions lasted. A state whose term keeps running adds
// none.
func (w *work) recall() {
	if len(w.entries) == 0 {
		return
	}
	anchors := maps.Clone(w.facts.Anchors)
	if anchors == nil {
		anchors = map[string][]time.Time{}
	}
	for name, at := range w.entries {
		held := 0
		_, rests := w.rested(definition.AnchorState + ":" + name)
		for _, r := range rests {
			held += r.Days(w.def.Civil())
		}
		anchors[definition.AnchorState+":"+name] = []time.Time{w.daysLater(at, held).UTC()}
	}
	w.facts.Anchors = anchors
}

func (w *work) daysLater(at time.Time, days int) time.Time {
	if days == 0 || at.IsZero() {
		return at
	}
	return civil.Span{Days: days}.Shift(at, 1, w.def.Civil())
}

// anchoredEnd is the end of the present term by its anchor. Suspensions moved an
// end on a date or a day, and it stays where they left it as long as it was made
// from that date: one that was given since is as it was given.
func (w *work) anchoredEnd(b outlook.Bounds) time.Time {
	stands := row.UTC(w.inst.DueAt)
	if t := w.state().Term; t == nil || !t.Dated() || !row.UTC(w.inst.FirstDueAt).Equal(b.Due) {
		return b.Due
	}
	return stands
}

// bounds are those of the present term as they stand.
func (w *work) bounds() outlook.Bounds {
	return outlook.Bounds{Min: row.UTC(w.inst.MinAt), Due: row.UTC(w.inst.DueAt), Max: row.UTC(w.inst.MaxAt), First: row.UTC(w.inst.FirstDueAt)}
}

// reanchored are the bounds of the present term after its anchors may have
// moved. What counts from the entry, from another state or from a day does not
// move; the rest counts from where it is now, and from as much later as this
// entry was suspended.
func (w *work) reanchored(p *PlannedPhase) outlook.Bounds {
	b := w.bounds()
	t := w.state().Term
	if t == nil || t.Until == "" && (outlook.FixedAnchor(t.From) || !w.inst.HeldAt.IsZero() && w.runs()) {
		return b
	}
	now := outlook.TermBounds(t, w.inst.EnteredAt, p, w.facts, w.def.Civil())
	if t.Until != "" {
		b.Due = w.anchoredEnd(now)
		b.Min, b.Max, b.First = now.Min, now.Max, now.Due
		return b
	}
	for _, r := range w.rests {
		if !r.From.Before(w.inst.EnteredAt) && !w.runs() {
			now = now.After(t, r.Rest, w.def.Civil())
		}
	}
	given := b.Due
	b = outlook.Bounds{Min: now.Min, Due: now.Due, Max: now.Max, First: now.Due}
	if !given.IsZero() && (w.inst.EndGiven || p != nil && p.Fixed) {
		b.Due = outlook.AtLeast(given, b.Min)
	}
	return b
}

// TermFacts are what guards know of the present term of an instance at an instant, by
// the civil days of a zone.
func TermFacts(i Instance, now time.Time, zone *time.Location) guard.TermFacts {
	const never = 9999
	f := guard.TermFacts{EnteredAt: i.EnteredAt, MinAt: i.MinAt, DueAt: i.DueAt, MaxAt: i.MaxAt, LeftDays: never}
	today := civil.DateOf(now, zone)
	f.ElapsedDays = int64(max(0, today.Since(civil.DateOf(i.EnteredAt, zone))))
	if !i.DueAt.IsZero() {
		f.LeftDays = int64(max(0, civil.DateOf(i.DueAt.Add(-1), zone).Since(today)))
	}
	return f
}

// used reads what the state that a transition reopens was left with.
func (w *work) used(ctx context.Context, t *definition.Transition) (out spent, err error) {
	to, _ := w.def.State(t.To)
	if !t.Reopens || to.Term == nil || to.Term.Law == nil || to.Term.Max.IsZero() {
		return out, nil
	}
	left, ok, err := history.Left(ctx, w.rows, w.inst.Ref(), to.Name, w.def.Reopening())
	if err != nil || !ok {
		return out, err
	}
	if left.Term.MaxAt.IsZero() { // no version before named one
		left.Term.MaxAt = outlook.TermBounds(to.Term, left.Term.EnteredAt, nil, w.facts, w.def.Civil()).Max
	}
	return spent{left, to.Term.Law}, nil
}

// chosen gives a term that begins the end that was chosen for it, within minimum
// and maximum, or the usual one. A term of law that goes on keeps its bounds.
func (w *work) chosen(b outlook.Bounds) (outlook.Bounds, error) {
	limit, s := b.Max, w.goes.spent
	if s.law != nil {
		b.Min, b.Max, limit = s.Term.MinAt, s.Term.MaxAt, s.limit()
	}
	late := func(end time.Time) bool {
		return !limit.IsZero() && end.After(limit) && (s.law == nil || !w.goes.exception)
	}
	switch end := w.goes.end; {
	case !end.IsZero() && late(end):
		return b, w.beyond(limit)
	case !end.IsZero() && end.Before(b.Min):
		return b, fault.Field("end", "workflow.shorten_below_min", "min", w.local(b.Min))
	case !end.IsZero():
		b.Due = end
	case late(b.Due):
		b.Due = outlook.NotBefore(w.inst.EnteredAt, limit)
	}
	if b.First = b.Due; s.law != nil {
		b.First = s.First
	}
	return b, nil
}

// atEnd is what the end of a term sets off: an event or a word to those who could
// act, and the chain of escalation after it. It waits for the first day on which dates
// of the call let that be done at all: nobody is late before.
func atEnd(c *definition.Compiled, s definition.State, at moment) []wanted {
	end := wanted{name: deadlineEnd, action: actionEvent, event: s.AtEnd, term: at.Due}
	if s.AtEnd == "" {
		end.action, end.notice, end.audience = actionOverdue, definition.NoticeOverdue, c.Responsible(s.Name)
	}
	end.due = c.Lets(s.Name, s.AtEnd, at.Due, at.Facts.Process.Dates)
	links := chain(c, s, wanted{name: deadlineEscalation, notice: definition.NoticeOverdue, due: end.due}, 1)
	for i := range links {
		if comesToOthers(links[i].audience, c.Responsible(s.Name)) {
			links[i].notice = definition.NoticeEscalation
		}
	}
	return append([]wanted{end}, links...)
}

// comesToOthers reports that an audience holds more than those whose step it is.
func comesToOthers(audience, responsible []string) bool {
	return slices.ContainsFunc(audience, func(word string) bool { return !slices.Contains(responsible, word) })
}

// chain is the escalation of a state after an instant, of a name and a notice; its
// links are numbered from n.
func chain(c *definition.Compiled, s definition.State, after wanted, n int) []wanted {
	var out []wanted
	for i, o := range s.Overdue {
		w := after
		w.name, w.action, w.audience = numbered(after.name, n+i), actionOverdue, o.Escalate
		w.due = o.After.Shift(after.due, 1, c.Civil())
		out = append(out, w)
	}
	return out
}

// numbered is the name of one of several deadlines of a sort.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	return name + "." + strconv.Itoa(n)
}

// unknownFor is how long nobody is asked for the date that a term hangs on.
var unknownFor = civil.Span{Days: 3}

// deadlineUnknown is the name of the deadline that asks for it.
const deadlineUnknown = "end-unknown"

// unknown asks those who give dates for the one that a term ends with, or counts
// from, while nobody knows it, and then the chain of escalation: a state whose end
// is unknown would otherwise pass in silence. It goes as soon as the date is known.
func unknown(c *definition.Compiled, s definition.State, at moment) []wanted {
	ask := wanted{name: deadlineUnknown, action: actionOverdue, notice: definition.NoticeUnknown, due: at.asks, audience: []string{definition.RolePromoter}}
	if !s.Term.Called() && slices.Contains(c.Roles, definition.RoleFacilitator) {
		ask.audience = []string{definition.RoleFacilitator, definition.RolePromoter}
	}
	if at.pending {
		ask.of = definition.AnchorEntry
	}
	return append([]wanted{ask}, chain(c, s, ask, 2)...)
}

// anew is how things stand for what was armed already, after suspensions that end
// now. An end that nobody knows is asked for as it was to be, or counted from now
// where it was known until now or until it rested.
func (w *work) anew(rows []row.Deadline, due time.Time, rests ...history.Rest) moment {
	at := w.moment(w.entered(), due)
	at.asks = unknownFor.Shift(w.now, 1, w.def.Civil())
	i := slices.IndexFunc(rows, func(r row.Deadline) bool { return r.Name == deadlineUnknown })
	rested := func(r row.Deadline) bool { return r.Name == deadlineEnd && r.Open() }
	if i < 0 || !w.inst.DueAt.IsZero() || slices.ContainsFunc(rows, rested) {
		return at
	}
	at.asks, at.pending = rows[i].DueAt, true
	for _, r := range rests {
		at.asks = r.Delay(at.asks, unknownFor, w.def.Civil())
	}
	return at
}
