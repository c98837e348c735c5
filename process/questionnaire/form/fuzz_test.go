package form_test

import (
	"encoding/json"
	"testing"

	"arengo/process/questionnaire/form"
)

// Whatever JSON arrives, checking it must not panic; what passes must compile,
// keep its canonical form, and take any answers.
func FuzzDefinition(f *testing.F) {
	data, err := area(f).Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, []byte(`{"q1":"live","q7":2,"q8":["hours"],"q3":{"raw":"x"}}`))
	f.Add([]byte(`{"title":{"it":"x"},"sections":[{"code":"a","title":{"it":"x"},"items":[
		{"code":"s","type":"scale","text":{"it":"x"}},
		{"code":"n","type":"number","text":{"it":"x"},"min":3,"max":1,"decimals":-2},
		{"code":"t","type":"single","text":{"it":"x"},"show_if":{"expr":"s == 1 && n > 2"}}]}]}`), []byte(`{"s":null}`))
	f.Add([]byte(`{"sections":[{"items":[{"code":"a","type":"multiple","options":[{"code":"x"}],"show_if":{"rules":[{"item":"a","op":"includes","value":1}]}}]}]}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, definition, answers []byte) {
		d, err := form.ParseJSON(definition)
		if err != nil {
			return
		}
		problems := form.Check(d)
		compiled, err := form.Compile(d)
		if (err == nil) != (form.Errors(problems) == 0) {
			t.Fatalf("Check finds %d errors, Compile says %v", form.Errors(problems), err)
		}
		if err != nil {
			return
		}
		first, err := d.Hash()
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := compiled.Definition().Hash(); first != second {
			t.Fatal("compiling changes the hash")
		}
		var a form.Answers
		if json.Unmarshal(answers, &a) != nil {
			return
		}
		if _, err := compiled.Validate(a); err != nil {
			return // a fault of an expression, which surfaces
		}
		stored, err := compiled.Submitted(a)
		if err != nil {
			t.Fatal(err)
		}
		for code := range stored {
			if _, ok := a[code]; !ok {
				t.Fatalf("%s was never answered", code)
			}
		}
	})
}
