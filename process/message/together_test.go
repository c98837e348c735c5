package message_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// manyRoles says several things at once to people of several roles.
const manyRoles = `
workflow: many-roles
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator, participant]
initial: preparation
notices:
  come:
    subject: {it: "Si comincia: {process}", en: "It begins: {process}"}
    text: {it: "Si comincia.", en: "It begins."}
states:
  preparation: {title: {it: Preparazione, en: Preparation}, allows: [edit]}
  evenings:
    title: {it: Serate, en: Evenings}
    on_enter:
      - {open: {kind: webinar}}
      - {notice: phase-opened, to: [followers, participant]}
      - {notice: come, to: participant}
      - {notice: action-needed, to: facilitator}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: begin, event: begin, from: [preparation], to: evenings, by: [promoter], title: {it: Comincia, en: Begin}}
  - {id: end, event: end, from: [evenings], to: over, by: [promoter], title: {it: Concludi, en: End},
     then: [{notice: process-closed, to: everyone-involved}, {notice: what-became-of-it, to: contributors}]}
`

// One act is told to everybody once, by the notice that says most to them,
// whatever they are to the process.
func TestOneActIsToldOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "many-roles", Path: manyRoles, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("lucia@comune.example.org", "Lucia")
	w.Member(w.Actor("marta@example.org", "Marta"), process.RoleFacilitator)
	w.Publish()
	a := w.NewActivity("webinar", "evenings", "Prima serata")
	_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	insert := map[string]string{
		"follower":   `INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?0, ?1, ?2, ?2)`,
		"contact":    `INSERT INTO contact (process_id, person_id, source, created_at) VALUES (?0, ?1, 'test', ?2)`,
		"attendance": `INSERT INTO attendance (process_id, meeting_id, person_id, noted_at, noted_by) SELECT process_id, id, ?1, ?2, ?1 FROM meeting WHERE process_id = ?0`,
	}
	for who, roles := range map[string][]string{
		"segue@example.org": {"follower"}, "lista@example.org": {"contact"}, "tutto@example.org": {"follower", "contact", "attendance"},
		"marta@example.org": {"follower", "contact"}, "rifiuta@example.org": {"follower", "attendance"},
	} {
		for _, role := range roles {
			w.Exec(insert[role], w.Process.ID, w.Person(who), w.Start)
		}
	}
	sent := w.Post()
	sent()
	told := func() map[string]string {
		t.Helper()
		out := map[string][]string{}
		for _, m := range sent() {
			name, _, _ := strings.Cut(m.Recipients[0], "@")
			out[name] = append(out[name], m.Subject())
		}
		one := map[string]string{}
		for who, subjects := range out {
			slices.Sort(subjects)
			one[who] = strings.Join(subjects, " + ")
		}
		return one
	}
	same := func(got, want map[string]string) {
		t.Helper()
		for who, subject := range want {
			if got[who] != subject {
				t.Errorf("%s reads %q, want %q", who, got[who], subject)
			}
		}
		if len(got) != len(want) {
			t.Errorf("told %v, want %v", got, want)
		}
	}
	w.Must(w.Advance(process.Activity{}, "begin", ""))
	same(told(), map[string]string{
		"segue": "Puoi partecipare: Prima serata", "tutto": "Puoi partecipare: Prima serata", "rifiuta": "Puoi partecipare: Prima serata",
		"lista": "Si comincia: " + w.Process.Title, "marta": "Da fare: Concludi",
	})
	w.Exec(`INSERT INTO optout (process_id, person_id, created_at) SELECT ?, id, ? FROM person WHERE email = 'rifiuta@example.org'`, w.Process.ID, w.Start)
	w.Must(w.Advance(process.Activity{}, "end", ""))
	over := "Il percorso è concluso: " + w.Process.Title
	same(told(), map[string]string{
		"segue": over, "marta": over, "rifiuta": over, "lucia": over,
		// The end is owed; what became of a contribution may come later, or be refused.
		"tutto": "Che fine ha fatto il tuo contributo + " + over,
	})
	if n := w.Count(`SELECT count(*) FROM delivery WHERE suppressed_why = 'told_together'`); n != 8 {
		t.Errorf("%d are told by another notice", n)
	}
}
