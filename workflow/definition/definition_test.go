package definition_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/workflow/definition"
)

func areaPathSource(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "area-path.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var kinds = []string{"questionnaire", "webinar", "focusgroup", "codesign", "assembly"}

func TestAreaPathIsRead(t *testing.T) {
	t.Parallel()
	def, problems := definition.Check("area-path.yaml", []byte(areaPathSource(t)), kinds)
	if problems != nil {
		t.Fatal(problems)
	}
	if got := def.MainPath(); !slices.Equal(got, []string{"preparation", "exploration", "analysis", "governance", "codesign", "report"}) {
		t.Errorf("main path %v", got)
	}
	exploration, ok := def.State("exploration")
	if !ok || exploration.Term.Min.Days != 21 || len(exploration.Reminders) != 2 || exploration.AtEnd != "analyse" {
		t.Errorf("exploration is %+v", exploration)
	}
	if exploration.Reminders[0].Notice != "reminder" || !slices.Equal(exploration.Reminders[0].To, []string{"silent"}) {
		t.Errorf("reminder is %+v", exploration.Reminders[0])
	}
	preparation, _ := def.State("preparation")
	if preparation.Reminders[0].Notice != definition.NoticeAction {
		t.Errorf("a reminder to staff is %q", preparation.Reminders[0].Notice)
	}
	if !def.Allows("exploration", "extend") || def.Allows("analysis", "extend") || def.Allows("nowhere", "extend") {
		t.Error("capabilities are wrong")
	}
	if !def.Final("closed") || def.Final("report") {
		t.Error("final states are wrong")
	}
	if got := def.Responsible("analysis"); !slices.Equal(got, []string{"facilitator"}) {
		t.Errorf("responsible for the analysis: %v", got)
	}
	var ids []string
	for _, tr := range def.Leaving("report") {
		ids = append(ids, tr.ID)
	}
	if !slices.Equal(ids, []string{"close", "cancel"}) {
		t.Errorf("transitions out of the report: %v", ids)
	}
}

// mistake is one in the area path: some of its text as somebody could have written
// it, and what is said of it; "" of what is no mistake.
type mistake struct{ name, from, to, want string }

func mistakes() []mistake {
	return []mistake{
		{"unknown key", "purpose: {it: Ascoltare", "purposes: {it: Ascoltare", `unknown key "purposes" (did you mean "purpose"?)`},
		{"unknown audience", "to: silent}", "to: silents}", `unknown word "silents" (did you mean "silent"?)`},
		{"unknown capability", "allows: [edit, invite-staff]", "allows: [edit, fly]", `unknown word "fly"`},
		{"unknown notice", "notice: last-days", "notice: first-days", `unknown word "first-days"`},
		{"unknown fix", "fix: results}", "fix: result}", `unknown word "result" (did you mean "results"?)`},
		{"unknown role", "by: [facilitator, timer]", "by: [facilitators, timer]", `unknown word "facilitators"`},
		{"unknown kind", "{close: {kind: questionnaire}}", "{close: {kind: questionnair}}", `unknown word "questionnair"`},
		{"role not declared", "roles: [promoter, facilitator, editor", "roles: [promoter, editor", `role "facilitator" is not among the definition's roles`},
		{"missing translation", "{it: Analisi, en: Analysis}", "{it: Analisi}", `state analysis: title has no text in "en"`},
		{"empty translation", "{it: Analisi, en: Analysis}", `{it: Analisi, en: ""}`, `has no text in "en"`},
		{"unknown locale", "{it: Analisi, en: Analysis}", "{it: Analisi, en: Analysis, fr: Analyse}", `unknown key "fr"`},
		{"min above length", "min: 21d, max: 60d", "min: 31d, max: 60d", "min 31d is above length 30d"},
		{"length above max", "min: 21d, max: 60d", "min: 21d, max: 29d", "length 30d is above max 29d"},
		{"no span", "{length: 45d}", "{length: 45 days}", "write days as 30d"},
		{"neither length nor until", "{length: 45d}", "{max: 45d}", "needs either length or until"},
		{"unknown anchor", "{length: 45d}", "{until: dawn}", `unknown word "dawn"`},
		{"guard does not compile", "process.population.units > 0", "process.population.unit > 0", `there is no field "unit" (did you mean "units"?)`},
		{"guard is broken", "process.population.units > 0", "process.population.units >", "it ends too soon (character 27)"},
		{"guard is not bool", "process.population.units > 0", "process.population.units + 1", "gives a whole number, a guard must give a yes or no"},
		{"guard of mixed types", "process.population.units > 0", `process.population.units > "0"`, "> does not go between a whole number and a text"},
		{"guard names no role", "process.roles.facilitator > 0", "process.roles.facilitatr > 0", `unknown role "facilitatr"`},
		{"guard names no count", "process.roles.facilitator > 0", "counts.registered > 0", `unknown count "registered"`},
		{"guard names no artefact", `artefacts.published("results")`, `artefacts.published("result")`, `unknown artefact "result"`},
		{"guard names no kind", `a.kind == "focusgroup"`, `a.kind == "focus"`, `unknown kind "focus"`},
		{"guard reads terms that are there", "now >= term.min_at", "now >= term.min_at && now < term.max_at", ""},
		{"guard reads a missing term", `'artefacts.published("results")'`, `'artefacts.published("results") && now < term.max_at'`, "term.max_at has no value in state analysis"},
		{"guard too long", "process.population.units > 0", strings.Repeat("process.population.units > 0 && ", 40) + "true", "at most 1000 may be"},
		{"unknown placeholder", "aperto almeno {term.min}", "aperto almeno {term.mni}", "unknown placeholder {term.mni}"},
		{"placeholder without value", "min: 21d, ", "", "{term.min} has no value in state exploration"},
		{"unreachable", "to: analysis", "to: exploration", "state analysis cannot be reached"},
		{"dead end", "from: [codesign], to: report", "from: [governance], to: report", "state codesign is a dead end"},
		{"never ends", "to: closed", "to: preparation", "never leads to a final state"},
		{"no such state", "to: analysis", "to: analisys", `leads to "analisys", which is no state (did you mean "analysis"?)`},
		{"leaves no state", "from: [codesign]", "from: [co-design]", `leaves "co-design", which is no state`},
		{"leaves a final state", "from: [codesign]", "from: [codesign, closed]", `leaves "closed", which is final`},
		{"star not alone", `from: ["*"]`, `from: ["*", report]`, "stands alone"},
		{"two branches", "event: write, from: [codesign]", "event: design, from: [governance, codesign]", `event "design" already leaves state governance by transition design`},
		{"two ids", "id: write,", "id: design,", "the id already stands on line"},
		{"id of the engine", "id: write,", "id: extend,", "the id is the engine's own"},
		{"two codes", "code: final-report", "code: results", `artefact "results" already stands on line`},
		{"two requirements", "code: facilitator-named", "code: population-defined", "the code is already taken"},
		{"doubled key", "    term: {length: 45d}", "    term: {length: 45d}\n    term: {length: 46d}", `"term" is written twice`},
		{"doubled state", "  closed:    {", "  report:    {", `"report" is written twice`},
		{"at_end without transition", "at_end: {event: analyse}", "at_end: {event: analyze}", "no transition with that event leaves the state"},
		{"at_end not by timer", "by: [facilitator, timer]", "by: [facilitator]", "is not by timer"},
		{"timer without at_end", "from: [codesign], to: report, by: [facilitator]", "from: [codesign], to: report, by: [facilitator, timer]", "is by timer, but no at_end"},
		{"deadline without event", "at_end: {event: analyse}", "at_end: {}", "at_end needs an event"},
		{"reminder to nobody", "notice: reminder, to: silent}", "notice: reminder}", "does not say whom to tell"},
		{"reminder twice", "{before: 2d, at: \"09:00\", notice: last-days", "{before: 10d, at: \"09:00\", notice: reminder", "the same reminder already stands"},
		{"reminder never comes", "{before: 10d,", "{before: 40d,", "never comes"},
		{"reminder at no time", "{before: 10d, at: \"09:00\"", "{before: 10d, at: \"25:00\"", "is no time of day"},
		{"notice to nobody", "{notice: phase-opened, to: followers}", "{notice: phase-opened}", "does not say whom to tell"},
		{"two actions in one", "{notice: phase-opened, to: followers}", "{notice: phase-opened, to: followers, open: {kind: webinar}}", "one of open, close, notice, fire"},
		{"fire in a process", "{notice: phase-opened, to: followers}", "{fire: analyse}", "only an activity may use it"},
		{"unknown zone", "timezone: Europe/Rome", "timezone: Europe/Roma", "timezone \"Europe/Roma\" is unknown"},
		{"no such initial", "initial: preparation", "initial: preparing", `initial state "preparing" does not exist`},
		{"initial is final", "initial: preparation", "initial: closed", "is final"},
		{"no version", "version: 1\n", "", "`version` is missing"},
		{"bad version", "version: 1\n", "version: one\n", "must be a whole number"},
		{"law without source", "{length: 45d}", "{length: 45d, law: {article: art. 17, confidence: R}}", "needs article, source and confidence"},
		{"law unchecked", "{length: 45d}", "{length: 45d, law: {article: art. 17, source: L.R. 15/2018, confidence: V}}", "needs the date it was checked"},
		{"list for a mapping", "term: {length: 45d}", "term: [45d]", "must be a mapping"},
		{"empty value", "term: {length: 45d}", "term:", "has no value"},
		{"broken yaml", "term: {length: 45d}", "term: {length: 45d", "a { is not closed"},
		{"date after none", "initial: preparation\n", "initial: preparation\ndates: [{code: one, title: {it: Uno, en: One}}, {code: two, title: {it: Due, en: Two}, after: on}]\n", `date: after: "on" is no date of the definition (did you mean "one"?)`},
		{"date after itself", "initial: preparation\n", "initial: preparation\ndates: [{code: one, title: {it: Uno, en: One}, after: two}, {code: two, title: {it: Due, en: Two}, after: one}]\n", `"two" would come after itself`},
		{"nothing to extend", "{length: 30d}\n    activities", "{length: 30d, min: 30d, max: 30d, extend: {max: 5d}}\n    allows: extend\n    activities", "so nothing can be extended"},
		{"min above max count", "count: {min: 3}", "count: {min: 3, max: 2}", "the minimum 3 is above the maximum 2"},
	}
}

func TestEveryProblemHasItsLine(t *testing.T) {
	t.Parallel()
	source := areaPathSource(t)
	for _, c := range mistakes() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := strings.Index(source, c.from)
			if at < 0 {
				t.Fatalf("%q is not in the template", c.from)
			}
			changed := strings.Replace(source, c.from, c.to, 1)
			def, problems := definition.Check("f.yaml", []byte(changed), kinds)
			if c.want == "" {
				if problems != nil {
					t.Fatalf("unexpected problems: %v", problems)
				}
				return
			}
			if def != nil || len(problems) == 0 {
				t.Fatal("the definition was accepted")
			}
			for _, p := range problems {
				if p.File != "f.yaml" || p.Line < 1 || p.Line > strings.Count(changed, "\n")+1 {
					t.Errorf("bad place: %v", p)
				}
				inItalian(t, p)
			}
			if !strings.Contains(problems.Error(), c.want) {
				t.Errorf("%q is missing in\n%v", c.want, problems)
			}
		})
	}
}

