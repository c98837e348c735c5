package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/row"
)

// moment is all that places the deadlines of a state: when it began, and was
// entered for what counts from there, when its term ends (zero is never), what is
// known, how days are counted, and what suspended that which counts from an anchor.
type moment struct {
	began, entered, due time.Time
	facts               guard.Facts
	cal                 civil.Calendar
	rested              func(anchor string) (from time.Time, rests []row.Rest)
}

// rested is the entry that an anchor names, and the suspensions since.
func (w *work) rested(anchor string) (from time.Time, rests []row.Rest) {
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorEntry:
		from = w.inst.EnteredAt
	case definition.AnchorState:
		from = w.entries[name]
	}
	if !from.IsZero() {
		rests = slices.DeleteFunc(slices.Clone(w.rests), func(r row.Rest) bool { return r.From.Before(from) || w.runsIn(r.State) })
	}
	return from, rests
}

// place puts a deadline before or after each instant of its anchor, or on it
// when both spans are zero. What comes before its anchor is pointless after it.
func (m moment) place(w wanted, of string, before, after civil.Span) []wanted {
	var out []wanted
	for i, anchor := range m.instants(of) {
		w.nth, w.due, w.expires = i, anchor, time.Time{}
		switch {
		case !before.IsZero():
			w.due, w.expires = before.Shift(anchor, -1, m.cal), anchor
		case !after.IsZero():
			w.due = m.after(of, anchor, after)
		}
		out = append(out, w)
	}
	return out
}

// instants are those of an anchor, none while it is unknown. A date or a day is
// its first instant.
func (m moment) instants(anchor string) []time.Time {
	one := time.Time{}
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorEntry, "":
		one = m.entered
	case definition.AnchorEnd:
		one = m.due
	case definition.AnchorDay:
		if d, err := civil.ParseDate(name); err == nil {
			one = d.Start(m.cal.Zone())
		}
	case definition.AnchorDate:
		one = m.facts.Process.Dates[name].UTC()
	case definition.AnchorActivity:
		one = m.facts.Anchor(anchor)
	default:
		return m.facts.Anchors[anchor]
	}
	if one.IsZero() {
		return nil
	}
	return []time.Time{one}
}

// until is the instant at which a term that ends with an anchor ends: a date and
// a day last to their own end.
func (m moment) until(anchor string) time.Time {
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorDate, definition.AnchorDay:
		for _, first := range m.instants(kind + ":" + name) {
			return civil.DateOf(first, m.cal.Zone()).Add(1).Start(m.cal.Zone())
		}
		return time.Time{}
	}
	return m.facts.Anchor(anchor)
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
			held += heldDays(w.def.Civil(), r)
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
// end on a date or a day, and it stays where they left it; a date that was
// filled in since is as it was given.
func (w *work) anchoredEnd(b bounds) time.Time {
	stands := row.UTC(w.inst.DueAt)
	if t := w.state().Term; t == nil || !t.Dated() || stands.Before(b.due) || stands.After(w.daysLater(b.due, w.inst.HeldDays)) {
		return b.due
	}
	return stands
}

// reanchored are the bounds of the present term after its anchors may have
// moved. What counts from the entry, from another state or from a day does not
// move; the rest counts from where it is now, and from as much later as this
// entry was suspended.
func (w *work) reanchored(p *PlannedPhase) bounds {
	b := bounds{row.UTC(w.inst.MinAt), row.UTC(w.inst.DueAt), row.UTC(w.inst.MaxAt), row.UTC(w.inst.FirstDueAt)}
	t := w.state().Term
	if t == nil || t.Until == "" && (fixedAnchor(t.From) || !w.inst.HeldAt.IsZero() && w.runs()) {
		return b
	}
	now := termBounds(t, w.inst.EnteredAt, p, w.facts, w.def.Civil())
	if t.Until != "" {
		b.due = w.anchoredEnd(now)
		b.min, b.max, b.first = now.min, now.max, b.due
		return b
	}
	for _, r := range w.rests {
		if !r.From.Before(w.inst.EnteredAt) && !w.runs() {
			now = w.shifted(now, r)
		}
	}
	given := b.due
	b = bounds{now.min, now.due, now.max, now.due}
	if !given.IsZero() && (w.inst.EndGiven || p != nil && p.Fixed) {
		b.due = atLeast(given, b.min)
	}
	return b
}

