package civil

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Span is a length of time: civil days, working days, exact hours or exact
// minutes, one of the four. Zero is unset.
type Span struct{ Days, WorkDays, Hours, Minutes int }

// SpanPattern is the written form of a span.
const SpanPattern = `^([1-9][0-9]{0,3})(d|wd|h|m)$`

var spanForm = regexp.MustCompile(SpanPattern)

// ParseSpan reads "30d" (civil days), "20wd" (working days), "72h" (exact
// hours) or "10m" (exact minutes), at most 9999.
func ParseSpan(s string) (Span, error) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil {
		return Span{}, fmt.Errorf("%q is no length of time: write days as 30d, working days as 20wd, hours as 72h or minutes as 10m", s)
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "d":
		return Span{Days: n}, nil
	case "wd":
		return Span{WorkDays: n}, nil
	case "h":
		return Span{Hours: n}, nil
	}
	return Span{Minutes: n}, nil
}

// IsZero reports an unset span.
func (s Span) IsZero() bool { return s == Span{} }

// count is the number of the span and the place of its unit among the units.
func (s Span) count() (n, unit int) {
	for i, n := range [...]int{s.Days, s.WorkDays, s.Hours, s.Minutes} {
		if n != 0 {
			return n, i
		}
	}
	return 0, 0
}

// The units in the order of Span's fields: as written, and as words of a locale
// for one and for many.
var (
	spanSigns = [...]string{"d", "wd", "h", "m"}
	spanWords = map[string][4][2]string{
		"it": {{"giorno", "giorni"}, {"giorno lavorativo", "giorni lavorativi"}, {"ora", "ore"}, {"minuto", "minuti"}},
		"en": {{"day", "days"}, {"working day", "working days"}, {"hour", "hours"}, {"minute", "minutes"}},
	}
)

// String is the written form; "" when unset.
func (s Span) String() string {
	if s.IsZero() {
		return ""
	}
	n, unit := s.count()
	return strconv.Itoa(n) + spanSigns[unit]
}

// Words spells the span in Italian or English: "21 giorni", "1 working day".
func (s Span) Words(locale string) string {
	words, ok := spanWords[locale]
	if !ok {
		words = spanWords["it"]
	}
	n, unit := s.count()
	if n == 1 {
		return "1 " + words[unit][0]
	}
	return fmt.Sprintf("%d %s", n, words[unit][1])
}

// Nominal compares spans of a file with each other, in minutes, a day being 24
// hours and five working days a week. It is for the validator only: instants are
// never derived from it.
func (s Span) Nominal() int {
	return (s.Days*24+s.Hours)*60 + s.Minutes + s.WorkDays*(7*24*60)/5
}

// Exact reports hours or minutes, which no calendar changes.
func (s Span) Exact() bool { return s.Hours != 0 || s.Minutes != 0 }

// exact is the part that no calendar changes.
func (s Span) exact() time.Duration {
	return time.Duration(s.Hours)*time.Hour + time.Duration(s.Minutes)*time.Minute
}

// After is the instant at which a term of this length ends when it begins at
// entry. Hours and minutes are exact. Days are whole civil days of the calendar's
// zone, working days those of them that the calendar counts as such: the rest of
// the day of entry does not count (as in art. 2963 of the Italian civil code)
// unless the entry is the first instant of its day, and the end is half-open,
// at the first instant after the last day: shown as 23:59. So the last day of a
// term of working days is always a working day.
func (s Span) After(entry time.Time, cal Calendar) time.Time {
	if s.Days == 0 && s.WorkDays == 0 {
		return entry.Add(s.exact()).UTC()
	}
	day := DateOf(entry, cal.Zone())
	if !day.Start(cal.Zone()).Equal(entry) {
		day = day.Add(1)
	}
	if s.WorkDays == 0 {
		return day.Add(s.Days).Start(cal.Zone())
	}
	return cal.step(day.Add(-1), s.WorkDays, 1).Add(1).Start(cal.Zone())
}

// Shift moves an instant by the span: hours and minutes exactly, days on the
// calendar with the wall clock kept, also across a change of the clocks. A
// negative sign moves back.
//
// Working days are moved by so that just so many of them lie between the two
// instants: the first such instant forwards, the last one backwards. From within
// a working day the wall clock is kept (Friday 10:00 and one is Monday 10:00);
// from 00:00 or from a day that does not count it comes out at 00:00 (a term
// that ended with Friday, Saturday 00:00, and one is the end of Monday; one
// before it is the beginning of Friday).
func (s Span) Shift(t time.Time, sign int, cal Calendar) time.Time {
	if s.Days == 0 && s.WorkDays == 0 {
		return t.Add(time.Duration(sign) * s.exact()).UTC()
	}
	zone := cal.Zone()
	l, day := t.In(zone), DateOf(t, zone)
	to := day.Add(sign * s.Days)
	if s.WorkDays != 0 {
		whole := !cal.Working(day) || day.Start(zone).Equal(t)
		switch {
		case whole && sign > 0:
			return cal.step(day.Add(-1), s.WorkDays, 1).Add(1).Start(zone)
		case whole:
			return cal.step(day, s.WorkDays, -1).Start(zone)
		}
		to = cal.step(day, s.WorkDays, sign)
	}
	return Resolve(wall(to, l.Hour(), l.Minute(), l.Second(), l.Nanosecond()), zone)
}
