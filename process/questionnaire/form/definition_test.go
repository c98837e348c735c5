package form_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
)

// area is the questionnaire of testdata/area.yaml.
func area(t testing.TB) form.Definition {
	t.Helper()
	data, err := os.ReadFile("testdata/area.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := form.ParseYAML(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func areaForm(t testing.TB) *form.Form {
	t.Helper()
	f, err := form.Compile(area(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func text(s string) form.Text { return form.Text{"it": s, "en": s} }

func num(n float64) *float64 { return &n }

// define makes a definition of one section with these items.
func define(items ...form.Item) form.Definition {
	return form.Definition{
		Title:    text("Prova"),
		Sections: []form.Section{{Code: "s", Title: text("Sezione"), Items: items}},
	}
}

func single(code string, options ...string) form.Item {
	item := form.Item{Code: code, Type: form.Single, Text: text(code)}
	for _, o := range options {
		item.Options = append(item.Options, form.Option{Code: o, Text: text(o)})
	}
	return item
}

func multiple(code string, options ...string) form.Item {
	item := single(code, options...)
	item.Type = form.Multiple
	return item
}

func scale(code string, from, to int) form.Item {
	return form.Item{Code: code, Type: form.Scale, Text: text(code), Scale: &form.ScaleRange{
		Min: from, Max: to, Low: text("poco"), High: text("molto"),
	}}
}

func number(code string, decimals int) form.Item {
	return form.Item{Code: code, Type: form.Number, Text: text(code), Decimals: decimals}
}

func short(code string) form.Item {
	return form.Item{Code: code, Type: form.ShortText, Text: text(code)}
}

func showIf(item form.Item, expr string) form.Item {
	item.ShowIf = &form.Condition{Expr: expr}
	return item
}

func showAll(item form.Item, rules ...form.Rule) form.Item {
	item.ShowIf = &form.Condition{All: true, Rules: rules}
	return item
}

func compile(t testing.TB, items ...form.Item) *form.Form {
	t.Helper()
	f, err := form.Compile(define(items...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTextFallsBackToItalian(t *testing.T) {
	t.Parallel()
	both := form.Text{"it": "Sì", "en": "Yes"}
	if got := both.In("en"); got != "Yes" {
		t.Errorf("en = %q", got)
	}
	if got := (form.Text{"it": "Sì", "en": ""}).In("en"); got != "Sì" {
		t.Errorf("missing en = %q", got)
	}
}

func TestDefinitionRoundTrip(t *testing.T) {
	t.Parallel()
	d := area(t)
	if got := len(d.Items()); got != 21 {
		t.Fatalf("items = %d, want 21", got)
	}
	first, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := form.ParseJSON(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Errorf("canonical JSON changed:\n%s\n%s", first, second)
	}
	if again.Item("q8").ShowIf.Rules[0].Value != "2" {
		t.Errorf("rule value = %q", again.Item("q8").ShowIf.Rules[0].Value)
	}
}

// A database that reorders keys and an editor that leaves empty translations
// behind must not change the hash; a changed word must.
func TestHashStandsForTheMeaning(t *testing.T) {
	t.Parallel()
	d := area(t)
	want, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	data, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	var loose map[string]any
	if err := json.Unmarshal(data, &loose); err != nil {
		t.Fatal(err)
	}
	data, err = json.MarshalIndent(loose, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	reordered, err := form.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	reordered.Intro["de"] = "  "
	reordered.Sections[0].Items[1].ShowIf = &form.Condition{All: true}
	if got, _ := reordered.Hash(); got != want {
		t.Errorf("hash of the reordered definition differs")
	}
	reordered.Title["it"] = "Altro"
	if got, _ := reordered.Hash(); got == want {
		t.Errorf("hash did not notice a new title")
	}
}

func TestParseRefusesUnknownKeys(t *testing.T) {
	t.Parallel()
	if _, err := form.ParseJSON([]byte(`{"title":{"it":"x"},"sections":[],"colour":"red"}`)); err == nil {
		t.Error("JSON: unknown key accepted")
	}
	if _, err := form.ParseJSON([]byte(`{"title":{"it":"x"},"sections":[]} {}`)); err == nil {
		t.Error("JSON: trailing object accepted")
	}
	_, err := form.ParseYAML([]byte("title: {it: x}\nsections:\n  - code: a\n    titel: {it: x}\n"))
	if err == nil || !strings.Contains(err.Error(), "4") {
		t.Errorf("YAML: want an error that names line 4, got %v", err)
	}
}

func TestCloneIsDeep(t *testing.T) {
	t.Parallel()
	d := area(t)
	c := d.Clone()
	c.Sections[0].Items[0].Options[0].Text["it"] = "cambiato"
	c.Item("q8").ShowIf.Rules[0].Value = "4"
	if d.Sections[0].Items[0].Options[0].Text["it"] == "cambiato" || d.Item("q8").ShowIf.Rules[0].Value == "4" {
		t.Error("the clone shares memory with the original")
	}
}

func TestAnswerJSON(t *testing.T) {
	t.Parallel()
	cases := map[string]form.Answer{
		`"vivo"`:           form.TextAnswer("vivo"),
		`["a","b"]`:        form.ListAnswer("a", "b"),
		`2.5`:              form.NumberAnswer(2.5),
		`0`:                form.NumberAnswer(0),
		`{"unsure":true}`:  form.UnsureAnswer(),
		`{"raw":"dodici"}`: {Raw: "dodici"},
		`null`:             {},
	}
	if len(cases) != 7 {
		t.Fatal("cases lost")
	}
	for want, a := range cases {
		got, err := json.Marshal(a)
		if err != nil || string(got) != want {
			t.Errorf("marshal %+v = %s, %v; want %s", a, got, err, want)
		}
		var back form.Answer
		if err := json.Unmarshal([]byte(want), &back); err != nil || !back.Equal(a) {
			t.Errorf("unmarshal %s = %+v, %v", want, back, err)
		}
	}
	var a form.Answers
	if err := json.Unmarshal([]byte(`{"x":null}`), &a); err != nil {
		t.Fatal(err)
	}
	if _, seen := a["x"]; !seen {
		t.Error("a blank answer must stay in the map: it says that the question was seen")
	}
}