// fixedAnchor reports an anchor that stays where it is while a state lasts.
func fixedAnchor(anchor string) bool {
	kind, _ := definition.SplitAnchor(anchor)
	return slices.Contains([]string{"", definition.AnchorEntry, definition.AnchorState, definition.AnchorDay}, kind)
}

// termFacts are what guards know of the present term at an instant.
func termFacts(i Instance, now time.Time, zone *time.Location) guard.TermFacts {
	const never = 9999
	f := guard.TermFacts{EnteredAt: i.EnteredAt, MinAt: i.MinAt, DueAt: i.DueAt, MaxAt: i.MaxAt, LeftDays: never}
	today := civil.DateOf(now, zone)
	f.ElapsedDays = int64(max(0, today.Since(civil.DateOf(i.EnteredAt, zone))))
	if !i.DueAt.IsZero() {
		f.LeftDays = int64(max(0, civil.DateOf(i.DueAt.Add(-1), zone).Since(today)))
	}
	return f
}

// bounds are the instants of a state's term. Zero is unset. first is the end
// from which the length of an extension is counted.
type bounds struct{ min, due, max, first time.Time }

// termBounds places a term. An anchored term ends at its anchor, when that is
// known. One that counts from elsewhere than its entry has no bounds while that
// instant is unknown. A planned phase with a fixed end keeps it; one that is entered on its
// planned day keeps its planned end, unless it counts from what no plan knows;
// otherwise its length counts from where it says.
// Whatever the plan says, the end stays within the minimum and the maximum; one
// that falls on a holiday moves where the term says so, beyond the maximum too.
func termBounds(term *definition.Term, entry time.Time, p *PlannedPhase, f guard.Facts, cal civil.Calendar) bounds {
	var b bounds
	if term == nil {
		if p != nil && p.Fixed && p.End.After(entry) {
			b.due = p.End
		}
		return b
	}
	at := moment{entered: entry, facts: f, cal: cal}
	if term.Until != "" {
		b.due = notBefore(entry, settled(term, at.until(term.Until), cal))
		return b
	}
	from := time.Time{}
	for _, from = range at.instants(term.From) {
		if !term.Min.IsZero() {
			b.min = term.Min.After(from, cal)
		}
		if !term.Max.IsZero() {
			b.max = settled(term, term.Max.After(from, cal), cal)
		}
	}
	if b.due = plannedEnd(term, entry, from, p, cal); b.due.IsZero() {
		return b
	}
	if b.due.Before(b.min) {
		b.due = b.min
	}
	if !b.max.IsZero() && b.due.After(b.max) {
		b.due = b.max
	}
	b.due = notBefore(entry, b.due)
	return b
}

// notBefore is the end of a term that was over before it began: it ends at once,
// and time does not run backwards. A zero end stays so.
func notBefore(entry, end time.Time) time.Time {
	if !end.IsZero() && end.Before(entry) {
		return entry
	}
	return end
}

// settled moves an end on a holiday where the term says so.
func settled(term *definition.Term, end time.Time, cal civil.Calendar) time.Time {
	if term.OnHoliday != definition.HolidayNext || end.IsZero() {
		return end
	}
	return cal.Next(end)
}

// plannedEnd is the end of a term of a length that counts from an instant, zero
// while that is unknown.
func plannedEnd(term *definition.Term, entry, from time.Time, p *PlannedPhase, cal civil.Calendar) time.Time {
	length := term.Length
	if p != nil {
		onTime := fixedAnchor(term.From) && !p.Start.IsZero() && civil.DateOf(p.Start, cal.Zone()) == civil.DateOf(entry, cal.Zone())
		if (p.Fixed || onTime) && p.End.After(entry) {
			return p.End
		}
		if p.Days > 0 {
			length = civil.Span{Days: p.Days}
		}
	}
	if length.IsZero() || from.IsZero() {
		return time.Time{}
	}
	return settled(term, length.After(from, cal), cal)
}
