package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/web/page"
	"arengo/workflow/civil"
)

// gatedPath is over with its preparation before its process may begin.
const gatedPath = `
workflow: gated-path
version: 1
title: {it: Con una data, en: With a date}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: preparation
dates: [{code: first-day, title: {it: Primo giorno, en: First day}}]
states:
  preparation: {title: {it: Preparazione, en: Preparation}, term: {length: 10d}, allows: [edit]}
  process: {title: {it: Processo partecipativo, en: Participatory process}, term: {length: 20d}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - id: begin
    event: begin
    from: [preparation]
    to: process
    by: [promoter]
    title: {it: Comincia, en: Begin}
    requires:
      - {code: in-window, guard: '"first-day" in process.dates && now >= process.dates["first-day"]', explain: {it: È presto, en: It is early}}
  - {id: end, event: end, from: [process], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// A phase that is over before the next may begin says until when nothing happens, and
// why; it is no longer than it was promised only from that day on.
func TestAPhaseThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Core.Definitions().Add("gated-path.yaml", []byte(gatedPath))
	w.Must(err)
	p, err := w.Core.Create(t.Context(), w.Promoter, process.NewProcess{
		Template: "gated-path", Title: "In attesa", OrganisationID: w.Process.OrganisationID, StartsOn: civil.DateOf(w.Start, page.Rome),
	})
	w.Must(err)
	_, err = calldate.New(w.Core).Save(t.Context(), p.ID, w.Promoter, map[string]civil.Date{"first-day": {Year: 2026, Month: time.July, Day: 1}}, "")
	w.Must(err)
	const waits, overdue = "“Processo partecipativo” può cominciare da mercoledì 1° luglio 2026, il primo giorno possibile", "oltre la fine prevista"
	read := func() (phase, main string) {
		t.Helper()
		at := w.SignedIn(w.Promoter).Get("/percorsi/" + p.Slug).Is(http.StatusOK)
		return at.Text("#fase-1"), at.Text("main")
	}
	for day, says := range map[civil.Date]bool{
		civil.DateOf(w.Start, page.Rome): true, {Year: 2026, Month: time.June, Day: 30}: true, {Year: 2026, Month: time.July, Day: 1}: false,
	} {
		w.At(day.At(23, 0, page.Rome))
		phase, main := read()
		if strings.Contains(phase, waits) != says || strings.Count(main, waits) < 2 == says {
			t.Errorf("on %s it waits %t: %q", day, says, phase)
		}
		if strings.Contains(phase, overdue) == says {
			t.Errorf("on %s it is late: %q", day, phase)
		}
	}
}
