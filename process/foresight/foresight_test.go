package foresight_test

import (
	"testing"

	"arengo/process/cockpit/cockpittest"
	"arengo/process/foresight"
)

func TestToldCountsThoseRemindedOfTheEnd(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	n, err := foresight.New(w.Core).Told(t.Context(), w.Process.Ref(), w.Clock.Time())
	w.Must(err)
	if n != 1 { // the facilitator
		t.Errorf("%d people", n)
	}
	a := w.NewActivity("webinar", "listening", "Webinar")
	if n, err = foresight.New(w.Core).Told(t.Context(), a.Ref(), w.Clock.Time()); err != nil || n != 0 {
		t.Errorf("%d people, %v", n, err)
	}
}
