package form_test

import (
	"errors"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
)

// probe shows its last item when the expression holds.
func probe(t *testing.T, expr string) *form.Form {
	t.Helper()
	unsure := scale("s", 1, 5)
	unsure.Scale.Unsure = text("non so")
	return compile(t, number("n", 0), number("d", 0), number("x", 1), short("w"),
		single("c", "a", "b"), multiple("m", "a", "b"), unsure, showIf(short("target"), expr))
}

func TestMissingAnswers(t *testing.T) {
	t.Parallel()
	n := func(v float64) form.Answers { return form.Answers{"n": form.NumberAnswer(v)} }
	cases := []struct {
		expr    string
		answers form.Answers
		shown   bool
	}{
		// Equality with a missing answer is ordinary.
		{`n == 3`, nil, false},
		{`n != 3`, nil, true},
		{`n == null`, nil, true},
		{`n != null`, n(0), true},
		{`c != "a"`, nil, true},
		{`w == "z"`, nil, false},
		{`"a" in m`, nil, false},
		{`!("a" in m)`, nil, true},
		{`n in [1, 2]`, nil, false},
		{`!(n in [1, 2])`, nil, true},
		// Ordering and arithmetic with it are unknown, and so is their negation.
		{`n > 3`, nil, false},
		{`!(n > 3)`, nil, false},
		{`n + 1 == 4`, nil, false},
		{`n + 1 != 4`, nil, false},
		{`-n != 4`, nil, false},
		{`n < d`, n(1), false},
		{`!(n < d)`, n(1), false},
		{`w.startsWith("a")`, nil, false},
		{`!w.startsWith("a")`, nil, false},
		{`size(m) < 2`, nil, false},
		{`m.exists(o, o == "a")`, nil, false},
		{`!m.exists(o, o == "a")`, nil, false},
		// Kleene: what decides, decides.
		{`true || n > 3`, nil, true},
		{`n > 3 || true`, nil, true},
		{`n > 3 || false`, nil, false},
		{`!(n > 3 && false)`, nil, true},
		{`!(false && n > 3)`, nil, true},
		{`!(n > 3 && true)`, nil, false},
		{`!(n > 3 || d > 3)`, nil, false},
		{`n > 3 ? true : true`, nil, false},
		{`(n > 3) == (n > 3)`, nil, false},
		{`(n > 3) != true`, nil, false},
		{`[n > 3, true].exists(b, b)`, nil, false},
		// Known values.
		{`n > 3`, n(4), true},
		{`!(n > 3)`, n(3), true},
		{`n > 2.5`, n(3), true},
		{`x == 2.5`, form.Answers{"x": form.NumberAnswer(2.5)}, true},
		{`x < 3`, form.Answers{"x": form.NumberAnswer(2.5)}, true},
		{`x > n`, form.Answers{"x": form.NumberAnswer(2.5), "n": form.NumberAnswer(2)}, true},
		{`n % 2 == 1`, n(3), true},
		{`"a" in m && size(m) == 2`, form.Answers{"m": form.ListAnswer("a", "b")}, true},
		{`m.all(o, o != "b")`, form.Answers{"m": form.ListAnswer("a")}, true},
		{`m.filter(o, o != "b").size() == 1`, form.Answers{"m": form.ListAnswer("a", "b")}, true},
		{`c in ["a", "z"]`, form.Answers{"c": form.TextAnswer("a")}, true},
		{`w.contains("si") && w.size() > 3`, form.Answers{"w": form.TextAnswer("Siena, sì: si va")}, true},
		// "I cannot say" answers the question and has no number.
		{`answered(s)`, nil, false},
		{`answered(s)`, form.Answers{"s": form.UnsureAnswer()}, true},
		{`unsure(s)`, form.Answers{"s": form.UnsureAnswer()}, true},
		{`s <= 2`, form.Answers{"s": form.UnsureAnswer()}, false},
		{`s != 2`, form.Answers{"s": form.UnsureAnswer()}, true},
		{`!unsure(s)`, form.Answers{"s": form.NumberAnswer(2)}, true},
		// What could not be read, or is of the wrong sort, is missing.
		{`answered(n)`, form.Answers{"n": {Raw: "dodici"}}, false},
		{`n != 3`, form.Answers{"n": form.TextAnswer("3")}, true},
		{`n == null`, n(2.5), true},
		// A guard written first protects what follows.
		{`d == 0 || n / d > 2`, form.Answers{"n": form.NumberAnswer(9), "d": form.NumberAnswer(0)}, true},
	}
	if len(cases) < 50 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, tc := range cases {
		t.Run(tc.expr, func(t *testing.T) {
			t.Parallel()
			shown, err := probe(t, tc.expr).Relevant(tc.answers)
			if err != nil {
				t.Fatal(err)
			}
			if shown["target"] != tc.shown {
				t.Errorf("%s with %v: shown = %v, want %v", tc.expr, tc.answers, shown["target"], tc.shown)
			}
		})
	}
}

