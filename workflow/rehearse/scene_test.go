package rehearse_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/scenario"
)

func warned(r *rehearse.Report, code string) (rehearse.Warning, bool) {
	i := slices.IndexFunc(r.Warnings, func(w rehearse.Warning) bool { return w.Code == code })
	if i < 0 {
		return rehearse.Warning{}, false
	}
	return r.Warnings[i], true
}

func date(month, day int) civil.Date { return on(2026, month, day) }

func on(year, month, day int) civil.Date {
	return civil.Date{Year: year, Month: time.Month(month), Day: day}
}

// What people must do follows from the guards, with who, by when and where.
func TestActsComeOfGuards(t *testing.T) {
	t.Parallel()
	r := run(t, template(t, "area-path"))
	for _, want := range []rehearse.Act{
		{Due: "2026-04-22", Who: "promoter", What: "Pubblica il percorso: chi riceve l’invito deve poterlo leggere", Fix: "publication", State: "preparation"},
		{Due: "2026-04-22", Who: "promoter", What: "Nomina almeno un facilitatore", Fix: "people", State: "preparation"},
		{Due: "2026-04-22", Who: "promoter", What: "Avvia l’esplorazione", State: "preparation", Advances: true},
		{Due: "2026-07-06", Who: "facilitator", What: "Pubblica i risultati del questionario", Fix: "results", State: "analysis"},
		{Due: "2026-07-06", Who: "facilitator", What: "Scegli data, ora e luogo", Fix: "meeting", State: "analysis", Activity: "Focus group 3"},
		{Due: "2026-07-06", Who: "facilitator", What: "Pubblica il verbale", Fix: "minutes", State: "analysis", Activity: "Focus group 1"},
	} {
		if !slices.ContainsFunc(r.Acts, func(a rehearse.Act) bool {
			return a.Due == want.Due && a.Who == want.Who && a.What == want.What && a.Fix == want.Fix && a.State == want.State && a.Activity == want.Activity && a.Advances == want.Advances
		}) {
			t.Errorf("nobody does %+v", want)
		}
	}
	for _, a := range r.Acts {
		if d, err := civil.ParseDate(a.On); err != nil || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			t.Errorf("%s on %s, no working day (%v)", a.What, a.On, err)
		}
	}
}

// What a process has already is not asked for again.
func TestSetupIsTakenOver(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	end := time.Date(2026, 5, 14, 22, 0, 0, 0, time.UTC)
	c.Setup = rehearse.Setup{
		Title: "Il nostro percorso", Published: true, Population: 5000, Roles: map[string]int{"facilitator": 2}, Present: []string{"project-sheet"},
		Activities: []rehearse.Activity{{Kind: "questionnaire", Phase: "exploration", Title: "Che cosa serve?", End: end}},
	}
	r := run(t, c)
	sane(t, r)
	if r.Title != "Il nostro percorso" || r.Activities[0].Title != "Che cosa serve?" {
		t.Errorf("%q, %q", r.Title, r.Activities[0].Title)
	}
	for _, a := range r.Acts {
		if a.Fix == "publication" || a.Fix == "population" || a.Fix == "people" || a.Fix == "documents" || strings.Contains(a.What, "Prepara: Che cosa serve?") {
			t.Errorf("asked for what is there: %+v", a)
		}
	}
	if !slices.ContainsFunc(r.Deadlines, func(d rehearse.Deadline) bool { return d.Activity == "Che cosa serve?" && d.Due.Equal(end) }) {
		t.Error("the questionnaire does not close on its own day")
	}
}

