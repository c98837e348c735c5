package meeting_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/conduct"
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
	var moved conduct.Rescheduling
	w.Must(w.Core.Preview(t.Context(), func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, actor workflow.Actor) (err error) {
		if _, err = tx.NewRaw(`UPDATE meeting SET ends_at = ends_at + interval '1 day' WHERE id = ?`, set[1].ID).Exec(ctx); err == nil {
			moved, err = c.Reschedule(ctx, tx, a.Ref(), actor)
		}
		return err
	}))
	if len(moved.Own) != 1 || len(moved.Process) != 2 || !moved.Process[0].New.Equal(at("2026-03-27T19:00")) || !moved.Process[1].New.Equal(at("2026-03-25T19:00")) {
		t.Errorf("what would move: %+v", moved) // the end of the webinar; the account of the phase, and its end
	}
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

// A meeting that is still to come outlives its process: nothing of it is moved or
// begun, it is called off or brought to its end.
func TestAfterTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	ended := func(t *testing.T) *world {
		w := open(t)
		w.Must(w.Advance(process.Activity{}, "end", ""))
		if got := w.State(w.a); got != "open" {
			t.Fatalf("it is %s", got)
		}
		return w
	}
	t.Run("called off", func(t *testing.T) {
		t.Parallel()
		w := ended(t)
		_, err := w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Revision: w.m.Revision, Draft: later})
		refused(t, err, fault.Closed, "policy.ended")
		_, err = w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, later)
		refused(t, err, fault.Closed, "policy.ended")
		w.Must(w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Il percorso è finito"))
		if got := w.State(w.a); got != "cancelled" {
			t.Errorf("it is %s", got)
		}
	})
	t.Run("held", func(t *testing.T) {
		t.Parallel()
		w := ended(t)
		w.At(ends)
		_, err := w.Meetings.Publish(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Material{Kind: meeting.MaterialSlides, Title: "Slide", URL: "https://example.org/s"})
		w.Must(err)
		w.Must(w.Advance(w.a, "conclude", ""))
		refused(t, w.Advance(w.a, "reopen", "Manca una slide"), fault.Closed, "policy.ended")
	})
}

// What counts from a meeting counts from the meeting, not from the day on which
// somebody concludes the activity or takes it up again.
func TestConcludingDoesNotMoveTheEnd(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "evenings", Path: evenings, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	a := w.NewActivity("webinar", "talk", "Domande e risposte")
	_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	w.Must(w.Advance(a, "open", ""))
	for _, act := range []struct{ day, id, state string }{
		{"2026-03-21", "", "held"},
		{"2026-03-25", "conclude-without", "concluded"},
		{"2026-03-26", "reopen", "held"},
		{"2026-03-27", "conclude-without", "concluded"},
	} {
		at, err := time.ParseInLocation(time.DateOnly, act.day, w.Process.Location())
		w.Must(err)
		w.At(at.Add(9 * time.Hour))
		if act.id != "" {
			w.Must(w.Advance(a, act.id, "Niente materiali"))
		}
		i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		due := i.DueAt.In(w.Process.Location()).Format("2006-01-02T15:04")
		if w.State(a) != act.state || i.State != "summary" || due != "2026-03-28T00:00" {
			t.Errorf("after %q on %s the webinar is %s and %s ends %s", act.id, act.day, w.State(a), i.State, due)
		}
	}
}
