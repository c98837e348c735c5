package setup_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/worldtest"
	"arengo/web/setup"
	"arengo/web/webtest"
	"arengo/workflow/civil"
)

// evaluated is a process whose second phase ends with a date of the call.
const evaluated = `
workflow: evaluated
version: 1
title: {it: Valutato, en: Evaluated}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: application
dates: [{code: evaluation-day, title: {it: Giorno della valutazione, en: Day of the evaluation}, required: true}]
states:
  application: {title: {it: Domanda, en: Application}, term: {length: 30d}, allows: [edit]}
  evaluation: {title: {it: Valutazione, en: Evaluation}, term: {until: "date:evaluation-day"}, allows: [edit]}
  work: {title: {it: Lavori, en: Work}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: apply, event: apply, from: [application], to: evaluation, by: [promoter], title: {it: Domanda, en: Apply}}
  - {id: admit, event: admit, from: [evaluation], to: work, by: [promoter], title: {it: Ammetti, en: Admit}}
  - {id: end, event: end, from: [work], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// A date of the call that would end a phase before it begins is listed where it is
// kept and where the process is published, and no phase is shown to end before it
// begins.
func TestDatesOfTheCallInAnOrderThatCanBe(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "evaluated", Path: evaluated, Start: monday})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	b := webtest.Serve(w, "setup/dates setup/publish", setup.Routes).SignedIn(w.Promoter)
	home := "/gestione/" + w.Process.Slug
	for _, tt := range []struct {
		day   civil.Date
		wrong bool
	}{{civil.Date{Year: 2026, Month: 12, Day: 10}, true}, {civil.Date{Year: 2027, Month: 1, Day: 31}, false}} {
		_, err := calldate.New(w.Core).Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"evaluation-day": tt.day}, "")
		w.Must(err)
		gaps, err := w.Core.Gaps(t.Context(), w.DB, w.Process)
		w.Must(err)
		if got := slices.Contains(gaps, process.Gap{Code: "order", Fix: "deadline"}); got != tt.wrong {
			t.Errorf("%s: publication asks for another order: %t", tt.day, got)
		}
		if text := b.Page(home + "/pubblica").Text("main"); strings.Contains(text, "non possono stare insieme") != tt.wrong {
			t.Errorf("%s: the page of publication says %q", tt.day, text)
		}
		dates := b.Page(home + "/date")
		if n := dates.Find(".ar-panel--late:contains('la fase non durerebbe nulla')").Length() == 1; n != tt.wrong {
			t.Errorf("%s: the page of the dates warns: %t", tt.day, n)
		}
		row := dates.Find("section[aria-labelledby=fasi] tbody tr").Eq(1).Find("td").Eq(1).Text()
		if want := map[bool]string{true: "non ha più giorni: deve finire giovedì 10 dicembre 2026, e comincerebbe mercoledì 23 dicembre 2026", false: "31 gen"}[tt.wrong]; !strings.Contains(row, want) {
			t.Errorf("%s: the evaluation ends %q, want %q", tt.day, row, want)
		}
		if last := dates.Find("section[aria-labelledby=fasi] tbody tr").Eq(2).Find("td").Eq(1).Text(); !strings.Contains(last, "senza termine") {
			t.Errorf("%s: what has no term ends %q", tt.day, last)
		}
	}
}
