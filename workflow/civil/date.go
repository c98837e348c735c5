// Package civil counts time as people and statutes do: days of the calendar
// and the wall clock of a zone, across its changes.
package civil

import (
	"fmt"
	"time"
)

// Date is a civil date without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// The years that a date may lie in. Terms counted from it stay within what
// databases and JSON can write.
const (
	firstYear = 1900
	lastYear  = 2999
)

// ParseDate reads "2026-03-24", from 1900 to 2999.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return Date{}, fmt.Errorf("%q is no date: write it as 2026-03-24", s)
	}
	return DateOf(t, time.UTC), nil
}

// DateOf is the civil date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// Before reports that d comes before another date.
func (d Date) Before(other Date) bool { return d.String() < other.String() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
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

// Since is how many civil days d comes after another date, negative when it
// comes before.
func (d Date) Since(other Date) int {
	return int(wall(d, 0, 0, 0, 0).Sub(wall(other, 0, 0, 0, 0)) / (24 * time.Hour))
}
