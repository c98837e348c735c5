package assembly_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// The evening is in summer time, the clock starts in winter time.
var evening = meeting.Draft{Starts: "2026-04-02T21:00", Ends: "2026-04-02T23:00", Place: "Teatro comunale"}

var ends = time.Date(2026, time.April, 2, 21, 0, 0, 0, time.UTC)

func TestDefinition(t *testing.T) {
	t.Parallel()
	if _, problems := definition.Check("workflow.yaml", assembly.Kind{}.Workflow(), nil); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestLife lives an assembly from its agenda to its minutes, by the clock.
func TestLife(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, assembly.Kind{})
	a := w.Activity("assembly")
	blocked(t, w.Advance(a, "convene", ""), "meeting-scheduled")
	m, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, evening)
	w.Must(err)
	blocked(t, w.Advance(a, "convene", ""), "agenda-written")
	d := evening
	d.Agenda = "1. Relazione\n2. Dibattito"
	_, err = w.Meetings.Reschedule(t.Context(), a.ProcessID, a.ID, w.Promoter, meeting.Rescheduling{Meeting: m.ID, Draft: d})
	w.Must(err)
	w.Must(w.Advance(a, "convene", ""))

	w.At(m.StartsAt.Add(-24 * time.Hour))
	w.At(m.StartsAt.Add(-24 * time.Hour))
	if n := w.Notices(a, "meeting-reminder"); n != 1 {
		t.Errorf("%d reminders, want 1", n)
	}
	_, err = w.Meetings.SaveMinutes(t.Context(), a.ProcessID, a.ID, w.Promoter, meeting.Minutes{Body: "Presto"})
	refused(t, err, fault.Closed, "meeting.closed_minute")
	if s := w.State(a); s != "convened" {
		t.Errorf("state %s before the end", s)
	}
	w.At(ends)
	if s := w.State(a); s != "held" {
		t.Fatalf("state %s at the end", s)
	}

	minutes(t, w, a)
	w.Must(w.Advance(a, "minute", ""))
	if s := w.State(a); s != "minuted" {
		t.Errorf("state %s", s)
	}
	list, err := assembly.Kind{}.Evidence(t.Context(), w.DB, a.ProcessID, a.ID)
	w.Must(err)
	var labels []string
	for _, e := range list {
		labels = append(labels, e.Label)
	}
	if want := []string{"Relazione", "Dibattito", "Decisioni", "Prossimi passi"}; !slices.Equal(labels, want) {
		t.Errorf("evidence %q, want %q", labels, want)
	}
}

// minutes writes them as two people would, publishes them and checks that the
// assembly could not end before.
func minutes(t *testing.T, w *meetingtest.World, a process.Activity) {
	t.Helper()
	save := func(m meeting.Minutes) (meeting.Minutes, error) {
		return w.Meetings.SaveMinutes(t.Context(), a.ProcessID, a.ID, w.Promoter, m)
	}
	publish := func(revision int64) error {
		return w.Meetings.PublishMinutes(t.Context(), a.ProcessID, a.ID, w.Promoter, revision)
	}
	refused(t, publish(0), fault.Conflict, "meeting.minutes_empty")
	first, err := save(meeting.Minutes{Body: "# Decisioni\nAvanti.", Present: 42})
	if err != nil || first.Revision != 1 || first.Present != 42 || first.UpdatedBy != w.Promoter.Person {
		t.Fatalf("got %+v, %v", first, err)
	}
	_, err = save(meeting.Minutes{Body: "Un altro inizio"})
	refused(t, err, fault.Conflict, "form.stale")
	second := first
	second.Body = "# Decisioni\nAvanti.\n## Prossimi passi\nScrivere."
	second, err = save(second)
	if err != nil || second.Revision != 2 {
		t.Fatalf("got %+v, %v", second, err)
	}
	first.Body = "Testo di chi aveva la pagina vecchia"
	_, err = save(first)
	refused(t, err, fault.Conflict, "form.stale")
	_, err = save(meeting.Minutes{Body: "x", Present: -1, Revision: 2})
	refused(t, err, fault.Invalid, "meeting.present_bad")

	blocked(t, w.Advance(a, "minute", ""), "minutes-published")
	refused(t, publish(1), fault.Conflict, "form.stale")
	for range 2 {
		w.Must(publish(2))
	}
	if n := w.Notices(a, "meeting-materials"); n != 1 {
		t.Errorf("told %d times of the minutes, want once", n)
	}
	if got, err := w.Meetings.Minutes(t.Context(), a.ProcessID, a.ID); err != nil || got.PublishedAt == nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFollowersHearOfTheMove(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, assembly.Kind{})
	a := w.Activity("assembly")
	d := evening
	d.Agenda = "Relazione"
	m, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, d)
	w.Must(err)
	w.Must(w.Advance(a, "convene", ""))
	d.Place = "Palestra"
	_, err = w.Meetings.Reschedule(t.Context(), a.ProcessID, a.ID, w.Promoter, meeting.Rescheduling{Meeting: m.ID, Draft: d})
	w.Must(err)
	var audience string
	w.Must(w.DB.NewRaw(`SELECT audience FROM notice WHERE activity_id = ? AND kind = 'meeting-moved'`, a.ID).Scan(t.Context(), &audience))
	if audience != "registered,followers" {
		t.Errorf("told %q", audience)
	}
	w.Must(w.Meetings.CallOff(t.Context(), a.ProcessID, a.ID, w.Promoter, "Allerta meteo"))
	if s := w.State(a); s != "cancelled" {
		t.Errorf("state %s", s)
	}
}

func refused(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func blocked(t *testing.T, err error, code string) {
	t.Helper()
	var b *workflow.Blocked
	if !errors.As(err, &b) || !slices.ContainsFunc(b.Blockers, func(x workflow.Blocker) bool { return x.Code == code }) {
		t.Errorf("got %v, want blocked by %s", err, code)
	}
}
