package worldtest

import (
	"time"

	"arengo/process"
)

// Advance makes the promoter fire a transition of an activity, or of the
// process for the zero activity, once the process is public.
func (w *World) Advance(a process.Activity, transition, reason string) error {
	w.T.Helper()
	w.Publish()
	return w.Try(a, transition, reason)
}

// Try is Advance of a process as it stands, public or not.
func (w *World) Try(a process.Activity, transition, reason string) error {
	w.T.Helper()
	_, err := w.Core.Advance(w.T.Context(), w.Process.ID, w.Promoter, process.Move{
		Activity: a.ID, Transition: transition, Reason: reason,
	})
	return err
}

// At sets the clock, sweeps and expands the notices that are due, as the
// worker does.
func (w *World) At(at time.Time) {
	w.T.Helper()
	w.Clock.Set(at)
	_, err := w.Core.Sweep(w.T.Context())
	w.Must(err)
	_, _, err = w.Core.Outbox().Expand(w.T.Context(), w.DB, at, 1000)
	w.Must(err)
}

// State is that of an activity now.
func (w *World) State(a process.Activity) string {
	w.T.Helper()
	now, err := w.Core.LoadActivity(w.T.Context(), w.DB, a.ProcessID, a.ID)
	w.Must(err)
	return now.State
}

// Notices counts the notices of a kind about an activity; "" counts all.
func (w *World) Notices(a process.Activity, kind string) int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND (? = '' OR kind = ?)
		AND cancelled_at IS NULL`, a.ProcessID, a.ID, kind, kind)
}

// Told counts the notices of a kind about an activity to one person.
func (w *World) Told(a process.Activity, kind string, person process.PersonID) int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND kind = ? AND person_id = ?`,
		a.ProcessID, a.ID, kind, person)
}

// Deliveries counts the messages of a kind about an activity that wait to be
// sent, one a person and notice, as At expanded them.
func (w *World) Deliveries(a process.Activity, kind string) int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM delivery d JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
		WHERE n.process_id = ? AND n.activity_id = ? AND n.kind = ? AND d.status = 'queued'`, a.ProcessID, a.ID, kind)
}
