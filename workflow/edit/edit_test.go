package edit_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
	"arengo/workflow/edit"
)

var kinds = []string{"questionnaire", "webinar", "focusgroup", "codesign", "assembly"}

// templates are the shipped definitions of processes, by name.
func templates(t *testing.T) map[string]definition.Definition {
	t.Helper()
	files, err := filepath.Glob("../../fixtures/templates/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	out := map[string]definition.Definition{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, problems := definition.Check(file, b, kinds)
		if problems != nil {
			t.Fatal(problems)
		}
		out[c.Name] = c.Definition
	}
	return out
}

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func yaml(t tester, d definition.Definition) []byte {
	t.Helper()
	b, err := encode.YAML(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sound checks a definition as the file it becomes.
func sound(t tester, d definition.Definition) *definition.Compiled {
	t.Helper()
	b := yaml(t, d)
	c, problems := definition.Check("edited.yaml", b, kinds)
	if problems != nil {
		t.Fatalf("%v\nin\n%s", problems, b)
	}
	return c
}

func must(t tester) func(definition.Definition, error) definition.Definition {
	return func(d definition.Definition, err error) definition.Definition {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

func path(d definition.Definition) string {
	var out []string
	for _, s := range edit.Phases(d) {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

// way is what a phase's transition of that target says: "id/event by roles: title".
func way(t tester, d definition.Definition, from, to string) definition.Transition {
	t.Helper()
	for _, x := range d.Transitions {
		if slices.Contains(x.From, from) && x.To == to {
			return x
		}
	}
	t.Fatalf("nothing leads from %s to %s", from, to)
	return definition.Transition{}
}

func it(s string) definition.Text { return definition.Text{"it": s} }

func TestAddStateBetween(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	before := string(yaml(t, d))
	out, name, err := edit.AddState(d, edit.NewState{Words: edit.Words{Title: it("Verifica più larga")}, After: "exploration", Length: civil.Span{Days: 20}})
	if err != nil {
		t.Fatal(err)
	}
	if name != "verifica-piu-larga" || path(out) != "preparation exploration verifica-piu-larga analysis governance codesign report" {
		t.Fatalf("%s in %s", name, path(out))
	}
	sound(t, out)
	in, on := way(t, out, "exploration", name), way(t, out, name, "analysis")
	if in.ID != "analyse" || in.Title["it"] != "Passa a: Verifica più larga" || !slices.Equal(in.By, []string{"facilitator", "timer"}) || len(in.Requires) != 1 {
		t.Errorf("in: %+v", in)
	}
	if on.Title["it"] != "Passa all’analisi" || !slices.Equal(on.By, []string{"facilitator"}) {
		t.Errorf("on: %+v", on)
	}
	s := edit.Phases(out)[2]
	if s.Title["en"] != "Verifica più larga" || len(s.Reminders) != 1 || len(s.Overdue) != 1 {
		t.Errorf("the new phase: %+v", s)
	}
	if string(yaml(t, d)) != before {
		t.Error("the definition that was given has changed")
	}
}

// What is announced and asked for at the end goes with the end.
func TestAddStateLast(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	out, name, err := edit.AddState(d, edit.NewState{Words: edit.Words{Title: it("Restituzione")}, After: "report", Length: civil.Span{Days: 9}, Automatic: true})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, out)
	in, on := way(t, out, "report", name), way(t, out, name, "closed")
	if len(in.Then) != 0 || len(on.Then) != 2 || len(on.Requires) != 2 || on.Title["it"] != "Concludi il percorso" {
		t.Errorf("in %+v, on %+v", in, on)
	}
	if !slices.Contains(on.By, definition.ByTimer) || edit.Phases(out)[6].AtEnd != on.Event {
		t.Errorf("it does not end by itself: %+v", on)
	}
	gone := must(t)(edit.RemoveState(out, name))
	sound(t, gone)
	if on := way(t, gone, "report", "closed"); len(on.Then) != 2 || on.Title["it"] != "Concludi il percorso" {
		t.Errorf("after taking it away: %+v", on)
	}
}

func TestAddStateFirst(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	out, name, err := edit.AddState(d, edit.NewState{Words: edit.Words{Title: it("2027"), Purpose: it("Mandato")}})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, out)
	if name != "phase-2027" || out.Initial != name || way(t, out, name, "preparation").By[0] != "promoter" {
		t.Errorf("%s, from %s", name, out.Initial)
	}
}

func TestRemoveState(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	for _, s := range edit.Phases(d) {
		out := must(t)(edit.RemoveState(d, s.Name))
		c := sound(t, out)
		if _, there := c.State(s.Name); there || len(c.MainPath()) != 5 {
			t.Errorf("without %s: %s", s.Name, path(out))
		}
	}
	out := must(t)(edit.RemoveState(d, "exploration"))
	if w := way(t, out, "preparation", "analysis"); w.Title["it"] != "Passa a: Analisi" || w.By[0] != "promoter" || len(w.Requires) != 4 {
		t.Errorf("what led to it: %+v", w)
	}
	one := d
	for len(edit.Phases(one)) > 1 {
		one = must(t)(edit.RemoveState(one, edit.Phases(one)[0].Name))
	}
	sound(t, one)
	if _, err := edit.RemoveState(one, edit.Phases(one)[0].Name); !fault.Is(err, fault.Conflict) {
		t.Errorf("the only phase: %v", err)
	}
}

func TestMoveState(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	for after, want := range map[string]string{
		"":           "codesign preparation exploration analysis governance report",
		"analysis":   "preparation exploration analysis codesign governance report",
		"report":     "preparation exploration analysis governance report codesign",
		"governance": path(d),
		"codesign":   path(d),
	} {
		out := must(t)(edit.MoveState(d, "codesign", after))
		if path(out) != want {
			t.Errorf("behind %q: %s", after, path(out))
		}
		c := sound(t, out)
		phases := c.MainPath()
		for i, name := range phases[:len(phases)-1] {
			way(t, out, name, phases[i+1])
		}
		if w := way(t, out, phases[len(phases)-1], "closed"); len(w.Then) != 2 {
			t.Errorf("behind %q the end is announced by %+v", after, w)
		}
		if c.Initial != phases[0] {
			t.Errorf("it begins with %s", c.Initial)
		}
	}
}

func TestMovingThereAndBack(t *testing.T) {
	t.Parallel()
	for name, d := range templates(t) {
		phases := edit.Phases(d)
		for i := 1; i+1 < len(phases); i++ {
			out := must(t)(edit.MoveState(d, phases[i].Name, phases[i+1].Name))
			back := must(t)(edit.MoveState(out, phases[i].Name, phases[i-1].Name))
			if path(back) != path(d) {
				t.Errorf("%s: %s", name, path(back))
			}
			back = edit.Recall(d, back)
			for _, x := range d.Transitions {
				if slices.ContainsFunc(back.Transitions, func(y definition.Transition) bool {
					return y.ID == x.ID && y.To == x.To && !maps.Equal(y.Title, x.Title)
				}) {
					t.Errorf("%s: with %s there and back nobody reads “%s”", name, phases[i].Name, x.Title["it"])
				}
			}
			sound(t, back)
		}
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	d, name, err := edit.AddState(templates(t)["area-path"], edit.NewState{Words: edit.Words{Title: it("Prova")}, After: "analysis"})
	if err != nil {
		t.Fatal(err)
	}
	out := must(t)(edit.Rename(d, name, edit.Words{Title: definition.Text{"it": " Prova  sul campo ", "en": "Field test"}}))
	sound(t, out)
	if w := way(t, out, "analysis", name); w.Title["en"] != "Move to: Field test" || w.Title["it"] != "Passa a: Prova sul campo" {
		t.Errorf("%+v", w)
	}
	_, err = edit.Rename(d, name, edit.Words{Title: definition.Text{"it": strings.Repeat("à", 121)}})
	refused(t, err, "title_it", "form.too_long")
	_, err = edit.Rename(d, "closed", edit.Words{Title: it("x")})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a final state: %v", err)
	}
}

func refused(t *testing.T, err error, field, key string) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Field != field || e.Key != key {
		t.Errorf("got %v, want %s at %s", err, key, field)
	}
}

func TestSetTerm(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	days := func(n int) civil.Span { return civil.Span{Days: n} }
	out := must(t)(edit.SetTerm(d, "exploration", edit.Lasts{Length: days(40), Max: days(60)}))
	if w := way(t, out, "exploration", "analysis"); len(w.Requires) != 0 {
		t.Errorf("without a minimum it still asks for one: %+v", w.Requires)
	}
	sound(t, out)
	none := must(t)(edit.SetTerm(d, "exploration", edit.Lasts{None: true}))
	sound(t, none)
	if w := way(t, none, "exploration", "analysis"); slices.Contains(w.By, definition.ByTimer) {
		t.Errorf("a phase without an end ends by itself: %+v", w)
	}
	again := must(t)(edit.SetTerm(none, "exploration", edit.Lasts{Length: civil.Span{WorkDays: 20}}))
	if s := edit.Phases(again)[1]; len(s.Overdue) != 1 || s.AtEnd != "" {
		t.Errorf("%+v", s)
	}
	sound(t, again)
	for want, to := range map[string]edit.Lasts{
		"form.required": {}, "editor.term_short": {Length: days(5), Min: days(6)}, "editor.term_long": {Length: days(5), Max: days(4)},
	} {
		_, err := edit.SetTerm(d, "exploration", to)
		refused(t, err, "length", want)
	}
	without := d
	without.Calendar = ""
	_, err := edit.SetTerm(without, "exploration", edit.Lasts{Length: civil.Span{WorkDays: 20}})
	refused(t, err, "length", "editor.term_calendar")
}

// A term of law keeps the law, its bounds and its unit, and its phase stays.
func TestLawStays(t *testing.T) {
	t.Parallel()
	d := templates(t)["tuscany-debate"]
	days := func(n int) civil.Span { return civil.Span{Days: n} }
	out := must(t)(edit.SetTerm(d, "debate", edit.Lasts{Length: days(60), Max: days(90)}))
	if term := edit.Phases(sound(t, out).Definition)[3].Term; term.Law == nil || term.Extend == nil || term.Max != days(90) {
		t.Errorf("%+v", term)
	}
	for field, to := range map[string]edit.Lasts{
		"max": {Length: days(60), Max: days(120)}, "length": {None: true},
	} {
		_, err := edit.SetTerm(d, "debate", to)
		key := map[string]string{"max": "editor.law_bound", "length": "editor.law_term"}[field]
		refused(t, err, field, key)
	}
	_, err := edit.SetTerm(d, "debate", edit.Lasts{Length: civil.Span{WorkDays: 60}, Max: days(90)})
	refused(t, err, "length", "editor.law_term")
	_, err = edit.SetTerm(d, "debate", edit.Lasts{Length: days(91), Max: days(90)})
	refused(t, err, "length", "editor.term_long")
	_, err = edit.RemoveState(d, "debate")
	refused(t, err, "phase", "editor.law_phase")
	_, err = edit.RemoveState(templates(t)["tuscany-local"], "admission")
	refused(t, err, "phase", "editor.law_phase")
	_, err = edit.RemoveRequirement(d, "file", "opening-report-there")
	refused(t, err, "requirement", "editor.law_requirement")
	sound(t, must(t)(edit.RemoveRequirement(d, "file", "guarantor-named")))
}

func TestSetEnd(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	out := must(t)(edit.SetEnd(d, "analysis", true))
	if w := way(t, sound(t, out).Definition, "analysis", "governance"); !slices.Contains(w.By, definition.ByTimer) {
		t.Errorf("%+v", w)
	}
	hand := must(t)(edit.SetEnd(out, "analysis", false))
	if w := way(t, sound(t, hand).Definition, "analysis", "governance"); slices.Contains(w.By, definition.ByTimer) {
		t.Errorf("%+v", w)
	}
	none := must(t)(edit.SetTerm(d, "analysis", edit.Lasts{None: true}))
	_, err := edit.SetEnd(none, "analysis", true)
	refused(t, err, "end", "editor.end_term")
}

func TestNeedsAndReminders(t *testing.T) {
	t.Parallel()
	d := templates(t)["area-path"]
	out := must(t)(edit.SetNeed(d, "governance", definition.ActivityNeed{Kind: "webinar", Min: 2, AtEntry: "ready", AtExit: "over"}))
	c := sound(t, out)
	if w := way(t, c.Definition, "governance", "codesign"); len(w.Requires) != 1 || w.Requires[0].Code != "at-exit-webinar" {
		t.Errorf("%+v", w.Requires)
	}
	if again := edit.Written(c.Definition); len(way(t, again, "governance", "codesign").Requires) != 0 {
		t.Error("an implied guard is written")
	}
	out = must(t)(edit.RemoveNeed(out, "governance", "webinar"))
	if s := edit.Phases(out)[3]; len(s.Activities) != 1 {
		t.Errorf("%+v", s.Activities)
	}
	_, err := edit.SetNeed(d, "governance", definition.ActivityNeed{Kind: "webinar", Min: 3, Max: 2})
	refused(t, err, "count", "editor.need_max")

	out = must(t)(edit.AddReminder(out, "governance", edit.Remind{Days: 5, To: []string{"facilitator"}}))
	out = must(t)(edit.AddReminder(out, "governance", edit.Remind{Days: 5, To: []string{"promoter", "facilitator"}}))
	s := edit.Phases(sound(t, out).Definition)[3]
	if len(s.Reminders) != 1 || !slices.Equal(s.Reminders[0].To, []string{"facilitator", "promoter"}) {
		t.Errorf("%+v", s.Reminders)
	}
	out = must(t)(edit.RemoveReminder(out, "governance", s.Reminders[0].Name(-1)))
	if s := edit.Phases(sound(t, out).Definition)[3]; len(s.Reminders) != 0 {
		t.Errorf("%+v", s.Reminders)
	}
	_, err = edit.AddReminder(d, "governance", edit.Remind{Days: 5, To: []string{"sindaco"}})
	refused(t, err, "to", "editor.remind_to")
}

// A reminder longer than its phase is a problem of that phase and of that key.
func TestLocate(t *testing.T) {
	t.Parallel()
	d := must(t)(edit.AddReminder(templates(t)["area-path"], "governance", edit.Remind{Days: 40, To: []string{"facilitator"}}))
	b := yaml(t, d)
	_, problems := definition.Check("f.yaml", b, kinds)
	found := edit.Locate(b, problems)
	if len(found) != 1 || found[0].State != "governance" || found[0].Field != "reminders" || !strings.Contains(found[0].In("it").Message, "non arriva mai") {
		t.Errorf("%+v", found)
	}
	draft, same := definition.Draft("f.yaml", b, kinds)
	if len(same) != 1 || string(yaml(t, draft)) != string(b) {
		t.Errorf("what has problems is read as something else: %v", same)
	}
	if got := edit.Locate([]byte("a: ["), definition.Problems{{Line: 1}}); len(got) != 1 || got[0].State != "" {
		t.Errorf("%+v", got)
	}
}

func TestNameFor(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"area-path": "area-path-p7", "area-path-p7": "area-path-p7", "area-path-p6": "area-path-p7"} {
		if got := edit.NameFor(name, 7); got != want {
			t.Errorf("%s becomes %s", name, got)
		}
	}
}

var lines = regexp.MustCompile(`"Line":\d+`)

// TestAnyEdits makes any edits of any shipped template, one after the other: each
// gives what the check accepts or faults at a phase, loses no law, and is written
// as a file that says the same.
func TestAnyEdits(t *testing.T) {
	t.Parallel()
	all := templates(t)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(r *rapid.T) {
		begun := all[rapid.SampledFrom(names).Draw(r, "template")]
		d := begun
		for range rapid.IntRange(1, 8).Draw(r, "edits") {
			laws := lawful(d)
			out, err := anyEdit(r, d)
			if err == nil && path(out) != path(d) { // as the page asks of a move
				err = edit.Ordered(begun, out)
			}
			if err != nil {
				if _, ok := fault.As(err); !ok {
					r.Fatal(err)
				}
				continue
			}
			if d = out; lawful(d) < laws {
				r.Fatalf("%d sources became %d", laws, lawful(d))
			}
			settled(r, d)
			lost := slices.DeleteFunc(edit.Losses(begun, d), func(p definition.Problem) bool {
				return strings.Contains(p.Message, "would begin again") // a move into a way back, which the draft is told
			})
			if len(lost) > 0 {
				r.Fatalf("an edit lost\n%v\nin\n%s", lost, yaml(r, d))
			}
		}
	})
}

// settled asks that a definition is right or wrong at a phase, and that what is
// written of it reads as the same.
func settled(r *rapid.T, d definition.Definition) {
	b := yaml(r, d)
	back, problems := definition.Draft("f.yaml", b, kinds)
	for _, p := range edit.Locate(b, problems) {
		if p.State == "" {
			r.Fatalf("no phase has %s in\n%s", p.Problem, b)
		}
	}
	one, _ := json.Marshal(edit.Written(d))
	two, _ := json.Marshal(edit.Written(back))
	if a, b := lines.ReplaceAllString(string(one), ""), lines.ReplaceAllString(string(two), ""); plain(a) != plain(b) {
		r.Fatalf("%s\nbecame\n%s", a, b)
	}
}

// plain takes empty lists for none.
func plain(s string) string { return strings.NewReplacer("[]", "null", "{}", "null").Replace(s) }

func lawful(d definition.Definition) int {
	n := 0
	for _, s := range d.States {
		n += len(edit.Laws(d, s.Name))
	}
	return n
}

func anyEdit(r *rapid.T, d definition.Definition) (definition.Definition, error) {
	phases := edit.Phases(d)
	any := func(label string) string { return rapid.SampledFrom(phases).Draw(r, label).Name }
	behind := func() string {
		if rapid.Bool().Draw(r, "first") {
			return ""
		}
		return any("behind")
	}
	span := civil.Span{Days: rapid.IntRange(1, 90).Draw(r, "days")}
	switch rapid.IntRange(0, 9).Draw(r, "edit") {
	case 0:
		out, _, err := edit.AddState(d, edit.NewState{
			Words: edit.Words{Title: it(rapid.StringMatching(`[A-Zà-ù0-9:{}"' ]{1,20}x`).Draw(r, "title"))}, After: behind(),
			Length: span, Automatic: rapid.Bool().Draw(r, "automatic"),
		})
		return out, err
	case 1:
		return edit.RemoveState(d, any("phase"))
	case 2, 3:
		return edit.MoveState(d, any("phase"), behind())
	case 4:
		return edit.Rename(d, any("phase"), edit.Words{Title: it("Nome"), Purpose: it(rapid.SampledFrom([]string{"", "Perché: “sì”"}).Draw(r, "purpose"))})
	case 5:
		return edit.SetTerm(d, any("phase"), edit.Lasts{Length: span, None: rapid.Bool().Draw(r, "none")})
	case 6:
		return edit.SetEnd(d, any("phase"), rapid.Bool().Draw(r, "automatic"))
	case 7:
		return edit.SetNeed(d, any("phase"), definition.ActivityNeed{
			Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Min: rapid.IntRange(0, 3).Draw(r, "min"),
			AtEntry: rapid.SampledFrom([]string{"", "ready", "open"}).Draw(r, "entry"), AtExit: rapid.SampledFrom([]string{"", "over"}).Draw(r, "exit"),
		})
	case 8:
		return edit.RemoveNeed(d, any("phase"), rapid.SampledFrom(kinds).Draw(r, "kind"))
	}
	return edit.AddReminder(d, any("phase"), edit.Remind{Days: rapid.IntRange(1, 40).Draw(r, "before"), To: []string{"promoter"}})
}
