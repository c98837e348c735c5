package process_test

import (
	"slices"
	"testing"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

const offices = `
workflow: offices
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor]
initial: write
states:
  write: {title: {it: Scrittura, en: Writing}, activities: [{kind: assembly}]}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [write], to: over, by: [editor]}
  - {id: again, event: again, from: [over], to: write, by: [promoter, facilitator], reopens: true}
`

// TestExplainAnswersAsAdvanceDoes: what the policy refuses is a reason like any
// other, and what nothing blocks happens.
func TestExplainAnswersAsAdvanceDoes(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "offices", Path: offices, Kinds: []process.Kind{assembly.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	meeting := w.NewActivity("assembly", "write", "Incontro")
	editor, facilitator := w.Actor("ed@example.org", "Ed"), w.Actor("fa@example.org", "Fa")
	w.Member(editor, process.RoleEditor)
	w.Member(facilitator, process.RoleFacilitator)
	try := func(who process.Actor, a process.ActivityID, id string, want ...string) {
		t.Helper()
		options, err := w.Core.Explain(t.Context(), w.Process.ID, a, who)
		w.Must(err)
		i := slices.IndexFunc(options, func(o workflow.Option) bool { return o.Transition.ID == id })
		if i < 0 {
			t.Fatalf("nothing of the name %s: %+v", id, options)
		}
		var codes []string
		for _, b := range options[i].Blockers {
			codes = append(codes, b.Code)
			if b.Code == definition.BlockRole && b.Fix != "roles" {
				t.Errorf("%+v leads nowhere", b)
			}
		}
		_, err = w.Core.Advance(t.Context(), w.Process.ID, who, process.Move{Activity: a, Transition: id, Reason: "perché"})
		if !slices.Equal(codes, want) || (err == nil) != (len(want) == 0) {
			t.Errorf("%s: %v stand in the way, want %v; the act gives %v", id, codes, want, err)
		}
	}
	try(facilitator, 0, "end", definition.BlockRole)
	try(editor, meeting.ID, "discard", definition.BlockRole)
	try(editor, 0, "end")
	try(facilitator, meeting.ID, "convene", definition.BlockEnded, "meeting-scheduled", "agenda-written", "published")
	try(facilitator, meeting.ID, "discard")
	try(editor, 0, "again", definition.BlockRole)
	try(facilitator, 0, "again")
}
