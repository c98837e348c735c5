package foresight_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/pause"
	"arengo/process/upgrade"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/edit"
)

// laterPath has phases that follow each other, and one that counts from the first.
const laterPath = `
workflow: path
version: 1
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: one
states:
  one: {title: {it: Uno, en: One}, term: {length: 30d}, allows: [edit, extend, shorten, hold]}
  two: {title: {it: Due, en: Two}, term: {length: 20d}, allows: [edit, extend]}
  three: {title: {it: Tre, en: Three}, term: {length: 90d, from: "state:one"}, allows: [edit]}
  four: {title: {it: Quattro, en: Four}, term: {length: 10d}, allows: [edit]}
  closed: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: on, event: on, from: [one], to: two, by: [promoter]}
  - {id: then, event: on, from: [two], to: three, by: [promoter]}
  - {id: so, event: on, from: [three], to: four, by: [promoter]}
  - {id: end, event: on, from: [four], to: closed, by: [promoter]}
`

// later is a public process of laterPath.
func later(t *testing.T) *worldtest.World {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: laterPath})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	w.Publish()
	return w
}

func expected(w *worldtest.World) []workflow.PlannedPhase {
	w.T.Helper()
	plan, err := w.Core.Expected(w.T.Context(), w.DB, w.Reload(w.Process))
	w.Must(err)
	return plan
}

// told holds what a preview listed against what the act did: every end of a phase to
// come that is another, and no other.
func told(w *worldtest.World, listed []workflow.Date, before []workflow.PlannedPhase, states ...string) {
	w.T.Helper()
	after := expected(w)
	var names []string
	for _, x := range listed {
		names = append(names, x.Name)
		of := func(p workflow.PlannedPhase) bool { return p.State == x.Name }
		was, is := before[slices.IndexFunc(before, of)], after[slices.IndexFunc(after, of)]
		if !x.Old.Equal(was.End) || !x.New.Equal(is.End) || x.Title == nil {
			w.T.Errorf("%s: listed %s to %s, was %s, is %s", x.Name, x.Old, x.New, was.End, is.End)
		}
	}
	if !slices.Equal(names, states) {
		w.T.Errorf("listed %v, want %v", names, states)
	}
}

func TestPreviewOfAnEndListsThePhasesToCome(t *testing.T) {
	t.Parallel()
	w := later(t)
	before := expected(w)
	n := process.NewEnd{End: before[0].End.AddDate(0, 0, 7), Reason: "Serve tempo"}
	look, err := w.Core.PreviewExtend(t.Context(), w.Process.ID, n)
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, n)
	w.Must(err)
	told(w, look.Later, before, "two", "three", "four")
}

func TestAMoveListsThePhasesToCome(t *testing.T) {
	t.Parallel()
	w := later(t)
	before := expected(w)
	look, err := w.Core.PreviewAdvance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "on"})
	w.Must(err)
	w.Must(w.Advance(process.Activity{}, "on", ""))
	told(w, look.Later, before, "three", "four")
	w.Clock.Set(expected(w)[1].End.Add(20 * 24 * time.Hour))
	before = expected(w)
	options, err := w.Core.Explain(t.Context(), w.Process.ID, 0, w.Promoter)
	w.Must(err)
	w.Must(w.Advance(process.Activity{}, "then", ""))
	told(w, options[0].Later, before) // late as it is, the third counts from the first
}

func TestResumingListsThePhasesToCome(t *testing.T) {
	t.Parallel()
	w := later(t)
	rest := pause.New(w.Core)
	w.Must(rest.Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Elezioni"}))
	w.Clock.Advance(4 * 24 * time.Hour)
	before := expected(w)
	look, err := rest.PreviewResume(t.Context(), w.Process.ID, 0)
	w.Must(err)
	w.Must(rest.Resume(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Finite"}))
	told(w, look.Own.Later, before, "two", "three", "four")
}

func TestAVersionListsThePhasesToCome(t *testing.T) {
	t.Parallel()
	w := later(t)
	two, err := w.Core.Definitions().Add("path.yaml", []byte(strings.NewReplacer("version: 1", "version: 2", "{length: 20d}", "{length: 27d}").Replace(laterPath)))
	w.Must(err)
	m := upgrade.Move{Target: upgrade.Target{Name: edit.OriginOf(two.Name), Version: 2}, Reason: "Lo chiede la Regione"}
	before := expected(w)
	look, err := upgrade.Look(t.Context(), w.Core, w.Process, m)
	w.Must(err)
	w.Must(upgrade.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, m))
	told(w, look.Later, before, "two", "three", "four")
	if after := expected(w); len(look.Plan) != 4 || !look.Plan[1].End.Equal(after[1].End) {
		t.Errorf("the plan from here on: %+v, is %+v", look.Plan, after)
	}
}

// Of the phase that a move begins, the end is compared with the one that every page
// expected of it, not with that of the first plan.
func TestTheEndThatWasExpected(t *testing.T) {
	t.Parallel()
	w := later(t)
	born := expected(w)[1].End
	_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: expected(w)[0].End.AddDate(0, 0, 7), Reason: "Serve tempo"})
	w.Must(err)
	options, err := w.Core.Explain(t.Context(), w.Process.ID, 0, w.Promoter)
	w.Must(err)
	if was := expected(w)[1].End; was.Equal(born) || !options[0].Planned.Equal(was) {
		t.Errorf("compared with %s, expected until now %s, planned %s", options[0].Planned, was, born)
	}
}