// A date of the call that need not be filled in stays unknown, with what hangs on
// it, until a guard asks for it: then somebody fills it in, and it all follows.
func TestDateThatNeedNotBe(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	source := strings.Replace(string(c.Definition.Source), "states:\n", "dates: [{code: assent, title: {it: Assenso, en: Assent}}]\nstates:\n", 1)
	source = strings.Replace(source, "    overdue: {after: 3d", "    deadlines: [{code: nudge, title: {it: Sollecito, en: Nudge}, after: 2d, of: \"date:assent\", notice: action-needed, to: promoter}]\n    overdue: {after: 3d", 1)
	due := func(r *rehearse.Report) (days []string) {
		for _, d := range r.Deadlines {
			if d.Name == "deadline.nudge" {
				days = append(days, civil.DateOf(d.Due, c.Definition.Location).Add(-2).String())
			}
		}
		return days
	}
	c.Definition = recompile(t, source)
	if r := run(t, c); len(due(r)) != 0 || slices.ContainsFunc(r.Assumed, func(s string) bool { return strings.Contains(s, "Assenso") }) {
		t.Errorf("nobody asked for the date, and it is there: %v, %q", due(r), r.Assumed)
	}
	asked := "requires:\n      - {code: assent-given, guard: '\"assent\" in process.dates', fix: deadline, explain: {it: Scrivi quando è arrivato l’assenso, en: Write when the assent arrived}}\n"
	c.Definition = recompile(t, strings.Replace(source, "requires:\n", asked, 1))
	r := run(t, c)
	sane(t, r)
	i := slices.IndexFunc(r.Acts, func(a rehearse.Act) bool { return a.What == "Scrivi quando è arrivato l’assenso" })
	if i < 0 || r.Acts[i].State != "preparation" || !r.End.Reached {
		t.Fatalf("nobody fills the date in: %+v", r.End)
	}
	if got := due(r); len(got) != 1 || got[0] != r.Acts[i].On {
		t.Errorf("filled in on %s, the deadline counts from %v", r.Acts[i].On, got)
	}
}

func TestNobodyAdvances(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	c.Scenario.Nobody = true
	r := run(t, c)
	sane(t, r)
	w, ok := warned(r, "stuck")
	if r.End.Reached || !r.Failed() || !ok || w.Level != rehearse.Severe || w.State != "preparation" {
		t.Errorf("reached %v, %+v", r.End.Reached, w)
	}
	if !slices.ContainsFunc(r.Messages, func(m rehearse.Message) bool { return m.Kind == "action-overdue" }) {
		t.Error("nobody is told that the phase is overdue")
	}
	c.Scenario = scenario.Scenario{NobodyIn: []string{"analysis"}}
	if r := run(t, c); r.End.State != "analysis" {
		t.Errorf("it came to rest in %s", r.End.State)
	}
}

// Who is called before the end is told what there is to do, not that it is late;
// where nobody holds the role, the rehearsal says who is called in its place.
func TestAlarmBeforeTheEnd(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	c.Definition = recompile(t, strings.Replace(string(c.Definition.Source), "    reminders:\n",
		"    deadlines: [{code: soon, title: {it: Presto, en: Soon}, before: 10d, of: end, escalate: [expert]}]\n    reminders:\n", 1))
	c.Scenario.Nobody = true
	r := run(t, c)
	end := slices.IndexFunc(r.Deadlines, func(d rehearse.Deadline) bool { return d.Name == "deadline.soon" })
	i := slices.IndexFunc(r.Messages, func(m rehearse.Message) bool { return m.At.Equal(r.Deadlines[end].Due) })
	if m := r.Messages[i]; m.Kind != "action-needed" || m.People == 0 {
		t.Errorf("ten days before the end: %+v", m)
	}
	if w, ok := warned(r, "unheld-alarm"); !ok || w.State != "preparation" || !strings.Contains(w.Text, "esperto") {
		t.Errorf("nobody is said to be missing: %+v", w)
	}
}

func TestLowResponse(t *testing.T) {
	t.Parallel()
	c := template(t, "questionnaire-kit")
	usual := run(t, c).Activities[0].Answered
	c.Scenario.Rate, c.Scenario.Rates = 0.03, map[string]float64{"giovani": 0.01}
	low := run(t, c).Activities[0].Answered
	if usual < 30 || low > usual/3 {
		t.Errorf("%d answers, %d when few answer", usual, low)
	}
}

