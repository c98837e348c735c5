package form_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"arengo/process/fault"
	"arengo/process/questionnaire/form"
)

func keys(list fault.List) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Field+":"+strings.TrimPrefix(e.Key, "questionnaire.answer."))
	}
	return out
}

func TestParse(t *testing.T) {
	t.Parallel()
	f := areaForm(t)
	cases := []struct {
		name, code string
		posted     []string
		want       form.Answer
		problem    string
	}{
		{"Single", "q1", []string{"live"}, form.TextAnswer("live"), ""},
		{"SingleBlank", "q1", nil, form.Answer{}, "required_choice"},
		{"SingleForged", "q1", []string{"moon"}, form.TextAnswer("moon"), "option_unknown"},
		{"Municipality", "q2", []string{"052009"}, form.TextAnswer("052009"), ""},
		{"Whole", "q3", []string{" 23 "}, form.NumberAnswer(23), ""},
		{"WholeGrouped", "q3", []string{"1.000"}, form.NumberAnswer(1000), "above"},
		{"Negative", "q3", []string{"−4"}, form.NumberAnswer(-4), "below"},
		{"NotWhole", "q3", []string{"2,5"}, form.NumberAnswer(2.5), "not_whole"},
		{"NotANumber", "q3", []string{"dodici"}, form.Answer{Raw: "dodici"}, "not_number"},
		{"DecimalComma", "q14", []string{"1,5"}, form.NumberAnswer(1.5), ""},
		{"DecimalPoint", "q14", []string{"1.5"}, form.NumberAnswer(1.5), ""},
		{"TooFine", "q14", []string{"1,55"}, form.NumberAnswer(1.55), "decimals"},
		{"Multiple", "q5", []string{"train", "clinic", "train"}, form.ListAnswer("clinic", "train"), ""},
		{"Exclusive", "q5", []string{"none", "clinic"}, form.ListAnswer("clinic", "none"), "exclusive"},
		{"TooMany", "q8", []string{"hours", "links", "stop", "price"}, form.ListAnswer("hours", "links", "stop", "price"), "too_many"},
		{"MultipleRequired", "q8", []string{""}, form.Answer{}, "required_multiple"},
		{"Scale", "q7", []string{"2"}, form.NumberAnswer(2), ""},
		{"ScaleUnsure", "q7", []string{"unsure"}, form.UnsureAnswer(), ""},
		{"ScaleForged", "q7", []string{"9"}, form.NumberAnswer(9), "option_unknown"},
		{"UnsureForged", "q6", []string{"unsure"}, form.UnsureAnswer(), "option_unknown"},
		{"Short", "q10", []string{" una\nriga\x00 "}, form.TextAnswer("una riga"), ""},
		{"Long", "q12", []string{"a\r\nb\x00"}, form.TextAnswer("a\nb"), ""},
		{"TooLong", "q12", []string{strings.Repeat("è", 652)}, form.TextAnswer(strings.Repeat("è", 652)), "too_long"},
		{"NoteTakesNothing", "n1", []string{"x"}, form.Answer{}, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, list := f.Parse(tc.code, url.Values{tc.code: tc.posted})
			if !got.Equal(tc.want) {
				t.Errorf("answer %+v, want %+v", got, tc.want)
			}
			var want []string
			if tc.problem != "" {
				want = []string{tc.code + ":" + tc.problem}
			}
			if !slices.Equal(keys(list), want) {
				t.Errorf("problems %v, want %v", keys(list), want)
			}
		})
	}
	_, list := f.Parse("q12", url.Values{"q12": {strings.Repeat("è", 652)}})
	if args := list[0].Args; args["n"] != 52 || args["count"] != 652 || args["max"] != 600 {
		t.Errorf("arguments %v", args)
	}
	if _, list := f.Parse("q99", nil); !slices.Equal(keys(list), []string{"q99:unknown_item"}) {
		t.Errorf("unknown item: %v", keys(list))
	}
}

