package civil_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/workflow/civil"
)

func named(t testing.TB, name string) civil.Calendar {
	t.Helper()
	zone := map[string]string{"italy": "Europe/Rome", "ticino": "Europe/Zurich"}[name]
	place, err := civil.Zone(zone)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := civil.Named(name, place)
	if !ok || c.Name() != name {
		t.Fatalf("no calendar %q", name)
	}
	return c
}

func day(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The dates are those of published calendars, the extremes (22 March, 25 April)
// among them.
func TestEaster(t *testing.T) {
	t.Parallel()
	for _, want := range []string{
		"1900-04-15", "1913-03-23", "1943-04-25", "1949-04-17", "1954-04-18", "1961-04-02", "1981-04-19", "2000-04-23", "2008-03-23",
		"2011-04-24", "2016-03-27", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20",
		"2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22",
	} {
		if got := civil.Easter(day(t, want).Year); got.String() != want {
			t.Errorf("Easter is %s, want %s", got, want)
		}
	}
}

func TestEasterIsASundayInItsWindow(t *testing.T) {
	t.Parallel()
	for year := 1900; year <= 2999; year++ {
		d := civil.Easter(year)
		if d.Weekday() != time.Sunday || d.Before(civil.Date{Year: year, Month: 3, Day: 22}) || (civil.Date{Year: year, Month: 4, Day: 25}).Before(d) {
			t.Errorf("Easter of %d is %s, a %s", year, d, d.Weekday())
		}
	}
}

// holidays lists a year's holidays as "01-06 Epifania".
func holidays(c civil.Calendar, year int) []string {
	var out []string
	for d := (civil.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.Add(1) {
		if h, ok := c.Holiday(d); ok {
			out = append(out, d.String()[5:]+" "+h.Title["it"])
		}
	}
	return out
}

func TestHolidaysOfAYear(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"italy": {
			"01-01 Capodanno", "01-06 Epifania", "04-05 Pasqua", "04-06 Lunedì dell’Angelo", "04-25 Anniversario della Liberazione",
			"05-01 Festa del lavoro", "06-02 Festa della Repubblica", "08-15 Assunzione (Ferragosto)", "10-04 San Francesco d’Assisi",
			"11-01 Ognissanti", "12-08 Immacolata Concezione", "12-25 Natale", "12-26 Santo Stefano",
		},
		"ticino": { // as dpsuisse.ch publishes them for 2026
			"01-01 Capodanno", "01-06 Epifania", "03-19 San Giuseppe", "04-06 Lunedì di Pasqua", "05-01 Primo maggio",
			"05-14 Ascensione", "05-25 Lunedì di Pentecoste", "06-04 Corpus Domini", "06-29 San Pietro e Paolo", "08-01 Primo agosto",
			"08-15 Assunzione", "11-01 Ognissanti", "12-08 Immacolata", "12-25 Natale", "12-26 Santo Stefano",
		},
	} {
		if got := holidays(named(t, name), 2026); !slices.Equal(got, want) {
			t.Errorf("%s has %q", name, got)
		}
	}
	if got := holidays(named(t, "italy"), 2025); len(got) != 12 || slices.Contains(got, "10-04 San Francesco d’Assisi") {
		t.Errorf("before L. 151/2025 came into force Italy has %q", got)
	}
}

func TestCalendarsHaveTheirNamesInBothLanguages(t *testing.T) {
	t.Parallel()
	if len(civil.Calendars) != 2 {
		t.Fatalf("calendars %q", civil.Calendars)
	}
	for _, name := range civil.Calendars {
		c, seen := named(t, name), 0
		for d := day(t, "2026-01-01"); d.Year == 2026; d = d.Add(1) {
			h, ok := c.Holiday(d)
			if !ok {
				continue
			}
			seen++
			if h.Title["it"] == "" || h.Title["en"] == "" || c.Why(d, "en") != h.Title["en"] || c.Why(d, "de") != h.Title["it"] {
				t.Errorf("%s: %s is called %q", name, d, h.Title)
			}
		}
		if seen < 13 {
			t.Errorf("%s has %d holidays", name, seen)
		}
	}
}

func TestUnknownCalendarIsPlain(t *testing.T) {
	t.Parallel()
	c, ok := civil.Named("atlantis", rome(t))
	if ok || c.Name() != "" || c.Zone().String() != "Europe/Rome" || !c.Working(day(t, "2026-12-25")) || c.Working(day(t, "2026-12-26")) {
		t.Errorf("got %+v, %v", c, ok)
	}
	if zero := (civil.Calendar{}); zero.Zone() != time.UTC || (civil.Span{Days: 1}).After(utc(t, "2026-01-01T12:00:00Z"), zero) != utc(t, "2026-01-03T00:00:00Z") {
		t.Error("the zero calendar does not count in UTC")
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	siena, err := named(t, "italy").With(civil.MonthDay{Month: time.December, Day: 1})
	if err != nil {
		t.Fatal(err)
	}
	for date, want := range map[string]string{
		"2026-06-01": "", "2026-06-02": "Festa della Repubblica", "2026-06-06": "sabato", "2026-06-07": "domenica", "2026-12-01": "chiusura locale",
	} {
		if got := siena.Why(day(t, date), "it"); got != want || siena.Working(day(t, date)) != (want == "") {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
	if !named(t, "italy").Working(day(t, "2026-12-01")) {
		t.Error("a closed day of one place closes the whole country")
	}
}

func TestClosedDaysAreBounded(t *testing.T) {
	t.Parallel()
	many := make([]civil.MonthDay, 31)
	if _, err := named(t, "italy").With(many...); !errors.Is(err, civil.ErrClosed) {
		t.Errorf("31 closed days: %v", err)
	}
	for _, bad := range []string{"", "02-29", "13-01", "1-1", "12-32", "12-01-01"} {
		if m, err := civil.ParseMonthDay(bad); err == nil {
			t.Errorf("%q was read as %v", bad, m)
		}
	}
	if m, err := civil.ParseMonthDay("12-01"); err != nil || m.String() != "12-01" {
		t.Errorf("%v, %v", m, err)
	}
}

func TestWorkingDayTerm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, calendar, entry, span, want string }{
		{"a week", "italy", "2026-03-02T10:00:00+01:00", "5wd", "2026-03-10T00:00:00+01:00"},
		{"from midnight the day counts", "italy", "2026-03-02T00:00:00+01:00", "5wd", "2026-03-07T00:00:00+01:00"},
		{"entered on a Saturday", "italy", "2026-03-07T12:00:00+01:00", "1wd", "2026-03-10T00:00:00+01:00"},
		{"over Easter and the spring change", "italy", "2026-03-27T12:00:00+01:00", "6wd", "2026-04-08T00:00:00+02:00"},
		{"over the autumn change", "italy", "2026-10-23T12:00:00+02:00", "1wd", "2026-10-27T00:00:00+01:00"},
		{"the year's end", "italy", "2026-12-23T12:00:00+01:00", "6wd", "2027-01-05T00:00:00+01:00"},
		{"Epiphany", "italy", "2027-01-05T12:00:00+01:00", "1wd", "2027-01-08T00:00:00+01:00"},
		{"29 February is a working day in 2028", "italy", "2028-02-28T12:00:00+01:00", "1wd", "2028-03-01T00:00:00+01:00"},
		{"29 February is a Sunday in 2032", "italy", "2032-02-27T12:00:00+01:00", "1wd", "2032-03-02T00:00:00+01:00"},
		{"St Francis, Monday from 2027", "italy", "2027-10-01T12:00:00+02:00", "1wd", "2027-10-06T00:00:00+02:00"},
		{"2 June is none in Ticino", "ticino", "2026-06-01T12:00:00+02:00", "1wd", "2026-06-03T00:00:00+02:00"},
		{"Corpus Christi is in Ticino", "ticino", "2026-06-03T12:00:00+02:00", "1wd", "2026-06-06T00:00:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cal := named(t, c.calendar)
			span, err := civil.ParseSpan(c.span)
			if err != nil {
				t.Fatal(err)
			}
			if got := span.After(utc(t, c.entry), cal); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got.In(cal.Zone()), c.want)
			}
		})
	}
}

