package outlook_test

import (
	"testing"
	"time"

	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// An application that lasts until after the day of the evaluation leaves that phase
// without a day: its end stays the law’s, and what follows begins where the
// application ends.
func TestAPhaseWithoutADay(t *testing.T) {
	t.Parallel()
	def := template(t, "tuscany-local")
	law := day(2027, time.January, 31).Start(def.Location)
	dates := map[string]time.Time{"evaluation-day": law}
	from := day(2026, time.November, 23)
	plan := outlook.Plan(def, from, nil, dates)
	for last, never := range map[int]bool{30: false, 31: true, 46: true} { // of January: the 31st, and the 15th of February
		is := outlook.Present{State: "application", Entry: 1, EnteredAt: from.Start(def.Location), DueAt: day(2027, time.January, 1).Add(last).Start(def.Location)}
		known := guard.Facts{Process: guard.ProcessFacts{Dates: dates}}
		got := outlook.Of(def, is, plan, known, is.EnteredAt)
		if p := got[1]; p.Never() != never || !p.End.Equal(day(2027, time.February, 1).Start(def.Location)) || !p.Start.Equal(is.DueAt) {
			t.Errorf("from the end of January %d: never %t, from %s to %s", last, p.Never(), p.Start, p.End)
		}
		if want := outlook.AtLeast(is.DueAt, got[1].End); !got[2].Start.Equal(want) {
			t.Errorf("the admission begins on %s, want %s", got[2].Start, want)
		}
		if early := outlook.Early(def, got, dates); (len(early) == 1) != never {
			t.Errorf("early: %v", early)
		}
	}
}
