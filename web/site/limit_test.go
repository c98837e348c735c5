package site_test

import (
	"fmt"
	"testing"
	"time"

	"arengo/web/site"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// TestTwoHundredBehindOneAddress: a hall registers and its staff sign in.
func TestTwoHundredBehindOneAddress(t *testing.T) {
	t.Parallel()
	l := site.NewLimits()
	for i := range 400 {
		if !l.Allow(site.LimitPublic, "", "10.0.0.1", noon) {
			t.Fatalf("registration %d was refused", i)
		}
	}
	for i := range 200 {
		if !l.Allow(site.LimitSignIn, fmt.Sprintf("p%d@example.org", i), "10.0.0.1", noon) {
			t.Fatalf("sign-in %d was refused", i)
		}
	}
	refused := 0
	for range 20 {
		if !l.Allow(site.LimitSignIn, "one@example.org", "10.0.0.2", noon) {
			refused++
		}
	}
	if refused != 15 {
		t.Errorf("one account was refused %d of 20 times, want 15", refused)
	}
}

// TestMadeUpTokensResetNothing floods the count with keys.
func TestMadeUpTokensResetNothing(t *testing.T) {
	t.Parallel()
	l := site.NewLimits()
	for range 5 {
		l.Allow(site.LimitSignIn, "one@example.org", "10.0.0.2", noon)
	}
	for i := range 100_001 {
		l.Allow(site.LimitToken, fmt.Sprintf("token%d", i), "10.0.0.3", noon)
	}
	if l.Allow(site.LimitSignIn, "one@example.org", "10.0.0.2", noon) {
		t.Error("a flood of made-up tokens reset an account's budget")
	}
}
