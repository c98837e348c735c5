package meeting_test

import (
	"errors"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/pause"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// While a process rests nothing of it opens to people; what is open may close.
func TestNothingOpensWhileTheProcessRests(t *testing.T) {
	t.Parallel()
	path := strings.Replace(evenings, "    at_end: {event: finish}\n    deadlines", "    allows: [hold]\n    at_end: {event: finish}\n    deadlines", 1)
	w := worldtest.Build(t, worldtest.Config{Template: "evenings", Path: path, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	schedule := func(name string) process.Activity {
		a := w.NewActivity("webinar", "talk", name)
		_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
			Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
		})
		w.Must(err)
		return a
	}
	a, open := schedule("Domande e risposte"), schedule("Già aperto")
	w.Must(w.Advance(open, "open", ""))
	pauses := pause.New(w.Core)
	w.Must(pauses.Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Elezioni"}))
	var blocked *workflow.Blocked
	if err := w.Advance(a, "open", ""); !errors.As(err, &blocked) || len(blocked.Blockers) != 1 || blocked.Blockers[0].Code != definition.BlockRests {
		t.Errorf("%v: the webinar is %s, %d notices to followers", err, w.State(a), w.Notices(a, "activity-opened"))
	}
	for _, of := range []process.Activity{a, open} {
		options, err := w.Core.Explain(t.Context(), w.Process.ID, of.ID, w.Promoter)
		w.Must(err)
		for _, o := range options {
			if o.Only(definition.BlockRests) != (o.Transition.Event == "open") {
				t.Errorf("%s: %v", o.Transition.ID, o.Blockers)
			}
		}
	}
	w.Must(pauses.Resume(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Passate"}))
	w.Must(w.Advance(a, "open", ""))
}
