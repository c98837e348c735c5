package meeting_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
)

func TestRollIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	people := w.People(5)
	ids := make([]meeting.RegistrationID, len(people))
	for i, p := range people {
		ids[i] = w.register(p).ID
	}
	elsewhere := w.NewActivity("webinar", "running", "Un altro incontro")
	other := &world{World: w.World, a: elsewhere}
	other.schedule(evening)
	w.Must(w.Advance(elsewhere, "open", ""))
	foreign := other.register(people[0]).ID

	call := func(here, gone []meeting.RegistrationID) error {
		return w.Meetings.CallRoll(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Roll{Meeting: w.m.ID, Here: here, Gone: gone})
	}
	refused(t, call(ids[:1], nil), fault.Closed, "meeting.attend_early")
	w.Clock.Set(starts)
	w.Must(call(ids[:2], nil))
	w.unregister(people[4])

	before := w.roll()
	for name, unknown := range map[string]meeting.RegistrationID{"None": 999, "Zero": 0, "OfAnotherActivity": foreign} {
		refused(t, call([]meeting.RegistrationID{ids[2], unknown, ids[3]}, ids[:1]), fault.NotFound, "meeting.registration_not_found")
		refused(t, call(ids[2:4], []meeting.RegistrationID{ids[0], unknown, ids[1]}), fault.NotFound, "meeting.registration_not_found")
		if got := w.roll(); !slices.Equal(got, before) {
			t.Fatalf("%s in the middle changed %v to %v", name, before, got)
		}
	}
	refused(t, call([]meeting.RegistrationID{ids[2], ids[4], ids[3]}, ids[:1]), fault.Conflict, "meeting.roll_changed")
	err := w.Meetings.CallRoll(t.Context(), w.a.ProcessID, w.a.ID, w.Stranger, meeting.Roll{Meeting: w.m.ID, Here: ids[2:3]})
	refused(t, err, fault.Forbidden, "policy.role")
	if got := w.roll(); !slices.Equal(got, before) {
		t.Fatalf("refusals changed %v to %v", before, got)
	}

	// Twice, and twice the same person, is once; the first time stands.
	for range 2 {
		w.Clock.Advance(time.Minute)
		w.Must(call([]meeting.RegistrationID{ids[2], ids[1], ids[2]}, ids[:1]))
	}
	w.Must(call(nil, nil))
	want := []presence{{people[1], starts}, {people[2], starts.Add(time.Minute)}}
	if got := w.roll(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// presence is a person and when they were noted.
type presence struct {
	person process.PersonID
	at     time.Time
}

func (w *world) roll() []presence {
	w.T.Helper()
	list, err := w.Meetings.Attendances(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	var out []presence
	for _, a := range list {
		out = append(out, presence{a.Person, a.NotedAt.UTC()})
	}
	return out
}
