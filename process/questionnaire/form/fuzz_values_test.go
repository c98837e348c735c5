package form_test

import (
	"encoding/json"
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"arengo/process/questionnaire/form"
)

// Whatever a browser posts, it is read without a panic, can be kept as JSON, is
// read the same again, and nothing wrong is taken for an answer.
func FuzzParse(f *testing.F) {
	compiled, err := form.Compile(area(f))
	if err != nil {
		f.Fatal(err)
	}
	pages := compiled.Pages()
	for _, value := range []string{"", "live", "1.234", "1 234,5", "1+1", "20 30", "1e9", "Inf", "NaN", "-0", "--5", "1''2", "x\x00y", "\xff", "unsure", strings.Repeat("è", 20_001)} {
		for n := range pages {
			f.Add(uint8(n), value, "hours")
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, one, two string) {
		item := pages[int(n)%len(pages)].Item
		a, problems := compiled.Parse(item.Code, url.Values{item.Code: {one, two}})
		if again := compiled.ValidateItem(item.Code, a); len(again) != len(problems) {
			t.Errorf("%q: problems %v, and then %v", one, problems, again)
		}
		if !utf8.ValidString(a.Text) || !utf8.ValidString(a.Raw) || strings.ContainsRune(a.Text+a.Raw, 0) {
			t.Errorf("%q cannot be stored", a.Text+a.Raw)
		}
		if a.Number != nil && (math.IsNaN(*a.Number) || math.IsInf(*a.Number, 0)) {
			t.Errorf("%q is read as %v", one, *a.Number)
		}
		kept, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back form.Answer
		if err := json.Unmarshal(kept, &back); err != nil || !reflect.DeepEqual(a, back) {
			t.Errorf("%s is read as %+v, was %+v: %v", kept, back, a, err)
		}
	})
}

// A number has one sign, before it, and groups of three digits if any.
func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	def, err := form.ParseJSON([]byte(`{"title":{"it":"x"},"sections":[{"code":"a","title":{"it":"x"},"items":[
		{"code":"n","type":"number","text":{"it":"x"},"decimals":2}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := form.Compile(def)
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{
		"1 234": "1234", "1’234,5": "1234.5", "+5": "5", "- 5": "-5", "−5": "-5", "1 234 567": "1234567", "12\u00a0345": "12345",
		"1+1": "", "5+": "", "20 30": "", "1 2": "", "1''2": "", "'5": "", "1 2345": "", "1-1": "", "+-5": "", "5 '": "",
	} {
		a, problems := compiled.Parse("n", url.Values{"n": {input}})
		got := ""
		if a.Number != nil {
			b, _ := json.Marshal(*a.Number)
			got = string(b)
		}
		if got != want || (want == "") != (len(problems) > 0) {
			t.Errorf("%q is read as %q, want %q (%v)", input, got, want, problems)
		}
	}
}
