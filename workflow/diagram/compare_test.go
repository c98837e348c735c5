package diagram_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/fixtures"
	"arengo/workflow/definition"
	"arengo/workflow/diagram"
)

func changed(t *testing.T, edits ...string) (before, after *definition.Compiled) {
	t.Helper()
	source, err := fixtures.Template("tuscany-debate")
	if err != nil {
		t.Fatal(err)
	}
	check := func(text string) *definition.Compiled {
		c, problems := definition.Check("t.yaml", []byte(text), nil)
		if problems != nil {
			t.Fatal(problems)
		}
		return c
	}
	text := strings.NewReplacer(edits...).Replace(string(source))
	if len(edits) > 0 && text == string(source) {
		t.Fatalf("nothing of %q is in the template", edits)
	}
	return check(string(source)), check(text)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before, after := changed(t)
	if d := diagram.Compare(before, after, nil, "it"); len(d) != 0 {
		t.Errorf("the same definition differs: %+v", d)
	}
	before, after = changed(t, "it: Fase tecnica", "it: Preparazione", "  technical:", "  making:", "to: technical", "to: making", "from: [technical]", "from: [making]",
		"state:technical", "state:making")
	d := diagram.Compare(before, after, map[string]string{"technical": "making"}, "it")
	i := slices.IndexFunc(d, func(x diagram.Difference) bool { return x.Was == "Fase tecnica" && x.Becomes == "Preparazione" })
	if i < 0 || len(d[i].Gone)+len(d[i].New) != 0 {
		t.Errorf("a state with another name: %+v", d)
	}
	d = diagram.Compare(before, after, nil, "en")
	if !slices.ContainsFunc(d, func(x diagram.Difference) bool {
		return x.Was == "" && x.Becomes == "Technical phase" && len(x.New) > 3
	}) ||
		!slices.ContainsFunc(d, func(x diagram.Difference) bool {
			return x.Becomes == "" && x.Was == "Technical phase" && len(x.Gone) > 3
		}) {
		t.Errorf("without the mapping one is new and one is gone: %+v", d)
	}
}

func TestCompareSaysWhichTermChanges(t *testing.T) {
	t.Parallel()
	before, after := changed(t, "term: {length: 30d}", "term: {length: 40d}")
	d := diagram.Compare(before, after, nil, "it")
	const ours = " [scelta del modello, non della legge]"
	if len(d) != 2 || d[0].Was != "Relazione" || !slices.Equal(d[0].Gone, []string{"Durata: 30 giorni" + ours}) || !slices.Equal(d[0].New, []string{"Durata: 40 giorni" + ours}) {
		t.Errorf("%+v", d)
	}
}