// A suspension in a phase that can be suspended shifts what follows; in another
// one it is a warning.
func TestHold(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	before := run(t, c)
	c.Scenario.Holds = []scenario.Hold{{From: date(5, 1), Until: date(5, 31), Reason: "Ferie"}}
	r := run(t, c)
	sane(t, r)
	shift := r.Phases[2].From.Sub(before.Phases[2].From).Hours() / 24
	if !r.End.Reached || shift < 30 || shift > 32 {
		t.Errorf("reached %v, the analysis begins %.0f days later", r.End.Reached, shift)
	}
	for _, id := range []string{"suspend", "resume"} {
		if !slices.ContainsFunc(r.Transitions, func(x rehearse.Transition) bool { return x.ID == id }) {
			t.Errorf("nothing was done to %s", id)
		}
	}
	c.Definition = recompile(t, strings.ReplaceAll(string(c.Definition.Source), ", hold", ""))
	c.Scenario.Holds = []scenario.Hold{{From: date(8, 1), Until: date(8, 31)}}
	r = run(t, c)
	if w, ok := warned(r, "hold-refused"); !ok || w.State != "codesign" {
		t.Errorf("%+v, %v", w, ok)
	}
	for _, a := range r.Acts {
		if a.On > "2026-08-01" && a.On < "2026-08-31" {
			t.Errorf("%s on %s, when nobody works", a.What, a.On)
		}
	}
}

// While the worker is down nothing fires; then all does, in order, and is marked.
func TestWorkerDown(t *testing.T) {
	t.Parallel()
	c := template(t, "questionnaire-kit")
	due := func(r *rehearse.Report) time.Time {
		i := slices.IndexFunc(r.Deadlines, func(d rehearse.Deadline) bool { return d.Name == "end" })
		return r.Deadlines[i].Due
	}(run(t, c))
	from := civil.DateOf(due, c.Definition.Location).Add(-1)
	c.Scenario.WorkerDown = []scenario.Outage{{From: from, Days: 3}}
	r := run(t, c)
	sane(t, r)
	back := from.Add(3).Start(c.Definition.Location)
	late := 0
	for i, d := range r.Deadlines {
		if d.Late {
			late++
			if !d.Fired.Equal(back) || !d.Due.Before(back) {
				t.Errorf("%s due %v fired %v, the worker is back at %v", d.Name, d.Due, d.Fired, back)
			}
		}
		if !d.Fired.Before(from.Start(c.Definition.Location)) && d.Fired.Before(back) {
			t.Errorf("%s fired at %v, when the worker was down", d.Name, d.Fired)
		}
		if i > 0 && d.Due.Before(r.Deadlines[i-1].Due) {
			t.Errorf("%s due %v came after one due %v", d.Name, d.Due, r.Deadlines[i-1].Due)
		}
	}
	if _, ok := warned(r, "late"); late < 2 || !ok || !r.End.Reached {
		t.Errorf("%d late, warned %v, reached %v", late, ok, r.End.Reached)
	}
}

// An extension within the bounds moves the end; one beyond them is refused, or
// noted as an exception.
func TestExtensions(t *testing.T) {
	t.Parallel()
	extend := func(days int, exception bool) *rehearse.Report {
		c := template(t, "area-path")
		c.Scenario.Extensions = []scenario.Extension{{State: "exploration", Days: days, Exception: exception}}
		r := run(t, c)
		sane(t, r)
		return r
	}
	begins := run(t, template(t, "area-path")).Phases[2].From
	if later := extend(10, false).Phases[2].From.Sub(begins).Hours() / 24; later < 9.9 || later > 10.1 {
		t.Errorf("an extension of 10 days moves the end by %.1f", later)
	}
	refused := extend(100, false)
	if w, ok := warned(refused, "extend-refused"); !ok || w.Level != rehearse.Severe || !refused.Phases[2].From.Equal(begins) {
		t.Errorf("%+v, %v", w, ok)
	}
	if _, ok := warned(extend(100, true), "extended-beyond"); !ok {
		t.Error("an exception leaves no warning")
	}
}