func TestWorkingDayShift(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from string
		span, sign int
		want       string
	}{
		{"Friday and one keeps the clock", "2026-03-06T10:00:00+01:00", 1, 1, "2026-03-09T10:00:00+01:00"},
		{"Monday less one", "2026-03-09T10:00:00+01:00", 1, -1, "2026-03-06T10:00:00+01:00"},
		{"across the change of the clocks", "2026-03-27T10:00:00+01:00", 1, 1, "2026-03-30T10:00:00+02:00"},
		{"the end of Friday and one", "2026-03-07T00:00:00+01:00", 1, 1, "2026-03-10T00:00:00+01:00"},
		{"one before the end of Friday", "2026-03-07T00:00:00+01:00", 1, -1, "2026-03-06T00:00:00+01:00"},
		{"one before the end of Sunday", "2026-03-09T00:00:00+01:00", 1, -1, "2026-03-06T00:00:00+01:00"},
		{"from a Sunday", "2026-03-08T17:00:00+01:00", 2, 1, "2026-03-11T00:00:00+01:00"},
		{"back from a holiday", "2026-06-02T17:00:00+02:00", 1, -1, "2026-06-01T00:00:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cal := named(t, "italy")
			if got := (civil.Span{WorkDays: c.span}).Shift(utc(t, c.from), c.sign, cal); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got.In(cal.Zone()), c.want)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, calendar, end, want string }{
		{"the end of a working day stays", "italy", "2026-03-07T00:00:00+01:00", "2026-03-07T00:00:00+01:00"},
		{"a Saturday stays in Italy", "italy", "2026-03-08T00:00:00+01:00", "2026-03-08T00:00:00+01:00"},
		{"a Saturday moves in Ticino", "ticino", "2026-03-08T00:00:00+01:00", "2026-03-10T00:00:00+01:00"},
		{"a Sunday", "italy", "2026-03-09T00:00:00+01:00", "2026-03-10T00:00:00+01:00"},
		{"Easter", "italy", "2026-04-06T00:00:00+02:00", "2026-04-08T00:00:00+02:00"},
		{"a Friday holiday moves to the Saturday in Italy", "italy", "2026-12-26T00:00:00+01:00", "2026-12-29T00:00:00+01:00"},
		{"1 May 2026, a Friday", "italy", "2026-05-02T00:00:00+02:00", "2026-05-03T00:00:00+02:00"},
		{"1 May 2026 in Ticino", "ticino", "2026-05-02T00:00:00+02:00", "2026-05-05T00:00:00+02:00"},
		{"an hour of a holiday", "italy", "2026-06-02T12:00:00+02:00", "2026-06-04T00:00:00+02:00"},
		{"an hour of a working day stays", "italy", "2026-06-03T12:00:00+02:00", "2026-06-03T12:00:00+02:00"},
		{"the Sunday of the spring change", "italy", "2026-03-30T00:00:00+02:00", "2026-03-31T00:00:00+02:00"},
		{"the year's end", "italy", "2027-01-02T00:00:00+01:00", "2027-01-03T00:00:00+01:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cal := named(t, c.calendar)
			if got := cal.Next(utc(t, c.end)); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got.In(cal.Zone()), c.want)
			}
		})
	}
}

