package workflow

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Span is a length of time: civil days, exact hours or exact minutes, one of
// the three. Zero is unset.
type Span struct{ Days, Hours, Minutes int }

var spanForm = regexp.MustCompile(`^([1-9][0-9]{0,3})([dhm])$`)

// ParseSpan reads "30d" (civil days), "72h" (exact hours) or "10m" (exact
// minutes), at most 9999.
func ParseSpan(s string) (Span, error) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil {
		return Span{}, fmt.Errorf("%q is no length of time: write days as 30d, hours as 72h or minutes as 10m", s)
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "d":
		return Span{Days: n}, nil
	case "h":
		return Span{Hours: n}, nil
	}
	return Span{Minutes: n}, nil
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
	case s.Minutes != 0:
		return fmt.Sprintf("%dm", s.Minutes)
	}
	return ""
}

// spanWords are the units by locale, one and many: days, hours, minutes.
var spanWords = map[string][3][2]string{
	"it": {{"giorno", "giorni"}, {"ora", "ore"}, {"minuto", "minuti"}},
	"en": {{"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}},
}

// Words spells the span in Italian or English: "21 giorni", "1 hour".
func (s Span) Words(locale string) string {
	words, ok := spanWords[locale]
	if !ok {
		words = spanWords[Locales[0]]
	}
	n, unit := s.Days, words[0]
	switch {
	case s.Hours != 0:
		n, unit = s.Hours, words[1]
	case s.Minutes != 0:
		n, unit = s.Minutes, words[2]
	}
	if n == 1 {
		return "1 " + unit[0]
	}
	return fmt.Sprintf("%d %s", n, unit[1])
}

// nominal compares spans of a file with each other, in minutes, a day being 24
// hours. It is for the validator only: instants are never derived from it.
func (s Span) nominal() int { return (s.Days*24+s.Hours)*60 + s.Minutes }

// exact is the part that no calendar changes.
func (s Span) exact() time.Duration {
	return time.Duration(s.Hours)*time.Hour + time.Duration(s.Minutes)*time.Minute
}

// After is the instant at which a term of this length ends when it begins at
// entry. Hours and minutes are exact. Days are whole civil days of the zone: the rest of
// the day of entry does not count (as in art. 2963 of the Italian civil code)
// unless the entry is the first instant of its day, and the end is half-open,
// at the first instant of the following day: shown as 23:59.
func (s Span) After(entry time.Time, zone *time.Location) time.Time {
	if s.Days == 0 {
		return entry.Add(s.exact()).UTC()
	}
	day := DateOf(entry, zone)
	if !day.Start(zone).Equal(entry) {
		day = day.Add(1)
	}
	return day.Add(s.Days).Start(zone)
}

// Shift moves an instant by the span: hours and minutes exactly, days on the calendar with
// the wall clock kept, also across a change of the clocks. A negative sign
// moves back.
func (s Span) Shift(t time.Time, sign int, zone *time.Location) time.Time {
	if s.Days == 0 {
		return t.Add(time.Duration(sign) * s.exact()).UTC()
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

// PlannedPhase is one state on the plan. Start and End are instants in UTC,
// half-open: a day term ends at 00:00, in the definition's zone, of the next
// day. End is zero for a state that lasts until an anchor. Days overrides the
// length of the definition when it is not zero; Fixed makes End the deadline
// whenever the state is entered.
type PlannedPhase struct {
	State      string
	Title      Text
	Start, End time.Time
	Source     TermSource
	Days       int
	Fixed      bool

	StartedAt, EndedAt time.Time // what happened; zero until it did
	Reason             string    // of the transition that ended it
}

// TermSource says where a planned end comes from.
type TermSource string

// The sources of a planned end.
const (
	SourceDefinition TermSource = "definition" // the length the definition gives
	SourceOverride   TermSource = "override"   // days chosen in the wizard
	SourceFixed      TermSource = "fixed"      // a date chosen in the wizard
	SourceAnchor     TermSource = "anchor"     // a meeting
	SourceNone       TermSource = "none"       // the state has no term
)

// Plan lays the main path (states in file order, final ones left out) out from
// the first instant of a civil date, each phase beginning where the one before
// ends. overrides gives lengths in days by state; they are taken as they are,
// see CheckPlan.
func Plan(def *Compiled, start Date, overrides map[string]int) []PlannedPhase {
	at := start.Start(def.Location)
	var out []PlannedPhase
	for _, s := range def.States {
		if s.Final {
			continue
		}
		p := PlannedPhase{State: s.Name, Title: s.Title, Start: at, End: at, Source: SourceNone}
		switch days := overrides[s.Name]; {
		case s.Term != nil && s.Term.Until != "":
			p.Source, p.End = SourceAnchor, time.Time{}
		case days > 0:
			p.Source, p.Days, p.End = SourceOverride, days, Span{Days: days}.After(at, def.Location)
		case s.Term != nil && !s.Term.Length.IsZero():
			p.Source, p.End = SourceDefinition, s.Term.Length.After(at, def.Location)
		}
		out = append(out, p)
		if !p.End.IsZero() {
			at = p.End
		}
	}
	return out
}

// PlanProblem is a planned length outside its term. Limit is the minimum or
// the maximum that it breaks.
type PlanProblem struct {
	State   string
	Below   bool // below the minimum; else above the maximum
	Limit   Span
	LimitAt time.Time // the planned end at that limit
}

// CheckPlan lists the phases that are shorter or longer than their terms.
func CheckPlan(def *Compiled, plan []PlannedPhase) []PlanProblem {
	var out []PlanProblem
	for _, p := range plan {
		s, ok := def.State(p.State)
		if !ok || s.Term == nil || p.End.IsZero() {
			continue
		}
		if min := s.Term.Min; !min.IsZero() && p.End.Before(min.After(p.Start, def.Location)) {
			out = append(out, PlanProblem{p.State, true, min, min.After(p.Start, def.Location)})
		}
		if max := s.Term.Max; !max.IsZero() && p.End.After(max.After(p.Start, def.Location)) {
			out = append(out, PlanProblem{p.State, false, max, max.After(p.Start, def.Location)})
		}
	}
	return out
}

// Move is one date that changes: a deadline by its name or a phase by its
// state. A zero Old is new, a zero New is gone.
type Move struct {
	Name     string
	Old, New time.Time
}

// Moves lists the phases whose end differs between two plans, in the order of
// the new one, those that are gone last.
func Moves(before, after []PlannedPhase) []Move {
	ends := make(map[string]time.Time, len(before))
	for _, p := range before {
		ends[p.State] = p.End
	}
	var out []Move
	seen := make(map[string]bool, len(after))
	for _, p := range after {
		seen[p.State] = true
		if old, ok := ends[p.State]; !ok || !old.Equal(p.End) {
			out = append(out, Move{Name: p.State, Old: old, New: p.End})
		}
	}
	for _, p := range before {
		if !seen[p.State] {
			out = append(out, Move{Name: p.State, Old: p.End})
		}
	}
	return out
}