// The one extension that the law grants a debate is no breach of it; more is.
func TestTheDebateIsExtended(t *testing.T) {
	t.Parallel()
	for days, lawful := range map[int]bool{30: true, 31: false} {
		c := template(t, "tuscany-debate")
		c.Scenario.Extensions = []scenario.Extension{{State: "debate", Days: days}}
		r := run(t, c)
		_, refused := warned(r, "extend-refused")
		_, beyond := warned(r, "beyond-law")
		if refused == lawful || beyond {
			t.Errorf("%d days: refused %t, beyond the law %t", days, refused, beyond)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]func(c *rehearse.Config){
		"above-max":           func(c *rehearse.Config) { c.Scenario.Terms = map[string]int{"exploration": 200} },
		"below-min":           func(c *rehearse.Config) { c.Scenario.Terms = map[string]int{"exploration": 7} },
		"deadline-on-holiday": func(c *rehearse.Config) { c.Scenario.Terms = map[string]int{"exploration": 31} },
		"acts-late":           func(c *rehearse.Config) { c.Scenario.Terms = map[string]int{"preparation": 3} },
		"end-in-holidays":     func(c *rehearse.Config) { c.Scenario.Terms = map[string]int{"report": 95} },
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c := template(t, "area-path")
			if _, ok := warned(run(t, c), code); ok {
				t.Fatal("warned of without a reason")
			}
			change(&c)
			if w, ok := warned(run(t, c), code); !ok || w.Text == "" || w.Do == "" {
				t.Errorf("not warned of: %+v", w)
			}
		})
	}
}

// A process that ends closes its questionnaire, and those who were asked are told;
// a meeting that is still to come is warned of.
func TestTheEndCloses(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	c.Definition = recompile(t, ending)
	june := time.Date(2026, 6, 1, 16, 0, 0, 0, time.UTC)
	c.Setup.Activities = []rehearse.Activity{{
		Kind: "webinar", Phase: "collecting", Title: "Webinar", Meetings: []rehearse.Meeting{{Start: june, End: june.Add(time.Hour)}},
	}}
	r := run(t, c)
	sane(t, r)
	told, stayed := 0, 0
	for _, m := range r.Messages {
		if m.Kind == "closed-early" && m.At.Equal(r.End.At) {
			told = m.People
		}
	}
	for _, w := range r.Warnings {
		if w.Code == "outlives" && w.Level == rehearse.Look && strings.Contains(w.Text, "“Webinar”") {
			stayed++
		}
	}
	if !r.End.Reached || told == 0 || stayed != 1 {
		t.Errorf("reached %t, %d told, %d stay: %+v", r.End.Reached, told, stayed, r.Warnings)
	}
}

// ending opens a questionnaire and a webinar and ends by the clock after nine days.
const ending = `
workflow: ending
version: 1
title: {it: Ascolto breve, en: A short consultation}
timezone: Europe/Rome
calendar: italy
roles: [promoter, facilitator]
initial: preparation
states:
  preparation:
    title: {it: Preparazione, en: Preparation}
    term: {length: 20d}
    allows: [edit, invite, invite-staff, extend]
    overdue: {after: 3d, escalate: promoter}
  collecting:
    title: {it: Raccolta, en: Collection}
    term: {length: 9d}
    activities: [{kind: questionnaire, at_entry: ready}, {kind: webinar}]
    allows: [edit, invite, extend, hold]
    on_enter: [{open: {kind: questionnaire}}]
    at_end: {event: close}
  closed: {title: {it: Conclusa, en: Closed}, final: true}
transitions:
  - {id: collect, event: collect, from: preparation, to: collecting, by: facilitator, title: {it: Comincia, en: Begin}}
  - {id: close, event: close, from: collecting, to: closed, by: [facilitator, timer], title: {it: Concludi, en: Finish}}
`

// What cannot be rehearsed is an error, and so is a context that ends.
func TestRefusals(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rehearse.Run(over, c); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is over: %v", err)
	}
	c.Definition = c.Kinds[0].Definition
	if _, err := rehearse.Run(t.Context(), c); err == nil {
		t.Error("an activity was rehearsed")
	}
	c = template(t, "area-path")
	c.Scenario.Terms = map[string]int{"analysis": 3650, "governance": 3650}
	if _, err := rehearse.Run(t.Context(), c); !fault.Is(err, fault.Invalid) {
		t.Errorf("twenty years: %v", err)
	}
}

// A guard that nothing the model knows of removes is a phase that nobody leaves.
func TestHopelessGuard(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	def := *c.Definition
	c.Definition = recompile(t, strings.Replace(string(def.Source), "guard: process.population.units > 0", "guard: process.population.units < 0", 1))
	r := run(t, c)
	w, ok := warned(r, "nobody-can-advance")
	if !ok || w.State != "preparation" || !strings.Contains(w.Text, "popolazione di riferimento") || r.End.Reached {
		t.Errorf("%+v, reached %v", w, r.End.Reached)
	}
}

