package civil

import "time"

// Rest is a suspension that is over, from an instant to another. One whose clock ran
// back lasted nothing.
type Rest struct{ From, To time.Time }

// Days are its civil days.
func (r Rest) Days(cal Calendar) int {
	return max(0, DateOf(r.To, cal.Zone()).Since(DateOf(r.From, cal.Zone())))
}

// Delay is an instant as much later as the suspension lasted in the unit of what the
// instant was counted by: working days of it for working days, to the minute for hours,
// else civil days. A zero instant stays zero.
func (r Rest) Delay(t time.Time, unit Span, cal Calendar) time.Time {
	switch {
	case t.IsZero():
		return t
	case unit.Exact():
		return t.Add(max(0, r.To.Sub(r.From))).UTC()
	case unit.WorkDays == 0:
		return Span{Days: r.Days(cal)}.Shift(t, 1, cal).UTC()
	}
	n := 0
	for d := DateOf(r.From, cal.Zone()); d.Before(DateOf(r.To, cal.Zone())); d = d.Add(1) {
		if cal.Working(d) {
			n++
		}
	}
	return Span{WorkDays: n}.Shift(t, 1, cal).UTC()
}
