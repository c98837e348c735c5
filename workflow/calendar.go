package workflow

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Span is a length of time: civil days or exact hours, never both. Zero is
// unset.
type Span struct{ Days, Hours int }

var spanForm = regexp.MustCompile(`^([1-9][0-9]{0,3})([dh])$`)

// ParseSpan reads "30d" (civil days) or "72h" (exact hours), at most 9999.
func ParseSpan(s string) (Span, error) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil {
		return Span{}, fmt.Errorf("%q is no length of time: write days as 30d or hours as 72h", s)
	}
	n, _ := strconv.Atoi(m[1])
	if m[2] == "d" {
		return Span{Days: n}, nil
	}
	return Span{Hours: n}, nil
}

// IsZero reports an unset span.
func (s Span) IsZero() bool { return s == Span{} }

// String is the written form; "" when unset.
func (s Span) String() string {
	switch {
	case s.Days != 0:
		return fmt.Sprintf("%dd", s.Days)
	case s.Hours != 0:
		return fmt.Sprintf("%dh", s.Hours)
	}
	return ""
}

// Words spells the span in Italian or English: "21 giorni", "1 hour".
func (s Span) Words(locale string) string {
	n, one, many := s.Days, "giorno", "giorni"
	if s.Hours != 0 {
		n, one, many = s.Hours, "ora", "ore"
	}
	if locale == "en" {
		if one, many = "day", "days"; s.Hours != 0 {
			one, many = "hour", "hours"
		}
	}
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// nominal compares spans of a file with each other, a day being 24 hours. It
// is for the validator only: instants are never derived from it.
func (s Span) nominal() int { return s.Days*24 + s.Hours }

// After is the instant at which a term of this length ends when it begins at
// entry. Hours are exact. Days are whole civil days of the zone: the rest of
// the day of entry does not count (as in art. 2963 of the Italian civil code)
// unless the entry is the first instant of its day, and the end is half-open,
// at the first instant of the following day: shown as 23:59.
func (s Span) After(entry time.Time, zone *time.Location) time.Time {
	if s.Days == 0 {
		return entry.Add(time.Duration(s.Hours) * time.Hour).UTC()
	}
	day := DateOf(entry, zone)
	if !day.Start(zone).Equal(entry) {
		day = day.Add(1)
	}
	return day.Add(s.Days).Start(zone)
}

// Shift moves an instant by the span: hours exactly, days on the calendar with
// the wall clock kept, also across a change of the clocks. A negative sign
// moves back.
func (s Span) Shift(t time.Time, sign int, zone *time.Location) time.Time {
	if s.Days == 0 {
		return t.Add(time.Duration(sign*s.Hours) * time.Hour).UTC()
	}
	l := t.In(zone)
	return Resolve(wall(DateOf(t, zone).Add(sign*s.Days), l.Hour(), l.Minute(), l.Second(), l.Nanosecond()), zone)
}

// Date is a civil date without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-03-24".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date: write it as 2026-03-24", s)
	}
	return DateOf(t, time.UTC), nil
}

// DateOf is the civil date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// String is the ISO form.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Add counts civil days forwards or, negative, backwards.
func (d Date) Add(days int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+days, 12, 0, 0, 0, time.UTC), time.UTC)
}

// Start is the first instant of the day in a zone.
func (d Date) Start(zone *time.Location) time.Time { return Resolve(wall(d, 0, 0, 0, 0), zone) }

// At is the instant of a wall time on this day, see Resolve.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	return Resolve(wall(d, hour, minute, 0, 0), zone)
}

func wall(d Date, hour, minute, second, nano int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, second, nano, time.UTC)
}

// Resolve turns a wall time, given as the same figures in UTC, into an instant
// in UTC. Where clocks skip it (02:30 on the last Sunday of March in Rome) it
// is read with the offset before the change, so it comes out an hour later on
// the wall (03:30). Where it happens twice (02:30 in October) it is the first.
func Resolve(w time.Time, zone *time.Location) time.Time {
	_, before := w.Add(-24 * time.Hour).In(zone).Zone()
	_, after := w.Add(24 * time.Hour).In(zone).Zone()
	first := w.Add(-time.Duration(before) * time.Second)
	if before == after || sameWall(first, w, zone) {
		return first
	}
	if second := w.Add(-time.Duration(after) * time.Second); sameWall(second, w, zone) {
		return second
	}
	return first
}

func sameWall(t, w time.Time, zone *time.Location) bool {
	_, offset := t.In(zone).Zone()
	return t.Add(time.Duration(offset) * time.Second).Equal(w)
}

// wallOf is the inverse of Resolve: the figures on the wall, kept as UTC.
func wallOf(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// backTo is the last wall time hour:minute not after t.
func backTo(t time.Time, hour, minute int, zone *time.Location) time.Time {
	day := DateOf(t, zone)
	if at := day.At(hour, minute, zone); !at.After(t) {
		return at
	}
	return day.Add(-1).At(hour, minute, zone)
}

// bounds are the instants of a state's term, counted from entry. Zero is unset.
type bounds struct{ min, due, max time.Time }

// termBounds places a term. An anchored term ends at its anchor, when that is
// known. A planned phase with a fixed end keeps it; one that is entered on its
// planned day keeps its planned end; otherwise its length counts from entry.
// Whatever the plan says, the end stays within the minimum and the maximum.
func termBounds(term *Term, entry time.Time, p *PlannedPhase, f Facts, zone *time.Location) bounds {
	var b bounds
	if term == nil {
		if p != nil && p.Fixed && p.End.After(entry) {
			b.due = p.End
		}
		return b
	}
	if !term.Min.IsZero() {
		b.min = term.Min.After(entry, zone)
	}
	if !term.Max.IsZero() {
		b.max = term.Max.After(entry, zone)
	}
	b.due = plannedEnd(term, entry, p, f, zone)
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

func plannedEnd(term *Term, entry time.Time, p *PlannedPhase, f Facts, zone *time.Location) time.Time {
	if term.Until != "" {
		return f.anchor(term.Until)
	}
	length := term.Length
	if p != nil {
		onTime := !p.Start.IsZero() && DateOf(p.Start, zone) == DateOf(entry, zone)
		if (p.Fixed || onTime) && p.End.After(entry) {
			return p.End
		}
		if p.Days > 0 {
			length = Span{Days: p.Days}
		}
	}
	if length.IsZero() {
		return time.Time{}
	}
	return length.After(entry, zone)
}

// anchor is the instant that ends a term: the first of meeting, the last of
// any other; zero while it is unknown.
func (f Facts) anchor(name string) time.Time {
	var out time.Time
	for _, t := range f.Anchors[name] {
		if out.IsZero() || (name == "meeting" && t.Before(out)) || (name != "meeting" && t.After(out)) {
			out = t.UTC()
		}
	}
	return out
}
