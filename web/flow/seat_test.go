package flow_test

import (
	"encoding/json"
	"testing"

	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

func TestSeatSaysThePhases(t *testing.T) {
	t.Parallel()
	facts, err := json.Marshal(workflow.PhaseChange{From: "gone", To: "work"})
	if err != nil {
		t.Fatal(err)
	}
	def, problems := definition.Check("p.yaml", []byte(`
workflow: p
version: 1
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter]
initial: work
states:
  work: {title: {it: Lavoro, en: Work}}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [work], to: over, by: [promoter]}
`), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	e := workflow.LogEntry{Transition: definition.ActChangePhase, Facts: facts}
	if got := flow.Seat(page.Words{Lang: "it"}, e, def); got != "Spostata dalla fase “gone” alla fase “Lavoro”." {
		t.Error(got)
	}
	e.Event = "change-phase" // a transition that a file calls so
	if got := flow.Seat(page.Words{Lang: "it"}, e, def); got != "" {
		t.Error(got)
	}
}
