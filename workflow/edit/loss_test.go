package edit_test

import (
	"os"
	"strings"
	"testing"

	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// file reads a definition that must be right in itself.
func file(t *testing.T, source string) definition.Definition {
	t.Helper()
	c, problems := definition.Check("mio.yaml", []byte(source), kinds)
	if problems != nil {
		t.Fatal(problems)
	}
	return c.Definition
}

func source(t *testing.T, template string) string {
	t.Helper()
	b, err := os.ReadFile("../../fixtures/templates/" + template + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every phase of law that another file has not is named with its article, in
// the language of who reads.
func TestLossesOfAnotherFile(t *testing.T) {
	t.Parallel()
	was := file(t, source(t, "tuscany-debate"))
	lost := edit.Losses(was, file(t, source(t, "area-path")))
	for _, s := range edit.Phases(was) {
		if len(edit.Laws(was, s.Name)) == 0 || s.Name == "report" { // the other has one of that name
			continue
		}
		it, en := "", ""
		for _, p := range lost {
			it, en = it+p.In("it").Message+"\n", en+p.Message+"\n"
		}
		if !strings.Contains(it, "manca la fase “"+s.Title["it"]+"”") || !strings.Contains(en, "the phase “"+s.Title["en"]+"” is missing") {
			t.Errorf("%s is not named in\n%s", s.Name, it)
		}
	}
	if again := edit.Losses(was, was); again != nil {
		t.Errorf("the same file: %v", again)
	}
	if light := edit.Losses(file(t, source(t, "area-path")), was); light != nil {
		t.Errorf("without a law: %v", light)
	}
}

// What a file changes of what the law protects is refused one by one.
func TestLossesWithin(t *testing.T) {
	t.Parallel()
	text := source(t, "tuscany-debate")
	was := file(t, text)
	for name, c := range map[string]struct {
		change func(d *definition.Definition)
		want   string
	}{
		"longer":   {func(d *definition.Definition) { d.States[3].Term.Max.Days = 120 }, "termine viene dalla legge"},
		"no law":   {func(d *definition.Definition) { d.States[3].Term.Law = nil }, "termine viene dalla legge"},
		"timeless": {func(d *definition.Definition) { d.States[3].Term = nil }, "termine viene dalla legge"},
		"extended": {func(d *definition.Definition) { d.States[3].Term.Extend = nil }, "di quanto si proroga"},
		"running":  {func(d *definition.Definition) { d.States[3].Term.From = "state:" + d.States[2].Name }, "termine viene dalla legge"},
		"condition": {func(d *definition.Definition) {
			at(t, d, "file").Requires = nil
		}, "viene dalla legge e deve restare"},
		"weaker condition": {func(d *definition.Definition) { at(t, d, "file").Requires[0].Expr = "true" }, "viene dalla legge e deve restare"},
		"another way": {func(d *definition.Definition) {
			way := *at(t, d, "file")
			way.ID, way.Event, way.Requires = "round", "round", nil
			d.Transitions = append(d.Transitions, way)
		}, "viene dalla legge e deve restare"},
		"passed over": {func(d *definition.Definition) {
			way := *at(t, d, "file")
			way.ID, way.Event, way.To = "round", "round", "position"
			d.Transitions = append(d.Transitions, way)
		}, "si potrebbe saltare"},
	} {
		is := file(t, text)
		c.change(&is)
		lost := edit.Losses(was, is).In("it")
		if len(lost) == 0 || !strings.Contains(lost.Error(), c.want) {
			t.Errorf("%s: %v", name, lost)
		}
	}
	is := file(t, text)
	is.States[3].Term.Length.Days--
	is.States[3].Title = definition.Text{"it": "Altro", "en": "Other"}
	if lost := edit.Losses(was, is); lost != nil {
		t.Errorf("what the editor allows: %v", lost)
	}
}

func at(t *testing.T, d *definition.Definition, id string) *definition.Transition {
	t.Helper()
	for i := range d.Transitions {
		if d.Transitions[i].ID == id {
			return &d.Transitions[i]
		}
	}
	t.Fatalf("no transition %s", id)
	return nil
}
