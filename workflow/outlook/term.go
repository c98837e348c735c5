package outlook

import (
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Moment is what places the anchors of a state: when it was entered for what counts
// from there, when its term ends (zero is never), what is known, and how days are
// counted.
type Moment struct {
	Entered, Due time.Time
	Facts        guard.Facts
	Cal          civil.Calendar
}

// Instants are those of an anchor, none while it is unknown. A date or a day is
// its first instant.
func (m Moment) Instants(anchor string) []time.Time {
	one := time.Time{}
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorEntry, "":
		one = m.Entered
	case definition.AnchorEnd:
		one = m.Due
	case definition.AnchorDay:
		if d, err := civil.ParseDate(name); err == nil {
			one = d.Start(m.Cal.Zone())
		}
	case definition.AnchorDate:
		one = m.Facts.Process.Dates[name].UTC()
	case definition.AnchorActivity:
		one = m.Facts.Anchor(anchor)
	default:
		return m.Facts.Anchors[anchor]
	}
	if one.IsZero() {
		return nil
	}
	return []time.Time{one}
}

// Until is the instant at which a term that ends with an anchor ends: a date and
// a day last to their own end.
func (m Moment) Until(anchor string) time.Time {
	switch kind, name := definition.SplitAnchor(anchor); kind {
	case definition.AnchorDate, definition.AnchorDay:
		for _, first := range m.Instants(kind + ":" + name) {
			return civil.DateOf(first, m.Cal.Zone()).Add(1).Start(m.Cal.Zone())
		}
		return time.Time{}
	}
	return m.Facts.Anchor(anchor)
}

// FixedAnchor reports an anchor that stays where it is while a state lasts.
func FixedAnchor(anchor string) bool {
	kind, _ := definition.SplitAnchor(anchor)
	return slices.Contains([]string{"", definition.AnchorEntry, definition.AnchorState, definition.AnchorDay}, kind)
}

// AtLeast is the later of two instants.
func AtLeast(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Bounds are the instants of a state's term. Zero is unset. First is the end
// from which the length of an extension is counted.
type Bounds struct{ Min, Due, Max, First time.Time }

// After are the bounds as much later as a suspension lasted, each in the unit of its
// own span; ends move off a holiday where the term, if there is one, says so.
func (b Bounds) After(term *definition.Term, r civil.Rest, cal civil.Calendar) Bounds {
	if term == nil {
		term = &definition.Term{}
	}
	end := func(t time.Time, unit civil.Span) time.Time {
		out := r.Delay(t, unit, cal)
		if out.Equal(t) {
			return out
		}
		return Settled(term, out, cal)
	}
	return Bounds{Min: r.Delay(b.Min, term.Min, cal), Due: end(b.Due, term.Length), Max: end(b.Max, term.Max), First: end(b.First, term.Length)}
}

// TermBounds places a term. An anchored term ends at its anchor, when that is
// known. One that counts from elsewhere than its entry has no bounds while that
// instant is unknown. A planned phase with a fixed end keeps it; one that is entered on its
// planned day keeps its planned end, unless it counts from what no plan knows;
// otherwise its length counts from where it says.
// Whatever the plan says, the end stays within the minimum and the maximum; one
// that falls on a holiday moves where the term says so, beyond the maximum too.
func TermBounds(term *definition.Term, entry time.Time, p *Phase, f guard.Facts, cal civil.Calendar) Bounds {
	var b Bounds
	if term == nil {
		if p != nil && p.Fixed && p.End.After(entry) {
			b.Due = p.End
		}
		return b
	}
	at := Moment{Entered: entry, Facts: f, Cal: cal}
	if term.Until != "" {
		b.Due = NotBefore(entry, Settled(term, at.Until(term.Until), cal))
		return b
	}
	from := time.Time{}
	for _, from = range at.Instants(term.From) {
		if !term.Min.IsZero() {
			b.Min = term.Min.After(from, cal)
		}
		if !term.Max.IsZero() {
			b.Max = Settled(term, term.Max.After(from, cal), cal)
		}
	}
	if b.Due = plannedEnd(term, entry, from, p, cal); b.Due.IsZero() {
		return b
	}
	if b.Due.Before(b.Min) {
		b.Due = b.Min
	}
	if !b.Max.IsZero() && b.Due.After(b.Max) {
		b.Due = b.Max
	}
	b.Due = NotBefore(entry, b.Due)
	return b
}

// Promised is the end of a term as people know it: due, or of one that a date had ended
// before it began the end of that date.
func Promised(term *definition.Term, entered, due time.Time, f guard.Facts, cal civil.Calendar) time.Time {
	if !term.Dated() || due.IsZero() || due.After(entered) {
		return due
	}
	return Settled(term, Moment{Facts: f, Cal: cal}.Until(term.Until), cal)
}

// NotBefore is the end of a term that was over before it began: it ends at once,
// and time does not run backwards. A zero end stays so.
func NotBefore(entry, end time.Time) time.Time {
	if !end.IsZero() && end.Before(entry) {
		return entry
	}
	return end
}

// Settled moves an end on a holiday where the term says so.
func Settled(term *definition.Term, end time.Time, cal civil.Calendar) time.Time {
	if term.OnHoliday != definition.HolidayNext || end.IsZero() {
		return end
	}
	return cal.Next(end)
}

// plannedEnd is the end of a term of a length that counts from an instant, zero
// while that is unknown.
func plannedEnd(term *definition.Term, entry, from time.Time, p *Phase, cal civil.Calendar) time.Time {
	length := term.Length
	if p != nil {
		onTime := FixedAnchor(term.From) && !p.Start.IsZero() && civil.DateOf(p.Start, cal.Zone()) == civil.DateOf(entry, cal.Zone())
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
	return Settled(term, length.After(from, cal), cal)
}
