package foresight_test

import (
	"testing"

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
