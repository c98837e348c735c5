package retention_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/retention"
	"arengo/process/worldtest"
	"arengo/workflow/history"
)

const reopenable = `
workflow: test-path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: running
states:
  running: {title: {it: In corso, en: Running}, allows: [edit], on_enter: [{notice: phase-opened, to: followers}]}
  more: {title: {it: Ancora, en: More}, allows: [edit], on_enter: [{notice: phase-opened, to: followers}]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: on, event: on, from: [running], to: more, by: [promoter], title: {it: Avanti, en: On}, reason: required}
  - {id: end, event: end, from: [more], to: over, by: [promoter], title: {it: Chiudi, en: End}, reason: required}
  - {id: again, event: again, from: [over], to: more, by: [promoter], title: {it: Riapri, en: Again}, reopens: true, reason: required, tell: followers}
`

// reopened is a process that can end twice.
type reopened struct{ *worldtest.World }

func newReopened(t *testing.T) reopened {
	w := reopened{worldtest.Build(t, worldtest.Config{Path: reopenable, Template: "test-path"})}
	w.Settle("marta@comune.example.org", "Marta")
	w.Publish()
	return w
}

func (w reopened) moves(event, reason string) {
	w.T.Helper()
	_, err := w.Core.Advance(w.T.Context(), w.Process.ID, w.Promoter, process.Move{Event: event, Reason: reason})
	w.Must(err)
}

func (w reopened) follows(email string) process.PersonID {
	w.T.Helper()
	p := w.Person(email)
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, p, w.Start, w.Start)
	return p
}

// sweeps erases as of some years after the beginning, and gives how many
// processes were finished.
func (w reopened) sweeps(years int) int {
	w.T.Helper()
	late := w.Start.AddDate(years, 0, 0)
	w.Clock.Set(late)
	n, err := retention.New(w.Core).Sweep(w.T.Context(), late)
	w.Must(err)
	return n
}

func (w reopened) erased() bool {
	w.T.Helper()
	list, _, err := w.Core.List(w.T.Context(), process.Filter{})
	w.Must(err)
	return len(list) == 1 && list[0].Erased
}

// Reasons are people's words, wherever they are kept; the chain holds without.
func TestReasonsAreForgotten(t *testing.T) {
	t.Parallel()
	w := newReopened(t)
	w.follows("uno@example.org")
	w.moves("on", "Lo chiede Mario Rossi")
	w.moves("end", "Lo chiede Mario Rossi")
	said := func(table string) int {
		return w.Count(`SELECT count(*) FROM `+table+` x WHERE process_id = ? AND x::text LIKE '%Mario Rossi%'`, w.Process.ID)
	}
	tables := []string{"workflow_instance", "transition_text", "notice"}
	for _, table := range tables {
		if said(table) == 0 {
			t.Errorf("%s does not say the reason: nothing is tried", table)
		}
	}
	w.Exec(`UPDATE notice SET expanded_at = ?`, w.Start)
	w.Exec(`UPDATE workflow_plan SET reason = 'Lo chiede Mario Rossi' WHERE process_id = ?`, w.Process.ID)
	if n := w.sweeps(3); n != 1 {
		t.Errorf("%d processes were finished", n)
	}
	for _, table := range append(tables, "workflow_plan") {
		if n := said(table); n > 0 {
			t.Errorf("%s still says it in %d rows", table, n)
		}
	}
	w.Must(history.Verify(t.Context(), history.In(w.DB), int64(w.Process.ID)))
}

// Who comes after a reopening is forgotten after the second end, and a
// reopened process counts as one that names people.
func TestWhoComesAfterAReopeningIsForgottenToo(t *testing.T) {
	t.Parallel()
	w := newReopened(t)
	w.follows("uno@example.org")
	w.moves("on", "Avanti")
	w.moves("end", "Fine")
	if n := w.sweeps(3); n != 1 || !w.erased() {
		t.Fatalf("%d processes were finished, erased %t", n, w.erased())
	}
	w.Clock.Set(w.Start.AddDate(3, 0, 1))
	w.moves("again", "Si riapre")
	second := w.follows("due@example.org")
	if w.erased() {
		t.Error("a reopened process names nobody, it says")
	}
	if n := w.sweeps(6); n != 0 || w.Count(`SELECT count(*) FROM follower WHERE process_id = ?`, w.Process.ID) != 1 {
		t.Errorf("while it runs, %d processes were finished", n)
	}
	w.moves("end", "Fine davvero")
	n := w.sweeps(9)
	var email string
	w.One(&email, `SELECT email FROM person WHERE id = ?`, second)
	if left := w.Count(`SELECT count(*) FROM follower WHERE process_id = ?`, w.Process.ID); n != 1 || left != 0 || email == "due@example.org" {
		t.Errorf("after the second end: %d finished, %d followers left, %s", n, left, email)
	}
	w.Must(history.Verify(t.Context(), history.In(w.DB), int64(w.Process.ID)))
}

