package form_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"

	"pgregory.net/rapid"
)

// drawDefinition draws a questionnaire of up to eight items whose conditions
// are rules on earlier items.
func drawDefinition(t *rapid.T) form.Definition {
	var items []form.Item
	for n := range rapid.IntRange(2, 8).Draw(t, "items") {
		code := "q" + strconv.Itoa(n)
		item := rapid.SampledFrom([]form.Item{
			single(code, "x", "y", "z"), multiple(code, "x", "y", "z"), scale(code, 1, 5),
			number(code, 0), number(code, 1), short(code),
		}).Draw(t, code)
		item.Required = rapid.Bool().Draw(t, code+" required")
		if item.Type == form.Scale {
			item.Scale.Unsure = text("non so")
		}
		if n > 0 && rapid.Bool().Draw(t, code+" conditional") {
			item.ShowIf = &form.Condition{All: rapid.Bool().Draw(t, code+" all")}
			for range rapid.IntRange(1, 3).Draw(t, code+" rules") {
				item.ShowIf.Rules = append(item.ShowIf.Rules, drawRule(t, items))
			}
		}
		items = append(items, item)
	}
	return define(items...)
}

func drawRule(t *rapid.T, earlier []form.Item) form.Rule {
	other := rapid.SampledFrom(earlier).Draw(t, "other")
	rule := form.Rule{Item: other.Code, Op: rapid.SampledFrom(form.Ops(other.Type)).Draw(t, "op")}
	if rule.Op == form.Answered {
		return rule
	}
	values := []string{"x", "y", "z"}
	switch {
	case other.Type == form.Scale && (rule.Op == form.Is || rule.Op == form.IsNot):
		values = []string{"1", "3", "5", form.Unsure}
	case other.Type.Numeric():
		values = []string{"1", "2", "4", "-3"}
	case other.Type.Textual():
		values = []string{"ciao", `"virgolette" e \`, "due\nrighe"}
	}
	rule.Value = form.Scalar(rapid.SampledFrom(values).Draw(t, "value"))
	return rule
}

func drawAnswer(t *rapid.T, item *form.Item) form.Answer {
	kind := rapid.IntRange(0, 9).Draw(t, item.Code+" kind")
	switch {
	case kind == 0:
		return form.Answer{}
	case kind == 1 && item.Type.Numeric():
		return form.Answer{Raw: "dodici"}
	case kind == 2 && item.Type == form.Scale:
		return form.UnsureAnswer()
	case item.Type == form.Multiple:
		return form.ListAnswer(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 1, 3, rapid.ID[string]).Draw(t, item.Code)...)
	case item.Type.Numeric():
		return form.NumberAnswer(float64(rapid.IntRange(-3, 6).Draw(t, item.Code)))
	case item.Type == form.Single:
		return form.TextAnswer(rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, item.Code))
	}
	return form.TextAnswer(rapid.SampledFrom([]string{"ciao", "altro", "due\nrighe", `"virgolette" e \`}).Draw(t, item.Code))
}

func drawAnswers(t *rapid.T, d form.Definition) form.Answers {
	a := form.Answers{}
	for _, item := range d.Items() {
		if rapid.IntRange(0, 4).Draw(t, item.Code+" seen") > 0 {
			a[item.Code] = drawAnswer(t, item)
		}
	}
	return a
}

// truth is the third value of the naive evaluator: -1 false, 0 unknown, 1 true.
type truth int

func of(b bool) truth {
	if b {
		return 1
	}
	return -1
}

// naive evaluates rules directly from their meaning, without CEL.
func naive(d form.Definition, a form.Answers) map[string]bool {
	shown := map[string]bool{}
	visible := form.Answers{}
	for _, item := range d.Items() {
		result := truth(1)
		if item.ShowIf != nil {
			result = of(item.ShowIf.All)
			for _, rule := range item.ShowIf.Rules {
				v := naiveRule(d.Item(rule.Item), rule, visible[rule.Item])
				if item.ShowIf.All {
					result = min(result, v)
				} else {
					result = max(result, v)
				}
			}
		}
		if shown[item.Code] = result == 1; shown[item.Code] {
			visible[item.Code] = a[item.Code]
		}
	}
	return shown
}

func naiveRule(item *form.Item, rule form.Rule, a form.Answer) truth {
	value := string(rule.Value)
	n, _ := strconv.ParseFloat(value, 64)
	equal := a.Text == value && a.Text != ""
	if item.Type.Numeric() {
		equal = a.Number != nil && *a.Number == n
	}
	if value == form.Unsure {
		equal = a.Unsure
	}
	switch rule.Op {
	case form.Answered:
		return of(!a.Blank() && a.Raw == "")
	case form.Is:
		return of(equal)
	case form.IsNot:
		return of(!equal)
	case form.Includes:
		return of(slices.Contains(a.List, value))
	}
	if a.Number == nil {
		return 0
	}
	if rule.Op == form.AtMost {
		return of(*a.Number <= n)
	}
	return of(*a.Number >= n)
}

// compiled compiles a drawn definition, setting aside the conditions that the
// checks refuse because they can never hold.
func compiled(t *rapid.T, d form.Definition) *form.Form {
	for _, p := range form.Check(d) {
		if p.Code == "never_shown" {
			d.Item(p.Item).ShowIf = nil
		}
	}
	f, err := form.Compile(d)
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	return f
}

func TestRelevanceAgreesWithANaiveEvaluator(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := compiled(t, drawDefinition(t))
		a := drawAnswers(t, f.Definition())
		got, err := f.Relevant(a)
		if err != nil {
			t.Fatal(err)
		}
		want := naive(f.Definition(), a)
		for code, shown := range want {
			if got[code] != shown {
				t.Fatalf("%s: shown = %v, naive says %v; answers %+v", code, got[code], shown, a)
			}
		}
	})
}

// An item that the checks call impossible is never shown by any answers drawn.
func TestNeverShownIsNeverShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDefinition(t)
		impossible := map[string]bool{}
		for _, p := range form.Check(d) {
			impossible[p.Item] = impossible[p.Item] || p.Code == "never_shown"
		}
		a := drawAnswers(t, d)
		for _, item := range d.Items() {
			// A required item is always answered by those who get past it.
			if item.Required && a[item.Code].Blank() {
				return
			}
		}
		for code, shown := range naive(d, a) {
			if shown && impossible[code] {
				t.Fatalf("%s is shown by %+v", code, a)
			}
		}
	})
}

func TestSubmissionNeverStoresAHiddenAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := compiled(t, drawDefinition(t))
		a := drawAnswers(t, f.Definition())
		stored, err := f.Submitted(a)
		if err != nil {
			t.Fatal(err)
		}
		shown := naive(f.Definition(), a)
		for code, answer := range stored {
			if !shown[code] || answer.Blank() || answer.Raw != "" || !answer.Equal(a[code]) {
				t.Fatalf("stored %s: %+v", code, answer)
			}
		}
		again, err := f.Submitted(stored)
		if err != nil || len(again) != len(stored) {
			t.Fatalf("submitting what was submitted changes it: %v, %v", again, err)
		}
	})
}

// Whatever a person answers and takes back, every other draft answer stays.
func TestTogglingNeverLosesADraftAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := compiled(t, drawDefinition(t))
		def := f.Definition()
		a := drawAnswers(t, def)
		before, _ := json.Marshal(a)
		stored, err := f.Submitted(a)
		if err != nil {
			t.Fatal(err)
		}
		item := rapid.SampledFrom(def.Items()).Draw(t, "toggled")
		old, had := a[item.Code]
		a[item.Code] = drawAnswer(t, item)
		for _, use := range []func() error{
			func() error { _, err := f.Submitted(a); return err },
			func() error { _, err := f.Validate(a); return err },
			func() error { _, _, err := f.Next(item.Code, a); return err },
			func() error { _, err := f.Progress(a); return err },
		} {
			if err := use(); err != nil {
				t.Fatal(err)
			}
		}
		if a[item.Code] = old; !had {
			delete(a, item.Code)
		}
		if after, _ := json.Marshal(a); string(before) != string(after) {
			t.Fatalf("draft changed:\n%s\n%s", before, after)
		}
		again, _ := f.Submitted(a)
		if len(again) != len(stored) {
			t.Fatalf("toggling back submits %v, not %v", again, stored)
		}
	})
}

// Walking forward and backward visits the shown pages, in order, once each.
func TestWalkVisitsWhatIsShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := compiled(t, drawDefinition(t))
		a := drawAnswers(t, f.Definition())
		shown := naive(f.Definition(), a)
		var want, forward, backward []string
		for _, p := range f.Pages() {
			if shown[p.Item.Code] {
				want = append(want, p.Item.Code)
			}
		}
		for p, ok, _ := f.Next("", a); ok; p, ok, _ = f.Next(p.Item.Code, a) {
			forward = append(forward, p.Item.Code)
		}
		for p, ok, _ := f.Prev("", a); ok; p, ok, _ = f.Prev(p.Item.Code, a) {
			backward = append(backward, p.Item.Code)
		}
		slices.Reverse(backward)
		if !slices.Equal(want, forward) || !slices.Equal(want, backward) {
			t.Fatalf("shown %v, forward %v, backward %v", want, forward, backward)
		}
	})
}

// Whatever is posted, Parse keeps it, what it keeps is storable, and posting
// what the page would show again gives the same answer.
func TestParseIsStable(t *testing.T) {
	t.Parallel()
	f := areaForm(t)
	pages := f.Pages()
	rapid.Check(t, func(t *rapid.T) {
		item := rapid.SampledFrom(pages).Draw(t, "page").Item
		posted := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "posted")
		a, _ := f.Parse(item.Code, url.Values{item.Code: posted})
		data, err := json.Marshal(a)
		if err != nil || strings.Contains(string(data), `\u0000`) {
			t.Fatalf("not storable: %s, %v", data, err)
		}
		var back form.Answer
		if err := json.Unmarshal(data, &back); err != nil || !back.Equal(a) {
			t.Fatalf("%s came back as %+v", data, back)
		}
		again := []string{a.Input()}
		if item.Type == form.Multiple {
			again = slices.Clone(a.List)
		}
		if b, _ := f.Parse(item.Code, url.Values{item.Code: again}); !b.Equal(a) && !a.Unsure {
			t.Fatalf("posted again: %+v, then %+v", a, b)
		}
	})
}
