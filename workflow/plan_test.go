package workflow_test

import (
	"testing"
	"time"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// counting is a definition whose last phases count from the first.
const counting = `workflow: counting
version: 1
title: {it: Prova, en: Test}
timezone: Europe/Rome
roles: [promoter]
initial: first
states:
  first: {title: {it: Prima, en: First}, term: {length: 30d}}
  second: {title: {it: Seconda, en: Second}, term: {length: 100d, from: "state:first"}}
  third: {title: {it: Terza, en: Third}, term: {length: 90d, from: "state:first"}}
  last: {title: {it: Ultima, en: Last}, final: true}
transitions:
  - {id: one, event: one, from: [first], to: second, by: [promoter]}
  - {id: two, event: two, from: [second], to: third, by: [promoter]}
  - {id: three, event: three, from: [third], to: last, by: [promoter]}
`

// A term that counts from an earlier phase ends so many days after that one
// begins, and never before its own phase does.
func TestPlanCountsFromAnotherState(t *testing.T) {
	t.Parallel()
	def, problems := definition.Check("counting.yaml", []byte(counting), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	plan := workflow.Plan(def, civil.Date{Year: 2027, Month: 1, Day: 11}, nil)
	if len(plan) != 3 {
		t.Fatalf("%d phases, want 3", len(plan))
	}
	for i, want := range []string{"2027-02-10 00:00", "2027-04-21 00:00", "2027-04-21 00:00"} {
		if got := plan[i].End.In(def.Location).Format(time.DateOnly + " 15:04"); got != want {
			t.Errorf("%s ends at %s, want %s", plan[i].State, got, want)
		}
	}
	plan = workflow.Plan(def, civil.Date{Year: 2027, Month: 1, Day: 11}, map[string]int{"second": 40})
	if got := plan[1].End.In(def.Location).Format(time.DateOnly); got != "2027-02-20" {
		t.Errorf("40 days from the first phase end on %s", got)
	}
}