// A process that is reopened between being found and being erased keeps who
// takes part in it.
func TestReopenedWhileErasing(t *testing.T) {
	t.Parallel()
	w := newReopened(t)
	w.moves("on", "Avanti")
	w.moves("end", "Fine")
	w.Clock.Set(w.Start.Add(time.Hour))
	found, err := retention.Due(t.Context(), w.Core, w.Start.AddDate(3, 0, 0))
	w.Must(err)
	w.moves("again", "Si riapre")
	w.follows("due@example.org")
	done, err := found[0](t.Context(), w.Start.AddDate(3, 0, 0))
	w.Must(err)
	if left := w.Count(`SELECT count(*) FROM follower WHERE process_id = ?`, w.Process.ID); done || left != 1 {
		t.Errorf("finished %t, %d followers left", done, left)
	}
}

// Who acts after the erasure, as a promoter who corrects a document does, is
// forgotten in their turn, as long after; that is done once.
func TestWhoActsAfterTheErasureIsForgottenToo(t *testing.T) {
	t.Parallel()
	src := strings.Replace(reopenable, "allows: [edit],", "allows: [edit], artefacts: [{code: sheet, title: {it: Scheda, en: Sheet}, public: true}],", 1)
	w := reopened{worldtest.Build(t, worldtest.Config{Path: src, Template: "test-path"})}
	w.Settle("marta@comune.example.org", "Marta")
	w.Publish()
	w.moves("on", "Avanti")
	w.moves("end", "Fine")
	if n := w.sweeps(3); n != 1 || !w.erased() {
		t.Fatalf("%d processes were finished, erased %t", n, w.erased())
	}
	sheet := document.Document{ProcessID: w.Process.ID, Code: "sheet", Title: "Scheda", Body: "Uno", Turn: document.Show}
	w.Must(document.New(w.Core).Save(t.Context(), w.Promoter, sheet))
	texts := func() int {
		return w.Count(`SELECT count(*) FROM transition_text WHERE process_id = ?`, w.Process.ID)
	}
	if n := texts(); n != 1 {
		t.Fatalf("%d texts: nothing is tried", n)
	}
	w.Clock.Set(w.Start.AddDate(3, 1, 0))
	n, err := retention.New(w.Core).Sweep(t.Context(), w.Start.AddDate(3, 1, 0))
	if w.Must(err); n != 0 || texts() != 1 {
		t.Errorf("a month later %d finished, %d texts left", n, texts())
	}
	if n := w.sweeps(6); n != 1 || texts() != 0 {
		t.Errorf("in the end %d finished, %d texts left", n, texts())
	}
	if n := w.sweeps(9); n != 0 {
		t.Errorf("it is done again: %d", n)
	}
	w.Must(history.Verify(t.Context(), history.In(w.DB), int64(w.Process.ID)))
}

// Who did what a notice tells of is no longer named in it.
func TestNoticesForgetWhoActed(t *testing.T) {
	t.Parallel()
	w := newReopened(t)
	w.follows("uno@example.org")
	w.moves("on", "Avanti")
	w.moves("end", "Fine")
	w.Exec(`UPDATE notice SET expanded_at = ?, payload = payload - 'reason' || '{"by": 7}'`, w.Start)
	w.sweeps(3)
	if n := w.Count(`SELECT count(*) FROM notice WHERE process_id = ?`, w.Process.ID); n == 0 {
		t.Error("no notice: nothing is tried")
	}
	if n := w.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND payload->>'by' IS NOT NULL`, w.Process.ID); n != 0 {
		t.Errorf("%d notices still name who acted", n)
	}
}