// What is left of a term is counted as the engine counts it: whoever may move on the
// last day only is found then, and nobody is warned of.
func TestTheLastDayOfATerm(t *testing.T) {
	t.Parallel()
	for _, guard := range []string{"term.left_days == 0", "term.left_days == 0 && now < term.due_at"} {
		r := run(t, rehearse.Config{Start: date(3, 2), Definition: recompile(t, `
workflow: last-day
version: 1
title: {it: Ultimo giorno, en: Last day}
timezone: Europe/Rome
roles: [promoter]
initial: a
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, overdue: {after: 3d, escalate: promoter}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter], requires: [{code: last, guard: "`+guard+`", explain: {it: Non ancora, en: Not yet}}]}
`)})
		i := slices.IndexFunc(r.Acts, func(a rehearse.Act) bool { return a.Advances })
		if i < 0 || r.Acts[i].On != "2026-03-11" || len(r.Warnings) > 0 || !r.End.Reached {
			t.Errorf("%s: %+v, warned %+v", guard, r.Acts, r.Warnings)
		}
	}
}

// Each template lives through the four troubles of the wizard and says the same
// twice, in either language: nothing lost, and no engine error.
func TestTemplatesInTrouble(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "templates", "*.yaml"))
	if err != nil || len(files) != 16 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			usual := template(t, name)
			for what, trouble := range map[string]scenario.Scenario{
				"nobody": {Nobody: true},
				"few":    {Rate: 0.03},
				"august": {Holds: []scenario.Hold{{From: date(8, 1), Until: date(8, 31), Reason: "Ferie"}}},
				"down":   {WorkerDown: []scenario.Outage{{From: date(5, 4), Days: 3}}},
			} {
				c := usual
				c.Scenario = trouble
				r := run(t, c)
				sane(t, r)
				if r.End.Reached == trouble.Nobody {
					t.Errorf("%s: it ends in %s: %v", what, r.End.State, r.End.Reached)
				}
			}
			english := usual
			english.Lang = "en"
			first, again := run(t, english), run(t, english)
			if !reflect.DeepEqual(first.Transitions, again.Transitions) || !reflect.DeepEqual(first.Messages, again.Messages) {
				t.Error("the same seed says something else")
			}
			if it := run(t, usual); len(it.Transitions) != len(first.Transitions) || len(it.Acts) != len(first.Acts) || it.End.Title == first.End.Title {
				t.Error("another language is another rehearsal, or none")
			}
		})
	}
}

