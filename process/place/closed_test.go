package place_test

import (
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/place"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
)

func TestClosedDays(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	w.Must(place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, " 1/12, 24/06;1/12 ", "Il patrono"))
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
	w.Must(place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, "", "Un errore"))
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
		err := place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Promoter, text, "perché")
		if e, ok := fault.As(err); !ok || e.Key != want || e.Field != "closed" {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if err := place.SetClosedDays(t.Context(), w.Core, w.Process.ID, w.Stranger, "24/6", "perché"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}

// TestClosedDaysAreOfTheOrganisation: who promotes one process alone does not
// decide when the terms of all end, and whoever does leaves a trace for good.
func TestClosedDaysAreOfTheOrganisation(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	own := w.Actor("ada@example.org", "Ada")
	w.Member(own, process.RolePromoter)
	set := func(who process.Actor, text, why string) error {
		return place.SetClosedDays(t.Context(), w.Core, w.Process.ID, who, text, why)
	}
	if err := set(own, "24/6", "Il patrono"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a promoter of the process: %v", err)
	}
	if may, err := place.MaySetClosedDays(t.Context(), w.Core, w.Process, own); err != nil || may {
		t.Errorf("may %v, %v", may, err)
	}
	if err := set(w.Promoter, "24/6", " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	w.Must(set(w.Promoter, "24/6", "Il patrono"))
	w.Must(set(w.Promoter, "24/6", "Di nuovo"))
	w.Must(set(w.Promoter, "24/6, 1/12", "Anche l’altro"))
	list, err := place.ClosedChanges(t.Context(), w.Core, w.Process, 9)
	w.Must(err)
	if len(list) != 2 || list[0].Before != "06-24" || list[0].After != "06-24,12-01" || list[0].Reason != "Anche l’altro" || list[0].Name != w.Promoter.Name || list[0].At.IsZero() {
		t.Errorf("%+v", list)
	}
	if _, err := w.DB.NewRaw(`DELETE FROM closed_days_change`).Exec(t.Context()); err == nil {
		t.Error("the trace can be taken away")
	}
}
