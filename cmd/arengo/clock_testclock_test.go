//go:build testclock

package main

import (
	"testing"
	"time"

	"arengo/process/processtest"
)

func TestClockOfTheRow(t *testing.T) {
	t.Parallel()
	db := processtest.Database(t)
	for range 2 { // making it twice changes nothing
		if _, err := openClock(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "UPDATE test_clock SET ahead = '14 days'"); err != nil {
			t.Fatal(err)
		}
	}
	clock, err := openClock(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	now, err := clock.Now(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(now); ahead < 14*24*time.Hour-time.Minute || ahead > 15*24*time.Hour {
		t.Errorf("the clock is %s ahead", ahead)
	}
}
