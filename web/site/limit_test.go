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
	for i := range 200 {
		if !l.Allow(site.LimitMail, "", "10.0.0.1", noon) {
			t.Fatalf("registration %d was refused", i)
		}
	}
	for i := range 200 {
		if !l.Allow(site.LimitSignIn, "", "10.0.0.1", noon) {
			t.Fatalf("sign-in %d was refused", i)
		}
	}
	refused := 0
	for range 1000 {
		if !l.Allow(site.LimitSignIn, "", "10.0.0.2", noon) {
			refused++
		}
	}
	if refused != 600 {
		t.Errorf("one client was refused %d of 1000 times, want 600", refused)
	}
}

// TestOneClientSendsLittleMail: a hall may ask for two hundred places at once,
// and one client cannot have mail sent for hours.
func TestOneClientSendsLittleMail(t *testing.T) {
	t.Parallel()
	l := site.NewLimits()
	sent := 0
	for second := range 3600 {
		for range 5 {
			if l.Allow(site.LimitMail, "", "10.0.0.1", noon.Add(time.Duration(second)*time.Second)) {
				sent++
			}
		}
		if second == 39 && sent < 200 {
			t.Errorf("a hall of two hundred got %d letters", sent)
		}
	}
	if sent > 1100 {
		t.Errorf("one client had %d letters sent in an hour", sent)
	}
	if !l.Allow(site.LimitMail, "", "10.0.0.2", noon) {
		t.Error("another client had to wait")
	}
}

// TestMadeUpTokensResetNothing floods the count with keys.
func TestMadeUpTokensResetNothing(t *testing.T) {
	t.Parallel()
	l := site.NewLimits()
	for range 60 {
		l.Allow(site.LimitForgery, "", "10.0.0.2", noon)
	}
	for i := range 100_001 {
		l.Allow(site.LimitToken, fmt.Sprintf("token%d", i), "10.0.0.3", noon)
	}
	if l.Allow(site.LimitForgery, "", "10.0.0.2", noon) {
		t.Error("a flood of made-up tokens reset a client's budget")
	}
}

// TestATokenPaysAlone: what a token's call takes of its own is not taken of its
// address a second time.
func TestATokenPaysAlone(t *testing.T) {
	t.Parallel()
	l := site.NewLimits()
	now := noon
	calls := 0
	for l.Allow(site.LimitAPI, "", "192.0.2.1", now) && calls < 10_000 {
		l.Own(site.LimitAPI, "a", now)
		calls++
	}
	if calls != 3000 {
		t.Errorf("%d calls of one address", calls)
	}
}
