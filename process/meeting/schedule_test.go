package meeting_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/workflow"
)

func TestScheduleRefusals(t *testing.T) {
	t.Parallel()
	w := draft(t)
	with := func(change func(*meeting.Draft)) meeting.Draft {
		d := evening
		change(&d)
		return d
	}
	tests := []struct {
		name, field, key string
		draft            meeting.Draft
	}{
		{"NoBegin", "starts", "meeting.time_missing", with(func(d *meeting.Draft) { d.Starts = " " })},
		{"NotATime", "ends", "meeting.time_bad", with(func(d *meeting.Draft) { d.Ends = "26/03/2026 19:30" })},
		{"NoSuchDay", "starts", "meeting.time_bad", with(func(d *meeting.Draft) { d.Starts = "2026-02-30T18:00" })},
		{"EndsBefore", "ends", "meeting.ends_before", with(func(d *meeting.Draft) { d.Ends = d.Starts })},
		{"Past", "starts", "meeting.starts_past", with(func(d *meeting.Draft) { d.Starts = "2026-03-09T08:59" })},
		{"TooLong", "ends", "meeting.too_long", with(func(d *meeting.Draft) { d.Ends = "2026-04-26T19:30" })},
		{"SkippedByTheClock", "starts", "meeting.time_skipped", with(func(d *meeting.Draft) {
			d.Starts, d.Ends = "2026-03-29T02:30", "2026-03-29T04:00"
		})},
		{"PlainHTTP", "join_url", "meeting.url_bad", with(func(d *meeting.Draft) { d.JoinURL = "http://video.example.org" })},
		{"Script", "join_url", "meeting.url_bad", with(func(d *meeting.Draft) { d.JoinURL = "javascript:alert(1)" })},
		{"Password", "join_url", "meeting.url_bad", with(func(d *meeting.Draft) { d.JoinURL = "https://a:b@video.example.org" })},
		{"LongTitle", "title", "meeting.too_many_characters", with(func(d *meeting.Draft) { d.Title = strings.Repeat("è", 201) })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, tt.draft)
			refused(t, err, fault.Invalid, tt.key)
			if e, ok := fault.As(err); ok && e.Field != tt.field {
				t.Errorf("at field %q, want %q", e.Field, tt.field)
			}
		})
	}
	_, err := w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Draft{JoinURL: "x"})
	var list fault.List
	if !errors.As(err, &list) || len(list) != 3 {
		t.Errorf("got %v, want the three mistakes at once", err)
	}
	_, err = w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Stranger, evening)
	refused(t, err, fault.NotFound, "process.not_found")
	if all, err := w.Meetings.Meetings(t.Context(), w.a.ProcessID, w.a.ID); err != nil || len(all) != 0 {
		t.Errorf("refusals left %d meetings, %v", len(all), err)
	}
}

func TestScheduleInProcessZone(t *testing.T) {
	t.Parallel()
	w := draft(t)
	first := w.schedule(evening)
	if !first.StartsAt.Equal(starts) || !first.EndsAt.Equal(ends) || first.Position != 1 || first.Sequence != 0 {
		t.Errorf("got %+v", first)
	}
	if id, host, _ := strings.Cut(first.UID, "@"); host != "arengo.example.org" || len(id) < 10 {
		t.Errorf("UID %q", first.UID)
	}
	d := evening
	d.Starts, d.Ends = "2026-04-02T18:00", "2026-04-02T19:30"
	second := w.schedule(d)
	if want := time.Date(2026, 4, 2, 16, 0, 0, 0, time.UTC); !second.StartsAt.Equal(want) || second.Position != 2 {
		t.Errorf("in summer time: got %s at position %d, want %s at 2", second.StartsAt, second.Position, want)
	}
	// 02:30 happens twice on 25 October: the first counts.
	d.Starts, d.Ends = "2026-10-25T02:30", "2026-10-25T03:30"
	third := w.schedule(d)
	if want := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC); !third.StartsAt.Equal(want) || third.EndsAt.Sub(third.StartsAt) != 2*time.Hour {
		t.Errorf("got %s for %s, want %s for 2h", third.StartsAt, third.EndsAt.Sub(third.StartsAt), want)
	}
	if got := meeting.DraftOf(second, w.Process.Location()); got.Starts != "2026-04-02T18:00" {
		t.Errorf("reads back as %q", got.Starts)
	}
	if w.Notices(w.a, "") != 0 {
		t.Error("nobody may hear of a draft")
	}
}

func TestRescheduleMovesReminders(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.Person("anna@example.org")
	w.register(person)
	d := evening
	d.Starts, d.Ends = "2026-04-02T18:00", "2026-04-02T19:30"
	m, err := w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Draft: d})
	w.Must(err)
	if m.UID != w.m.UID || m.Sequence != 1 {
		t.Errorf("got uid %q sequence %d", m.UID, m.Sequence)
	}
	if n := w.Notices(w.a, "meeting-moved"); n != 2 {
		t.Errorf("%d notices of the move, want one to those who come and one to those who wait", n)
	}
	w.At(ends.Add(time.Hour)) // past the old date
	if n, state := w.Notices(w.a, "meeting-reminder"), w.State(w.a); n != 0 || state != "open" {
		t.Errorf("at the old date: %d reminders, state %s", n, state)
	}
	w.At(m.StartsAt.Add(-24 * time.Hour))
	w.At(m.StartsAt.Add(-24 * time.Hour))
	if n := w.Notices(w.a, "meeting-reminder"); n != 1 {
		t.Errorf("%d reminders a day before the new date, want 1", n)
	}
	w.At(m.StartsAt.Add(-time.Hour))
	if n := w.Notices(w.a, "meeting-reminder"); n != 2 {
		t.Errorf("%d reminders an hour before the new date, want 2", n)
	}
	w.At(m.EndsAt)
	if state := w.State(w.a); state != "held" {
		t.Errorf("state %s at the new end", state)
	}
}

