package workflow_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

func rome(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func utc(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func areaPathSource(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("definition", "testdata", "area-path.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func compile(t testing.TB, source string) *definition.Compiled {
	t.Helper()
	def, problems := definition.Read("test.yaml", []byte(source), nil)
	if problems != nil {
		t.Fatalf("the definition has problems:\n%v", problems)
	}
	return def
}

var kinds = []string{"questionnaire", "webinar", "focusgroup", "codesign", "assembly"}

func codes(blockers []workflow.Blocker) []string {
	out := []string{}
	for _, b := range blockers {
		out = append(out, b.Code)
	}
	return out
}

// fullFacts let every guard of the area path hold.
func fullFacts(now time.Time) guard.Facts {
	f := guard.Facts{
		Process:    guard.ProcessFacts{Published: true, Population: guard.Population{Units: 267000}, Roles: map[string]int64{"facilitator": 1}},
		Activities: []guard.ActivityFacts{{ID: "1", Kind: "questionnaire", State: "ready"}},
		Artefacts:  guard.Artefacts{Published: []string{"results", "final-report"}},
		Now:        now,
		Term:       guard.TermFacts{EnteredAt: now.AddDate(0, 0, -30), MinAt: now.AddDate(0, 0, -1)},
	}
	for range 3 {
		f.Activities = append(f.Activities, guard.ActivityFacts{Kind: "focusgroup", State: "minuted"})
	}
	return f
}

// What only a day that lies ahead is missing for is waited for: the day is named,
// and no page is offered to mend it. What no day mends keeps its remedy.
func TestADayThatLiesAheadIsWaitedFor(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "fixtures", "templates", "tuscany-local.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	def, problems := definition.Read("tuscany-local.yaml", source, kinds)
	if problems != nil {
		t.Fatal(problems)
	}
	first := utc(t, "2027-03-31T22:00:00Z") // midnight in Rome
	for _, c := range []struct {
		name, now string
		dates     map[string]time.Time
		it, fix   string
		blocks    bool
	}{
		{"ahead", "2026-12-23T10:00:00Z", map[string]time.Time{"first-day": first}, "Aspetta il giorno: 1° aprile 2027", "", true},
		{"another date comes sooner", "2026-12-23T10:00:00Z", map[string]time.Time{"first-day": first, "evaluation-day": utc(t, "2027-01-30T23:00:00Z")}, "1° aprile 2027", "", true},
		{"not chosen", "2026-12-23T10:00:00Z", nil, "Si comincia dal primo giorno della finestra", "deadline", true},
		{"come", "2027-03-31T22:00:00Z", map[string]time.Time{"first-day": first}, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := workflow.Decide(def, workflow.Input{
				State: "start", Event: "start", Actor: workflow.Person(1, "promoter"),
				Facts: guard.Facts{Now: utc(t, c.now), Process: guard.ProcessFacts{Dates: c.dates}},
			})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(d.Blockers, func(b workflow.Blocker) bool { return b.Code == "window-open" })
			if (i >= 0) != c.blocks {
				t.Fatalf("%+v", d.Blockers)
			}
			if i >= 0 && (!strings.Contains(d.Blockers[i].Explain.In("it"), c.it) || d.Blockers[i].Fix != c.fix) {
				t.Errorf("%+v", d.Blockers[i])
			}
			if waits := i >= 0 && strings.Contains(d.Blockers[i].Explain.In("it"), "Aspetta"); waits != (c.blocks && c.fix == "") {
				t.Errorf("%+v", d.Blockers[i])
			}
		})
	}
}

func TestAreaPathGuards(t *testing.T) {
	t.Parallel()
	def := compile(t, areaPathSource(t))
	now := utc(t, "2026-04-20T10:00:00Z")
	promoter, facilitator := workflow.Person(1, "promoter"), workflow.Person(2, "facilitator")
	timer := workflow.Actor{Kind: workflow.ActorTimer}
	for _, c := range []struct {
		name, state, event string
		actor              workflow.Actor
		change             func(*guard.Facts)
		want               []string
	}{
		{"launch", "preparation", "launch", promoter, nil, nil},
		{"launch without population", "preparation", "launch", promoter, func(f *guard.Facts) { f.Process.Population.Units = 0 }, []string{"population-defined"}},
		{"launch with a draft questionnaire", "preparation", "launch", promoter, func(f *guard.Facts) { f.Activities[0].State = "draft" }, []string{"questionnaire-ready"}},
		{"launch with another kind ready", "preparation", "launch", promoter, func(f *guard.Facts) { f.Activities[0].Kind = "webinar" }, []string{"questionnaire-ready"}},
		{"launch without facilitator", "preparation", "launch", promoter, func(f *guard.Facts) { f.Process.Roles = nil }, []string{"facilitator-named"}},
		{"launch with nothing", "preparation", "launch", promoter, func(f *guard.Facts) { *f = guard.Facts{Now: now} }, []string{"population-defined", "questionnaire-ready", "facilitator-named", "published"}},
		{"launch with nothing by a facilitator", "preparation", "launch", facilitator, func(f *guard.Facts) { *f = guard.Facts{Now: now} }, []string{"role", "population-defined", "questionnaire-ready", "facilitator-named", "published"}},
		{"analyse", "exploration", "analyse", facilitator, nil, nil},
		{"analyse by the timer", "exploration", "analyse", timer, nil, nil},
		{"analyse at the minimum", "exploration", "analyse", timer, func(f *guard.Facts) { f.Term.MinAt = now }, nil},
		{"analyse too early", "exploration", "analyse", timer, func(f *guard.Facts) { f.Term.MinAt = now.Add(time.Microsecond) }, []string{"min-term"}},
		{"analyse by the system", "exploration", "analyse", workflow.System(), nil, []string{"role"}},
		{"analyse by the promoter", "exploration", "analyse", promoter, nil, []string{"role"}},
		{"meet", "analysis", "meet", facilitator, nil, nil},
		{"meet with two groups", "analysis", "meet", facilitator, func(f *guard.Facts) { f.Activities = f.Activities[:3] }, []string{"groups-held"}},
		{"meet with results unpublished", "analysis", "meet", facilitator, func(f *guard.Facts) {
			f.Artefacts = guard.Artefacts{Present: []string{"results"}}
		}, []string{"results-published"}},
		{"design", "governance", "design", facilitator, nil, nil},
		{"write", "codesign", "write", facilitator, nil, nil},
		{"close", "report", "close", promoter, nil, nil},
		{"close without report", "report", "close", promoter, func(f *guard.Facts) { f.Artefacts = guard.Artefacts{} }, []string{"report-published"}},
		{"cancel without reason", "analysis", "cancel", promoter, nil, []string{"reason"}},
		{"cancel by another without reason", "analysis", "cancel", facilitator, nil, []string{"role", "reason"}},
		{"an event of another state", "report", "launch", promoter, nil, []string{"event"}},
		{"out of a final state", "closed", "cancel", promoter, nil, []string{"event"}},
		{"an unknown event", "report", "dance", promoter, nil, []string{"event"}},
		{"two roles", "exploration", "analyse", workflow.Person(1, "promoter", "facilitator"), nil, nil},
		{"a person called timer", "exploration", "analyse", workflow.Person(1, "timer"), nil, []string{"role"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			facts := fullFacts(now)
			if c.change != nil {
				c.change(&facts)
			}
			d, err := workflow.Decide(def, workflow.Input{State: c.state, Event: c.event, Actor: c.actor, Facts: facts})
			if err != nil {
				t.Fatal(err)
			}
			if got := codes(d.Blockers); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("blocked by %v, want %v", got, c.want)
			}
			for _, b := range d.Blockers {
				for _, locale := range definition.Locales {
					if b.Explain[locale] == "" || strings.ContainsAny(b.Explain[locale], "{}") {
						t.Errorf("%s is explained in %s as %q", b.Code, locale, b.Explain[locale])
					}
				}
			}
		})
	}
}

func TestExplanationsAreFilledAndFixed(t *testing.T) {
	t.Parallel()
	def := compile(t, areaPathSource(t))
	facts := fullFacts(utc(t, "2026-04-20T10:00:00Z"))
	facts.Term.MinAt = facts.Now.AddDate(0, 0, 1)
	d, err := workflow.Decide(def, workflow.Input{State: "exploration", Event: "analyse", Actor: workflow.System(), Facts: facts})
	if err != nil || len(d.Blockers) != 2 {
		t.Fatalf("%v, %v", d, err)
	}
	if got := d.Blockers[0].Explain.In("it"); got != "Può farlo solo chi facilita o la scadenza, da sola" {
		t.Errorf("the role is explained as %q", got)
	}
	if got := d.Blockers[1].Explain.In("it"); got != "Il questionario deve restare aperto almeno 21 giorni" {
		t.Errorf("the term is explained as %q", got)
	}
	if got := d.Blockers[1].Explain.In("en"); got != "The questionnaire must stay open at least 21 days" {
		t.Errorf("the term is explained as %q", got)
	}
	d, err = workflow.Decide(def, workflow.Input{State: "preparation", Event: "launch", Actor: workflow.Person(1, "promoter")})
	if err != nil || d.Blockers[0].Fix != "population" {
		t.Errorf("%+v, %v", d.Blockers, err)
	}
}

func TestOptionsListEveryWayOut(t *testing.T) {
	t.Parallel()
	def := compile(t, areaPathSource(t))
	options := workflow.Options(def, workflow.Input{
		State: "report", Actor: workflow.Person(1, "promoter"), Facts: fullFacts(utc(t, "2026-04-20T10:00:00Z")),
	})
	if len(options) != 2 {
		t.Fatalf("%+v", options)
	}
	if !options[0].Allowed() || options[0].Label.In("it") != "Concludi il percorso" || options[0].To.Name != "closed" {
		t.Errorf("close: %+v", options[0])
	}
	if !options[1].Allowed() || !options[1].Transition.ReasonRequired {
		t.Errorf("cancel asks its reason in the form: %+v", options[1])
	}
}

const small = `
workflow: small
version: 1
level: activity
title: {it: S, en: S}
timezone: Europe/Rome
roles: [promoter]
counts: [registered, seats]
initial: a
states:
  a:
    title: {it: A, en: A}
    artefacts: [{code: x, title: {it: X, en: X}}]
  b: {title: {it: B, en: B}, final: true}
transitions:
  - id: go
    event: go
    from: [a]
    to: b
    by: [promoter]
    requires:
      - {code: g, guard: 'GUARD', explain: {it: "{counts.registered} su {counts.seats}", en: "{counts.registered} of {counts.seats}"}}
  - {id: stay, event: stay, from: [a], to: a, by: [promoter]}
`

func TestGuardForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		guard string
		want  string // allowed, blocked, or a part of the fault
		say   string // of the fault, to the reader
	}{
		{"counts.registered > 0", "allowed", ""},
		{"counts.registered >= counts.seats", "blocked", ""},
		{`artefacts.present("x")`, "allowed", ""},
		{`artefacts.published("x")`, "blocked", ""},
		{"activities.all(a, a.counts.registered == 0)", "allowed", ""},
		{"activities.exists(a, a.id == \"7\" && a.phase == \"p\")", "allowed", ""},
		{"term.entered_at < now", "allowed", ""},
		{"now - term.entered_at > duration(\"1h\")", "allowed", ""},
		{"10 / (counts.seats - 20) > 0", "division by zero", "divide per zero"},
		{"activities.map(a, a.kind)[3] == \"\"", "index out of bounds", "non ha la voce 3"},
		{"activities.all(a, activities.all(b, activities.all(c, activities.all(d, activities.exists(e, e.kind == \"never\" || e.id == d.id)))))", "cost", "troppo tempo"},
	} {
		t.Run(c.guard, func(t *testing.T) {
			t.Parallel()
			def := compile(t, strings.Replace(small, "GUARD", c.guard, 1))
			now := utc(t, "2026-04-20T10:00:00Z")
			facts := guard.Facts{
				Now: now, Counts: map[string]int64{"registered": 5, "seats": 20}, Artefacts: guard.Artefacts{Present: []string{"x"}},
				Term: guard.TermFacts{EnteredAt: now.Add(-2 * time.Hour)}, Activities: []guard.ActivityFacts{{ID: "7", Phase: "p"}},
			}
			if c.want == "cost" {
				facts.Activities = slices.Repeat(facts.Activities, 40)
			}
			d, err := workflow.Decide(def, workflow.Input{State: "a", Event: "go", Actor: workflow.Person(1, "promoter"), Facts: facts})
			switch {
			case c.want == "allowed":
				if err != nil || len(d.Blockers) > 0 {
					t.Errorf("%v, %v", d.Blockers, err)
				}
			case c.want == "blocked":
				if err != nil || len(d.Blockers) != 1 || d.Blockers[0].Explain.In("it") != "5 su 20" {
					t.Errorf("%v, %v", d.Blockers, err)
				}
			case err != nil || len(d.Blockers) != 1 || d.Blockers[0].Code != "g" || d.Blockers[0].Fix != "phases":
				t.Errorf("%+v, %v", d.Blockers, err)
			case !strings.Contains(d.Blockers[0].Fault.Error(), c.want) || !strings.Contains(d.Blockers[0].Explain.In("it"), c.say):
				t.Errorf("%+v, want %q", d.Blockers[0], c.want)
			}
		})
	}
}

