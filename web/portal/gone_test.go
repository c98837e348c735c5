package portal_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process/upgrade"
	"arengo/web/portal"
	"arengo/web/setup"
	"arengo/web/webtest"
)

// A phase that took place stays with its title and dates on the public page, in
// the report and among the dates, also when the process goes on by a version that
// knows it no longer; what is counted are the phases of that version.
func TestGonePhaseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Site = webtest.Serve(w.World, "portal/process portal/report setup/dates", portal.Routes, setup.Routes)
	w.publish()
	w.Clock.Advance(24 * time.Hour)
	w.move("launch", "")
	next := strings.NewReplacer("version: 1", "version: 2", "initial: preparation", "initial: listening",
		"  - {id: launch, event: launch, from: [preparation], to: listening, by: [promoter], title: {it: Apri, en: Open}}\n", "").Replace(smallPath)
	from, to := strings.Index(next, "  preparation:\n"), strings.Index(next, "  listening:\n")
	_, err := w.Core.Definitions().Add("small-path.yaml", []byte(next[:from]+next[to:]))
	w.Must(err)
	w.Must(upgrade.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, upgrade.Move{Target: upgrade.Target{Name: "small-path", Version: 2}, Reason: "Più semplice"}))

	spine := w.Visitor().Get(slug).Find(".ar-spine")
	first := spine.Find("li.ar-phase").First()
	if n := spine.Find("li.ar-phase").Length(); n != 3 || !strings.Contains(first.Find("h3").Text(), "Preparazione") || !first.HasClass("is-done") {
		t.Errorf("%d phases, the first: %q", n, first.Text())
	}
	if text := first.Text(); !strings.Contains(text, "prima che le fasi cambiassero") || !strings.Contains(text, "marzo 2026") {
		t.Errorf("the gone phase says %q", text)
	}
	if text := spine.Find("li.ar-phase").Eq(1).Find("h3").Text(); !strings.Contains(text, "1. Ascolto") {
		t.Errorf("the present phase is called %q", text)
	}
	if text := w.Visitor().Get(slug + "/report").Find("table").First().Find("tbody tr").First().Text(); !strings.Contains(text, "Preparazione") {
		t.Errorf("the report begins with %q", text)
	}
	dates := w.SignedIn(w.Promoter).Get("/gestione/next-generation-siena/date").Find("section[aria-labelledby=fasi]")
	row := dates.Find("tbody tr").First().Text()
	if text := dates.Find("h2").Text(); !strings.Contains(text, "Le 2 fasi") {
		t.Errorf("counted %q", text)
	}
	if !strings.Contains(row, "Preparazione") || !strings.Contains(row, "2 mar") || !strings.Contains(row, "conclusa") || strings.Contains(row, "senza termine") {
		t.Errorf("the row says %q", row)
	}
}