// overlaid are pairs of mistakes where the first is none any more beside the second,
// or what was said of it hangs on what the second leaves open.
var overlaid = map[[2]string]bool{
	{"unreachable", "no such initial"}: true, {"unreachable", "leaves no state"}: true, {"unreachable", "doubled state"}: true,
	{"never ends", "no such state"}: true, {"never ends", "leaves no state"}: true,
	{"leaves a final state", "doubled state"}: true, {"initial is final", "doubled state"}: true,
	{"at_end not by timer", "at_end without transition"}: true, {"at_end not by timer", "deadline without event"}: true,
	{"reminder twice", "reminder never comes"}: true, {"guard reads a missing term", "neither length nor until"}: true,
}

func TestOneMistakeHidesNoOther(t *testing.T) {
	t.Parallel()
	source := areaPathSource(t)
	all := slices.DeleteFunc(mistakes(), func(m mistake) bool { return m.want == "" || m.name == "broken yaml" })
	for i, a := range all {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, b := range all[i+1:] {
				one := strings.Replace(source, a.from, a.to, 1)
				both := strings.Replace(one, b.from, b.to, 1)
				if both == one || !strings.Contains(both, a.to) {
					continue // they are at the same place
				}
				_, problems := definition.Check("f.yaml", []byte(both), kinds)
				said := problems.Error()
				if !strings.Contains(said, a.want) && !overlaid[[2]string{a.name, b.name}] {
					t.Errorf("beside %s nothing says %q", b.name, a.want)
				}
				if !strings.Contains(said, b.want) && !overlaid[[2]string{b.name, a.name}] {
					t.Errorf("%s is not said: %q", b.name, b.want)
				}
			}
		})
	}
}