// counted draws a calendar of one of the countries, with closed days or none.
func counted(t testing.TB) *rapid.Generator[civil.Calendar] {
	both := []civil.Calendar{named(t, "italy"), named(t, "ticino")}
	return rapid.Custom(func(r *rapid.T) civil.Calendar {
		c := rapid.SampledFrom(both).Draw(r, "calendar")
		closed := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) civil.MonthDay {
			return civil.MonthDay{Month: time.Month(rapid.IntRange(1, 12).Draw(r, "month")), Day: rapid.IntRange(1, 28).Draw(r, "day")}
		}), 0, 4).Draw(r, "closed")
		c, err := c.With(closed...)
		if err != nil {
			r.Fatal(err)
		}
		return c
	})
}

// working counts the working days that lie wholly between two instants.
func working(c civil.Calendar, from, to time.Time) int {
	n := 0
	for d := civil.DateOf(from, c.Zone()); d.Start(c.Zone()).Before(to); d = d.Add(1) {
		if c.Working(d) && !d.Start(c.Zone()).Before(from) && !d.Add(1).Start(c.Zone()).After(to) {
			n++
		}
	}
	return n
}

func TestWorkingDayTermProperties(t *testing.T) {
	t.Parallel()
	instants, calendars := around(t), counted(t)
	rapid.Check(t, func(r *rapid.T) {
		entry, cal := instants.Draw(r, "entry"), calendars.Draw(r, "cal")
		n := rapid.IntRange(1, 60).Draw(r, "n")
		end := civil.Span{WorkDays: n}.After(entry, cal)
		last := civil.DateOf(end.Add(-1), cal.Zone())
		if !end.Equal(last.Add(1).Start(cal.Zone())) {
			r.Fatalf("ends at %s, within a day", end.In(cal.Zone()))
		}
		if !cal.Working(last) {
			r.Fatalf("the last day is %s: %s", last, cal.Why(last, "en"))
		}
		if !cal.Next(end).Equal(end) {
			r.Fatalf("an end on a working day moves to %s", cal.Next(end))
		}
		if got := working(cal, entry, end); got != n {
			r.Fatalf("%d working days inside, want %d", got, n)
		}
		if later := (civil.Span{WorkDays: n + 1}).After(entry, cal); !later.After(end) {
			r.Fatal("a longer term does not end later")
		}
		if later := (civil.Span{WorkDays: n}).After(entry.Add(time.Hour), cal); later.Before(end) {
			r.Fatal("a later entry ends sooner")
		}
		if end.Before(civil.Span{Days: n}.After(entry, cal)) {
			r.Fatal("working days end sooner than civil days")
		}
	})
}

