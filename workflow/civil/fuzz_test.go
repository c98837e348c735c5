package civil_test

import (
	"encoding/json"
	"testing"
	"time"

	"arengo/workflow/civil"
)

// What is accepted as a date is that date written as people are told to, can
// be stored and counted on from.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-24", "2024-02-29", "2026-02-29", "0000-01-01", "9999-12-31", "2026-3-4", "2026-03-24T00:00", ""} {
		f.Add(s)
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := civil.ParseDate(s)
		if err != nil {
			return
		}
		if d.String() != s {
			t.Errorf("%q is read as %s", s, d)
		}
		start := d.Start(rome)
		if civil.DateOf(start, rome) != d {
			t.Errorf("%s begins on %s", d, civil.DateOf(start, rome))
		}
		for _, at := range []time.Time{start, civil.Span{Days: 9999}.After(start, civil.Plain(rome)), civil.Span{Days: 9999}.Shift(start, -1, civil.Plain(rome))} {
			if _, err := json.Marshal(at); err != nil || at.Year() < 1 {
				t.Errorf("from %s one comes to %s, which cannot be kept: %v", s, at, err)
			}
		}
	})
}

// A length of time that is accepted is written back the same, and lies ahead.
func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"30d", "20wd", "1wd", "72h", "10m", "0d", "9999d", "10000d", "1", "-1d", "1d2h", "٣d", "1d\n"} {
		f.Add(s)
	}
	begin := time.Date(2026, 10, 24, 13, 0, 0, 0, time.UTC)
	italy := named(f, "italy")
	f.Fuzz(func(t *testing.T, s string) {
		span, err := civil.ParseSpan(s)
		if err != nil {
			return
		}
		if span.String() != s || span.IsZero() || span.Nominal() <= 0 || !span.After(begin, italy).After(begin) || !span.Shift(begin, -1, italy).Before(begin) {
			t.Errorf("%q is read as %+v", s, span)
		}
	})
}

// A day of every year that is accepted is written back the same, and there is
// one in each year.
func FuzzParseMonthDay(f *testing.F) {
	for _, s := range []string{"12-01", "02-28", "02-29", "06-31", "1-1", "00-00", "12-01 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := civil.ParseMonthDay(s)
		if err != nil {
			return
		}
		if m.String() != s {
			t.Errorf("%q is read as %s", s, m)
		}
		if d, err := civil.ParseDate("2027-" + s); err != nil || d.Month != m.Month || d.Day != m.Day {
			t.Errorf("2027 has no %s: %v", m, err)
		}
	})
}
