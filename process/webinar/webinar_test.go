package webinar_test

import (
	"errors"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/process/pause"
	"arengo/process/webinar"
	"arengo/workflow"
	"arengo/workflow/definition"
)

var evening = meeting.Draft{
	Starts: "2026-03-26T18:00", Ends: "2026-03-26T19:30", JoinURL: "https://video.example.org/abc",
}

// Instants of evening, in winter time.
var (
	starts = time.Date(2026, time.March, 26, 17, 0, 0, 0, time.UTC)
	ends   = starts.Add(90 * time.Minute)
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	if _, problems := definition.Check("workflow.yaml", webinar.Kind{}.Workflow(), nil); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestLife lives a webinar from its first draft to its recording, by the clock.
func TestLife(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	a := w.Activity("webinar")
	blocked(t, w.Advance(a, "open", ""), "meeting-scheduled")

	m, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, evening)
	w.Must(err)
	places(t, w, a, 2)
	w.Must(w.Advance(a, "open", ""))
	if n := w.Notices(a, "activity-opened"); n != 1 {
		t.Errorf("%d notices of the opening, want 1", n)
	}

	people := w.People(3)
	for _, p := range people {
		_, err := w.Meetings.Register(t.Context(), a.ProcessID, a.ID, p)
		w.Must(err)
	}
	if w.Told(a, "registration-confirmed", people[1]) != 1 || w.Told(a, "waiting-list", people[2]) != 1 {
		t.Error("two have a place, one waits, and each is told")
	}
	w.Must(w.Meetings.Unregister(t.Context(), a.ProcessID, a.ID, people[0]))
	if w.Told(a, "place-available", people[2]) != 1 {
		t.Error("who waited was not called")
	}

	reminders(t, w, a, []reminder{
		{starts.Add(-24*time.Hour - time.Second), 0},
		{starts.Add(-24 * time.Hour), 1},
		{starts.Add(-time.Hour - time.Second), 1},
		{starts.Add(-time.Hour), 2},
		{ends.Add(-time.Second), 2},
	})
	if n := w.Deliveries(a, "meeting-reminder"); n != 4 {
		t.Errorf("%d reminders to people, want 2 to each of the 2 who have a place", n)
	}
	if s := w.State(a); s != "open" {
		t.Fatalf("state %s a second before the end", s)
	}
	_, err = w.Meetings.Note(t.Context(), a.ProcessID, a.ID, w.Promoter, meeting.Presence{Meeting: m.ID, Person: people[1]})
	w.Must(err)

	w.At(ends)
	if s := w.State(a); s != "held" {
		t.Fatalf("state %s at the end", s)
	}
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(a.ProcessID), 0, 0)
	w.Must(err)
	if last := log[len(log)-1]; last.To != "held" || last.Office != "timer" {
		t.Errorf("the log says %+v", last)
	}
	if n := w.Notices(a, "action-needed"); n != 1 {
		t.Errorf("the facilitators were told %d times", n)
	}

	blocked(t, w.Advance(a, "conclude", ""), "materials-published")
	_, err = w.Meetings.Publish(t.Context(), a.ProcessID, a.ID, w.Promoter,
		meeting.Material{Kind: meeting.MaterialRecording, Title: "Registrazione", URL: "https://video.example.org/r"})
	w.Must(err)
	blocked(t, w.Advance(a, "conclude-without", "Non serve"), "no-materials")
	w.Must(w.Advance(a, "conclude", ""))
	if s := w.State(a); s != "concluded" {
		t.Errorf("state %s", s)
	}
	evidence(t, w, a, "Registrazione", "Incontro di apertura, 26/03/2026 (n = 1)")
	if n := w.Notices(a, "meeting-reminder"); n != 2 {
		t.Errorf("%d reminders in the whole life, want 2", n)
	}
}

