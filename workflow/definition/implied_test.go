package definition_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// unmet gives the codes that block a transition, with what is said of each.
func unmet(t *testing.T, def *definition.Compiled, id string, f guard.Facts) map[string]definition.Text {
	t.Helper()
	i := slices.IndexFunc(def.Transitions, func(tr definition.Transition) bool { return tr.ID == id })
	if i < 0 {
		t.Fatalf("no transition %s", id)
	}
	out := map[string]definition.Text{}
	for _, g := range def.Unmet(def.Transitions[i], f) {
		if g.Fault != nil {
			t.Fatal(g.Fault)
		}
		if g.Implied {
			out[g.Code] = def.Says(g, f.Process.State, f)
		}
	}
	return out
}

func TestImpliedGuards(t *testing.T) {
	t.Parallel()
	def := checked(t, consultation(t))
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	facts := func(state string, activities ...guard.ActivityFacts) guard.Facts {
		return guard.Facts{Process: guard.ProcessFacts{State: state, Published: true}, Activities: activities, Now: now}
	}
	questionnaire := guard.ActivityFacts{Kind: "questionnaire", State: "ready", Ready: true}
	assembly := guard.ActivityFacts{Kind: "assembly", State: "convened", Ready: true}

	said := unmet(t, def, "open", facts("preparation"))
	if len(said) != 2 || said["at-entry-questionnaire"]["it"] != "Prima di passare a “Consultazione” prepara: questionari, almeno 1" ||
		said["at-entry-assembly"]["en"] != "Before moving to “Consultation” open: public meetings, at least 1" {
		t.Errorf("nothing is ready: %v", said)
	}
	if said = unmet(t, def, "open", facts("preparation", questionnaire, assembly)); len(said) != 1 || said["at-entry-assembly"] == nil {
		t.Errorf("the assembly is ready, not open: %v", said)
	}
	assembly.Open = true
	if said = unmet(t, def, "open", facts("preparation", questionnaire, assembly)); len(said) != 0 {
		t.Errorf("all is there: %v", said)
	}

	early := facts("consultation", questionnaire)
	early.Term.MinAt = now.Add(time.Microsecond)
	said = unmet(t, def, "decide", early)
	if said["min-term"]["it"] != "La fase deve durare almeno 20 giorni (art. 3). Aspetta il giorno: "+civil.DateOf(early.Term.MinAt, def.Location).Words("it") || said["at-exit-questionnaire"]["it"] != "Prima di lasciare “Consultazione” concludi: questionari, almeno 1" || len(said) != 2 {
		t.Errorf("too early: %v", said)
	}
	over := facts("consultation", guard.ActivityFacts{Kind: "questionnaire", State: "closed", Over: true})
	over.Term.MinAt = now
	if said = unmet(t, def, "decide", over); len(said) != 0 {
		t.Errorf("at the minimum: %v", said)
	}
	if said = unmet(t, def, "cancel", early); len(said) != 0 {
		t.Errorf("a wildcard has none: %v", said)
	}
}

func TestImpliedGuardsGiveWay(t *testing.T) {
	t.Parallel()
	source := strings.Replace(consultation(t), "by: [facilitator, timer]\n    requires:\n",
		"by: [facilitator, timer]\n    requires:\n      - {code: min-term, guard: \"true\", explain: {it: x, en: x}}\n", 1)
	def := checked(t, source)
	early := guard.Facts{Now: time.Unix(0, 0), Process: guard.ProcessFacts{State: "consultation"}, Term: guard.TermFacts{MinAt: time.Unix(1, 0)}}
	if said := unmet(t, def, "decide", early); len(said) != 1 || said["min-term"] != nil {
		t.Errorf("with a guard of its own: %v", said)
	}
}

// Where several states want a kind, each counts its own; a transition from both
// asks for what the state at hand wants.
func TestImpliedGuardsOfSeveralStates(t *testing.T) {
	t.Parallel()
	source := strings.NewReplacer(
		"    artefacts: [{code: project", "    activities: [{kind: questionnaire, count: {min: 2}, at_exit: over}]\n    artefacts: [{code: project",
		"{id: integrate, event: integrate, from: [consultation], to: preparation,", "{id: integrate, event: integrate, from: [preparation, consultation], to: decision,",
	).Replace(consultation(t))
	def := checked(t, source)
	f := guard.Facts{Now: time.Unix(0, 0), Process: guard.ProcessFacts{State: "preparation"}, Activities: []guard.ActivityFacts{
		{Kind: "questionnaire", Phase: "consultation", Over: true}, {Kind: "questionnaire", Phase: "preparation", Over: true},
	}}
	if said := unmet(t, def, "integrate", f); said["at-exit-questionnaire"]["en"] != "Before leaving “Preparation” conclude: questionnaires, at least 2 (art. 2)" || len(said) != 1 {
		t.Errorf("one of two: %v", said)
	}
	f.Process.State = "consultation"
	if said := unmet(t, def, "integrate", f); len(said) != 0 {
		t.Errorf("the other state wants one: %v", said)
	}
}

func TestCalledOff(t *testing.T) {
	t.Parallel()
	def := checked(t, consultation(t))
	for state, want := range map[string]bool{"cancelled": true, "closed": false, "consultation": false, "nowhere": false} {
		if def.CalledOff(state) != want {
			t.Errorf("%s called off: %v", state, !want)
		}
	}
}

// TestNothingReachesParticipantsBeforePublication: the moves with which something
// begins to go to them ask for it, and no other does.
func TestNothingReachesParticipantsBeforePublication(t *testing.T) {
	t.Parallel()
	const head = `workflow: public-%s
version: 1
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter]
initial: a
states:
  a: {title: {it: A, en: A}}
  b: {title: {it: B, en: B}, %s}
  c: {title: {it: C, en: C}, on_enter: [{notice: phase-opened, to: [promoter, followers]}]}
  z: {title: {it: Z, en: Z}, final: true, on_enter: [{notice: process-closed, to: everyone-involved}]}
transitions:
  - {id: ab, event: go, from: [a], to: b, by: [promoter]%s}
  - {id: bc, event: go, from: [b], to: c, by: [promoter]}
  - {id: cz, event: go, from: [c], to: z, by: [promoter]}
  - {id: cancel, event: cancel, from: ["*"], to: z, by: [promoter], title: {it: X, en: X}}
`
	own := `, requires: [{code: open-to-all, guard: process.published, explain: {it: P, en: P}}]`
	for name, c := range map[string]struct{ b, then, want string }{
		"the first that speaks":    {"purpose: {it: B, en: B}", "", "bc"},
		"activities that open":     {"on_enter: [{open: {kind: webinar}}]", "", "ab"},
		"a reminder":               {"term: {length: 9d}, reminders: [{before: 1d, notice: last-days, to: followers}]", "", "ab"},
		"staff alone":              {"on_enter: [{notice: phase-opened, to: [promoter]}]", "", "bc"},
		"what the transition says": {"purpose: {it: B, en: B}", `, then: [{notice: phase-opened, to: invited}]`, "ab"},
		"a guard of its own":       {"on_enter: [{open: {kind: webinar}}]", own, ""},
		"one that asked before":    {"purpose: {it: B, en: B}", own, ""},
	} {
		def := checked(t, fmt.Sprintf(head, "x", c.b, c.then))
		got := ""
		for _, tr := range def.Transitions {
			for _, g := range tr.Requires {
				if g.Implied && g.Code == definition.GuardPublished && g.Fix == "publication" {
					got += tr.ID
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
