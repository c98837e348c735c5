package meeting_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/process/webinar"
)

// evening is a meeting three weeks after Start, in winter time.
var evening = meeting.Draft{
	Title: "Prima sera", Starts: "2026-03-26T18:00", Ends: "2026-03-26T19:30",
	Place: "Online", JoinURL: "https://video.example.org/abc", Agenda: "1. Saluti\n2. Domande",
}

// later is a week after evening, in summer time.
var later = meeting.Draft{Title: "Seconda sera", Starts: "2026-04-02T18:00", Ends: "2026-04-02T19:30", Place: "Online"}

// Instants of evening.
var (
	starts = time.Date(2026, time.March, 26, 17, 0, 0, 0, time.UTC)
	ends   = starts.Add(90 * time.Minute)
)

// world is an open webinar with one meeting, evening.
type world struct {
	*meetingtest.World
	a process.Activity
	m meeting.Meeting
}

// draft is a world whose webinar is still in preparation and has no meeting.
func draft(t testing.TB) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, webinar.Kind{})}
	w.a = w.Activity("webinar")
	return w
}

func open(t testing.TB) *world {
	t.Helper()
	w := draft(t)
	w.m = w.schedule(evening)
	w.Must(w.Advance(w.a, "open", ""))
	return w
}

func (w *world) schedule(d meeting.Draft) meeting.Meeting {
	w.T.Helper()
	m, err := w.Meetings.Schedule(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
	w.Must(err)
	return m
}

func (w *world) capacity(n int) {
	w.T.Helper()
	d, err := w.Meetings.Setting(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	d.Capacity = n
	_, err = w.Meetings.SetSetting(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
	w.Must(err)
}

func (w *world) register(person process.PersonID) meeting.Registration {
	w.T.Helper()
	r, err := w.Meetings.Register(w.T.Context(), w.a.ProcessID, w.a.ID, person)
	w.Must(err)
	return r
}

func (w *world) unregister(person process.PersonID) {
	w.T.Helper()
	w.Must(w.Meetings.Unregister(w.T.Context(), w.a.ProcessID, w.a.ID, person))
}

func (w *world) status(person process.PersonID) meeting.Status {
	w.T.Helper()
	r, ok, err := w.Meetings.Registration(w.T.Context(), w.a.ProcessID, w.a.ID, person)
	w.Must(err)
	if !ok {
		return ""
	}
	return r.Status
}

// refused asserts a refusal by code and key, wherever it stands in a list.
func refused(t testing.TB, err error, code fault.Code, key string) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}
