package staff_test

import (
	"net/http"
	"strings"
	"testing"

	"arengo/process/cockpit/cockpittest"
	"arengo/web/staff/gate"
)

// The end of a term that is counted in hours is asked for by the minute: its form
// takes the very end that it says to be the last, and all that tells of it afterwards
// says the time.
func TestChangeEndByTheMinute(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Hourly(t)) // 9 March, 10:00 and 75 hours
	s.Publish()
	s.At(noon(1))
	path := s.home() + "/proroga"
	panel := s.get(s.Facilitator, s.home()).Find("#proroga")
	end := form(panel, gate.Extend).Find("input[name=end]")
	for attr, want := range map[string]string{"type": "datetime-local", "min": "2026-03-12T03:01", "max": "2026-03-12T04:30"} {
		if got := end.AttrOr(attr, ""); got != want {
			t.Errorf("extend: %s is %q", attr, got)
		}
	}
	if text := form(panel, gate.Extend).Text(); !strings.Contains(text, "Al massimo giovedì 12 marzo 2026 alle 04:30, secondo il modello.") ||
		!strings.Contains(text, "Ora di Roma") || !strings.Contains(text, "giorno e ora") {
		t.Errorf("extend: %s", text)
	}
	sooner := form(panel, gate.Shorten).Find("input[name=end]")
	if low, high := sooner.AttrOr("min", ""), sooner.AttrOr("max", ""); low != "2026-03-10T12:01" || high != "2026-03-12T02:59" {
		t.Errorf("shorten: from %s to %s", low, high)
	}
	ask := fields(form(panel, gate.Extend))
	ask.Set("reason", "Il collegamento è caduto")
	for value, want := range map[string]string{
		"2026-03-12T04:31": "oltre giovedì 12 marzo 2026 alle 04:30", "2026-03-12": "scrivilo come 2026-10-31 17:30", "": "",
	} {
		ask.Set("end", value)
		doc := s.send(s.Facilitator, path, ask).Is(http.StatusUnprocessableEntity)
		if text := doc.Find("#proroga-fine-e").Text(); !strings.Contains(text, want) || text == "" || strings.Contains(text, "termine massimo") {
			t.Errorf("%q: %s", value, text)
		}
		if got := doc.Find("#proroga-fine").AttrOr("value", ""); got != value {
			t.Errorf("%q comes back as %q", value, got)
		}
	}
	ask.Set("end", "2026-03-12T04:30")
	for lang, want := range map[string]string{"en": "Thursday 12 March 2026 at 04:30", "it": "giovedì 12 marzo 2026 alle 04:30"} {
		s.lang = lang
		if text := s.send(s.Facilitator, path, ask).Is(http.StatusOK).Text("main"); !strings.Contains(text, want) {
			t.Errorf("preview: %s", text)
		}
	}
	s.lang = "it"
	confirm := fields(form(s.send(s.Facilitator, path, ask).Is(http.StatusOK).Find("main"), gate.Extend))
	if to := s.post(s.Facilitator, path, confirm); to != s.home() {
		t.Error(to)
	}
	home := s.get(s.Facilitator, s.home())
	if log := home.Find("#registro ~ table").Text(); !strings.Contains(log, "da giovedì 12 marzo 2026 alle 03:00 a giovedì 12 marzo 2026 alle 04:30") {
		t.Errorf("the log: %s", log)
	}
	if facts := home.Find("main dl").First().Text(); !strings.Contains(facts, "Giovedì 12 marzo 2026 alle 04:30") {
		t.Errorf("the facts: %s", facts)
	}
}

// What is counted in hours goes on until a minute too.
func TestReopenByTheMinute(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Hourly(t))
	s.Publish()
	s.At(noon(1))
	s.cancel()
	link := s.reopening()
	ask := fields(s.get(s.Promoter, link).Find("main form").First())
	if ask.Get("end") != "2026-03-13T15:00" {
		t.Fatalf("%v", ask)
	}
	ask.Set("reason", "I fondi sono arrivati")
	ask.Set("end", "2026-03-13T10:15")
	doc := s.send(s.Promoter, s.home()+"/riapri", ask).Is(http.StatusOK)
	if text := doc.Text("main"); !strings.Contains(text, "venerdì 13 marzo 2026 alle 10:15") {
		t.Errorf("preview: %s", text)
	}
	ask = fields(doc.Find("main form").Not(":has(input[name=preview])"))
	if said := s.send(s.Promoter, s.home()+"/riapri", ask).Back().Header.Get("Set-Cookie"); !strings.Contains(said, "staff.flash.reopened:0") {
		t.Errorf("it does not say who is told: %q", said)
	}
	if text := s.get(s.Promoter, s.home()).Find("#proroga").Text(); !strings.Contains(text, "Venerdì 13 marzo 2026 alle 10:15") {
		t.Error(text)
	}
}