// Whatever is supposed, nothing is lost or doubled, the log holds, and nobody is
// told who is not there.
func TestAnyScenario(t *testing.T) {
	t.Parallel()
	var configs []rehearse.Config
	for _, name := range []string{"area-path", "focus-group-kit", "webinar-kit", "emilia-romagna", "tuscany-local", "municipal-community"} {
		configs = append(configs, template(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(configs).Draw(t, "template")
		path := c.Definition.MainPath()
		day := func(name string) civil.Date { return start.Add(rapid.IntRange(0, 500).Draw(t, name)) }
		c.Start = start.Add(rapid.IntRange(0, 365).Draw(t, "start"))
		c.Strata = []scenario.Stratum{{Name: "uno", People: rapid.IntRange(0, 60).Draw(t, "people"), Rate: rapid.Float64Range(0, 1).Draw(t, "rate")}}
		s := &c.Scenario
		s.Seed, s.Terms = rapid.Uint64Max(99).Draw(t, "seed"), map[string]int{}
		for range rapid.IntRange(0, 3).Draw(t, "terms") {
			s.Terms[rapid.SampledFrom(path).Draw(t, "state")] = rapid.IntRange(1, 200).Draw(t, "days")
		}
		for range rapid.IntRange(0, 2).Draw(t, "holds") {
			from := day("from")
			s.Holds = append(s.Holds, scenario.Hold{From: from, Until: from.Add(rapid.IntRange(0, 40).Draw(t, "rest"))})
		}
		for range rapid.IntRange(0, 2).Draw(t, "outages") {
			s.WorkerDown = append(s.WorkerDown, scenario.Outage{From: day("down"), Days: rapid.IntRange(1, 20).Draw(t, "length")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "extensions") {
			s.Extensions = append(s.Extensions, scenario.Extension{
				State: rapid.SampledFrom(path).Draw(t, "extended"), Days: rapid.IntRange(1, 90).Draw(t, "more"), Exception: rapid.Bool().Draw(t, "exception"), Act: "atto",
			})
		}
		if rapid.Bool().Draw(t, "absent") {
			s.NobodyIn = []string{rapid.SampledFrom(path).Draw(t, "nobody")}
		}
		r, err := rehearse.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		sane(t, r)
		if r.Ledger.Open > 0 && len(s.NobodyIn) == 0 && !r.End.Reached {
			t.Errorf("%d deadlines never came", r.Ledger.Open)
		}
	})
}

// Dates of the call that nobody filled in are supposed on days on which they may
// fall, one after the other; what is known counts.
func TestSupposedDatesFollowTheCall(t *testing.T) {
	t.Parallel()
	c := template(t, "tuscany-local")
	c.Start = civil.Date{Year: 2026, Month: 11, Day: 23}
	for name, x := range map[string]struct {
		known map[string]civil.Date
		want  []string
	}{
		"none":    {nil, []string{"suppone il 31 gennaio 2027", "suppone il 1° aprile 2027"}},
		"the one": {map[string]civil.Date{"evaluation-day": {Year: 2027, Month: 5, Day: 31}}, []string{"suppone il 1° agosto 2027"}},
		"both":    {map[string]civil.Date{"evaluation-day": {Year: 2027, Month: 5, Day: 31}, "first-day": {Year: 2027, Month: 8, Day: 1}}, nil},
	} {
		c.Setup.Dates = x.known
		var got []string
		for _, line := range run(t, c).Assumed {
			if strings.HasPrefix(line, "La data “") {
				got = append(got, line)
			}
		}
		if len(got) != len(x.want) {
			t.Fatalf("%s: supposed %q", name, got)
		}
		for i, want := range x.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: %q does not say %q", name, got[i], want)
			}
		}
	}
}

// Dates of the call in an order that the law does not know are severe, as is a phase
// that would have to end before it begins; so nothing is said of dates that can be.
func TestDatesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		evaluation, first civil.Date
		want              map[string]string
	}{
		"in order":     {on(2027, 1, 31), on(2027, 4, 1), nil},
		"out of order": {on(2027, 5, 31), on(2027, 4, 1), map[string]string{"dates-order": "“Primo giorno possibile” (1° aprile 2027) deve venire dopo “Valutazione dell’Autorità” (31 maggio 2027)."}},
		"later":        {on(2027, 1, 31), on(2027, 8, 1), map[string]string{"dates-later": "“Primo giorno possibile” (1° agosto 2027) non è il primo giorno ammesso dopo “Valutazione dell’Autorità” (31 gennaio 2027): quello è il 1° aprile 2027."}},
		"too soon":     {on(2027, 1, 31), on(2027, 4, 1), map[string]string{"no-days": "“Valutazione” comincia il 9 febbraio 2027 e deve finire il 31 gennaio 2027 (art. 14, comma 3)"}},
	} {
		c := template(t, "tuscany-local")
		c.Start = on(2026, 11, 23)
		if name == "too soon" {
			c.Start = on(2026, 12, 11)
		}
		c.Scenario.Dates = map[string]civil.Date{"evaluation-day": x.evaluation, "first-day": x.first}
		r := run(t, c)
		for code, level := range map[string]rehearse.Level{"dates-order": rehearse.Severe, "dates-later": rehearse.Look, "no-days": rehearse.Severe} {
			w, ok := warned(r, code)
			if ok != (x.want[code] != "") || ok && (w.Level != level || w.Fix != "deadline" || !strings.Contains(w.Text, x.want[code])) {
				t.Errorf("%s: %v %+v", name, ok, w)
			}
		}
	}
	c := template(t, "area-path")
	c.Definition = recompile(t, strings.Replace(string(c.Definition.Source), "term: {length: 30d}", `term: {until: "day:2020-01-01"}`, 1))
	if w, ok := warned(run(t, c), "no-days"); !ok || w.State != "governance" || w.Line == 0 || w.Level != rehearse.Severe {
		t.Errorf("a day long past: %+v", w)
	}
}

