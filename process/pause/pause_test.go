package pause_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pause"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/worldtest"
)

// path has a phase that listens, in which questionnaires are open.
const path = `
workflow: paused-path
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: listening
states:
  listening:
    title: {it: Ascolto, en: Listening}
    term: {length: 30d}
    allows: [edit, hold]
    deadlines:
      - {code: account, title: {it: Resoconto, en: Account}, after: 2d, of: "activity:questionnaire", notice: action-needed, to: promoter}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [listening], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

const questions = `
title: {it: Prova, en: Trial}
sections:
  - code: one
    title: {it: Uno, en: One}
    items: [{code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}]
`

// A process takes those of its open activities with it that are asked for, and
// lets them go on again; a draft has nothing to rest.
func TestProcessTakesItsActivitiesAlong(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "paused-path", Path: path, Kinds: []process.Kind{questionnaire.Kind{}}})
	w.Settle("lucia@comune.example.org", "Lucia Ferri")
	ctx, rest, asks := t.Context(), pause.New(w.Core), questionnaire.New(w.Core)
	w.NewActivity("questionnaire", "listening", "In preparazione")
	a := w.NewActivity("questionnaire", "listening", "Domande")
	q, err := asks.Load(ctx, w.Process.ID, a.ID)
	w.Must(err)
	q.Definition, err = form.ParseYAML([]byte(questions))
	w.Must(err)
	q, err = asks.Save(ctx, w.Promoter, q)
	w.Must(err)
	_, err = asks.PublishDefinition(ctx, w.Process.ID, a.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Must(asks.SetEnd(ctx, w.Process.ID, a.ID, w.Promoter, w.Clock.Time().AddDate(0, 0, 10).Format(time.DateOnly)))
	w.Must(w.Advance(a, "prepare", ""))
	w.Must(w.Advance(a, "open", ""))

	end := w.Clock.Time().AddDate(0, 0, 20)
	more, err := w.Core.PreviewExtend(ctx, w.Process.ID, process.NewEnd{Activity: a.ID, End: end})
	w.Must(err)
	if len(more.Process) != 1 || !more.Process[0].New.Equal(end.AddDate(0, 0, 2)) {
		t.Errorf("what of the process moves along: %v", more.Process)
	}
	if now, err := w.Core.LoadActivity(ctx, w.DB, w.Process.ID, a.ID); err != nil || now.DueAt.Equal(end) {
		t.Errorf("the preview left something: %v, %v", now.DueAt, err)
	}
	out, err := rest.PreviewSuspend(ctx, w.Process.ID, 0)
	w.Must(err)
	if len(out.With) != 1 || out.With[0].Activity.ID != a.ID || len(out.Alone) != 0 || out.Own.Activity != nil {
		t.Fatalf("%+v", out)
	}
	err = rest.Suspend(ctx, w.Process.ID, w.Promoter, pause.Request{With: []process.ActivityID{a.ID}})
	if e, ok := fault.As(err); !ok || e.Key != "workflow.reason_required" {
		t.Fatalf("no reason: %v", err)
	}
	request := pause.Request{With: []process.ActivityID{a.ID}, Reason: "Elezioni"}
	stranger := w.Actor("nessuno@example.org", "Nessuno")
	if err := rest.Suspend(ctx, w.Process.ID, stranger, request); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a stranger: %v", err)
	}
	w.Must(rest.Suspend(ctx, w.Process.ID, w.Promoter, request))
	held := func() (own, its bool) {
		inst, err := w.Core.Engine().Instance(ctx, w.DB, w.Process.Ref())
		w.Must(err)
		now, err := w.Core.LoadActivity(ctx, w.DB, w.Process.ID, a.ID)
		w.Must(err)
		return inst.Held(), now.Held()
	}
	if own, its := held(); !own || !its {
		t.Errorf("held: %v, %v", own, its)
	}
	w.At(w.Clock.Time().AddDate(0, 0, 20))
	if out, err = rest.PreviewResume(ctx, w.Process.ID, 0); err != nil || len(out.With) != 1 || len(out.With[0].Moved) == 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	w.Must(rest.Resume(ctx, w.Process.ID, w.Promoter, request))
	if own, its := held(); own || its || w.State(a) != "open" {
		t.Errorf("held: %v, %v", own, its)
	}
}