func TestWorkingDayShiftProperties(t *testing.T) {
	t.Parallel()
	instants, calendars := around(t), counted(t)
	rapid.Check(t, func(r *rapid.T) {
		at, cal := instants.Draw(r, "at"), calendars.Draw(r, "cal")
		span := civil.Span{WorkDays: rapid.IntRange(1, 40).Draw(r, "n")}
		later := at.Add(time.Duration(rapid.IntRange(0, 100*3600).Draw(r, "later")) * time.Second)
		for _, sign := range []int{1, -1} {
			to, toLater := span.Shift(at, sign, cal), span.Shift(later, sign, cal)
			if toLater.Before(to) {
				r.Fatalf("sign %d: %s goes to %s and %s to %s", sign, at.In(cal.Zone()), to.In(cal.Zone()), later.In(cal.Zone()), toLater.In(cal.Zone()))
			}
			if sign > 0 != to.After(at) {
				r.Fatalf("sign %d: %s goes to %s", sign, at, to)
			}
		}
		back := span.Shift(at, -1, cal)
		if day := civil.DateOf(back, cal.Zone()); !cal.Working(day) {
			r.Fatalf("back to %s: %s", day, cal.Why(day, "en"))
		}
		// There and back again, from any working day whose clock is not changed.
		if there := span.Shift(at, 1, cal); cal.Working(civil.DateOf(at, cal.Zone())) {
			if again := span.Shift(there, -1, cal); !again.Equal(at) {
				r.Fatalf("%s goes to %s and back to %s", at.In(cal.Zone()), there.In(cal.Zone()), again.In(cal.Zone()))
			}
		}
	})
}

func TestNextProperties(t *testing.T) {
	t.Parallel()
	instants, calendars := around(t), counted(t)
	rapid.Check(t, func(r *rapid.T) {
		at, cal := instants.Draw(r, "at"), calendars.Draw(r, "cal")
		later := at.Add(time.Duration(rapid.IntRange(0, 100*3600).Draw(r, "later")) * time.Second)
		next := cal.Next(at)
		if next.Before(at) || next.Sub(at) > 16*24*time.Hour {
			r.Fatalf("%s moves to %s", at, next)
		}
		if !cal.Next(next).Equal(next) {
			r.Fatalf("%s moves to %s, which moves again", at, next)
		}
		// Ends of whole days keep their order; an hour of a Monday is not moved.
		first, second := civil.Span{Days: 1}.After(at, cal), civil.Span{Days: 1}.After(later, cal)
		if cal.Next(second).Before(cal.Next(first)) {
			r.Fatalf("%s moves to %s, later %s to %s", first, cal.Next(first), second, cal.Next(second))
		}
		if why := cal.Why(civil.DateOf(next.Add(-1), cal.Zone()), "en"); why != "" && why != "Saturday" {
			r.Fatalf("ends on %s", why)
		}
	})
}