func TestValidateInOrder(t *testing.T) {
	t.Parallel()
	f := areaForm(t)
	list, err := f.Validate(form.Answers{
		"q7": form.NumberAnswer(1), "q3": {Raw: "tanti"}, "q17": form.TextAnswer("moon"), "q2": form.ListAnswer("a"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"q1:required_choice", "q2:option_unknown", "q3:not_number", "q8:required_multiple"}
	if !slices.Equal(keys(list), want) {
		t.Errorf("problems %v, want %v (q17 is hidden)", keys(list), want)
	}
}

func TestWalkAndProgress(t *testing.T) {
	t.Parallel()
	f := areaForm(t)
	if f.Questions() != 20 {
		t.Fatalf("questions = %d", f.Questions())
	}
	a := form.Answers{}
	code := func(p form.Page, ok bool, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return ""
		}
		return p.Item.Code
	}
	if got := code(f.FirstUnanswered(a)); got != "q1" {
		t.Errorf("begins at %q", got)
	}
	a["q1"], a["q2"], a["q3"] = form.TextAnswer("live"), form.Answer{}, form.NumberAnswer(3)
	if got := code(f.FirstUnanswered(a)); got != "q4" {
		t.Errorf("resumes at %q, want q4: q2 was left blank on purpose", got)
	}
	a["q3"] = form.Answer{Raw: "tanti"}
	if got := code(f.FirstUnanswered(a)); got != "q3" {
		t.Errorf("resumes at %q, want q3, which must be mended", got)
	}
	a["q3"], a["q7"] = form.NumberAnswer(3), form.NumberAnswer(4)
	if got := code(f.Next("q7", a)); got != "q9" {
		t.Errorf("after q7 %q, want q9", got)
	}
	if got := code(f.Prev("q9", a)); got != "q7" {
		t.Errorf("before q9 %q, want q7", got)
	}
	if got := code(f.Next("q20", a)); got != "" {
		t.Errorf("after the last %q", got)
	}
	p, err := f.Progress(a)
	if err != nil || p != (form.Progress{Shown: 17, Answered: 3, Blank: 14, Hidden: 3, Share: 17}) {
		t.Errorf("progress %+v, %v", p, err)
	}
	page, _ := f.Page("q7")
	if page.Number != 7 || f.Share(page) != 35 || page.Section.Code != "services" {
		t.Errorf("page %+v, share %d", page, f.Share(page))
	}
	note, _ := f.Page("n1")
	if note.Number != 0 || f.Share(note) != 45 {
		t.Errorf("note %+v, share %d", note, f.Share(note))
	}
	if got := f.Dependants("q1"); !slices.Equal(got, []string{"q17"}) {
		t.Errorf("dependants of q1 %v", got)
	}
	for _, page := range f.Pages() {
		if _, seen := a[page.Item.Code]; !seen && page.Item.Type != form.Note {
			a[page.Item.Code] = form.Answer{}
		}
	}
	if got := code(f.FirstUnanswered(a)); got != "" {
		t.Errorf("everything seen, still resumes at %q", got)
	}
}

func TestCompileRefusesErrors(t *testing.T) {
	t.Parallel()
	_, err := form.Compile(define(single("a"), number("b", 9)))
	list, ok := err.(fault.List)
	if !ok || len(list) != 2 || list[0].Field != "a" || list[0].Key != "questionnaire.check.no_options" {
		t.Errorf("err = %v", err)
	}
}

// full answers everything in testdata/area.yaml that this person is asked.
func full() form.Answers {
	return form.Answers{
		"q1": form.TextAnswer("firm"), "q2": form.TextAnswer("052009"), "q3": form.NumberAnswer(23), "q4": form.TextAnswer("b"),
		"q5": form.ListAnswer("clinic", "train"), "q6": form.NumberAnswer(3), "q7": form.NumberAnswer(2),
		"q8": form.ListAnswer("hours", "links"), "q9": form.TextAnswer("yes"), "q10": form.TextAnswer("Lavoro non stagionale"),
		"q11": form.NumberAnswer(2), "q12": form.TextAnswer(strings.Repeat("Un pulmino a chiamata. ", 20)),
		"q13": form.TextAnswer("La piazza"), "q14": form.NumberAnswer(1.5), "q15": form.ListAnswer("transport", "health"),
		"q16": form.NumberAnswer(3), "q17": form.TextAnswer("no"), "q18": form.TextAnswer("yes"),
		"q19": form.ListAnswer("evening"), "q20": form.TextAnswer("Grazie"),
	}
}

func BenchmarkValidate20(b *testing.B) {
	f, a := areaForm(b), full()
	b.ReportAllocs()
	for b.Loop() {
		if list, err := f.Validate(a); err != nil || len(list) > 0 {
			b.Fatal(list, err)
		}
	}
}

func BenchmarkCheck20(b *testing.B) {
	d := area(b)
	for b.Loop() {
		if form.Errors(form.Check(d)) > 0 {
			b.Fatal("errors")
		}
	}
}