func TestDecisionsArePureAndComplete(t *testing.T) {
	t.Parallel()
	def := compile(t, areaPathSource(t))
	rapid.Check(t, func(r *rapid.T) {
		facts := guard.Facts{Now: utc(t, "2026-04-20T10:00:00Z")}
		facts.Process.Population.Units = rapid.Int64Range(0, 1).Draw(r, "units")
		facts.Process.Roles = map[string]int64{"facilitator": rapid.Int64Range(0, 1).Draw(r, "facilitators")}
		for range rapid.IntRange(0, 5).Draw(r, "activities") {
			facts.Activities = append(facts.Activities, guard.ActivityFacts{
				Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), State: rapid.SampledFrom([]string{"ready", "minuted", "draft"}).Draw(r, "state"),
			})
		}
		actor := workflow.Person(1, rapid.SampledFrom(definition.Roles).Draw(r, "role"))
		state := rapid.SampledFrom(def.States).Draw(r, "at").Name
		options := workflow.Options(def, workflow.Input{State: state, Actor: actor, Facts: facts})
		if (len(options) == 0) != def.Final(state) {
			r.Fatalf("%d options out of %s", len(options), state)
		}
		for _, o := range options {
			in := workflow.Input{State: state, Transition: o.Transition.ID, Actor: actor, Reason: "because", Facts: facts}
			d, err := workflow.Decide(def, in)
			if err != nil || !slices.Equal(codes(d.Blockers), codes(o.Blockers)) || d.To != o.To.Name {
				r.Fatalf("%s: decided %+v, offered %+v, %v", o.Transition.ID, d, o, err)
			}
		}
	})
}

