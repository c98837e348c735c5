package foresight_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/foresight"
)

func TestToldCountsTheOthersConcerned(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	end := w.Clock.Time().AddDate(0, 1, 0)
	n, err := foresight.New(w.Core).Told(t.Context(), w.Process.Ref(), w.Promoter, end, w.Clock.Time())
	w.Must(err)
	if n != 1 { // the facilitator: who does it knows
		t.Errorf("%d people", n)
	}
	if n, err = foresight.New(w.Core).Told(t.Context(), w.Process.Ref(), w.Facilitator, end, w.Clock.Time()); err != nil || n != 1 {
		t.Errorf("%d people, %v", n, err) // the promoter
	}
	a := w.NewActivity("webinar", "listening", "Webinar")
	if n, err = foresight.New(w.Core).Told(t.Context(), a.Ref(), w.Promoter, end, w.Clock.Time()); err != nil || n != 0 {
		t.Errorf("%d people, %v", n, err)
	}
}

// TestToldCountsWhomSomethingIsWritten: what is said before an end is moved is how
// many letters leave a minute later, where somebody has just moved it too, or moves it
// back to where it was.
func TestToldCountsWhomSomethingIsWritten(t *testing.T) {
	t.Parallel()
	for name, acts := range map[string][]struct {
		by   int // 0 promoter, 1 facilitator
		days int // after the end that was planned
		wait time.Duration
		want int
	}{
		"once":                                {{0, 5, 0, 2}},
		"and back within the minute":          {{0, 5, 0, 2}, {0, 0, time.Minute, 0}},
		"and back, by another":                {{0, 5, 0, 2}, {1, 0, time.Minute, 1}},
		"further, by another":                 {{0, 5, 0, 2}, {1, 8, time.Minute, 2}},
		"further and back":                    {{0, 5, 0, 2}, {1, 8, 0, 2}, {0, 0, time.Minute, 1}},
		"and back once it was told":           {{0, 5, time.Minute, 2}, {0, 0, time.Minute, 2}},
		"told, moved again and as was told":   {{0, 5, time.Minute, 2}, {0, 8, 0, 2}, {0, 5, time.Minute, 0}},
		"told, moved by another, as it began": {{0, 5, time.Minute, 2}, {1, 8, 0, 2}, {1, 0, time.Minute, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := cockpittest.New(t)
			other := w.Actor("luca@comune.example.org", "Luca")
			w.Member(other, process.RolePromoter)
			w.Publish()
			sent := w.Post()
			sent()
			inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
			w.Must(err)
			first := inst.DueAt
			for i, a := range acts {
				who := []process.Actor{w.Promoter, w.Facilitator}[a.by]
				end := first.AddDate(0, 0, a.days)
				n, err := foresight.New(w.Core).Told(t.Context(), w.Process.Ref(), who, end, w.Clock.Time())
				w.Must(err)
				change := w.Core.Shorten
				if inst, err = w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref()); end.After(inst.DueAt) {
					change = w.Core.Extend
				}
				w.Must(err)
				_, err = change(t.Context(), w.Process.ID, who, process.NewEnd{End: end, Reason: "Serve"})
				w.Must(err)
				if n != a.want {
					t.Errorf("act %d: %d people are foreseen, want %d", i, n, a.want)
				}
				if a.wait > 0 {
					w.Clock.Advance(a.wait)
					if got := len(sent()); got != n {
						t.Errorf("act %d: %d letters for %d people", i, got, n)
					}
				}
			}
		})
	}
}
