package cockpit_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/meeting"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// timed is a path whose second phase opens its questionnaires by itself.
const timed = `
workflow: timed-path
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: start
states:
  start: {title: {it: Avvio, en: Start}, term: {length: 5d}, allows: [edit], at_end: {event: listen}}
  listening:
    title: {it: Ascolto, en: Listening}
    term: {length: 30d}
    allows: [edit]
    on_enter: [{open: {kind: questionnaire}}, {open: {kind: webinar}}]
  summary: {title: {it: Sintesi, en: Summary}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: listen, event: listen, from: [start], to: listening, by: [timer], title: {it: Ascolta, en: Listen}}
  - {id: sum, event: sum, from: [listening], to: summary, by: [promoter], title: {it: Riassumi, en: Sum up}}
  - {id: end, event: end, from: [summary], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

const questions = `
title: {it: Prova, en: Trial}
sections:
  - code: one
    title: {it: Uno, en: One}
    items: [{code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}]
`

// away is a world of the path, whose process is public and just begins.
func away(t *testing.T) *worldtest.World {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "timed-path", Path: timed, Kinds: []process.Kind{questionnaire.Kind{}, webinar.Kind{}}})
	w.Settle("lucia@comune.example.org", "Lucia Ferri")
	w.Publish()
	return w
}

// asked is a questionnaire that waits for its phase, which begins on day 5, and
// ends with day 6.
func asked(t *testing.T) (*worldtest.World, process.Activity) {
	t.Helper()
	w := away(t)
	ctx, asks := t.Context(), questionnaire.New(w.Core)
	a := w.NewActivity("questionnaire", "listening", "Domande")
	q, err := asks.Load(ctx, w.Process.ID, a.ID)
	w.Must(err)
	q.Definition, err = form.ParseYAML([]byte(questions))
	w.Must(err)
	q, err = asks.Save(ctx, w.Promoter, q)
	w.Must(err)
	_, err = asks.PublishDefinition(ctx, w.Process.ID, a.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Must(asks.SetEnd(ctx, w.Process.ID, a.ID, w.Promoter, day(6).Format(time.DateOnly)))
	w.Must(w.Advance(a, "prepare", ""))
	return w, a
}

// lost are the rows of what had no time.
func lost(t *testing.T, w *worldtest.World) []cockpit.Row {
	t.Helper()
	b, err := cockpit.New(w.Core).Today(t.Context(), w.Promoter, w.Clock.Time())
	w.Must(err)
	return slices.DeleteFunc(slices.Concat(b.Late, b.Now, b.Next, b.Later), func(r cockpit.Row) bool {
		return r.What != cockpit.WhatLost && r.What != cockpit.WhatMissed
	})
}

// Workers are away for three days, in which a questionnaire should have opened
// and closed: the log says when each counts from and when it was done, and staff are
// told and asked to reopen it.
func TestOutageAcrossBothBoundaries(t *testing.T) {
	t.Parallel()
	w, a := asked(t)
	w.At(day(4))
	w.At(day(7).Add(time.Hour))
	if s := w.State(a); s != "closed" {
		t.Fatalf("it is %s", s)
	}
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(a.ProcessID), 0, 0)
	w.Must(err)
	for _, e := range log {
		if e.ActivityID == int64(a.ID) && slices.Contains([]string{"open", "closing", "closed"}, e.To) && (!e.Late() || e.EffectiveAt.After(day(7))) {
			t.Errorf("%s counts from %s and is of %s", e.To, e.EffectiveAt, e.At)
		}
	}
	rows := lost(t, w)
	if len(rows) != 1 || rows[0].What != cockpit.WhatLost || rows[0].Activity.ID != a.ID || rows[0].Transition != "reopen" || rows[0].Band != cockpit.Late {
		t.Fatalf("%+v", rows)
	}
	incidents, err := w.Core.Engine().Incidents(t.Context(), w.DB, int64(a.ProcessID))
	w.Must(err)
	want(t, []string{incidents[0].Blockers[0].Explain["it"]},
		"Doveva essere aperta: inizio 14 marzo 2026, 00:00, fine 15 marzo 2026, 23:59. Il servizio era fermo e nessuno ha potuto partecipare")
	w.At(day(7).Add(2 * time.Hour))
	if n := w.Deliveries(a, "action-needed"); n != 1 {
		t.Errorf("%d of the staff are told", n)
	}

	_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{
		Activity: a.ID, Transition: "reopen", Reason: "Il servizio era fermo", End: day(20),
	})
	w.Must(err)
	if rows := lost(t, w); len(rows) != 0 || w.State(a) != "open" {
		t.Errorf("it is %s, with %+v", w.State(a), rows)
	}
}

// A webinar whose hour went by before it could be opened is one that nobody could
// come to: staff say what becomes of it, and followers are not called to it.
func TestOutageOverAMeeting(t *testing.T) {
	t.Parallel()
	w := away(t)
	w.Exec(`INSERT INTO follower VALUES (?, ?, ?)`, w.Process.ID, w.Stranger.Person, w.Start)
	a := w.NewActivity("webinar", "listening", "Domande e risposte")
	_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-15T18:00", Ends: "2026-03-15T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	w.At(day(4))
	w.At(day(7).Add(time.Hour))
	w.At(day(7).Add(2 * time.Hour))
	rows := lost(t, w)
	if w.State(a) != "held" || len(rows) != 1 || rows[0].What != cockpit.WhatMissed || rows[0].Activity.ID != a.ID {
		t.Fatalf("it is %s: %+v", w.State(a), rows)
	}
	called := w.Count(`SELECT count(*) FROM delivery d JOIN notice n ON (n.process_id, n.id) = (d.process_id, d.notice_id)
		WHERE n.kind = 'activity-opened' AND d.status <> 'suppressed'`)
	if n := w.Notices(a, "activity-opened"); n != 1 || called != 0 {
		t.Errorf("%d notices of the opening, which %d receive", n, called)
	}
}

// Who leads the process on without an activity that had no time has decided.
func TestGoingOnWithoutWhatHadNoTime(t *testing.T) {
	t.Parallel()
	w, _ := asked(t)
	w.At(day(8))
	if n := len(lost(t, w)); n != 1 {
		t.Fatalf("%d rows", n)
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "sum"})
	w.Must(err)
	if open, err := w.Core.Engine().Incidents(t.Context(), w.DB, int64(w.Process.ID)); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
}

// Workers who come back while the questionnaire would be open are no loss worth a
// row, and neither are those who were away at its end alone.
func TestOutageThatLeavesTime(t *testing.T) {
	t.Parallel()
	w, a := asked(t)
	w.At(day(5))
	if s := w.State(a); s != "open" {
		t.Fatalf("it is %s", s)
	}
	w.At(day(9))
	if n := len(lost(t, w)); n != 0 || w.State(a) != "closed" {
		t.Errorf("%d rows, it is %s", n, w.State(a))
	}
}