func TestRescheduleOfWordsIsSilent(t *testing.T) {
	t.Parallel()
	w := open(t)
	d := evening
	d.Title, d.Agenda = "Seconda versione", "Altro"
	m, err := w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Draft: d})
	w.Must(err)
	if m.Sequence != 0 || w.Notices(w.a, "meeting-moved") != 0 {
		t.Errorf("sequence %d, %d notices", m.Sequence, w.Notices(w.a, "meeting-moved"))
	}
	d.Place = "Sala consiliare"
	if m, err = w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Revision: m.Revision, Draft: d}); err != nil || m.Sequence != 0 {
		t.Errorf("new place: sequence %d, %v", m.Sequence, err)
	}
	d.Place = "Palestra"
	if m, err = w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Revision: m.Revision, Draft: d}); err != nil || m.Sequence != 0 {
		t.Errorf("another place: sequence %d, %v", m.Sequence, err)
	}
	if n := w.Notices(w.a, "meeting-moved"); n != 4 {
		t.Errorf("%d notices of two places", n)
	}
	w.Clock.Set(starts)
	_, err = w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Draft: d})
	refused(t, err, fault.Closed, "meeting.begun")
	_, err = w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: 999, Draft: d})
	refused(t, err, fault.NotFound, "meeting.not_found")
}

func TestCancelKillsReminders(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	people := w.People(2)
	w.register(people[0])
	w.register(people[1])
	err := w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: w.m.ID, Reason: ""})
	refused(t, err, fault.Invalid, "meeting.reason_missing")
	w.Must(w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: w.m.ID, Reason: "Sala allagata"}))
	all, err := w.Meetings.Meetings(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	if len(all) != 1 || !all[0].Cancelled() || all[0].Sequence != 1 {
		t.Fatalf("got %+v", all)
	}
	if n := w.Notices(w.a, "meeting-cancelled"); n != 2 { // one audience each: registered, waiting
		t.Errorf("%d notices of the cancellation, want 2", n)
	}
	w.At(starts.Add(-time.Hour))
	w.At(ends.Add(time.Hour))
	if n, state := w.Notices(w.a, "meeting-reminder"), w.State(w.a); n != 0 || state != "open" {
		t.Errorf("%d reminders, state %s", n, state)
	}
	_, err = w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, w.Person("tardi@example.org"))
	refused(t, err, fault.Closed, "meeting.none")
	// A new date brings everything back.
	d := evening
	d.Starts, d.Ends = "2026-04-02T18:00", "2026-04-02T19:30"
	w.schedule(d)
	if n := w.Notices(w.a, "registration-confirmed"); n != 2 { // at registering, and the added date
		t.Errorf("%d confirmations, want 2", n)
	}
	w.At(time.Date(2026, 4, 2, 17, 30, 0, 0, time.UTC))
	if state := w.State(w.a); state != "held" {
		t.Errorf("state %s after the new date", state)
	}
}

func TestCallOff(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.Person("anna@example.org"))
	var blocked *workflow.Blocked
	if err := w.Advance(w.a, "cancel", "Manca il relatore"); !errors.As(err, &blocked) {
		t.Errorf("cancelling over people's heads: %v", err)
	}
	w.Must(w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Manca il relatore"))
	if state := w.State(w.a); state != "cancelled" {
		t.Errorf("state %s", state)
	}
	if n := w.Notices(w.a, "meeting-cancelled"); n == 0 {
		t.Error("nobody was told")
	}
	w.At(ends)
	if n := w.Notices(w.a, "meeting-reminder"); n != 0 {
		t.Errorf("%d reminders of a cancelled webinar", n)
	}
	_, err := w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, evening)
	refused(t, err, fault.Closed, "meeting.closed_convene")
}

// TestCallOffAfterTheFirst leaves everything as it is once a meeting has begun;
// what remains can be cancelled, and the webinar takes its usual way.
func TestCallOffAfterTheFirst(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.Person("anna@example.org"))
	second := w.schedule(later)
	w.At(starts)
	err := w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Manca il relatore")
	refused(t, err, fault.Closed, "meeting.call_off_begun")
	w.untouched(2)
	w.Must(w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: second.ID, Reason: "Manca il relatore"}))
	w.At(ends)
	if state := w.State(w.a); state != "held" {
		t.Errorf("state %s after the one meeting that there was", state)
	}
}

// TestCallOffIsAllOrNothing lets the move fail after the meetings.
func TestCallOffIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.Person("anna@example.org"))
	w.Exec("ALTER TABLE workflow_instance ADD CONSTRAINT stays CHECK (state <> 'cancelled')")
	if err := w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Manca il relatore"); err == nil {
		t.Error("the move did not fail")
	}
	w.untouched(1)
}

// untouched asserts that an open webinar still has its meetings and that nobody
// heard of a cancellation.
func (w *world) untouched(meetings int) {
	w.T.Helper()
	all, err := w.Meetings.Meetings(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	if len(all) != meetings || slices.ContainsFunc(all, meeting.Meeting.Cancelled) {
		w.T.Errorf("got %+v, want %d meetings, none cancelled", all, meetings)
	}
	if n, state := w.Notices(w.a, "meeting-cancelled"), w.State(w.a); n != 0 || state != "open" {
		w.T.Errorf("%d notices of a cancellation, state %s", n, state)
	}
}

func TestWorldStartsBeforeTheMeeting(t *testing.T) {
	t.Parallel()
	if !meetingtest.Start.Before(starts.Add(-24 * time.Hour)) {
		t.Error("the reminders of evening would be in the past")
	}
}
