package civil

import (
	"time"
)

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

// WallOf is the inverse of Resolve: the figures on the wall, kept as UTC.
func WallOf(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// BackTo is the last wall time hour:minute not after t.
func BackTo(t time.Time, hour, minute int, zone *time.Location) time.Time {
	day := DateOf(t, zone)
	if at := day.At(hour, minute, zone); !at.After(t) {
		return at
	}
	return day.Add(-1).At(hour, minute, zone)
}
