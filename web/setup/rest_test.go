package setup_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/pause"
)

// twice is a path of two phases of days, which may rest; "run" in place of "shift"
// keeps the dates of the first.
const twice = `
workflow: twice
version: 1
title: {it: Due, en: Two}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: first
states:
  first: {title: {it: Prima, en: First}, term: {length: 30d, max: 90d, on_hold: shift}, allows: [edit, hold, extend]}
  second: {title: {it: Seconda, en: Second}, term: {length: 10d}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: go, event: go, from: [first], to: second, by: [promoter], title: {it: Avanti, en: Go on}}
  - {id: end, event: end, from: [second], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// rows are the lines of the table of the dates, with one blank between words.
func (w *world) rows() []string {
	var out []string
	for _, tr := range w.lucia.Page("/gestione/prova/date").Find("section[aria-labelledby=fasi] table tbody tr").EachIter() {
		out = append(out, strings.Join(strings.Fields(tr.Text()), " "))
	}
	return out
}

// While a process rests nobody knows when its phase ends, nor when the ones behind it
// are: the page of the dates gives none, unless the term keeps running.
func TestDatesOfASuspendedProcess(t *testing.T) {
	t.Parallel()
	for _, onHold := range []string{"shift", "run"} {
		w := newWorld(t).begun("twice", []byte(strings.Replace(twice, "on_hold: shift", "on_hold: "+onHold, 1)))
		w.Publish()
		before := strings.Join(w.rows(), "\n")
		w.Must(pause.New(w.Core).Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Sciopero"}))
		rows := w.rows()
		if onHold == "run" {
			if got := strings.Join(rows, "\n"); got != before {
				t.Errorf("its dates keep running: %s", got)
			}
			continue
		}
		if len(rows) != 2 || !strings.Contains(rows[0], "in sospeso da lunedì") || !strings.Contains(rows[0], "la nuova data si saprà quando si riprende") {
			t.Errorf("the present phase: %q", rows)
		}
		if !strings.Contains(rows[1], "date da stabilire: dipendono da quando il percorso riprende") || strings.Contains(rows[1], "gen") || strings.Contains(rows[1], "dic") {
			t.Errorf("the one behind it: %q", rows)
		}
		if strings.Contains(strings.Join(rows, ""), "–") {
			t.Errorf("a cell that says nothing: %q", rows)
		}
		if text := w.lucia.Page("/gestione/prova/date").Text("main"); !strings.Contains(text, "solo quando il percorso riprende") || strings.Contains(text, "Proroga") {
			t.Errorf("what can be done while it rests: %s", text)
		}
	}
}

// Of a phase whose end was moved the days are those that it lasts now.
func TestDaysOfAMovedPhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun("twice", []byte(twice))
	w.Publish()
	days := func() string {
		return strings.TrimSpace(w.lucia.Page("/gestione/prova/date").Find("section[aria-labelledby=fasi] table tbody tr").First().Find("td").Eq(2).Text())
	}
	if got := days(); got != "30" {
		t.Errorf("as planned: %q days", got)
	}
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.Add(5 * 24 * time.Hour), Reason: "Serve più tempo"})
	w.Must(err)
	if got := days(); got != "35" {
		t.Errorf("five days later: %q days", got)
	}
}
