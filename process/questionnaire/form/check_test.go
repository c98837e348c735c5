package form_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
)

func codes(problems []form.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Item+":"+p.Code)
	}
	return out
}

func TestCheckAcceptsTheArea(t *testing.T) {
	t.Parallel()
	if got := form.Check(area(t)); len(got) != 0 {
		t.Errorf("problems: %v", codes(got))
	}
	d := area(t)
	if m := d.Minutes(); m < 6 || m > 12 {
		t.Errorf("minutes = %d, want about 8", m)
	}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	is := func(item, value string) form.Rule {
		return form.Rule{Item: item, Op: form.Is, Value: form.Scalar(value)}
	}
	a, m := single("a", "x", "y"), multiple("m", "x", "y", "z")
	with := func(item form.Item, change func(*form.Item)) form.Item { change(&item); return item }
	cases := map[string]struct {
		def  form.Definition
		want string // item:code, alone
	}{
		"TitleEmpty":      {form.Definition{Sections: define(a).Sections}, ":title_empty"},
		"NoQuestions":     {define(form.Item{Code: "n", Type: form.Note, Text: text("x")}), ":no_questions"},
		"TextEmpty":       {define(with(a, func(i *form.Item) { i.Text = nil })), "a:text_empty"},
		"Untranslated":    {define(with(a, func(i *form.Item) { i.Text = form.Text{"it": "x"} })), "a:untranslated"},
		"OptionUntransl":  {define(with(single("a", "x", "y"), func(i *form.Item) { i.Options[0].Text = form.Text{"it": "k"} })), "a:untranslated"},
		"CodeDuplicate":   {define(a, a), "a:code_duplicate"},
		"CodeInvalid":     {define(with(a, func(i *form.Item) { i.Code = "A b" })), "A b:code_invalid"},
		"CodeReserved":    {define(with(a, func(i *form.Item) { i.Code = "int" })), "int:code_invalid"},
		"TypeUnknown":     {define(a, form.Item{Code: "t", Type: "matrix", Text: text("x")}), "t:type_unknown"},
		"NoOptions":       {define(single("a")), "a:no_options"},
		"OneOption":       {define(single("a", "x")), "a:one_option"},
		"OptionDuplicate": {define(with(single("a", "x", "x"), func(i *form.Item) { i.Options[1].Text = text("k") })), "a:option_duplicate"},
		"OptionSameText":  {define(with(single("a", "x", "y"), func(i *form.Item) { i.Options[1].Text = text("X") })), "a:option_same_text"},
		"OptionEmpty":     {define(with(single("a", "x", "y"), func(i *form.Item) { i.Options[1].Text = nil })), "a:option_empty"},
		"OptionCode":      {define(with(single("a", "x", "y"), func(i *form.Item) { i.Options[1].Code = "unsure" })), "a:option_code"},
		"MinOverMax":      {define(with(number("n", 0), func(i *form.Item) { i.Min, i.Max = num(3), num(2) })), "n:min_over_max"},
		"CountInvalid":    {define(with(m, func(i *form.Item) { i.Max = num(1.5) })), "m:count_invalid"},
		"MinOverOptions":  {define(with(m, func(i *form.Item) { i.Min = num(4) })), "m:min_over_options"},
		"Decimals":        {define(number("n", 7)), "n:decimals_range"},
		"NoScale":         {define(form.Item{Code: "s", Type: form.Scale, Text: text("x")}), "s:no_scale"},
		"ScaleOrder":      {define(scale("s", 5, 1)), "s:scale_order"},
		"ScaleLong":       {define(scale("s", 0, 100)), "s:scale_long"},
		"Unknown":         {define(showAll(short("t"), is("z", "x"))), "t:show_if_gone"},
		"UnknownInExpr":   {define(showIf(short("t"), `z == 1`)), "t:show_if_unknown"},
		"Syntax":          {define(a, showIf(short("t"), `a ==`)), "t:expression"},
		"TypeError":       {define(a, showIf(short("t"), `a == 3`)), "t:expression"},
		"NotBoolean":      {define(number("n", 0), showIf(short("t"), `n + 1`)), "t:expression"},
		"Note": {define(a, form.Item{Code: "n", Type: form.Note, Text: text("x")},
			showAll(short("t"), form.Rule{Item: "n", Op: form.Answered})), "t:show_if_note"},
		"Incomplete": {define(a, showAll(short("t"), is("a", ""))), "t:show_if_incomplete"},
		"Option":     {define(a, showAll(short("t"), is("a", "w"))), "t:show_if_option"},
		"Op":         {define(a, showAll(short("t"), form.Rule{Item: "a", Op: form.AtMost, Value: "2"})), "t:show_if_op"},
		"Value":      {define(number("n", 0), showAll(short("t"), is("n", "1.5"))), "t:show_if_value"},
		"Both":       {define(a, with(showAll(short("t"), is("a", "x")), func(i *form.Item) { i.ShowIf.Expr = "true" })), "t:show_if_both"},
		"Later":      {define(showAll(short("t"), is("a", "x")), a), "t:show_if_later"},
		"Self":       {define(showAll(single("a", "x", "y"), is("a", "x"))), "a:show_if_self"},
		"NeverTwo":   {define(a, showAll(short("t"), is("a", "x"), is("a", "y"))), "t:never_shown"},
		"NeverRange": {define(scale("s", 1, 5), showAll(short("t"), form.Rule{Item: "s", Op: form.AtLeast, Value: "6"})), "t:never_shown"},
		"NeverCross": {define(number("n", 0), showAll(short("t"),
			form.Rule{Item: "n", Op: form.AtLeast, Value: "6"}, form.Rule{Item: "n", Op: form.AtMost, Value: "5"})), "t:never_shown"},
		"NeverExclusive": {define(with(multiple("m", "x", "none"), func(i *form.Item) { i.Options[1].Exclusive = true }),
			showAll(short("t"), form.Rule{Item: "m", Op: form.Includes, Value: "x"}, form.Rule{Item: "m", Op: form.Includes, Value: "none"})), "t:never_shown"},
		"NeverByChain": {define(a, showAll(single("b", "x", "y"), is("a", "x")),
			showAll(short("t"), is("a", "y"), form.Rule{Item: "b", Op: form.Answered})), "t:never_shown"},
		"NeverExpr": {define(a, showIf(short("t"), `a == "w"`)), "t:never_shown"},
	}
	if len(cases) < 35 {
		t.Fatalf("only %d cases", len(cases))
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := codes(form.Check(tc.def)); !slices.Equal(got, []string{tc.want}) {
				t.Errorf("problems %v, want only %s", got, tc.want)
			}
		})
	}
}

