package calldate_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/civil"
)

// missing may begin its second phase after the day with which that ends.
const missing = `
workflow: missing
version: 1
title: {it: Finestra, en: Window}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: asking
dates:
  - {code: decided, title: {it: Decisa entro, en: Decided by}, days: ["03-20", "03-29"]}
  - {code: begins, title: {it: Comincia dal, en: Begins on}, after: decided}
  - {code: other, title: {it: Altra, en: Other}}
notices:
  decide: {subject: {it: Da decidere, en: To decide}, text: {it: "Entro: {due}", en: "By: {due}"}}
states:
  asking: {title: {it: Domanda, en: Request}, allows: [edit]}
  deciding: {title: {it: Valutazione, en: Decision}, term: {until: "date:decided"}, on_enter: [{notice: decide, to: promoter}]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: ask, event: ask, from: [asking], to: deciding, by: [promoter], title: {it: Chiedi, en: Ask}}
  - {id: end, event: end, from: [deciding], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// A day that went by before its phase began may be given anew, with what comes after
// it, though the process is public: before the phase and while it has no end else.
// Who is told of the phase reads the day that it had.
func TestADateThatWasMissedIsGivenAnew(t *testing.T) {
	t.Parallel()
	for _, begun := range []bool{false, true} {
		w := worldtest.Build(t, worldtest.Config{Template: "missing", Path: missing})
		w.Settle("marta@comune.example.org", "Marta Bindi")
		s := calldate.New(w.Core)
		save := func(decided, begins int) error {
			_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"decided": day(decided), "begins": day(begins), "other": day(10)}, "")
			return err
		}
		w.Must(save(20, 22))
		w.Publish()
		w.At(time.Date(2026, time.March, 20, 20, 0, 0, 0, time.UTC))
		if err := save(29, 30); !fault.Is(err, fault.Conflict) {
			t.Fatalf("begun %t: given anew on its last day: %v", begun, err)
		}
		w.At(time.Date(2026, time.March, 24, 8, 0, 0, 0, time.UTC))
		options, err := w.Core.Engine().Explain(t.Context(), w.DB, w.Process.Ref(), workflow.Person(int64(w.Promoter.Person), "promoter"))
		w.Must(err)
		looks, err := foresight.New(w.Core).Moves(t.Context(), w.Reload(w.Process), nil, options, w.Clock.Time())
		w.Must(err)
		if got := looks["ask"].Missed.In(w.Process.Location()).Format(time.DateTime); got != "2026-03-21 00:00:00" {
			t.Errorf("begun %t: before the move it was to end on %s", begun, got)
		}
		if begun {
			_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "ask"})
			w.Must(err)
			var told time.Time
			w.One(&told, `SELECT (payload->>'due_at')::timestamptz FROM notice WHERE process_id = ? AND payload->'own' IS NOT NULL`, w.Process.ID)
			if got := told.In(w.Process.Location()).Format(time.DateTime); got != "2026-03-21 00:00:00" {
				t.Errorf("told of %s", got)
			}
		}
		dates, err := s.List(t.Context(), w.Reload(w.Process))
		w.Must(err)
		for _, d := range dates {
			if d.Missed != (d.Code != "other") {
				t.Errorf("begun %t: %s is missed: %t", begun, d.Code, d.Missed)
			}
		}
		w.Must(save(29, 30))
		if !begun {
			_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "ask"})
			w.Must(err)
		}
		inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		if got := inst.DueAt.In(w.Process.Location()).Format(time.DateOnly); got != "2026-03-30" {
			t.Errorf("begun %t: it ends on %s", begun, got)
		}
		if err := save(20, 22); !fault.Is(err, fault.Conflict) {
			t.Errorf("begun %t: and back: %v", begun, err)
		}
	}
}
