package civil

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
		words = spanWords["it"]
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

// Nominal compares spans of a file with each other, in minutes, a day being 24
// hours. It is for the validator only: instants are never derived from it.
func (s Span) Nominal() int { return (s.Days*24+s.Hours)*60 + s.Minutes }

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
