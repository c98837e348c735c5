package words_test

import (
	"testing"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
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

// Nothing is overdue while nobody knows when it ends, however often that is asked.
func TestDeadlineOfAnUnknownEnd(t *testing.T) {
	t.Parallel()
	def, err := definition.NewLibrary().Add("wait.yaml", []byte(`
workflow: wait
version: 1
title: {it: Attesa, en: Waiting}
timezone: Europe/Rome
roles: [promoter]
initial: waiting
states:
  waiting: {title: {it: Attesa, en: Waiting}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [waiting], to: over, by: [promoter]}
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"end-unknown": "Avviso: non si sa quando finisce “Attesa”", "end-unknown.2": "Avviso: non si sa quando finisce “Attesa”",
		"escalation.2": "Sollecito: “Attesa” è scaduta",
	} {
		if got := words.In("it").Deadline(def, "waiting", name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
