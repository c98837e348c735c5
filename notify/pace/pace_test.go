package pace_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/notify/pace"
)

var (
	night  = pace.Default
	siesta = pace.Rules{QuietFrom: 13 * time.Hour, QuietUntil: 15*time.Hour + 30*time.Minute}
)

func in(t *testing.T, zone, clock string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", clock, pace.Rules{}.Location(zone))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules            pace.Rules
		zone, at, expect string
	}{
		"Evening":      {night, "Europe/Rome", "2026-11-24 21:00", "2026-11-25 08:00"},
		"BeforeDawn":   {night, "Europe/Rome", "2026-11-24 03:10", "2026-11-24 08:00"},
		"LastMoment":   {night, "Europe/Rome", "2026-11-24 07:59", "2026-11-24 08:00"},
		"Over":         {night, "Europe/Rome", "2026-11-24 08:00", ""},
		"JustBefore":   {night, "Europe/Rome", "2026-11-24 20:59", ""},
		"SummerBegins": {night, "Europe/Rome", "2026-03-28 22:00", "2026-03-29 08:00"},
		"SummerEnds":   {night, "Europe/Rome", "2026-10-24 22:00", "2026-10-25 08:00"},
		"OtherZone":    {night, "Atlantic/Azores", "2026-11-24 22:00", "2026-11-25 08:00"},
		"WithinADay":   {siesta, "Europe/Rome", "2026-11-24 14:00", "2026-11-24 15:30"},
		"AfterLunch":   {siesta, "Europe/Rome", "2026-11-24 15:30", ""},
		"None":         {pace.Rules{}, "Europe/Rome", "2026-11-24 03:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want time.Time
			if c.expect != "" {
				want = in(t, c.zone, c.expect)
			}
			if got := c.rules.Quiet(in(t, c.zone, c.at), c.rules.Location(c.zone)); !got.Equal(want) {
				t.Errorf("quiet until %v, want %v", got, want)
			}
		})
	}
}

func TestDigestsAreDueInTheMorning(t *testing.T) {
	t.Parallel()
	for at, want := range map[string][2]string{
		"2026-11-24 07:59": {"2026-11-24 08:00", "2026-11-30 08:00"}, // a Tuesday
		"2026-11-24 08:00": {"2026-11-25 08:00", "2026-11-30 08:00"},
		"2026-11-30 07:00": {"2026-11-30 08:00", "2026-11-30 08:00"},
		"2026-11-30 08:00": {"2026-12-01 08:00", "2026-12-07 08:00"},
		"2026-03-28 12:00": {"2026-03-29 08:00", "2026-03-30 08:00"}, // a night of 23 hours
	} {
		now := in(t, "Europe/Rome", at)
		if daily := night.Daily(now); !daily.Equal(in(t, "Europe/Rome", want[0])) {
			t.Errorf("after %s the daily is due %v", at, daily)
		}
		if weekly := night.Weekly(now); !weekly.Equal(in(t, "Europe/Rome", want[1])) {
			t.Errorf("after %s the weekly is due %v", at, weekly)
		}
	}
	for clock, want := range map[string]bool{"07:59": false, "08:00": true, "15:00": true, "20:00": false, "00:10": false} {
		if day, now := night.Digest(in(t, "Europe/Rome", "2026-11-24 "+clock)); now != want || day != "2026-11-24" {
			t.Errorf("at %s: %s, %v", clock, day, now)
		}
	}
}

func TestTomorrowIsAfterTheNight(t *testing.T) {
	t.Parallel()
	at := in(t, "Europe/Rome", "2026-11-24 15:00")
	if got := night.Tomorrow(at, night.Location("")); !got.Equal(in(t, "Europe/Rome", "2026-11-25 08:00")) {
		t.Errorf("%v", got)
	}
	if got := (pace.Rules{}).Tomorrow(at, night.Location("")); !got.Equal(in(t, "Europe/Rome", "2026-11-25 00:00")) {
		t.Errorf("without quiet hours %v", got)
	}
	if got := night.Today(at); !got.Equal(in(t, "Europe/Rome", "2026-11-24 00:00")) {
		t.Errorf("today began %v", got)
	}
}

// Whatever the hours and the zone, the end of quiet hours is ahead, within two
// days, and no quiet hour itself.
func TestQuietEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := pace.Rules{
			QuietFrom:  time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "from")) * time.Minute,
			QuietUntil: time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "until")) * time.Minute,
		}
		zone := rules.Location(rapid.SampledFrom([]string{"Europe/Rome", "Atlantic/Azores", "America/St_Johns", "Pacific/Apia"}).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		end := rules.Quiet(at, zone)
		if end.IsZero() {
			return
		}
		if !end.After(at) || end.Sub(at) > 48*time.Hour {
			t.Fatalf("quiet from %v until %v", at, end)
		}
		if again := rules.Quiet(end, zone); !again.IsZero() {
			t.Fatalf("after %v it is quiet until %v", end, again)
		}
		if next := rules.Tomorrow(at, zone); !next.After(at) || !rules.Quiet(next, zone).IsZero() {
			t.Fatalf("tomorrow is %v", next)
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	if d, err := pace.Clock("21:30"); err != nil || d != 21*time.Hour+30*time.Minute {
		t.Errorf("%v, %v", d, err)
	}
	for _, bad := range []string{"", "24:00", "9", "21.00", "-1:00"} {
		if _, err := pace.Clock(bad); err == nil {
			t.Errorf("%q is a time of day", bad)
		}
	}
	if s := pace.Default.String(); s != "21:00-08:00" {
		t.Errorf("%s", s)
	}
	if s := (pace.Rules{}).String(); s != "no" {
		t.Errorf("%s", s)
	}
}