func TestCheckDoesNotCryWolf(t *testing.T) {
	t.Parallel()
	a := single("a", "x", "y")
	cases := map[string]form.Definition{
		"AnyOfTwo": define(a, form.Item{Code: "t", Type: form.ShortText, Text: text("t"), ShowIf: &form.Condition{
			Rules: []form.Rule{{Item: "a", Op: form.Is, Value: "x"}, {Item: "a", Op: form.Is, Value: "y"}},
		}}),
		"OpenInterval": define(number("n", 1), showIf(short("t"), `n > 0.2 && n < 0.4`)),
		"Whole":        define(number("n", 0), showIf(short("t"), `n > 2.5 && n < 3.5`)),
		"OtherText":    define(short("w"), showIf(short("t"), `w != "x" && answered(w)`)),
		"Computed":     define(number("n", 0), number("m", 0), showIf(short("t"), `n * n + m == 1234567`)),
		"NotAnswered":  define(a, showIf(short("t"), `!answered(a)`)),
		"Length":       define(short("w"), showIf(short("t"), `w.size() > 40`)),
	}
	if len(cases) != 7 {
		t.Fatal("cases lost")
	}
	for name, def := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := form.Check(def); len(got) != 0 {
				t.Errorf("problems: %v", codes(got))
			}
		})
	}
}

func TestCheckReportsEverythingAtOnceInOrder(t *testing.T) {
	t.Parallel()
	b := showAll(single("b", "x", "y"), form.Rule{Item: "c", Op: form.Is, Value: "x"})
	c := showAll(single("c", "x", "y"), form.Rule{Item: "b", Op: form.Is, Value: "x"})
	bad := number("d", 0)
	bad.Min, bad.Max, bad.Text = num(2), num(1), nil
	problems := form.Check(define(single("a"), b, c, bad))
	want := []string{"a:no_options", "b:show_if_later", "b:show_if_cycle", "d:text_empty", "d:min_over_max"}
	if got := codes(problems); !slices.Equal(got, want) {
		t.Errorf("problems %v, want %v", got, want)
	}
	for _, p := range problems {
		if p.Key != "questionnaire.check."+p.Code || p.Severity != form.SeverityError {
			t.Errorf("problem %+v", p)
		}
	}
	if problems[2].Number != 2 || !strings.Contains(problems[2].Args["items"].(string), "2, “") {
		t.Errorf("cycle = %+v", problems[2])
	}
	for _, p := range problems {
		if where, _ := p.Args["where"].(string); where == "" || strings.Contains(where, "("+p.Item+")") {
			t.Errorf("%s names its item %q", p.Code, where)
		}
	}
	if form.Errors(problems) != len(problems) {
		t.Errorf("errors = %d", form.Errors(problems))
	}
}
