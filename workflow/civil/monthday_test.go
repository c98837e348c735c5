package civil_test

import (
	"testing"

	"pgregory.net/rapid"

	"arengo/workflow/civil"
)

func windows(t interface{ Fatal(...any) }, days ...string) civil.MonthDays {
	var out civil.MonthDays
	for _, s := range days {
		d, err := civil.ParseMonthDay(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

func TestMonthDays(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "02-29", "02-30", "13-01", "5-31", "05-31-2026", "31-05", "2026-05-31"} {
		if d, err := civil.ParseMonthDay(bad); err == nil {
			t.Errorf("%q is read as %s", bad, d)
		}
	}
	l := windows(t, "01-31", "05-31", "09-30")
	for from, want := range map[string]string{
		"2026-11-23": "2027-01-31", "2027-01-31": "2027-01-31", "2027-02-01": "2027-05-31", "2027-10-01": "2028-01-31", "2028-02-29": "2028-05-31",
	} {
		d, err := civil.ParseDate(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Next(d).String(); got != want {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
	for locale, want := range map[string]string{"it": "31 gennaio, 31 maggio o 30 settembre", "en": "31 January, 31 May or 30 September"} {
		if got := l.Words(locale); got != want {
			t.Errorf("%s: %q", locale, got)
		}
	}
	if got := windows(t, "04-01", "12-01").Words("it"); got != "1° aprile o 1° dicembre" {
		t.Errorf("%q", got)
	}
	if none := civil.MonthDays(nil); none.Words("en") != "" || !none.Has(civil.Date{Year: 2026, Month: 3, Day: 4}) {
		t.Error("no days are every day")
	}
}

// The next date is one of the days, not before, and none lies between.
func TestNextMonthDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := windows(t, rapid.SliceOfN(rapid.SampledFrom([]string{"01-01", "01-31", "02-28", "03-01", "05-31", "12-31"}), 1, 4).Draw(t, "days")...)
		from := civil.Date{Year: 2027, Month: 1, Day: 1}.Add(rapid.IntRange(0, 1500).Draw(t, "from"))
		next := l.Next(from)
		for d := from; d != next; d = d.Add(1) {
			if l.Has(d) || next.Before(d) {
				t.Fatalf("from %s to %s misses %s", from, next, d)
			}
		}
		if !l.Has(next) {
			t.Fatalf("%s is none of %v", next, l)
		}
	})
}