func TestProblemsComeAllAtOnceInOrder(t *testing.T) {
	t.Parallel()
	source := strings.NewReplacer("to: silent}", "to: silents}", "min: 21d", "min: 31d", "fix: people}", "fix: pepole}", "to: closed", "to: closd").
		Replace(areaPathSource(t))
	_, problems := definition.Check("f.yaml", []byte(source), kinds)
	if len(problems) < 5 {
		t.Fatalf("only %d problems:\n%v", len(problems), problems)
	}
	for i, p := range problems[1:] {
		if p.Line < problems[i].Line {
			t.Errorf("line %d after line %d", p.Line, problems[i].Line)
		}
	}
	wantLine := strings.Count(source[:strings.Index(source, "fix: pepole}")], "\n") + 1
	if !slices.ContainsFunc(problems, func(p definition.Problem) bool {
		return p.Line == wantLine && strings.Contains(p.Message, `"pepole" (did you mean "people"?)`)
	}) {
		t.Errorf("the fix on line %d is not named:\n%v", wantLine, problems)
	}
}

func TestEndToldToNobody(t *testing.T) {
	t.Parallel()
	const source = `
workflow: silent
version: 1
title: {it: S, en: S}
timezone: Europe/Rome
roles: [promoter]
initial: a
states:
  a:
    title: {it: A, en: A}
    term: {length: 3d}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: go, from: [a], to: b, by: [system]}
`
	_, problems := definition.Check("f.yaml", []byte(source), nil)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "ends with no event and nobody to tell") || problems[0].Line != 11 {
		t.Errorf("problems:\n%v", problems)
	}
}

