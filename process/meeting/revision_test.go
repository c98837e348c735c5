package meeting_test

import (
	"sync"
	"testing"

	"arengo/process/fault"
	"arengo/process/meeting"
)

// move changes a meeting that was read at a revision.
func (w *world) move(revision int64, change func(*meeting.Draft)) (meeting.Meeting, error) {
	w.T.Helper()
	d := evening
	change(&d)
	return w.Meetings.Reschedule(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter,
		meeting.Rescheduling{Meeting: w.m.ID, Revision: revision, Draft: d})
}

func (w *world) meeting() meeting.Meeting {
	w.T.Helper()
	list, err := w.Meetings.Meetings(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return list[0]
}

func TestRescheduleAsksForTheRevision(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.Person("anna@example.org"))
	later := func(d *meeting.Draft) { d.Starts = "2026-03-26T18:15" }
	m, err := w.move(w.m.Revision, later)
	w.Must(err)
	if w.m.Revision != 0 || m.Revision != 1 || w.meeting().Revision != 1 {
		t.Errorf("revisions %d, %d, %d", w.m.Revision, m.Revision, w.meeting().Revision)
	}
	_, err = w.move(w.m.Revision, func(d *meeting.Draft) { d.Agenda = "Altro" })
	refused(t, err, fault.Conflict, "form.stale")
	_, err = w.move(7, func(d *meeting.Draft) { d.Agenda = "Altro" })
	refused(t, err, fault.Conflict, "form.stale")
	if got := w.meeting(); got.Agenda != evening.Agenda || got.Sequence != 1 || w.Notices(w.a, "meeting-moved") != 2 {
		t.Errorf("a refusal changed %+v", got)
	}
	// The same form twice is one change, told to those who come and to those who wait.
	if m, err = w.move(w.m.Revision, later); err != nil || m.Revision != 1 || w.Notices(w.a, "meeting-moved") != 2 {
		t.Errorf("the form sent twice: %+v, %v", m, err)
	}
	w.Must(w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: w.m.ID, Reason: "Neve"}))
	if got := w.meeting(); got.Revision != 2 {
		t.Errorf("cancelling: revision %d", got.Revision)
	}
}

// TestTwoEditorsAtOnce: of several who read the same meeting one saves.
func TestTwoEditorsAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.move(w.m.Revision, func(d *meeting.Draft) { d.Place = "Sala " + string(rune('A'+i)) })
		})
	}
	wg.Wait()
	saved := 0
	for _, err := range errs {
		if err == nil {
			saved++
		} else {
			refused(t, err, fault.Conflict, "form.stale")
		}
	}
	if got := w.meeting(); saved != 1 || got.Revision != 1 || w.Notices(w.a, "meeting-moved") != 2 {
		t.Errorf("%d saved, revision %d", saved, got.Revision)
	}
}