func TestPlan(t *testing.T) {
	t.Parallel()
	def := compile(t, areaPathSource(t))
	zone := rome(t)
	start, err := civil.ParseDate("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	plan := outlook.Plan(def, start, map[string]int{"exploration": 60}, nil)
	if len(plan) != 6 {
		t.Fatalf("%d phases", len(plan))
	}
	for i, want := range []struct {
		state, end string
		source     outlook.Source
	}{
		{"preparation", "2026-03-31T00:00:00+02:00", outlook.SourceDefinition},
		{"exploration", "2026-05-30T00:00:00+02:00", outlook.SourceOverride},
		{"analysis", "2026-07-14T00:00:00+02:00", outlook.SourceDefinition},
		{"governance", "2026-08-13T00:00:00+02:00", outlook.SourceDefinition},
		{"codesign", "2026-10-12T00:00:00+02:00", outlook.SourceDefinition},
		{"report", "2026-11-11T00:00:00+01:00", outlook.SourceDefinition},
	} {
		p := plan[i]
		if p.State != want.state || !p.End.Equal(utc(t, want.end)) || p.Source != want.source {
			t.Errorf("phase %d: %s until %s from %s, want %+v", i, p.State, p.End.In(zone), p.Source, want)
		}
		if i > 0 && !p.Start.Equal(plan[i-1].End) {
			t.Errorf("%s does not begin where %s ends", p.State, plan[i-1].State)
		}
	}
	moves := workflow.Moves(plan, outlook.Plan(def, start, map[string]int{"exploration": 60, "codesign": 61}, nil))
	if len(moves) != 2 || moves[0].Name != "codesign" || moves[1].New.Sub(moves[1].Old) != 24*time.Hour {
		t.Errorf("moves %+v", moves)
	}
}
