package civil_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/workflow/civil"
)

func rome(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func utc(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestResolveGapAndOverlap(t *testing.T) {
	t.Parallel()
	zone := rome(t)
	for _, c := range []struct{ name, wall, want string }{
		{"winter", "2026-01-10T12:00:00Z", "2026-01-10T11:00:00Z"},
		{"summer", "2026-07-10T12:00:00Z", "2026-07-10T10:00:00Z"},
		{"skipped hour 2026 is an hour later", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"},
		{"skipped hour 2027", "2027-03-28T02:00:00Z", "2027-03-28T01:00:00Z"},
		{"just before the gap", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"},
		{"just after the gap", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
		{"doubled hour is the first", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
		{"just before the overlap", "2026-10-25T01:59:59Z", "2026-10-24T23:59:59Z"},
		{"just after the overlap", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := civil.Resolve(utc(t, c.wall), zone); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDayTermEndsAtLocalMidnight(t *testing.T) {
	t.Parallel()
	zone := rome(t)
	for _, c := range []struct{ name, entry, span, want string }{
		{"rest of the day of entry does not count", "2026-03-01T15:00:00+01:00", "30d", "2026-04-01T00:00:00+02:00"},
		{"entry at midnight counts the day", "2026-04-01T00:00:00+02:00", "30d", "2026-05-01T00:00:00+02:00"},
		{"across spring 2026", "2026-03-28T10:00:00+01:00", "1d", "2026-03-30T00:00:00+02:00"},
		{"across autumn 2026", "2026-10-24T10:00:00+02:00", "1d", "2026-10-26T00:00:00+01:00"},
		{"across spring 2027", "2027-03-27T23:59:59+01:00", "1d", "2027-03-29T00:00:00+02:00"},
		{"leap day", "2028-02-27T12:00:00+01:00", "2d", "2028-03-01T00:00:00+01:00"},
		{"year end", "2026-12-30T12:00:00+01:00", "2d", "2027-01-02T00:00:00+01:00"},
		{"hours are exact in spring", "2026-03-28T10:00:00+01:00", "24h", "2026-03-29T11:00:00+02:00"},
		{"hours are exact in autumn", "2026-10-24T10:00:00+02:00", "24h", "2026-10-25T09:00:00+01:00"},
		{"minutes are exact in spring", "2026-03-29T01:55:00+01:00", "10m", "2026-03-29T03:05:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			span, err := civil.ParseSpan(c.span)
			if err != nil {
				t.Fatal(err)
			}
			if got := span.After(utc(t, c.entry), civil.Plain(zone)); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got.In(zone), c.want)
			}
		})
	}
}

func TestShiftKeepsTheWallClock(t *testing.T) {
	t.Parallel()
	zone := rome(t)
	for _, c := range []struct {
		name, from string
		span       civil.Span
		sign       int
		want       string
	}{
		{"2 days before across spring", "2026-03-30T00:00:00+02:00", civil.Span{Days: 2}, -1, "2026-03-28T00:00:00+01:00"},
		{"48 h before across spring is an hour off the wall", "2026-03-30T00:00:00+02:00", civil.Span{Hours: 48}, -1, "2026-03-27T23:00:00+01:00"},
		{"10 m before", "2026-03-30T00:00:00+02:00", civil.Span{Minutes: 10}, -1, "2026-03-29T23:50:00+02:00"},
		{"2 days before across autumn", "2026-10-26T18:00:00+01:00", civil.Span{Days: 2}, -1, "2026-10-24T18:00:00+02:00"},
		{"into the gap", "2026-03-28T02:30:00+01:00", civil.Span{Days: 1}, 1, "2026-03-29T03:30:00+02:00"},
		{"into the overlap", "2026-10-24T02:30:00+02:00", civil.Span{Days: 1}, 1, "2026-10-25T02:30:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.span.Shift(utc(t, c.from), c.sign, civil.Plain(zone)); !got.Equal(utc(t, c.want)) {
				t.Errorf("got %s, want %s", got.In(zone), c.want)
			}
		})
	}
}

// around draws instants near the three changes of the clocks or anywhere.
func around(t testing.TB) *rapid.Generator[time.Time] {
	changes := []time.Time{
		utc(t, "2026-03-29T01:00:00Z"), utc(t, "2026-10-25T01:00:00Z"), utc(t, "2027-03-28T01:00:00Z"),
	}
	return rapid.Custom(func(r *rapid.T) time.Time {
		base := rapid.SampledFrom(changes).Draw(r, "change")
		if rapid.Bool().Draw(r, "near") {
			return base.Add(time.Duration(rapid.IntRange(-3*86400, 3*86400).Draw(r, "seconds")) * time.Second)
		}
		return base.Add(time.Duration(rapid.IntRange(-500*24, 500*24).Draw(r, "hours")) * time.Hour)
	})
}

func TestDayTermProperties(t *testing.T) {
	t.Parallel()
	zone, instants := rome(t), around(t)
	rapid.Check(t, func(r *rapid.T) {
		entry := instants.Draw(r, "entry")
		n := rapid.IntRange(1, 400).Draw(r, "days")
		end := civil.Span{Days: n}.After(entry, civil.Plain(zone))
		if h, m, s := end.In(zone).Clock(); h != 0 || m != 0 || s != 0 {
			r.Fatalf("ends at %s, not at midnight", end.In(zone))
		}
		if last := end.Add(-time.Second).In(zone).Format(time.TimeOnly); last != "23:59:59" {
			r.Fatalf("the last second is %s", last)
		}
		whole := 0
		for day := civil.DateOf(entry, zone); day.Start(zone).Before(end); day = day.Add(1) {
			if !day.Start(zone).Before(entry) {
				whole++
			}
		}
		if whole != n {
			r.Fatalf("%d whole days inside, want %d", whole, n)
		}
		if longer := (civil.Span{Days: n + 1}).After(entry, civil.Plain(zone)); !longer.After(end) {
			r.Fatalf("a longer term does not end later")
		}
	})
}

func TestShiftProperties(t *testing.T) {
	t.Parallel()
	zone, instants := rome(t), around(t)
	rapid.Check(t, func(r *rapid.T) {
		at := instants.Draw(r, "at")
		span := civil.Span{Days: rapid.IntRange(1, 60).Draw(r, "days")}
		got := span.Shift(at, -1, civil.Plain(zone))
		if want := civil.DateOf(at, zone).Add(-span.Days); civil.DateOf(got, zone) != want {
			r.Fatalf("date %s, want %s", civil.DateOf(got, zone), want)
		}
		was, is := at.In(zone).Format(time.TimeOnly), got.In(zone).Format(time.TimeOnly)
		if skipped := got.In(zone).Hour() == 3 && at.In(zone).Hour() == 2; was != is && !skipped {
			r.Fatalf("wall clock %s became %s", was, is)
		}
	})
}

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "d", "0d", "-3d", "3", "3 d", "3w", "3M", "1.5d", "99999d", "3d4h", "3wd1d", "3w d", "wd", "0wd", "３d"} {
		if s, err := civil.ParseSpan(bad); err == nil {
			t.Errorf("%q was read as %v", bad, s)
		}
	}
	for in, want := range map[string]string{"1d": "1 giorno", "21d": "21 giorni", "1h": "1 ora", "1wd": "1 giorno lavorativo", "20wd": "20 giorni lavorativi", "72h": "72 ore", "1m": "1 minuto", "10m": "10 minuti"} {
		s, err := civil.ParseSpan(in)
		if err != nil || s.Words("it") != want || s.String() != in {
			t.Errorf("%q: %v, %q, %v", in, s, s.Words("it"), err)
		}
	}
	if got := (civil.Span{Days: 1}).Words("en"); got != "1 day" {
		t.Errorf("got %q", got)
	}
	if got := (civil.Span{WorkDays: 20}).Words("en"); got != "20 working days" {
		t.Errorf("got %q", got)
	}
	if week, five := (civil.Span{Days: 7}).Nominal(), (civil.Span{WorkDays: 5}).Nominal(); week != five {
		t.Errorf("five working days are %d minutes, a week %d", five, week)
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	if d, err := civil.ParseDate("2026-02-29"); err == nil {
		t.Errorf("29 February 2026 was read as %v", d)
	}
	if d, err := civil.ParseDate("2026-03-24"); err != nil || d.String() != "2026-03-24" {
		t.Errorf("%v, %v", d, err)
	}
}
