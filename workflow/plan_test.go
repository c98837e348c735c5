package workflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
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
	plan := outlook.Plan(def, civil.Date{Year: 2027, Month: 1, Day: 11}, nil, nil)
	if len(plan) != 3 {
		t.Fatalf("%d phases, want 3", len(plan))
	}
	for i, want := range []string{"2027-02-10 00:00", "2027-04-21 00:00", "2027-04-21 00:00"} {
		if got := plan[i].End.In(def.Location).Format(time.DateOnly + " 15:04"); got != want {
			t.Errorf("%s ends at %s, want %s", plan[i].State, got, want)
		}
	}
	plan = outlook.Plan(def, civil.Date{Year: 2027, Month: 1, Day: 11}, map[string]int{"second": 40}, nil)
	if got := plan[1].End.In(def.Location).Format(time.DateOnly); got != "2027-02-20" {
		t.Errorf("40 days from the first phase end on %s", got)
	}
}

// called has phases that hang on the dates of a call, and others behind them.
func called(version int) string {
	return movedVersion(version, "a", `
calendar: italy
dates: [{code: window, title: {it: F, en: W}}, {code: call, title: {it: B, en: C}}]
states:
  a: {title: {it: A, en: A}, term: {length: 10d}}
  b: {title: {it: B, en: B}, term: {until: "date:window"}}
  c: {title: {it: C, en: C}, term: {length: 5wd}}
  d: {title: {it: D, en: D}, term: {length: 20d, from: "date:call"}}
  e: {title: {it: E, en: E}, term: {length: 10d, from: "state:c"}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: one, event: one, from: [a], to: b, by: [promoter]}
  - {id: two, event: two, from: [b], to: c, by: [promoter]}
  - {id: three, event: three, from: [c], to: d, by: [promoter]}
  - {id: four, event: four, from: [d], to: e, by: [promoter]}
  - {id: five, event: five, from: [e], to: z, by: [promoter]}
`)
}

func calledPlan(d *definition.Compiled) []workflow.PlannedPhase {
	return outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, map[string]int{"e": 12}, nil)
}

// plannedEnds are the planned ends of an instance, by state.
func (h *hall) plannedEnds() string {
	h.Helper()
	plan, err := h.engine.Plan(h.Context(), nil, hearingRef)
	if err != nil {
		h.Fatal(err)
	}
	out := ""
	for _, p := range plan {
		end := "?"
		if !p.End.IsZero() {
			end = p.End.In(h.rome).Format("01-02")
		}
		out += p.State + " " + end + " "
	}
	return strings.TrimSpace(out)
}

// The phases to come follow the dates of the call, those behind them too; what is
// before them stays, and so do lengths that somebody chose. A date that is emptied
// takes its end away again.
func TestPlanFollowsTheCall(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-01 10:00", calledPlan, called(1))
	var err error
	expect := func(dates map[string]time.Time, want string) {
		t.Helper()
		h.known.facts.Process.Dates = dates
		if _, err = h.again(given); err != nil {
			t.Fatal(err)
		}
		if got := h.plannedEnds(); got != want {
			t.Errorf("planned %s, want %s", got, want)
		}
	}
	expect(nil, "a 03-12 b ? c ? d ? e ?")
	both := map[string]time.Time{"window": h.at("2026-03-19 00:00"), "call": h.at("2026-04-01 00:00")}
	expect(both, "a 03-12 b 03-20 c 03-27 d 04-21 e 04-21")
	def, err := h.engine.Resolve(t.Context(), nil, "moved", 1)
	if err != nil {
		t.Fatal(err)
	}
	plan := outlook.Plan(def, civil.Date{Year: 2026, Month: 3, Day: 2}, map[string]int{"e": 12}, both)
	if len(plan) != 5 || !plan[4].End.Equal(h.at("2026-04-21 00:00")) || plan[4].Days != 12 {
		t.Errorf("planned at once %+v", plan)
	}
	h.clock.Set(h.at("2026-03-16 10:00")) // four days late
	h.move("one")
	before := h.present().DueAt
	expect(map[string]time.Time{"window": h.at("2026-03-29 00:00"), "call": h.at("2026-04-01 00:00")}, "a 03-12 b 03-30 c 04-04 d 04-21 e 04-21")
	if i := h.present(); !i.DueAt.Equal(h.at("2026-03-30 00:00")) || i.DueAt.Equal(before) {
		t.Errorf("the present phase ends %s", i.DueAt)
	}
	expect(map[string]time.Time{"call": h.at("2026-04-01 00:00")}, "a 03-12 b ? c ? d 04-21 e ?")
}

// A migration plans the phases to come by the dates of the call.
func TestMigrationKnowsTheCall(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", calledPlan, called(1), called(2))
	h.known.facts.Process.Dates = map[string]time.Time{"window": h.at("2026-03-29 00:00"), "call": h.at("2026-05-01 00:00")}
	h.mustMoveTo(2, nil)
	if got, want := h.plannedEnds(), "a 03-12 b 03-30 c 04-04 d 05-21 e 05-21"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
}

// What comes after a phase of unknown end has no dates that anybody knows, until
// one that ends by itself.
func TestAwaiting(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-01 10:00", calledPlan, called(1))
	awaits := func() string {
		t.Helper()
		plan, err := h.engine.Plan(t.Context(), nil, hearingRef)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(outlook.Awaiting(plan))
	}
	if got, want := awaits(), "map[c:b d:b e:d]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	h.known.facts.Process.Dates = map[string]time.Time{"window": h.at("2026-03-19 00:00")}
	if _, err := h.again(given); err != nil {
		t.Fatal(err)
	}
	if got := awaits(); got != "map[e:d]" {
		t.Errorf("with one date: %s", got)
	}
	h.known.facts.Process.Dates["call"] = h.at("2026-04-01 00:00")
	if _, err := h.again(given); err != nil {
		t.Fatal(err)
	}
	if got := awaits(); got != "map[]" {
		t.Errorf("with both: %s", got)
	}
}
