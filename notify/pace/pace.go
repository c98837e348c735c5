// Package pace says at which hours people are written to, and how often: quiet
// hours, so many messages a day, and when digests are due. It knows no database
// and no clock of its own.
package pace

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Rules are the customs of one site. The zero value knows no quiet hours and no
// limit, and lives in Rome.
type Rules struct {
	// QuietFrom and QuietUntil are times of day, as spans since midnight by the
	// civil clock: between them nobody is written to without need. The same twice
	// is no quiet hours; a From after Until goes over midnight.
	QuietFrom, QuietUntil time.Duration
	// PerDay is how many messages that may be refused a person gets at most on a
	// civil day; 0 is no limit.
	PerDay int
	// Zone is where days and digests are counted; nil is Europe/Rome.
	Zone *time.Location
}

// Default is what holds where nobody says otherwise.
var Default = Rules{QuietFrom: 21 * time.Hour, QuietUntil: 8 * time.Hour, PerDay: 3}

// Digests go out in these hours of the day: from the first, and until the last
// where a run was missed.
const (
	digestFrom  = 8
	digestUntil = 20
)

// Clock reads a time of day such as 21:00 as the span since midnight.
func Clock(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, errors.New("no time of day")
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// Location gives the zone of a name, that of the rules for "" and for a name that
// nobody knows.
func (r Rules) Location(name string) *time.Location {
	if loc, ok := load(name); ok {
		return loc
	}
	if r.Zone != nil {
		return r.Zone
	}
	if loc, ok := load("Europe/Rome"); ok {
		return loc
	}
	return time.UTC // a machine without zone data; the program embeds it
}

// zones keeps what LoadLocation would read from a file for each message.
var zones sync.Map

func load(name string) (*time.Location, bool) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), true
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, false
	}
	zones.Store(name, loc)
	return loc, true
}

// Quiet gives the end of the quiet hours in which an instant falls in a zone, the
// zero time where it falls in none.
func (r Rules) Quiet(at time.Time, zone *time.Location) time.Time {
	if r.QuietFrom == r.QuietUntil {
		return time.Time{}
	}
	// By instants, not by spans: on the days of the clocks a night has another length.
	for _, days := range []int{-1, 0} {
		begin, end := r.on(at, zone, days, r.QuietFrom), r.on(at, zone, days, r.QuietUntil)
		if r.QuietUntil < r.QuietFrom {
			end = r.on(at, zone, days+1, r.QuietUntil)
		}
		if !at.Before(begin) && at.Before(end) {
			return end
		}
	}
	return time.Time{}
}

// Today is when the civil day of an instant began.
func (r Rules) Today(at time.Time) time.Time { return r.on(at, r.Location(""), 0, 0) }

// Tomorrow is the first instant of the day after at which one may write in a zone.
func (r Rules) Tomorrow(at time.Time, zone *time.Location) time.Time {
	next := r.on(at, r.Location(""), 1, 0)
	if end := r.Quiet(next, zone); !end.IsZero() {
		return end
	}
	return next
}

// Daily is when the next daily digest after an instant is due.
func (r Rules) Daily(at time.Time) time.Time {
	for days := 0; ; days++ {
		if due := r.on(at, r.Location(""), days, digestFrom*time.Hour); due.After(at) {
			return due
		}
	}
}

// Weekly is when the next weekly digest after an instant is due, on a Monday.
func (r Rules) Weekly(at time.Time) time.Time {
	due := r.Daily(at)
	for due.In(r.Location("")).Weekday() != time.Monday {
		due = r.Daily(due)
	}
	return due
}

// Digest reports whether digests go out at an instant, and names its civil day.
func (r Rules) Digest(at time.Time) (day string, now bool) {
	local := at.In(r.Location(""))
	return local.Format(time.DateOnly), local.Hour() >= digestFrom && local.Hour() < digestUntil
}

// on is a time of day so many days after that of an instant. A time that the
// clocks leave out is an hour later.
func (r Rules) on(at time.Time, zone *time.Location, days int, clock time.Duration) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d+days, int(clock.Hours()), int(clock.Minutes())%60, 0, 0, zone)
}

// String says the quiet hours as an operator writes them: "21:00-08:00", or "no".
func (r Rules) String() string {
	if r.QuietFrom == r.QuietUntil {
		return "no"
	}
	at := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	return at(r.QuietFrom) + "-" + at(r.QuietUntil)
}
