package outlook_test

import (
	"testing"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

func TestTermBounds(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	cal, _ := civil.Named("italy", rome)
	at := func(wall string) time.Time {
		if wall == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04", wall, rome)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	facts := guard.Facts{
		Process: guard.ProcessFacts{Dates: map[string]time.Time{"call": at("2026-03-02 00:00")}},
		Anchors: map[string][]time.Time{"state:draft": {at("2026-02-02 09:00")}, "meeting": {at("2026-04-01 18:00"), at("2026-03-01 18:00")}},
	}
	days := func(n int) civil.Span { return civil.Span{Days: n} }
	for _, c := range []struct {
		name          string
		term          definition.Term
		min, due, max string
	}{
		{"from its entry", definition.Term{Length: days(10), Min: days(5), Max: days(20)}, "2026-03-16 00:00", "2026-03-21 00:00", "2026-03-31 00:00"},
		{"from entry by name", definition.Term{Length: days(10), From: "entry"}, "", "2026-03-21 00:00", ""},
		{"from a date", definition.Term{Length: days(20), Min: days(5), From: "date:call"}, "2026-03-07 00:00", "2026-03-22 00:00", ""},
		{"from a day", definition.Term{Length: days(1), From: "day:2026-04-01"}, "", "2026-04-02 00:00", ""},
		{"from a state", definition.Term{Length: days(60), From: "state:draft"}, "", "2026-04-04 00:00", ""},
		{"from what is unknown", definition.Term{Length: days(20), Min: days(5), From: "date:other"}, "", "", ""},
		{"over before it began", definition.Term{Length: days(2), From: "date:call"}, "", "2026-03-10 10:00", ""},
		{"until a day", definition.Term{Until: "day:2026-03-30"}, "", "2026-03-31 00:00", ""},
		{"until the change of clocks", definition.Term{Until: "day:2026-03-28"}, "", "2026-03-29 00:00", ""},
		{"until a past date", definition.Term{Until: "date:call"}, "", "2026-03-10 10:00", ""},
		{"until an unknown date", definition.Term{Until: "date:other"}, "", "", ""},
		{"until the first meeting", definition.Term{Until: "meeting"}, "", "2026-03-10 10:00", ""},
		{"in working days", definition.Term{Length: civil.Span{WorkDays: 3}}, "", "2026-03-14 00:00", ""},
		{"on a Sunday, kept", definition.Term{Length: days(12)}, "", "2026-03-23 00:00", ""},
		{"on a Sunday, moved", definition.Term{Length: days(12), OnHoliday: definition.HolidayNext}, "", "2026-03-24 00:00", ""},
		{"the maximum moves along", definition.Term{Length: days(12), Max: days(12), OnHoliday: definition.HolidayNext}, "", "2026-03-24 00:00", "2026-03-24 00:00"},
		{"until Easter, moved over its Monday", definition.Term{Until: "day:2026-04-05", OnHoliday: definition.HolidayNext}, "", "2026-04-08 00:00", ""},
	} {
		got := outlook.TermBounds(&c.term, at("2026-03-10 10:00"), nil, facts, cal)
		if want := (outlook.Bounds{Min: at(c.min), Due: at(c.due), Max: at(c.max)}); got != want {
			t.Errorf("%s: %s, %s, %s, want %s, %s, %s", c.name, got.Min.In(rome), got.Due.In(rome), got.Max.In(rome), c.min, c.due, c.max)
		}
	}
}
