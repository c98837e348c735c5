package words_test

import (
	"testing"

	"arengo/workflow/civil"
	"arengo/workflow/rehearse/words"
)

// Italian days stand with the article that they want.
func TestDays(t *testing.T) {
	t.Parallel()
	day := func(d int) string { return words.In("it").Day(civil.Date{Year: 2026, Month: 3, Day: d}) }
	for d, want := range map[int]string{
		1: "Sospendi il percorso fino al 1° marzo 2026", 2: "Sospendi il percorso fino al 2 marzo 2026",
		8: "Sospendi il percorso fino all’8 marzo 2026", 11: "Sospendi il percorso fino all’11 marzo 2026", 18: "Sospendi il percorso fino al 18 marzo 2026",
	} {
		if got := words.In("it").Tell("suspend", "until", day(d)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := words.In("en").Tell("suspend", "until", words.In("en").Day(civil.Date{Year: 2026, Month: 3, Day: 8})); got != "Suspend the process until 8 March 2026" {
		t.Error(got)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "One deadline fires late: the service is down.", 3: "3 deadlines fire late: the service is down."} {
		if got := words.In("en").Count("late", n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := words.In("it").Notice("unknown-kind"); got != "unknown-kind" {
		t.Errorf("an unknown word became %q", got)
	}
}