// A date that must come after another is supposed after it, wherever the file names it.
func TestSupposedDatesInOrder(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	c.Definition = recompile(t, strings.Replace(string(c.Definition.Source), "states:\n",
		"dates: [{code: second, required: true, after: first, title: {it: Secondo, en: Second}}, {code: first, required: true, title: {it: Primo, en: First}}]\nstates:\n", 1))
	r := run(t, c)
	if w, ok := warned(r, "dates-order"); ok {
		t.Errorf("%+v of %q", w, r.Assumed)
	}
	if n := len(r.Assumed); n < 2 || !strings.Contains(r.Assumed[n-2], "Primo") || !strings.Contains(r.Assumed[n-1], "Secondo") {
		t.Errorf("supposed %q", r.Assumed)
	}
}

// A term of law that is passed is severe and named with the day of the law, once, with
// a remedy that the phase can bear; a term of the template's own is to be corrected.
func TestTermOfLawThatIsPassed(t *testing.T) {
	t.Parallel()
	c := template(t, "tuscany-local")
	c.Start, c.Lang = on(2026, 11, 23), "it"
	c.Scenario.Dates = map[string]civil.Date{"evaluation-day": on(2027, 1, 31), "first-day": on(2027, 4, 1)}
	c.Scenario.Terms = map[string]int{"application": 65}
	down := scenario.Hold{From: on(2027, 1, 25), Until: on(2027, 2, 10)}
	c.Scenario.Holds = []scenario.Hold{down} // nobody works, and the law does not wait
	r := run(t, c)
	w, ok := warned(r, "beyond-law")
	if !ok || w.Level != rehearse.Severe || w.State != "evaluation" || !strings.Contains(w.Text, "entro il 31 gennaio 2027 (art. 14, comma 3)") || strings.Contains(w.Do, "llunga") {
		t.Errorf("%+v in %+v", w, r.Warnings)
	}
	if w, ok := warned(r, "acts-late"); ok {
		t.Errorf("said again: %+v", w)
	}
	c.Scenario.Holds, c.Scenario.Terms = nil, map[string]int{"application": 75}
	r = run(t, c)
	i := slices.IndexFunc(r.Acts, func(a rehearse.Act) bool { return a.What == "Accogli la domanda preliminare" })
	if i < 0 || r.Acts[i].Due != "2027-01-31" || !r.Acts[i].Late {
		t.Errorf("an act of a phase that was over before it began: %+v", r.Acts[i])
	}
	c.Definition = recompile(t, strings.Replace(string(c.Definition.Source), `, law: {article: "art. 14, comma 3", source: "L.R. Toscana 46/2013", checked: 2026-11-23, confidence: V}}
    allows: [edit, invite-staff]
    on_enter: [{notice: evaluation`, `}
    allows: [edit, invite-staff]
    on_enter: [{notice: evaluation`, 1))
	c.Scenario.Holds, c.Scenario.Terms = []scenario.Hold{down}, map[string]int{"application": 65}
	r = run(t, c)
	if w, ok := warned(r, "beyond-law"); ok {
		t.Errorf("without a law: %+v", w)
	}
	if w, ok := warned(r, "acts-late"); !ok || w.Level != rehearse.Look || strings.Contains(w.Do, "llunga") || w.Fix != "deadline" {
		t.Errorf("a day that nobody lengthens: %+v", w)
	}
}

// What dates forbid until a day is late before it for nobody.
func TestNobodyIsLateBeforeTheFirstPossibleDay(t *testing.T) {
	t.Parallel()
	c := template(t, "tuscany-local")
	c.Start, c.Lang = on(2026, 11, 23), "it"
	c.Scenario.Dates = map[string]civil.Date{"evaluation-day": on(2027, 1, 31), "first-day": on(2027, 4, 1)}
	c.Scenario.Terms = map[string]int{"admission": 20, "start": 10}
	r := run(t, c)
	if w, ok := warned(r, "acts-late"); ok {
		t.Errorf("%+v", w)
	}
	i := slices.IndexFunc(r.Acts, func(a rehearse.Act) bool { return a.What == "Comincia il processo" })
	if i < 0 || r.Acts[i].Due != "2027-04-01" || r.Acts[i].Late {
		t.Errorf("%d: %+v", i, r.Acts)
	}
}

