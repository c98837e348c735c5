package cockpit_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
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
