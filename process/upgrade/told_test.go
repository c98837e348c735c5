package upgrade_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/processtest"
	"arengo/process/upgrade"
	"arengo/process/worldtest"
	"arengo/workflow/history"
)

// TestThoseWhoWaitForAnEndReadThatItMoved goes to a version that asks for longer,
// and back: whom the reminders of the end would have told reads of both, once.
func TestThoseWhoWaitForAnEndReadThatItMoved(t *testing.T) {
	t.Parallel()
	reminded := strings.Replace(path, "{length: 30d}", "{length: 30d}, reminders: [{before: 5d, to: facilitator}]", 1)
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: reminded})
	w.Settle("marta@comune.example.org", "Marta")
	ship(w, strings.NewReplacer("version: 1", "version: 2", "{length: 30d}", "{length: 45d, min: 45d}").Replace(reminded))
	lucia := w.Actor("lucia@comune.example.org", "Lucia")
	w.Member(lucia, process.RoleFacilitator)
	w.Publish()
	letters := post(w)
	letters() // of her appointment

	w.Clock.Set(w.Start.Add(24 * time.Hour))
	two := upgrade.Target{Name: "path", Version: 2}
	look, err := upgrade.Look(t.Context(), w.Core, w.Process, upgrade.Move{Target: two})
	w.Must(err)
	if !look.New.After(look.Old) {
		t.Fatalf("it ends %s, and then %s", look.Old, look.New)
	}
	if got := letters(); len(got) != 0 {
		t.Errorf("a look told %d people", len(got))
	}
	w.Must(move(w, two, "Lo chiede la nuova legge", nil))
	reads(t, letters(), "La fase finisce più tardi", "prima era martedì 7 aprile", "giovedì 23", "Lo chiede la nuova legge")
	w.Must(back(w))
	reads(t, letters(), "La fase finisce prima", "martedì 7", "prima era giovedì 23 aprile", "Meglio prima")
	if got := letters(); len(got) != 0 {
		t.Errorf("again %d messages", len(got))
	}
}

// reads asserts one message, to the facilitator, with all the words.
func reads(t *testing.T, got []*processtest.Message, words ...string) {
	t.Helper()
	if len(got) != 1 || len(got[0].Recipients) != 1 || got[0].Recipients[0] != "lucia@comune.example.org" {
		t.Fatalf("%d messages: %+v", len(got), got)
	}
	for _, word := range words {
		if text := strings.Join(strings.Fields(got[0].Subject()+" "+got[0].Text()), " "); !strings.Contains(text, word) {
			t.Errorf("it does not say %q: %s", word, text)
		}
	}
}

// post gives what sends all that is due once changed ends are told, and returns it.
func post(w *worldtest.World) func() []*processtest.Message {
	sent := w.Post()
	return func() []*processtest.Message {
		w.Clock.Advance(history.Grace)
		return sent()
	}
}
