package place_test

import (
	"strings"
	"testing"

	"arengo/process/fault"
	"arengo/process/place"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
)

func TestClosedDays(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	w.Must(place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, " 1/12, 24/06;1/12 "))
	days, err := place.ClosedDays(t.Context(), w.Core, w.Process)
	w.Must(err)
	if len(days) != 2 || days[0].String() != "06-24" || days[1].String() != "12-01" {
		t.Errorf("days %v", days)
	}
	later := w.NewProcess("Un altro percorso")
	for _, p := range []struct {
		name string
		at   func() (bool, error)
	}{
		{"this", func() (bool, error) {
			def, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
			return def.Civil().Working(civil.Date{Year: 2026, Month: 6, Day: 24}), err
		}},
		{"later", func() (bool, error) {
			def, _, err := w.Core.Definition(t.Context(), w.DB, later)
			return def.Civil().Working(civil.Date{Year: 2026, Month: 12, Day: 1}), err
		}},
	} {
		if working, err := p.at(); err != nil || working {
			t.Errorf("%s: the patron's day counts as a working day (%v)", p.name, err)
		}
	}
	w.Must(place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, ""))
	if days, err := place.ClosedDays(t.Context(), w.Core, w.Process); err != nil || len(days) != 0 {
		t.Errorf("emptied: %v, %v", days, err)
	}
}

func TestClosedDaysRefused(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	many := ""
	for d := range 31 {
		many += string(rune('0'+(d+1)/10)) + string(rune('0'+(d+1)%10)) + "/1 "
	}
	for text, want := range map[string]string{
		"31/2": "workflow.closed_bad", "29/2": "workflow.closed_bad", "San Giovanni": "workflow.closed_bad", "24": "workflow.closed_bad",
		"-1/3": "workflow.closed_bad", strings.TrimSpace(many): "place.closed_many",
	} {
		err := place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, text)
		if e, ok := fault.As(err); !ok || e.Key != want || e.Field != "closed" {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if err := place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Stranger, "24/6"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}
