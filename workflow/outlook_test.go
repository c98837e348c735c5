package workflow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

// forecast is the life of an instance whose outlook is held against what comes of it.
type forecast struct {
	*lifetime
	def  *definition.Compiled
	zone *time.Location
}

var forecastPath = []string{"a", "b", "c", "d", "e"}

// TestOutlookComesTrue: through random lives of random definitions, what the outlook
// says of the phase that is next is what the engine makes of it when it is entered on
// the day that the outlook gives; phases follow each other without a gap but for what
// dates ask for, one that comes after an unknown end has no beginning, none with a day
// ends before it begins, and none lasts beyond its maximum
// or is late before it can be left.
func TestOutlookComesTrue(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		f := &forecast{lifetime: newLifetime(r, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), counts), zone: rome(t)}
		f.set("call")
		f.set("open")
		var err error
		f.def, err = f.runs(f.write()).Get("forecast", 1)
		f.must(err)
		f.begins(workflow.Start{Definition: "forecast", Actor: given, Plan: f.plan()})
		for range rapid.IntRange(3, 14).Draw(r, "steps") {
			f.step()
			f.sound()
		}
		f.foretold()
	})
	happened(t, counts, "foretold", "move", "extend", "shorten", "rest", "date", "held to a day", "late later", "unknown")
}

// write gives a definition of five phases of every sort of term, the last but one of
// which opens on a date.
func (f *forecast) write() string {
	var s strings.Builder
	s.WriteString("workflow: forecast\nversion: 1\ntitle: {it: F, en: F}\ntimezone: Europe/Rome\ncalendar: italy\nroles: [promoter]\ninitial: a\n" +
		"dates: [{code: call, title: {it: B, en: C}}, {code: open, title: {it: A, en: O}}]\nstates:\n")
	for i, name := range forecastPath {
		n := rapid.IntRange(2, 40).Draw(f.T, "length")
		sorts := []string{
			fmt.Sprintf("{length: %dd, min: %dd, max: %dd}", n, n/2, n+10), fmt.Sprintf("{length: %dwd, on_holiday: next}", n),
			fmt.Sprintf("{length: %dd, from: \"date:call\", on_hold: run}", n), "{until: \"date:call\"}", "{until: \"activity:talk\"}", fmt.Sprintf("{length: %dd, from: \"activity:talk\"}", n), fmt.Sprintf("{length: %dh}", n),
		}
		if i > 0 {
			from := rapid.SampledFrom(forecastPath[:i]).Draw(f.T, "from")
			sorts = append(sorts, fmt.Sprintf("{length: %dd, max: %dd, from: \"state:%s\"}", n, n, from), fmt.Sprintf("{length: %dd, from: \"state:%s\"}", n, from))
		}
		fmt.Fprintf(&s, "  %s: {title: {it: %s, en: %s}, term: %s, allows: [extend, shorten, hold]}\n", name, name, name, rapid.SampledFrom(sorts).Draw(f.T, "term"))
	}
	s.WriteString("  z: {title: {it: Z, en: Z}, final: true}\ntransitions:\n")
	for i, name := range forecastPath {
		to := append(slices.Clone(forecastPath[i+1:]), "z")[0]
		guard := ""
		if name == "c" {
			guard = `, requires: [{code: opened, guard: '"open" in process.dates && now >= process.dates["open"]', explain: {it: E, en: E}}]`
		}
		fmt.Fprintf(&s, "  - {id: from-%s, event: go, from: [%s], to: %s, by: [promoter]%s}\n", name, name, to, guard)
	}
	return s.String()
}

func (f *forecast) plan() []workflow.PlannedPhase {
	chosen := map[string]int{}
	for _, name := range forecastPath {
		if n := rapid.IntRange(0, 30).Draw(f.T, "chosen"); n > 20 {
			chosen[name] = n
		}
	}
	plan := outlook.Plan(f.def, civil.Date{Year: 2026, Month: time.March, Day: 2}, chosen, f.known.facts.Process.Dates)
	i := rapid.IntRange(0, len(plan)-1).Draw(f.T, "fixed")
	if p := &plan[i]; p.Source == outlook.SourceDefinition && !p.End.IsZero() && rapid.Bool().Draw(f.T, "fixes") {
		p.Fixed, p.Source, p.End = true, outlook.SourceFixed, p.End.AddDate(0, 0, rapid.IntRange(0, 30).Draw(f.T, "by"))
	}
	return plan
}

func (f *forecast) set(code string) {
	dates := map[string]time.Time{}
	for k, v := range f.known.facts.Process.Dates {
		dates[k] = v
	}
	dates[code] = civil.Date{Year: 2026, Month: time.March, Day: 2}.Add(rapid.IntRange(-10, 120).Draw(f.T, code)).Start(f.zone)
	if rapid.IntRange(0, 4).Draw(f.T, "none") == 0 {
		delete(dates, code)
	}
	f.known.facts.Process.Dates = dates
}

func (f *forecast) outlook() []workflow.PlannedPhase {
	o, err := f.engine.Outlook(context.Background(), nil, hearingRef, f.clock.Time())
	f.must(err)
	return o.Expected
}

