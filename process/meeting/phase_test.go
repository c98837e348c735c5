package meeting_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// evenings is a path whose phase lasts until its webinars are over.
const evenings = `
workflow: evenings
version: 1
title: {it: Serate, en: Evenings}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: talk
states:
  talk:
    title: {it: Incontri, en: Meetings}
    term: {until: "activity:webinar"}
    at_end: {event: finish}
    deadlines:
      - {code: minutes, title: {it: Resoconto, en: Account}, after: 2d, of: "activity:webinar", notice: action-needed, to: promoter}
  summary:
    title: {it: Sintesi, en: Summary}
    term: {length: 7d, from: "activity:webinar"}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: finish, event: finish, from: [talk], to: summary, by: [promoter, timer], title: {it: Chiudi, en: End}}
  - {id: print, event: print, from: [summary], to: over, by: [promoter], title: {it: Pubblica, en: Publish}}
`

// A phase that hangs on its meetings follows each that is set, moved or called
// off, and ends with the last.
func TestPhaseFollowsItsMeetings(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "evenings", Path: evenings, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	meetings := meeting.New(w.Core)
	a := w.NewActivity("webinar", "talk", "Domande e risposte")
	at := func(wall string) time.Time {
		at, err := time.ParseInLocation("2006-01-02T15:04", wall, w.Process.Location())
		w.Must(err)
		return at
	}
	ends := func(state, due string) {
		t.Helper()
		i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		if i.State != state || (due == "") != i.DueAt.IsZero() || (due != "" && !i.DueAt.Equal(at(due))) {
			t.Errorf("%s ends %s, want %s %s", i.State, i.DueAt.In(w.Process.Location()), state, due)
		}
	}
	var set [2]meeting.Meeting
	for i, day := range []string{"2026-03-20", "2026-03-24"} {
		var err error
		set[i], err = meetings.Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
			Starts: day + "T18:00", Ends: day + "T19:00", JoinURL: "https://meet.example.org/x",
		})
		w.Must(err)
	}
	w.Must(w.Advance(a, "open", ""))
	ends("talk", "2026-03-24T19:00")
	_, err := meetings.Reschedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Rescheduling{
		Meeting: set[1].ID, Revision: set[1].Revision, Draft: meeting.Draft{Starts: "2026-03-26T18:00", Ends: "2026-03-26T20:00"},
	})
	w.Must(err)
	ends("talk", "2026-03-26T20:00")
	w.Must(meetings.Cancel(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Cancellation{Meeting: set[1].ID, Reason: "Sala allagata"}))
	ends("talk", "2026-03-20T19:00")
	w.At(at("2026-03-20T19:30"))
	if w.State(a) != "held" {
		t.Errorf("the webinar is %s", w.State(a))
	}
	ends("summary", "2026-03-28T00:00") // seven days from the last of them
}
