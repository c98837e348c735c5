package seat_test

import (
	"net/http"
	"testing"

	"arengo/process"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/web/setup/seat"
	"arengo/web/staff/gate"
	"arengo/web/webtest"
)

const path = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert]
initial: listen
states:
  listen: {title: {it: Ascolto, en: Listening}, allows: [edit], term: {length: 10d}, at_end: {event: work}, activities: [{kind: webinar, at_exit: over}]}
  work: {title: {it: Lavoro, en: Work}, allows: [edit], term: {length: 10d}, on_enter: [{close: {kind: webinar}}], activities: [{kind: webinar, count: {min: 1}, at_entry: ready}]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: work, event: work, from: [listen], to: work, by: [promoter, timer], title: {it: Lavora, en: Work}}
  - {id: end, event: end, from: [work], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

type world struct {
	*worldtest.World
	*webtest.Site
	at string // the page of the phase of one activity
	on process.Activity
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.Build(t, worldtest.Config{Template: "path", Path: path, Kinds: []process.Kind{webinar.Kind{}}})}
	w.Settle("marta@comune.example.org", "Marta Bindi")
	w.Site = webtest.Serve(w.World, "setup/seat", seat.Routes)
	w.on = w.NewActivity("webinar", "work", "Serata")
	w.at = gate.Seat(w.Process.Slug, w.on)
	return w
}

func (w *world) phase() string {
	w.T.Helper()
	a, err := w.Core.LoadActivity(w.T.Context(), w.DB, w.Process.ID, w.on.ID)
	w.Must(err)
	return a.Phase
}

// TestAnActivityIsMoved chooses a phase, reads what changes, and moves it.
func TestAnActivityIsMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish()
	b := w.SignedIn(w.Promoter)
	first := b.Page(w.at)
	first.Says("“Serata” sta nella fase “Lavoro”", "Ascolto (in corso)").Hides("È già nella fase")
	if first.Find("form[method=post][action$='/fase']").Length() != 0 {
		t.Error("it can be moved before a phase is chosen")
	}
	if n := first.Find("select[name=fase] option").Length(); n != 2 {
		t.Errorf("%d phases to choose from", n)
	}
	b.Page(w.at+"?fase=work").Says("È già nella fase “Lavoro”: scegline un’altra").Hides("Che cosa cambia", "Sposta in “")

	shown := b.Page(w.at + "?fase=listen")
	shown.Says("Alla fase “Lavoro” manca un’attività che il modello chiede: Webinar", "la mostra sotto la fase “Ascolto”", "Nessuno viene avvisato")
	if w.phase() != "work" {
		t.Fatal("a look moved it")
	}
	b.Submit(shown, "form[method=post]:has(input[name=from])").To(gate.ActivityPath(w.Process.Slug, w.on))
	if w.phase() != "listen" {
		t.Error("it was not moved")
	}
	b.Page(w.at + "?fase=work").Says("Quando comincia “Lavoro” si chiudono tutte le attività aperte di questo tipo")
}

// TestAMoveThatCannotBeSaysWhy: a phase that is over, a form that is out of date, an
// activity that is over, and who may not.
func TestAMoveThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish()
	b := w.SignedIn(w.Promoter)
	shown := b.Page(w.at + "?fase=listen")
	const form = "form[method=post]:has(input[name=from])"
	b.Submit(shown, form, "phase", "over").Refused(http.StatusUnprocessableEntity, "phase")
	b.Submit(shown, form, "from", "listen").Is(http.StatusConflict)
	b.Get(w.at + "?fase=over").Is(http.StatusUnprocessableEntity)
	expert := w.Actor("perita@example.org", "Perita")
	w.Member(expert, process.RoleExpert)
	w.SignedIn(expert).Get(w.at).Is(http.StatusForbidden)
	b.Get("/gestione/" + w.Process.Slug + "/attivita/niente/fase").Is(http.StatusNotFound)

	w.Exec(`UPDATE workflow_instance SET state = 'concluded' WHERE activity_id = ?`, w.on.ID)
	over := b.Page(w.at + "?fase=listen")
	over.Says("È conclusa o annullata: resta nella fase in cui è stata").Hides("Sposta in “")
	b.Submit(shown, form).Is(http.StatusConflict)
}