func (f *forecast) step() {
	what := rapid.SampledFrom([]string{"move", "extend", "shorten", "rest", "date", "clock", "clock"}).Draw(f.T, "step")
	days := rapid.IntRange(1, 25).Draw(f.T, "days")
	is, old := f.instance(), f.known.facts.Process.Dates
	err := f.do(func(ctx context.Context, tx bun.IDB) (err error) {
		switch what {
		case "move":
			_, err = f.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "go", Actor: given})
		case "extend":
			_, err = f.engine.Extend(ctx, tx, hearingRef, workflow.NewEnd{End: is.DueAt.AddDate(0, 0, days), Reason: "x", Actor: given, Exception: days > 20})
		case "shorten":
			_, err = f.engine.Shorten(ctx, tx, hearingRef, workflow.NewEnd{End: is.DueAt.AddDate(0, 0, -days), Reason: "x", Actor: given})
		case "rest":
			act := f.engine.Suspend
			if is.Held() {
				act = f.engine.Resume
			}
			_, err = act(ctx, tx, hearingRef, workflow.Pause{Reason: "x", Actor: given})
		case "date":
			f.set(rapid.SampledFrom([]string{"call", "open"}).Draw(f.T, "code"))
			_, err = f.engine.RescheduleAnchors(ctx, tx, hearingRef, workflow.System())
		default:
			f.clock.Advance(time.Duration(rapid.IntRange(1, 15*24).Draw(f.T, "hours")) * time.Hour)
		}
		return err
	})
	if err != nil {
		f.known.facts.Process.Dates = old
		return
	}
	f.counts[what]++
}

// sound is what holds of every outlook.
func (f *forecast) sound() {
	is, now := f.instance(), f.clock.Time()
	here := slices.Index(forecastPath, is.State)
	if here < 0 {
		return
	}
	f.late(is)
	plan := f.outlook()
	awaits := outlook.Awaiting(plan)
	for i, p := range plan {
		if !p.End.IsZero() && p.End.Before(p.Start) && !p.Never() {
			f.Fatalf("%s ends before it begins: %+v", p.State, plan)
		}
		switch {
		case i < here && !p.EndedAt.IsZero() && (!p.End.Equal(p.EndedAt) || !p.Start.Equal(p.StartedAt)):
			f.Fatalf("what happened is told otherwise: %+v", p)
		case i == here && !p.End.Equal(is.DueAt):
			f.Fatalf("%s ends %s, the outlook says %s", p.State, is.DueAt, p.End)
		}
		if i <= here {
			continue
		}
		if before := plan[i-1].End; before.IsZero() != p.Start.IsZero() || before.IsZero() != (awaits[p.State] != "") {
			f.Fatalf("%s ends %s, and %s begins %s, after %q", plan[i-1].State, before, p.State, p.Start, awaits[p.State])
		} else if before.IsZero() {
			f.counts["unknown"]++
			continue
		}
		opens := f.known.facts.Process.Dates["open"]
		before := outlook.NotBefore(plan[i-1].Start, plan[i-1].End) // without a day it holds nothing up
		switch late := i == here+1 && !before.After(now); {
		case late && (!p.Start.After(now) || p.Start.Sub(now) > 25*time.Hour) && !p.Start.Equal(opens):
			f.Fatalf("%s is late at %s, and %s begins %s", plan[i-1].State, now, p.State, p.Start)
		case !late && p.State == "d" && p.Start.Equal(opens) && p.Start.After(before):
			f.counts["held to a day"]++
		case !late && !p.Start.Equal(before):
			f.Fatalf("a gap: %s ends %s, %s begins %s", plan[i-1].State, before, p.State, p.Start)
		}
	}
}

// late is said of a phase when its term is over, and no earlier than it can be left.
func (f *forecast) late(is workflow.Instance) {
	said := is.DueAt
	if opens := f.known.facts.Process.Dates["open"]; is.State == "c" && opens.After(said) {
		said = opens
	}
	all, err := f.engine.Deadlines(context.Background(), nil, hearingRef)
	f.must(err)
	for _, d := range all {
		armed := d.FiredAt.IsZero() && d.CancelledAt.IsZero() && d.DueAt.After(f.clock.Time()) // what is due already comes anyway
		if armed && d.Name == "end" && (is.DueAt.IsZero() || !d.DueAt.Equal(said)) {
			f.Fatalf("%s, over on %s, is late on %s, want %s", is.State, is.DueAt, d.DueAt, said)
		}
	}
	if !is.DueAt.IsZero() && said.After(is.DueAt) {
		f.counts["late later"]++
	}
}

// foretold enters the next phase on the day that the outlook says, and finds there
// what it said.
func (f *forecast) foretold() {
	is := f.instance()
	here := slices.Index(forecastPath, is.State)
	if here < 0 || here+1 == len(forecastPath) || is.Held() {
		return
	}
	says := f.outlook()[here+1]
	if says.Start.IsZero() {
		return
	}
	if says.Start.Before(f.clock.Time()) {
		f.Fatalf("%s is to begin in the past: %+v", says.State, says)
	}
	f.clock.Set(says.Start)
	err := f.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := f.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "go", Actor: given})
		return err
	})
	if err != nil { // by a date that nobody gave
		if _, given := f.known.facts.Process.Dates["open"]; is.State == "c" && !given {
			return
		}
		f.Fatalf("%s could not begin on %s: %v", says.State, says.Start, err)
	}
	f.counts["foretold"]++
	s, _ := f.def.State(says.State)
	_, called := f.known.facts.Process.Dates["call"]
	ends := outlook.NotBefore(says.Start, says.End)
	if got := f.instance(); !got.DueAt.Equal(ends) && (called || s.Term.From != "date:call") && s.Term.From != "activity:talk" && s.Term.Until != "activity:talk" {
		f.Fatalf("%s ends %s, the outlook said %s", got.State, got.DueAt, says.End)
	} else if !got.MaxAt.IsZero() && says.End.After(got.MaxAt) && s.Term.OnHoliday == "" && says.End.After(says.Start) {
		f.Fatalf("%s lasts until %s, the most is %s", got.State, says.End, got.MaxAt)
	}
}
