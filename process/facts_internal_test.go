package process

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// What guards know of an activity follows from its own definition.
func TestActivityFacts(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("webinar", "workflow.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	def, problems := definition.Check("workflow.yaml", source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	entered := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	due, left := entered.Add(time.Hour), entered.AddDate(0, 0, -3)
	for state, want := range map[string]struct {
		ready, open, over bool
		due               *time.Time
		ends              time.Time
	}{
		"draft":     {},
		"open":      {ready: true, open: true, due: &due, ends: due},
		"held":      {ready: true, ends: left}, // the recording may still come
		"concluded": {over: true, ends: left},
		"cancelled": {},
	} {
		a := Activity{Kind: "webinar", State: state, EnteredAt: entered, DueAt: want.due}
		f := activityFacts(def, a, map[string]int64{"answered": 1, "invited": 3})
		if f.Ready != want.ready || f.Open != want.open || f.Over != want.over || f.Rate != 0.3333 {
			t.Errorf("%s: %+v", state, f)
		}
		if ends := a.End(def, map[string]time.Time{"open": left}); !ends.Equal(want.ends) {
			t.Errorf("%s ends %v", state, ends)
		}
	}
	if end := (Activity{State: "open", EnteredAt: entered}).End(def, nil); !end.IsZero() {
		t.Errorf("one whose meetings were called off ended %s", end)
	}
	source, err = os.ReadFile(filepath.Join("questionnaire", "workflow.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	survey, problems := definition.Check("workflow.yaml", source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	if end := (Activity{State: "ready", EnteredAt: entered}).End(survey, nil); !end.IsZero() {
		t.Errorf("what has still to open ended %s", end)
	}
	if f := activityFacts(def, Activity{State: "draft"}, nil); f.Rate != 0 {
		t.Errorf("of nobody %v answered", f.Rate)
	}
}

// One word of a notice takes no other away.
func TestExtraWordsOfANotice(t *testing.T) {
	t.Parallel()
	cause := conduct.Cause{ClosedBy: conduct.ByPhase, Beyond: true, Law: &definition.Law{Article: "art. 14", Source: "L.R. 46/2013"}, Act: "decree"}
	got := extra(workflow.Effect{NoTime: true}, cause)
	if want := map[string]string{"closed_by": "phase", "beyond": "yes", "law": "art. 14, L.R. 46/2013", ExtraAct: "decree", "no_time": "yes"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := extra(workflow.Effect{}, conduct.Cause{}); len(got) != 0 {
		t.Errorf("of nothing %v", got)
	}
}
