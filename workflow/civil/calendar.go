package civil

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Calendar is where and how days are counted: the zone of the clock, the public
// holidays, and the further days on which the offices of a place are closed.
// It is immutable and safe for concurrent use. The zero Calendar is UTC without
// holidays.
type Calendar struct {
	name     string
	zone     *time.Location
	holidays []Holiday
	closed   []MonthDay
	saturday bool // a term that ends on a Saturday is moved as well
}

// MonthDay is a day that comes back each year, such as a patron's: 12-01.
type MonthDay struct {
	Month time.Month
	Day   int
}

// maxClosed bounds the closed days of a place, so that there are always working
// days ahead.
const maxClosed = 30

// ErrClosed says that a place closes on more days than a calendar takes, 30.
var ErrClosed = errors.New("civil: more than 30 closed days a year")

// Calendars are the names of the calendars that Named knows.
var Calendars = []string{"italy", "ticino"}

// Plain is the calendar of a zone without public holidays.
func Plain(zone *time.Location) Calendar { return Calendar{zone: zone} }

// Named gives one of Calendars in a zone. An unknown name, or none, gives Plain
// and false.
//
// A term that ends on a holiday moves to the next day that is none (Next). In
// Italy a Saturday is no holiday for that: art. 2963, third paragraph, of the
// civil code says "giorno festivo", and art. 155, fifth paragraph, of the code
// of civil procedure, which adds the Saturday, is for acts before a court. In
// Ticino it is one: Legge che disciplina la scadenza dei termini of 10 December
// 1964, art. 2, third paragraph ("in sabato, in domenica o in un giorno
// ufficialmente riconosciuto come festivo"). LPAmm art. 13, for administrative
// proceedings, is recalled to say the same and was not read.
func Named(name string, zone *time.Location) (Calendar, bool) {
	switch name {
	case "italy":
		return Calendar{name: name, zone: zone, holidays: italian}, true
	case "ticino":
		return Calendar{name: name, zone: zone, holidays: ticinese, saturday: true}, true
	}
	return Plain(zone), false
}

// With adds days on which the offices are closed, such as the local patron's.
// More than 30 in all give ErrClosed.
func (c Calendar) With(closed ...MonthDay) (Calendar, error) {
	all := slices.Concat(c.closed, closed)
	if len(all) > maxClosed {
		return c, ErrClosed
	}
	c.closed = all
	return c, nil
}

// Name is that of Calendars, "" for a plain one.
func (c Calendar) Name() string { return c.name }

// Zone is that of the clock, UTC for the zero Calendar.
func (c Calendar) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Holiday finds the public holiday of a date. Sundays and closed days have no
// name and are not found.
func (c Calendar) Holiday(d Date) (Holiday, bool) {
	for _, h := range c.holidays {
		if h.falls(d) {
			return h, true
		}
	}
	return Holiday{}, false
}

// Working reports a working day: not Saturday or Sunday, no public holiday, no
// closed day.
func (c Calendar) Working(d Date) bool {
	return d.Weekday() != time.Saturday && !c.idle(d)
}

// idle reports a Sunday, a public holiday or a closed day.
func (c Calendar) idle(d Date) bool {
	if d.Weekday() == time.Sunday || slices.Contains(c.closed, MonthDay{d.Month, d.Day}) {
		return true
	}
	_, holiday := c.Holiday(d)
	return holiday
}

// The words of days without a name of their own, by locale.
var idleWords = map[string]map[string]string{
	"saturday": {"it": "sabato", "en": "Saturday"},
	"sunday":   {"it": "domenica", "en": "Sunday"},
	"closed":   {"it": "chiusura locale", "en": "local closure"},
}

// Why says in Italian or English why a date is no working day: the name of its
// holiday, "domenica", "sabato", "chiusura locale"; "" when it is one.
func (c Calendar) Why(d Date, locale string) string {
	if c.Working(d) {
		return ""
	}
	words := idleWords["closed"]
	if h, ok := c.Holiday(d); ok {
		words = h.Title
	} else if d.Weekday() == time.Sunday {
		words = idleWords["sunday"]
	} else if d.Weekday() == time.Saturday {
		words = idleWords["saturday"]
	}
	if word, ok := words[locale]; ok {
		return word
	}
	return words["it"]
}

// Next moves an end that falls on a Sunday, a public holiday or a closed day to
// the end of the next day that is none, half-open: the first instant after it.
// Saturdays move too where the law of the calendar says so, see Named. The day
// of an end is that of its last instant: 00:00 belongs to the day before. Other
// ends are given back as they are.
func (c Calendar) Next(end time.Time) time.Time {
	last := DateOf(end.Add(-1), c.Zone())
	if !c.moves(last) {
		return end.UTC()
	}
	for c.moves(last) {
		last = last.Add(1)
	}
	return last.Add(1).Start(c.Zone())
}

func (c Calendar) moves(d Date) bool {
	return c.idle(d) || c.saturday && d.Weekday() == time.Saturday
}

// step is the nth working day after a date or, with sign -1, before it.
func (c Calendar) step(d Date, n, sign int) Date {
	for n > 0 {
		if d = d.Add(sign); c.Working(d) {
			n--
		}
	}
	return d
}

// MonthDayPattern is the written form of a day of every year, for the schema.
const MonthDayPattern = `^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

// ParseMonthDay reads "12-01", month and day. 29 February is refused: it does
// not come every year.
func ParseMonthDay(s string) (MonthDay, error) {
	t, err := time.Parse("01-02", s)
	if err != nil || t.Month() == time.February && t.Day() == 29 {
		return MonthDay{}, fmt.Errorf("%q is no day of every year: write month and day as 12-01", s)
	}
	return MonthDay{t.Month(), t.Day()}, nil
}

// String is the written form, "12-01".
func (m MonthDay) String() string { return fmt.Sprintf("%02d-%02d", m.Month, m.Day) }
