package draft_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/draft"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

const threePhases = `
workflow: path
version: 1
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: one
states:
  one: {title: {it: Uno, en: One}, term: {length: 30d}, allows: [edit]}
  two: {title: {it: Due, en: Two}, term: {length: 20d}, allows: [edit]}
  three: {title: {it: Tre, en: Three}, term: {length: 10d}, allows: [edit]}
  closed: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: on, event: on, from: [one], to: two, by: [promoter]}
  - {id: then, event: on, from: [two], to: three, by: [promoter]}
  - {id: end, event: on, from: [three], to: closed, by: [promoter]}
`

// The draft of a process that has begun lists its phases on the days that they come
// to, and those that it would give them, rather than the plan laid out anew.
func TestDraftOfAProcessThatHasMoved(t *testing.T) {
	t.Parallel()
	w := &world{worldtest.Build(t, worldtest.Config{Template: "path", Path: threePhases}), nil}
	w.Settle("marta@comune.example.org", "Marta Bindi")
	w.Service = draft.New(w.Core)
	w.World.Publish()
	w.Must(w.Advance(process.Activity{}, "on", "")) // a month early
	today := civil.DateOf(w.Clock.Time(), w.Process.Location())
	check := func(what string, plan []workflow.PlannedPhase, at int, from, until int) {
		t.Helper()
		zone := w.Process.Location()
		if p := plan[at]; civil.DateOf(p.Start, zone) != today.Add(from) || civil.DateOf(p.End, zone) != today.Add(until) {
			t.Errorf("%s: %s from %s to %s, today is %s", what, p.State, p.Start, p.End, today)
		}
	}
	d := w.now()
	check("as it is", d.After, 2, 21, 31)
	w.Must(w.edit(0, func(x definition.Definition) (definition.Definition, error) {
		out, _, err := edit.AddState(x, edit.NewState{Words: edit.Words{Title: definition.Text{"it": "Verifica"}}, After: "two", Length: civil.Span{Days: 5}})
		return out, err
	}))
	d = w.now()
	check("before", d.Before, 2, 21, 31)
	check("added", d.After, 2, 21, 26)
	check("after", d.After, 3, 26, 36)
	if len(d.Moves) != 2 || !d.Moves[0].Old.IsZero() || d.Moves[1].Name != "three" || d.Moves[1].New.Sub(d.Moves[1].Old) < 4*24*time.Hour {
		t.Errorf("moves %+v", d.Moves)
	}
}