// Any failure that is not a missing answer must surface, wherever it stands:
// CEL's own operators would hide those beside a true "or" and a false "and".
func TestFaultsSurface(t *testing.T) {
	t.Parallel()
	zero := form.Answers{"n": form.NumberAnswer(1), "d": form.NumberAnswer(0)}
	huge := form.Answers{"n": form.NumberAnswer(1 << 53), "d": form.NumberAnswer(1 << 53)}
	cases := []struct {
		expr    string
		answers form.Answers
	}{
		{`n / d > 1`, zero},
		{`n / d > 1 || true`, zero},
		{`!(n / d > 1 && false)`, zero},
		{`x > 1.0 || n / d > 1`, zero},
		{`n % d == 0`, zero},
		{`n * d > 1`, huge},
		{`m[5] == "a"`, form.Answers{"m": form.ListAnswer("a")}},
		{`[n, n, n, n, n, n, n, n, n, n].exists(a, [1,2,3,4,5,6,7,8,9,10].exists(b, [1,2,3,4,5,6,7,8,9,10].exists(e, [1,2,3,4,5,6,7,8,9,10].exists(f, a + b + e + f < 0))))`, zero},
	}
	for _, tc := range cases {
		t.Run(tc.expr, func(t *testing.T) {
			t.Parallel()
			f := probe(t, tc.expr)
			_, err := f.Relevant(tc.answers)
			var fault *form.EvalError
			if !errors.As(err, &fault) || fault.Item != "target" {
				t.Errorf("Relevant: want an EvalError of the item, got %v", err)
			}
			if _, err := f.Validate(tc.answers); err == nil {
				t.Error("Validate hid the fault")
			}
			if _, err := f.Submitted(tc.answers); err == nil {
				t.Error("Submitted hid the fault")
			}
		})
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		`n`, `n +`, `n == "a"`, `c > 3`, `m == "a"`, `nobody == 1`, `answered("n")`, `answered(n + 1)`,
		`{"a": 1}["a"] == 1`, `n.foo`, `hello(n)`, strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60),
		`n == 1 || ` + strings.Repeat("n == 1 || ", 300) + "true",
	} {
		d := define(number("n", 0), single("c", "a", "b"), multiple("m", "a", "b"), showIf(short("target"), expr))
		if _, err := form.Compile(d); err == nil {
			t.Errorf("accepted: %.60s", expr)
		}
	}
}

// If A shows B and B shows C, hiding B takes C with it, and nothing is lost.
func TestHiddenAnswersTakeNoPart(t *testing.T) {
	t.Parallel()
	b := showAll(single("b", "yes", "no"), form.Rule{Item: "a", Op: form.Is, Value: "yes"})
	b.Required = true
	c := showAll(short("c"), form.Rule{Item: "b", Op: form.Is, Value: "yes"})
	c.Required = true
	f := compile(t, single("a", "yes", "no"), b, c)
	answers := form.Answers{"a": form.TextAnswer("yes"), "b": form.TextAnswer("yes"), "c": form.TextAnswer("testo")}
	stored, err := f.Submitted(answers)
	if err != nil || len(stored) != 3 {
		t.Fatalf("submitted %v, %v", stored, err)
	}
	answers["a"] = form.TextAnswer("no")
	if stored, _ = f.Submitted(answers); len(stored) != 1 {
		t.Errorf("hidden answers stored: %v", stored)
	}
	if list, _ := f.Validate(answers); len(list) != 0 {
		t.Errorf("hidden items required: %v", list)
	}
	if !answers["c"].Equal(form.TextAnswer("testo")) {
		t.Error("the draft lost an answer")
	}
}
