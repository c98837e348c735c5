package meeting_test

import (
	"fmt"
	"sync"
	"testing"

	"arengo/process/meeting"
	"arengo/process/processtest"
)

// TestNoDeadlocks lets people register while the staff adds, moves and cancels
// meetings. A deadlock would fail nobody, since the loser begins again, but it
// costs everybody a second.
func TestNoDeadlocks(t *testing.T) {
	t.Parallel()
	w := open(t)
	people := w.People(24)
	extra := []meeting.Meeting{w.schedule(later), w.schedule(later)}
	ctx, id, a := t.Context(), w.a.ProcessID, w.a.ID
	var all sync.WaitGroup
	try := func(act func() error) {
		all.Go(func() {
			if err := act(); err != nil {
				t.Error(err)
			}
		})
	}
	for i, p := range people {
		try(func() error { _, err := w.Meetings.Register(ctx, id, a, p); return err })
		switch i % 12 {
		case 3:
			try(func() error { _, err := w.Meetings.Schedule(ctx, id, a, w.Promoter, later); return err })
		case 7:
			m := extra[i/12]
			try(func() error {
				return w.Meetings.Cancel(ctx, id, a, w.Promoter, meeting.Cancellation{Meeting: m.ID, Reason: "Neve"})
			})
		}
	}
	try(func() error {
		m, d := w.m, evening
		for n := range 4 {
			d.Starts = fmt.Sprintf("2026-03-2%dT18:00", n+2)
			d.Ends = fmt.Sprintf("2026-03-2%dT19:30", n+2)
			var err error
			m, err = w.Meetings.Reschedule(ctx, id, a, w.Promoter, meeting.Rescheduling{Meeting: m.ID, Revision: m.Revision, Draft: d})
			if err != nil {
				return err
			}
		}
		return nil
	})
	all.Wait()
	// A connection adds its numbers to the database's when it ends.
	w.DB.SetMaxIdleConns(0)
	others := `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	processtest.Eventually(t, "the other connections are closed", func() bool { return w.Count(others) == 0 })
	if n := w.Count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}
