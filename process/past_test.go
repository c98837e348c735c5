package process_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
)

const selfMoving = `
workflow: test-path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: one
states:
  one: {title: {it: Uno, en: One}, term: {length: 30d}, allows: [edit], at_end: {event: on}}
  two: {title: {it: Due, en: Two}, term: {length: 30d}, allows: [edit], at_end: {event: on}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: on, event: on, from: [one], to: two, by: [promoter, timer], title: {it: Avanti, en: On}}
  - {id: end, event: on, from: [two], to: over, by: [promoter, timer], title: {it: Chiudi, en: End}}
`

// A slip of the year in the first day of a draft is asked about; meant so, it does
// not run the process to its end.
func TestADraftThatBeganAYearAgo(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Path: selfMoving, Template: "test-path"})
	w.Settle("marta@comune.example.org", "Marta")
	start := civil.DateOf(w.Start, time.UTC)
	start.Year--
	dates := process.Dates{Start: start, Revision: w.Process.Revision}
	err := w.Core.SetDates(t.Context(), w.Process.ID, w.Promoter, dates)
	if e, ok := fault.As(err); !ok || e.Key != "process.starts_past" || e.Field != "starts_on" {
		t.Errorf("got %v", err)
	}
	dates.Past = true
	w.Must(w.Core.SetDates(t.Context(), w.Process.ID, w.Promoter, dates))
	w.At(w.Start.Add(time.Minute))
	i, failed := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(failed)
	if i.State != "one" {
		t.Errorf("a minute after it is %s, since %s", i.State, i.EnteredAt)
	}
}