// generated is a random definition that is right by construction: a chain of
// states with a final one, and some loops back.
func generated(r *rapid.T) string {
	n := rapid.IntRange(1, 6).Draw(r, "states")
	var b strings.Builder
	b.WriteString("workflow: gen\nversion: 1\ntitle: {it: G, en: G}\ntimezone: Europe/Rome\nroles: [promoter]\ninitial: s0\nstates:\n")
	for i := range n {
		fmt.Fprintf(&b, "  s%d:\n    title: {it: S, en: S}\n", i)
		if rapid.Bool().Draw(r, "term") {
			length := rapid.IntRange(2, 50).Draw(r, "length")
			fmt.Fprintf(&b, "    term: {length: %dd}\n    reminders: [{before: %dd, to: promoter}]\n", length, rapid.IntRange(1, length).Draw(r, "before"))
			if rapid.Bool().Draw(r, "timer") {
				fmt.Fprintf(&b, "    at_end: {event: e%d}\n", i)
			}
		}
	}
	b.WriteString("  end: {title: {it: F, en: F}, final: true}\ntransitions:\n")
	for i := range n {
		to, by := "end", "promoter"
		if i+1 < n {
			to = fmt.Sprintf("s%d", i+1)
		}
		if strings.Contains(b.String(), fmt.Sprintf("at_end: {event: e%d}", i)) {
			by = "promoter, timer"
		}
		fmt.Fprintf(&b, "  - {id: t%d, event: e%d, from: [s%d], to: %s, by: [%s]}\n", i, i, i, to, by)
		if back := rapid.IntRange(-1, i).Draw(r, "back"); back >= 0 {
			fmt.Fprintf(&b, "  - {id: b%d, event: back, from: [s%d], to: s%d, by: [promoter]}\n", i, i, back)
		}
	}
	return b.String()
}

