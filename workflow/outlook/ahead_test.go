package outlook_test

import (
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

func template(t *testing.T, name string) *definition.Compiled {
	t.Helper()
	source, err := fixtures.Template(name)
	if err != nil {
		t.Fatal(err)
	}
	def, problems := definition.Check(name, source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	return def
}

func day(y int, m time.Month, d int) civil.Date { return civil.Date{Year: y, Month: m, Day: d} }

// The conclusion of a national debate is due 120 days after the observations began, on
// whatever day they did.
func TestNationalDebateKeepsToItsLaw(t *testing.T) {
	t.Parallel()
	def := template(t, "national-debate")
	zero := day(2026, time.November, 23).At(15, 42, def.Location)
	plan := outlook.Passed(outlook.Plan(def, day(2026, time.November, 23), nil, nil), "preparation", "observations", zero)
	is := outlook.Present{State: "observations", Entry: 2, EnteredAt: zero, DueAt: day(2027, time.January, 23).Start(def.Location)}
	known := outlook.Begun(guard.Facts{}, "observations", zero)
	for _, p := range outlook.Of(def, is, plan, known, zero) {
		if p.State != "conclusion" {
			continue
		}
		if from, until := day(2027, time.January, 23).Start(def.Location), day(2027, time.March, 24).Start(def.Location); !p.Start.Equal(from) || !p.End.Equal(until) {
			t.Errorf("from %s to %s, want %s to %s", p.Start, p.End, from, until)
		}
		return
	}
	t.Error("no conclusion in the plan")
}

// A Tuscan process begins on the first day of its window, however early it is ready:
// in the plan and in what comes of it.
func TestTuscanProcessWaitsForItsWindow(t *testing.T) {
	t.Parallel()
	def := template(t, "tuscany-local")
	first := day(2027, time.April, 1).Start(def.Location)
	dates := map[string]time.Time{"evaluation-day": day(2027, time.January, 31).Start(def.Location), "first-day": first}
	plan := outlook.Plan(def, day(2026, time.October, 1), map[string]int{"admission": 10, "start": 10}, dates)
	now := day(2026, time.November, 23).At(15, 42, def.Location)
	is := outlook.Present{State: "start", Entry: 4, EnteredAt: now, DueAt: day(2026, time.December, 24).Start(def.Location)}
	known := guard.Facts{Process: guard.ProcessFacts{Dates: dates}}
	for what, phases := range map[string][]outlook.Phase{"the plan": plan, "the outlook": outlook.Of(def, is, plan, known, now)} {
		for _, p := range phases {
			if p.State == "process" && !p.Start.Equal(first) {
				t.Errorf("by %s it begins on %s", what, p.Start)
			}
			if waits := p.State == "process"; p.Waits != waits {
				t.Errorf("by %s, %s waits: %t", what, p.State, p.Waits)
			}
		}
	}
}

// It waits until that day has come, and is late from then on.
func TestTheWaitEndsWithItsDay(t *testing.T) {
	t.Parallel()
	def := template(t, "tuscany-local")
	dates := map[string]time.Time{"first-day": day(2027, time.April, 1).Start(def.Location)}
	from := day(2026, time.November, 23)
	plan := outlook.Plan(def, from, nil, dates)
	is := outlook.Present{State: "start", Entry: 4, EnteredAt: from.Start(def.Location), DueAt: day(2026, time.December, 24).Start(def.Location)}
	known := guard.Facts{Process: guard.ProcessFacts{Dates: dates}}
	for now, waits := range map[civil.Date]bool{day(2026, time.December, 1): true, day(2027, time.January, 31): true, day(2027, time.March, 31): true, day(2027, time.April, 1): false} {
		next := outlook.Waiting(outlook.Of(def, is, plan, known, now.At(12, 0, def.Location)))["start"]
		if (next != nil) != waits || waits && !next.Start.Equal(dates["first-day"]) {
			t.Errorf("on %s it waits for %+v", now, next)
		}
	}
}

// While no focus group has a date nobody knows when the groups end, nor when their
// minutes begin; once it has one, the minutes count from it too.
func TestFocusGroupsWaitForTheirDate(t *testing.T) {
	t.Parallel()
	def := template(t, "focus-group-kit")
	now := day(2026, time.November, 23).At(15, 42, def.Location)
	plan := outlook.Plan(def, day(2026, time.November, 23), nil, nil)
	is := outlook.Present{State: "groups", Entry: 2, EnteredAt: now}
	unknown := outlook.Of(def, is, outlook.Passed(plan, "recruitment", "groups", now), guard.Facts{}, now)
	for what, phases := range map[string][]outlook.Phase{"planned": plan[1:], "expected": unknown[1:]} {
		if groups, minutes := phases[0], phases[1]; groups.Start.IsZero() || !groups.End.IsZero() || !minutes.Start.IsZero() || !minutes.End.IsZero() {
			t.Errorf("%s: %+v", what, phases)
		}
		if got := outlook.Awaiting(phases)["minutes"]; got != "groups" {
			t.Errorf("%s: the minutes come after %q", what, got)
		}
	}
	held := day(2026, time.December, 10).At(18, 0, def.Location)
	is.DueAt = day(2026, time.December, 14).Start(def.Location)
	known := guard.Facts{Anchors: map[string][]time.Time{"activity:focusgroup": {held}}}
	minutes := outlook.Of(def, is, unknown, known, now)[2]
	if until := day(2026, time.December, 25).Start(def.Location); !minutes.Start.Equal(is.DueAt) || !minutes.End.Equal(until) {
		t.Errorf("minutes from %s to %s", minutes.Start, minutes.End)
	}
}
