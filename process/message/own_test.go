package message_test

import (
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/message"
	"arengo/process/worldtest"
)

// announcing has two notices of its own, one to an office and one to those who
// take part.
const announcing = `
workflow: announcing
version: 1
title: {it: Prova, en: Test}
timezone: Europe/Rome
roles: [promoter, facilitator, guarantor]
initial: writing
notices:
  check-it:
    subject: {it: "Da validare: {process}", en: "To validate: {process}"}
    text: {it: "{organisation} chiede la validazione ({phase}) entro {due}. {reason}", en: "{organisation} asks for the validation ({phase}) by {due}. {reason}"}
  nothing-due:
    subject: {it: "Concluso: {process}", en: "Over: {process}"}
    text: {it: "Il termine: {due}.", en: "The term: {due}."}
states:
  writing: {title: {it: Scrittura, en: Writing}, allows: [edit]}
  checking: {title: {it: Validazione, en: Validation}, term: {length: 10d}, allows: [edit], on_enter: [{notice: check-it, to: guarantor}]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: ask, event: ask, from: [writing], to: checking, by: [promoter], reason: optional, title: {it: Chiedi, en: Ask}}
  - {id: end, event: end, from: [checking], to: over, by: [promoter], title: {it: Chiudi, en: End}, then: [{notice: nothing-due, to: guarantor}]}
`

// TestOwnNotices sends the notices that a definition writes itself, with the
// placeholders filled in, each in the language of who reads.
func TestOwnNotices(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "announcing", Path: announcing})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	italian, english := w.Actor("garante@example.org", "Gaia Rossi"), w.Actor("warden@example.org", "Ann Lee")
	w.Member(italian, "guarantor")
	w.Member(english, "guarantor")
	w.Exec(`UPDATE person SET locale = 'en' WHERE id = ?`, english.Person)
	w.Must(w.Advance(process.Activity{}, "ask", "Siamo pronti"))
	w.Must(w.Advance(process.Activity{}, "end", ""))

	var notices []notify.Notice
	w.Must(w.DB.NewRaw(`SELECT id, process_id, activity_id, key, kind, audience, payload, due_at FROM notice WHERE process_id = ? AND kind = ? ORDER BY id`, w.Process.ID, notify.Announcement).Scan(t.Context(), &notices))
	if len(notices) != 2 {
		t.Fatalf("%d notices, want 2", len(notices))
	}
	source := message.New(w.Core)
	for i, want := range []map[process.PersonID][2]string{
		{
			italian.Person: {"Da validare: Un percorso di prova", "Comune di Prova chiede la validazione (Validazione) entro 18 marzo 2026 alle 23:59. Siamo pronti"},
			english.Person: {"To validate: Un percorso di prova", "Comune di Prova asks for the validation (Validation) by 18 March 2026 at 23:59. Siamo pronti"},
		},
		{
			italian.Person: {"Concluso: Un percorso di prova", "Il termine: una data da fissare."},
			english.Person: {"Over: Un percorso di prova", "The term: a date to be set."},
		},
	} {
		if notices[i].Audience != "guarantor" || !notices[i].DueAt.Equal(w.Start) {
			t.Errorf("to %s at %s", notices[i].Audience, notices[i].DueAt.Format(time.RFC3339))
		}
		facts, err := source.Facts(t.Context(), w.DB, notices[i], []int64{int64(italian.Person), int64(english.Person)})
		w.Must(err)
		for person, words := range want {
			page, err := templates.Render(notify.Announcement, facts[int64(person)])
			w.Must(err)
			if page.Subject != words[0] || !strings.Contains(strings.Join(strings.Fields(page.Text), " "), words[1]) {
				t.Errorf("subject %q, want %q; text without %q:\n%s", page.Subject, words[0], words[1], page.Text)
			}
		}
	}
}