func TestRandomDefinitions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		source := generated(r)
		if _, problems := definition.Check("g.yaml", []byte(source), nil); problems != nil {
			r.Fatalf("a right definition has problems:\n%v\n%s", problems, source)
		}
		lines := strings.Split(source, "\n")
		i := rapid.IntRange(0, len(lines)-2).Draw(r, "line")
		broken := slices.Delete(slices.Clone(lines), i, i+1)
		if strings.Contains(lines[i], "- {id: b") || strings.Contains(lines[i], "reminders") {
			return // these may go
		}
		def, problems := definition.Check("g.yaml", []byte(strings.Join(broken, "\n")), nil)
		if (def == nil) == (problems == nil) {
			r.Fatal("neither or both of definition and problems")
		}
		if def != nil && !strings.Contains(lines[i], "at_end") && !strings.Contains(lines[i], "term") {
			r.Fatalf("accepted without line %d: %s\n%s", i+1, lines[i], source)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add(areaPathSource(f))
	f.Add("workflow: x\nstates: {a: }\n")
	f.Add("a: &x [*x, {<<: *x}]\n--- \n- 1\n")
	f.Add("? {a: b}\n: [c\n")
	f.Fuzz(func(t *testing.T, source string) {
		def, problems := definition.Check("f.yaml", []byte(source), kinds)
		if (def == nil) == (len(problems) == 0) {
			t.Error("neither or both of definition and problems")
		}
	})
}

func TestLibrary(t *testing.T) {
	t.Parallel()
	l := definition.NewLibrary(kinds...)
	source := areaPathSource(t)
	if _, err := l.Add("a.yaml", []byte(source)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Add("a.yaml", []byte(source)); err != nil {
		t.Errorf("the same file again: %v", err)
	}
	if _, err := l.Add("a.yaml", []byte(source+"# changed\n")); err == nil {
		t.Error("another source under the same version was accepted")
	}
	if _, err := l.Add("b.yaml", []byte(strings.Replace(source, "version: 1", "version: 2", 1))); err != nil {
		t.Error(err)
	}
	if c, err := l.Latest("area-path"); err != nil || c.Version != 2 {
		t.Errorf("latest: %v", err)
	}
	if c, err := l.Get("area-path", 1); err != nil || c.Version != 1 {
		t.Errorf("pinned: %v", err)
	}
	if _, err := l.Get("area-path", 3); err == nil {
		t.Error("found a version that does not exist")
	}
	met, problems := definition.Check("c.yaml", []byte(strings.Replace(source, "version: 1", "version: 3", 1)), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	if _, err := l.Keep(met); err != nil {
		t.Error(err)
	}
	if c, err := l.Latest("area-path"); err != nil || c.Version != 2 {
		t.Errorf("something new would begin with %v, %v", c, err)
	}
	if c, err := l.Get("area-path", 3); err != nil || c != met {
		t.Errorf("met: %v", err)
	}
	if len(l.List()) != 3 || len(l.Shipped()) != 2 {
		t.Errorf("%d definitions, %d shipped", len(l.List()), len(l.Shipped()))
	}
}