// A suspension closes the door and stills the reminders; staff may move the
// meeting meanwhile, and what comes after is counted from its new day.
func TestRest(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	a := w.Activity("webinar")
	m, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, evening)
	w.Must(err)
	w.Must(w.Advance(a, "open", ""))
	people := w.People(2)
	_, err = w.Meetings.Register(t.Context(), a.ProcessID, a.ID, people[0])
	w.Must(err)
	rest, why := pause.New(w.Core), pause.Request{Activity: a.ID, Reason: "La relatrice è malata"}
	w.Must(rest.Suspend(t.Context(), a.ProcessID, w.Promoter, why))
	now, err := w.Clock.Now(t.Context(), w.DB)
	w.Must(err)
	w.At(now)
	if n := w.Deliveries(a, "held"); n != 1 {
		t.Errorf("%d are told that it rests, want who is registered", n)
	}
	var f *fault.Error
	if _, err := w.Meetings.Register(t.Context(), a.ProcessID, a.ID, people[1]); !errors.As(err, &f) || f.Key != "activity.held" {
		t.Errorf("registration while it rests: %v", err)
	}
	w.At(starts.Add(-24 * time.Hour))
	if n := w.Notices(a, "meeting-reminder"); n != 0 {
		t.Errorf("%d reminders while it rests", n)
	}
	later := evening
	later.Starts, later.Ends = "2026-04-09T18:00", "2026-04-09T19:30"
	_, err = w.Meetings.Reschedule(t.Context(), a.ProcessID, a.ID, w.Promoter, meeting.Rescheduling{Meeting: m.ID, Draft: later})
	w.Must(err)
	w.Must(rest.Resume(t.Context(), a.ProcessID, w.Promoter, why))
	_, err = w.Meetings.Register(t.Context(), a.ProcessID, a.ID, people[1])
	w.Must(err)
	moved := time.Date(2026, time.April, 9, 16, 0, 0, 0, time.UTC)
	w.At(ends)
	w.At(moved.Add(-time.Hour))
	if n := w.Deliveries(a, "meeting-reminder"); n != 4 {
		t.Errorf("%d reminders, want 2 to each", n)
	}
	w.At(moved.Add(90 * time.Minute))
	if s := w.State(a); s != "held" {
		t.Errorf("state %s at the new end", s)
	}
}

func TestConcludeWithoutMaterials(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	a := w.Activity("webinar")
	_, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, evening)
	w.Must(err)
	w.Must(w.Advance(a, "open", ""))
	w.At(ends.Add(48 * time.Hour)) // a worker that slept
	blocked(t, w.Advance(a, "conclude-without", ""), definition.BlockReason)
	w.Must(w.Advance(a, "conclude-without", "La registrazione non è riuscita"))
	if s := w.State(a); s != "concluded" {
		t.Errorf("state %s", s)
	}
}

func TestDiscardDraft(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	a := w.Activity("webinar")
	_, err := w.Meetings.Schedule(t.Context(), a.ProcessID, a.ID, w.Promoter, evening)
	w.Must(err)
	w.Must(w.Meetings.CallOff(t.Context(), a.ProcessID, a.ID, w.Promoter, ""))
	if s := w.State(a); s != "cancelled" {
		t.Errorf("state %s", s)
	}
	if n := w.Notices(a, ""); n != 0 {
		t.Errorf("%d notices about a draft", n)
	}
}

type reminder struct {
	at   time.Time
	want int
}

// reminders moves the clock and sweeps twice at each instant: what was sent
// once is not sent again.
func reminders(t *testing.T, w *meetingtest.World, a process.Activity, steps []reminder) {
	t.Helper()
	for _, s := range steps {
		w.At(s.at)
		w.At(s.at)
		if n := w.Notices(a, "meeting-reminder"); n != s.want {
			t.Errorf("%d reminders at %s, want %d", n, s.at, s.want)
		}
	}
}

func places(t *testing.T, w *meetingtest.World, a process.Activity, n int) {
	t.Helper()
	d, err := w.Meetings.Setting(t.Context(), a.ProcessID, a.ID)
	w.Must(err)
	d.Capacity = n
	_, err = w.Meetings.SetSetting(t.Context(), a.ProcessID, a.ID, w.Promoter, d)
	w.Must(err)
}

func blocked(t *testing.T, err error, code string) {
	t.Helper()
	var b *workflow.Blocked
	if !errors.As(err, &b) || len(b.Blockers) != 1 || b.Blockers[0].Code != code {
		t.Errorf("got %v, want blocked by %s alone", err, code)
	}
}

func evidence(t *testing.T, w *meetingtest.World, a process.Activity, labels ...string) {
	t.Helper()
	list, err := webinar.Kind{}.Evidence(t.Context(), w.DB, a.ProcessID, a.ID)
	w.Must(err)
	if len(list) != len(labels) {
		t.Fatalf("got %+v, want %q", list, labels)
	}
	for i, e := range list {
		if e.Label != labels[i] || e.Ref == "" {
			t.Errorf("got %+v, want label %q", e, labels[i])
		}
	}
}
