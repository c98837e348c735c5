package page_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/web/page"
)

func words(lang string, now time.Time) page.Words {
	return page.Base{Lang: lang, Now: now}.Words()
}

func TestDates(t *testing.T) {
	t.Parallel()
	now := rome(time.November, 23, 9, 10)
	first := rome(time.October, 1, 17, 5).UTC()
	end := rome(time.November, 30, 0, 0).UTC()
	it, en := words("it", now), words("en", now)
	cases := []struct{ name, got, want string }{
		{"full", it.Date(end), "lunedì 30 novembre 2026"},
		{"first of the month in prose", it.Date(first), "giovedì 1° ottobre 2026"},
		{"first of the month in tables", it.Short(first), "gio 1 ott"},
		{"other year in tables", it.Short(rome(time.March, 29, 8, 0)), "lun 29 mar 2027"},
		{"with time", it.DateTime(first), "giovedì 1° ottobre 2026 alle 17:05"},
		{"with time, english", en.DateTime(first), "Thursday 1 October 2026 at 17:05"},
		{"meeting", it.Meeting(first), "giovedì 1° ottobre, 17:05"},
		{"stamp", it.Stamp(end), "30 novembre 2026, 00:00:00"},
		{"clock", it.Clock(rome(time.November, 23, 9, 4)), "9:04"},
		{"month", it.Month(end), "novembre 2026"},
		{"half-open end", it.End(end), "domenica 29 novembre 2026 alle 23:59"},
		{"last day", it.EndDay(end), "domenica 29 novembre 2026"},
		{"last day, near", it.EndWeekday(end), "domenica 29 novembre"},
		{"end within a day", it.EndDay(first), "giovedì 1° ottobre 2026 alle 17:05"},
		{"end within a day, near", it.EndWeekday(first), "giovedì 1° ottobre alle 17:05"},
		{"end within a day, near, english", en.EndWeekday(first), "Thursday 1 October at 17:05"},
		{"end at noon", it.End(rome(time.November, 26, 12, 0)), "giovedì 26 novembre 2026 alle 12:00"},
		{"deadline", it.Deadline(end), "domenica 29 novembre 2026 alle 23:59, ora di Roma (CET, UTC+1)"},
		{"deadline in summer", it.Deadline(rome(time.April, 22, 0, 0)), "mercoledì 21 aprile 2027 alle 23:59, ora di Roma (CEST, UTC+2)"},
		{"deadline, english", en.Deadline(end), "Sunday 29 November 2026 at 23:59, Rome time (CET, UTC+1)"},
		{"last hour of daylight saving", it.Deadline(rome(time.October, 25, 0, 0)), "sabato 24 ottobre 2026 alle 23:59, ora di Roma (CEST, UTC+2)"},
		{"period in a month", it.Period(rome(time.November, 2, 0, 0), end), "2 – 29 novembre 2026"},
		{"period across months", it.Period(rome(time.September, 24, 0, 0), rome(time.October, 8, 0, 0)), "24 settembre – 7 ottobre 2026"},
		{"period across years", it.Period(end, rome(time.January, 25, 0, 0)), "30 novembre 2026 – 24 gennaio 2027"},
		{"period of a day", it.Period(end, rome(time.December, 1, 0, 0)), "30 novembre 2026"},
		{"period without end", it.Period(end, time.Time{}), "dal 30 novembre 2026"},
		{"days left", it.Left(end), "mancano 6 giorni"},
		{"days left, english", en.Left(end), "6 days left"},
		{"left: tomorrow", it.Left(rome(time.November, 25, 0, 0)), "domani"},
		{"left: today", it.Left(rome(time.November, 24, 0, 0)), "oggi"},
		{"left: yesterday", it.Left(rome(time.November, 23, 0, 0)), "ieri"},
		{"left: past", it.Left(rome(time.November, 21, 0, 0)), "3 giorni fa"},
		{"relative", it.Relative(rome(time.November, 28, 0, 0)), "fra 4 giorni"},
		{"capital", page.Cap("è domani"), "È domani"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
}

// A purpose is a sentence whether or not its author ended it.
func TestSentence(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"": "", "Ascoltare": "Ascoltare.", "Ascoltare.": "Ascoltare.", "Chi decide?": "Chi decide?", "E poi…": "E poi…", "così": "così.",
	} {
		if got := page.Sentence(s); got != want {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"Europe/Zurich": "ora di Zurigo (CET, UTC+1)", "America/New_York": "ora di New York (EST, UTC−5)", "Asia/Kolkata": "ora di Kolkata (IST, UTC+5:30)"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		w := page.Base{Lang: "it", Location: loc}.Words()
		if got := w.ZoneAt(rome(time.November, 30, 0, 0)); got != want {
			t.Errorf("%s: got %q, want %q", zone, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	it, en := words("it", time.Time{}), words("en", time.Time{})
	cases := []struct{ name, got, want string }{
		{"thousands", it.Num(2480, 0), "2.480"},
		{"millions", it.Num(int64(1234567), 0), "1.234.567"},
		{"small", it.Num(999, 0), "999"},
		{"negative", it.Num(-1500, 0), "−1.500"},
		{"decimals", it.Num(0.81, 2), "0,81"},
		{"rounding carries", it.Num(999.96, 1), "1.000,0"},
		{"percent", it.Pct(0.3641), "36,4\u00a0%"},
		{"english", en.Num(2480.5, 1), "2,480.5"},
		{"english percent", en.Pct(1), "100.0%"},
		{"in a text", page.T("it", "page.date.ago", map[string]any{"n": 1200}), "1.200 giorni fa"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
}

// Whatever the number, taking the separators out gives its digits back.
func TestNumKeepsDigits(t *testing.T) {
	t.Parallel()
	w := words("it", time.Time{})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-math.MaxInt32, math.MaxInt32).Draw(t, "n")
		text := strings.NewReplacer(".", "", "−", "-").Replace(w.Num(n, 0))
		back := int64(0)
		for _, r := range strings.TrimPrefix(text, "-") {
			back = back*10 + int64(r-'0')
		}
		if strings.HasPrefix(text, "-") {
			back = -back
		}
		if back != n {
			t.Fatalf("%d is written %q", n, w.Num(n, 0))
		}
	})
}

// The days left count civil days: an hour more or less for daylight saving
// never moves them.
func TestDaysToIgnoresTheHour(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(-400, 400).Draw(t, "days")
		minute := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
		now := time.Date(2026, time.November, 23, 0, minute, 0, 0, page.Rome)
		end := time.Date(2026, time.November, 23+days+1, 0, 0, 0, 0, page.Rome)
		if got := words("it", now).DaysTo(end); got != days {
			t.Fatalf("%d days to %v from %v", got, end, now)
		}
	})
}
