package ical

import (
	"fmt"
	"time"

	goical "github.com/emersion/go-ical"
)

// Rome is the zone of processes that name none.
const Rome = "Europe/Rome"

// timezone describes a zone in the year of an event. Zones of the European
// Union share two rules since 1996: summer time from the last Sunday of March
// to the last of October, at 01:00 UTC (directive 2000/84/EC). A zone of
// another shape gives nil, and the event is written in UTC.
func timezone(name string, zone *time.Location, at time.Time) *goical.Component {
	year := at.In(zone).Year()
	winterName, winter := time.Date(year, time.January, 15, 12, 0, 0, 0, zone).Zone()
	summerName, summer := time.Date(year, time.July, 15, 12, 0, 0, 0, zone).Zone()
	if summer != winter+3600 || !switches(year, time.March, zone, summer) || !switches(year, time.October, zone, winter) {
		return nil
	}
	c := goical.NewComponent(goical.CompTimezone)
	c.Props.SetText(goical.PropTimezoneID, name)
	// Wall clocks read the old offset when they change.
	forward, back := 3600+winter, 3600+summer
	c.Children = []*goical.Component{
		observance(goical.CompTimezoneDaylight, summerName, "19960331", 3, forward, winter, summer),
		observance(goical.CompTimezoneStandard, winterName, "19961027", 10, back, summer, winter),
	}
	return c
}

// switches reports whether the zone comes to the offset at 01:00 UTC on the
// last Sunday of the month.
func switches(year int, month time.Month, zone *time.Location, offset int) bool {
	last := time.Date(year, month+1, 0, 1, 0, 0, 0, time.UTC)
	sunday := last.AddDate(0, 0, -int(last.Weekday()))
	_, before := sunday.Add(-time.Second).In(zone).Zone()
	_, after := sunday.In(zone).Zone()
	return before != offset && after == offset
}

// observance is one half of a year; the day is the first one of its rule.
func observance(kind, name, day string, month, wall, from, to int) *goical.Component {
	c := goical.NewComponent(kind)
	c.Props.SetText(goical.PropTimezoneName, name)
	raw(c, goical.PropDateTimeStart, fmt.Sprintf("%sT%02d%02d00", day, wall/3600, wall/60%60))
	raw(c, goical.PropTimezoneOffsetFrom, offset(from))
	raw(c, goical.PropTimezoneOffsetTo, offset(to))
	raw(c, goical.PropRecurrenceRule, fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=-1SU", month))
	return c
}

func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
}