// Who cannot open a page is not asked to: roles are the promoter's to give, and a
// document is written by the offices that the definition gives it to.
func TestActsOfWhoMayDoThem(t *testing.T) {
	t.Parallel()
	c := template(t, "tuscany-local")
	c.Start, c.Lang = date(11, 23), "it"
	r := run(t, c)
	for what, who := range map[string]string{
		"Aggiungi fra le persone chi risponde per l’ente, con il ruolo di ente che decide": "promoter",
		"Pubblica il documento: Progetto definitivo":                                       "promoter",
		"Pubblica il documento: Atto di ammissione dell’Autorità":                          "guarantor",
		"Pubblica i verbali degli incontri":                                                "facilitator",
	} {
		i := slices.IndexFunc(r.Acts, func(a rehearse.Act) bool { return a.What == what })
		if i < 0 || r.Acts[i].Who != who {
			t.Errorf("%s: want %s in %+v", what, who, r.Acts)
		}
	}
}

// Of two calls to answer on one day, by an activity and by its process, people get the
// activity's alone, as in production: at the same hour and before it.
func TestOneCallADay(t *testing.T) {
	t.Parallel()
	for _, hour := range []string{"09:00", "08:00", "18:00"} {
		c := template(t, "area-path")
		c.Start = date(3, 24)
		c.Definition = recompile(t, strings.Replace(string(c.Definition.Source), "    at_end: {event: analyse}",
			"    reminders: [{before: 10d, at: \""+hour+"\", to: silent}]\n    at_end: {event: analyse}", 1))
		end := run(t, c).Phases[1].Planned
		c.Setup = rehearse.Setup{Activities: []rehearse.Activity{{Kind: "questionnaire", Phase: "exploration", Title: "Che cosa serve?", End: end}}}
		r := run(t, c)
		own := slices.IndexFunc(r.Messages, func(m rehearse.Message) bool { return m.Kind == "reminder" && m.Activity == "" })
		call := slices.IndexFunc(r.Messages, func(m rehearse.Message) bool { return m.Kind == "reminder" && m.Activity != "" })
		if own < 0 || call < 0 || !r.Messages[own].Pointless || r.Messages[call].People < 50 || r.Messages[call].Pointless {
			t.Fatalf("%s: %+v, %+v", hour, r.Messages[own], r.Messages[call])
		}
		for _, w := range r.Warnings {
			if w.Code == "two-in-a-day" && strings.Contains(w.Text, "promemoria e promemoria") {
				t.Errorf("%s: %s", hour, w.Text)
			}
		}
		c.Setup.Activities[0].End = end.AddDate(0, 0, -2) // on another day both are sent
		r = run(t, c)
		if own = slices.IndexFunc(r.Messages, func(m rehearse.Message) bool { return m.Kind == "reminder" && m.Activity == "" }); r.Messages[own].Pointless {
			t.Errorf("%s: on a day of its own: %+v", hour, r.Messages[own])
		}
	}
}

// A suspension is one mail a person, about the process or the activity in which they
// have a place.
func TestOneMailOfASuspension(t *testing.T) {
	t.Parallel()
	c := template(t, "area-path")
	c.Scenario.Holds = []scenario.Hold{{From: date(5, 1), Until: date(5, 20)}}
	r := run(t, c)
	for _, kind := range []string{"held", "resumed"} {
		told := 0
		for _, m := range r.Messages {
			if m.Kind == kind && m.Pointless {
				t.Errorf("%+v is not sent", m)
			} else if m.Kind == kind {
				told += m.People
			}
		}
		if told < 100 {
			t.Errorf("%s is told to %d", kind, told)
		}
		for _, w := range r.Warnings {
			if w.Code == "two-in-a-day" && strings.Contains(w.Text, map[string]string{"held": "sospensione e sospensione", "resumed": "ripresa e ripresa"}[kind]) {
				t.Errorf("%+v", w)
			}
		}
	}
}
