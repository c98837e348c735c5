package cockpit_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/cockpit"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/meeting"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// What is to be ready when a later phase begins is wanted by the day on which that
// comes to begin, not by the one that was planned once.
func TestActivityOfALaterPhaseIsWantedWhenThatBegins(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	w.NewActivity("assembly", "analysis", "Assemblea")
	wanted := func() (out time.Time) {
		t.Helper()
		b, err := w.Cockpit.Today(t.Context(), w.Facilitator, w.Clock.Time())
		w.Must(err)
		for _, r := range slices.Concat(b.Late, b.Now, b.Next, b.Later) {
			if r.Activity != nil {
				out = r.Due
			}
		}
		return out
	}
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	if got := wanted(); !got.Equal(inst.DueAt) {
		t.Errorf("wanted by %s, the phase before ends %s", got, inst.DueAt)
	}
	later := inst.DueAt.AddDate(0, 0, 10)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Facilitator, process.NewEnd{End: later, Reason: "Serve tempo"})
	w.Must(err)
	if got := wanted(); !got.Equal(later) {
		t.Errorf("wanted by %s, the phase before ends %s", got, later)
	}
}

// hanging lasts until its webinars are over, and writes for a week after that.
const hanging = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert]
initial: meet
states:
  meet: {title: {it: Incontri, en: Meetings}, allows: [edit], term: {until: "activity:webinar"}, at_end: {event: write}, activities: [{kind: webinar}]}
  write: {title: {it: Verbali, en: Minutes}, allows: [edit], term: {length: 7d, from: "activity:webinar"}, at_end: {event: tell}}
  tell: {title: {it: Restituzione, en: Report}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: write, event: write, from: [meet], to: write, by: [promoter, timer], title: {it: Scrivi, en: Write}}
  - {id: tell, event: tell, from: [write], to: tell, by: [promoter, timer], title: {it: Racconta, en: Tell}}
  - {id: end, event: end, from: [tell], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// TestAPhaseThatCountsFromActivities ends for the cockpit when it does for every page.
func TestAPhaseThatCountsFromActivities(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: hanging, Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	w.NewActivity("assembly", "tell", "Assemblea")
	held := w.NewActivity("webinar", "meet", "Serata")
	wanted := func() (out time.Time) {
		t.Helper()
		b, err := cockpit.New(w.Core).Today(t.Context(), w.Promoter, w.Clock.Time())
		w.Must(err)
		for _, r := range slices.Concat(b.Late, b.Now, b.Next, b.Later) {
			if r.Activity != nil && r.Activity.Title == "Assemblea" {
				out = r.Due
			}
		}
		return out
	}
	w.Publish()
	if got := wanted(); !got.IsZero() {
		t.Errorf("wanted by %s, and nobody knows when the webinars end", got)
	}
	at := worldtest.Start.AddDate(0, 0, 15)
	_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, held.ID, w.Promoter, meeting.Draft{
		Starts: at.Format("2006-01-02T15:04"), Ends: at.Add(time.Hour).Format("2006-01-02T15:04"), Place: "Sala",
	})
	w.Must(err)
	w.Must(w.Try(held, "open", ""))
	agrees := func(when string) {
		t.Helper()
		plan, err := w.Core.Expected(t.Context(), w.DB, w.Process)
		w.Must(err)
		if got, want := wanted(), plan[2].Start; want.IsZero() || !got.Equal(want) {
			t.Errorf("%s: wanted by %s, and the phase begins %s", when, got, want)
		}
	}
	agrees("while it lasts")
	w.At(at.Add(2 * time.Hour)) // the webinar ends, and the phase with it
	agrees("while the minutes are written")
	w.At(at.AddDate(0, 0, 3))
	w.Exec(`UPDATE workflow_instance SET state = 'concluded', entered_at = ? WHERE activity_id = ?`, at.AddDate(0, 0, 3), held.ID)
	agrees("once it is concluded")
}
