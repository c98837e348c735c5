package result_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"

	"pgregory.net/rapid"
)

// words reads the real catalogues, so that a missing key fails here.
func words(t testing.TB, lang string) result.Words {
	t.Helper()
	texts := map[string]string{}
	for _, area := range []string{"questionnaire", "page"} {
		data, err := os.ReadFile("../../../web/locale/" + lang + "/" + area + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
	}
	return result.Words{Lang: lang, T: func(_, key string, args map[string]any) string {
		text, ok := texts[key]
		if n, counted := args["n"].(int); !ok && counted {
			form := ".other"
			if n == 1 {
				form = ".one"
			}
			text, ok = texts[key+form]
		}
		if !ok {
			t.Errorf("missing key %s in %s", key, lang)
		}
		for name, v := range args {
			s := fmt.Sprint(v)
			if n, counted := v.(int); counted && n >= 1000 {
				s = fmt.Sprintf("%d%s%03d", n/1000, texts["page.number.thousands"], n%1000)
			}
			text = strings.ReplaceAll(text, "{"+name+"}", s)
		}
		if strings.Contains(text, "{") {
			t.Errorf("unfilled placeholder in %s: %s", key, text)
		}
		return text
	}}
}

func text(s string) form.Text { return form.Text{"it": s, "en": s} }

func choice(code string, kind form.Type, options ...string) form.Item {
	item := form.Item{Code: code, Type: kind, Text: text("Domanda " + code)}
	for _, o := range options {
		item.Options = append(item.Options, form.Option{Code: o, Text: text("Opzione " + o)})
	}
	return item
}

// items is a questionnaire with one item of each sort.
func items() form.Definition {
	scale := form.Item{Code: "s", Type: form.Scale, Text: text("Domanda s"), Scale: &form.ScaleRange{
		Min: 1, Max: 5, Low: text("Per niente"), High: text("Molto"), Unsure: text("Non saprei"),
	}}
	why := choice("w", form.Single, "x", "y")
	why.ShowIf = &form.Condition{All: true, Rules: []form.Rule{{Item: "s", Op: form.AtMost, Value: "2"}}}
	return form.Definition{Title: text("Prova"), Sections: []form.Section{{Code: "a", Title: text("A"), Items: []form.Item{
		choice("c", form.Single, "x", "y", "z"), choice("m", form.Multiple, "x", "y", "z"), scale, why,
		{Code: "n", Type: form.Number, Text: text("Domanda n")},
		{Code: "d", Type: form.Number, Decimals: 1, Text: text("Domanda d")},
		{Code: "t", Type: form.LongText, Text: text("Domanda t")},
	}}}}
}

func compile(t testing.TB, d form.Definition) *form.Form {
	t.Helper()
	f, err := form.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func stream(rows []result.Row) iter.Seq2[result.Row, error] {
	return func(yield func(result.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func tabulate(t testing.TB, rows []result.Row, o result.Options) *result.Results {
	t.Helper()
	r, err := result.Tabulate(compile(t, items()), stream(rows), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func item(t testing.TB, r *result.Results, code, stratum string) result.Item {
	t.Helper()
	i, ok := r.Item(code, stratum)
	if !ok {
		t.Fatalf("no item %s in %q", code, stratum)
	}
	return i
}

// repeat gives n rows with these answers.
func repeat(n int, stratum string, a form.Answers) []result.Row {
	return slices.Repeat([]result.Row{{Stratum: stratum, Answers: a}}, n)
}

func counts(i result.Item) []int {
	var out []int
	for _, c := range i.Cells {
		out = append(out, c.Count.N)
	}
	return out
}

func TestTabulateCounts(t *testing.T) {
	t.Parallel()
	n := form.NumberAnswer
	rows := slices.Concat(
		repeat(60, "a", form.Answers{"c": form.TextAnswer("x"), "m": form.ListAnswer("x", "z"), "s": n(1), "w": form.TextAnswer("y"), "n": n(10)}),
		repeat(30, "a", form.Answers{"c": form.TextAnswer("y"), "s": n(5), "n": n(20)}),
		repeat(10, "", form.Answers{"s": form.UnsureAnswer(), "t": form.TextAnswer("Un pulmino")}),
	)
	r := tabulate(t, rows, result.Options{})
	if r.Total() != 100 || len(r.Items("")) != 7 {
		t.Fatalf("total %d, items %d", r.Total(), len(r.Items("")))
	}
	c := item(t, r, "c", "")
	if c.Answered.N != 90 || c.NoAnswer.N != 10 || c.NotShown.N != 0 || !slices.Equal(counts(c), []int{60, 30, 0}) {
		t.Errorf("c: %+v", c)
	}
	m := item(t, r, "m", "")
	if m.Answered.N != 60 || !slices.Equal(counts(m), []int{60, 0, 60}) || m.Cells[0].Share != 1 {
		t.Errorf("m: %+v", m)
	}
	s := item(t, r, "s", "")
	if s.Answered.N != 100 || !slices.Equal(counts(s), []int{60, 0, 0, 0, 30, 10}) {
		t.Errorf("s: %v of %d", counts(s), s.Answered.N)
	}
	if s.Summary.Count.N != 90 || s.Summary.Mean.Value != 21.0/9 || s.Summary.TopTwo.Value != 0.3 || s.Summary.Median.Value != 1 {
		t.Errorf("s: %+v", s.Summary)
	}
	w := item(t, r, "w", "")
	if w.Answered.N != 60 || w.NotShown.N != 40 || w.NoAnswer.N != 0 {
		t.Errorf("w: %+v", w)
	}
	num := item(t, r, "n", "").Summary
	if num.Count.N != 90 || num.Min.Value != 10 || num.Max.Value != 20 || num.Median.Value != 10 || num.Mean.Value != 120.0/9 {
		t.Errorf("n: %+v", num)
	}
	if got := item(t, r, "t", ""); got.Answered.N != 10 || !slices.Equal(got.Texts, slices.Repeat([]string{"Un pulmino"}, 10)) {
		t.Errorf("t: %+v", got)
	}
	if empty := item(t, r, "d", ""); !empty.Answered.Protected || len(empty.Cells) != 0 || empty.Summary.Mean.Exists {
		t.Errorf("d: %+v", empty)
	}
}

func TestVersionsArePooled(t *testing.T) {
	t.Parallel()
	old := items()
	old.Sections[0].Items = old.Sections[0].Items[:2] // no s, w, n, d, t
	old.Sections[0].Items[0].Options = append(old.Sections[0].Items[0].Options, form.Option{Code: "gone", Text: text("Tolta")})
	old.Sections[0].Items[1].Type = form.Single // no longer comparable
	f, first := compile(t, items()), compile(t, old)
	rows := []result.Row{
		{Version: 1, Answers: form.Answers{"c": form.TextAnswer("gone"), "m": form.TextAnswer("x")}},
		{Version: 2, Answers: form.Answers{"c": form.TextAnswer("x"), "m": form.ListAnswer("x")}},
	}
	rows = slices.Repeat(rows, 10)
	r, err := result.Tabulate(f, stream(rows), result.Options{Versions: map[int]*form.Form{1: first, 2: f}})
	if err != nil {
		t.Fatal(err)
	}
	if c := item(t, r, "c", ""); !slices.Equal(counts(c), []int{10, 0, 0, 10}) || c.Answered.N != 20 {
		t.Errorf("c: %+v", c)
	}
	if m := item(t, r, "m", ""); m.Answered.N != 10 || m.NotShown.N != 10 {
		t.Errorf("m: %+v", m)
	}
}

func TestStreamErrorsSurface(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	rows := func(yield func(result.Row, error) bool) { yield(result.Row{}, broken) }
	if _, err := result.Tabulate(compile(t, items()), rows, result.Options{}); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	if err := words(t, "it").WriteAnswers(&strings.Builder{}, compile(t, items()), rows, nil); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

func TestBins(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		values []float64
		whole  bool
		want   string
	}{
		"Empty":    {nil, true, ""},
		"Few":      {[]float64{2, 4}, true, "2 3 4"},
		"One":      {[]float64{1.5}, false, "1.5"},
		"Wide":     {[]float64{0, 23, 79}, true, "0-10 10-20 20-30 30-40 40-50 50-60 60-70 70-80"},
		"Decimals": {[]float64{0.5, 4}, false, "0.5-1 1-1.5 1.5-2 2-2.5 2.5-3 3-3.5 3.5-4"},
		"Negative": {[]float64{-40, 40}, true, "-40--30 -30--20 -20--10 -10-0 0-10 10-20 20-30 30-40 40-50"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, b := range result.Bins(tc.values, tc.whole) {
				if b.Single {
					got = append(got, fmt.Sprint(b.From))
				} else {
					got = append(got, fmt.Sprintf("%v-%v", b.From, b.To))
				}
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("bins %s, want %s", s, tc.want)
			}
		})
	}
}

// Every value falls in exactly one bin, and the counts add up.
func TestBinsHoldEveryValue(t *testing.T) {
	t.Parallel()
	f := compile(t, items())
	rapid.Check(t, func(t *rapid.T) {
		code, decimals := "n", 1.0
		if rapid.Bool().Draw(t, "decimals") {
			code, decimals = "d", 10
		}
		var rows []result.Row
		for range rapid.IntRange(10, 60).Draw(t, "rows") {
			v := float64(rapid.IntRange(-5000, 5000).Draw(t, "v")) / decimals
			rows = append(rows, result.Row{Answers: form.Answers{code: form.NumberAnswer(v)}})
		}
		r, err := result.Tabulate(f, stream(rows), result.Options{})
		if err != nil {
			t.Fatal(err)
		}
		i, _ := r.Item(code, "")
		sum := 0
		for n, c := range i.Cells {
			sum += c.Count.N
			if n > 0 && c.Bin.From != i.Cells[n-1].Bin.To {
				t.Fatalf("gap before %v", c.Bin)
			}
			inside := 0
			for _, row := range rows {
				v := *row.Answers[code].Number
				if v >= c.Bin.From && (v < c.Bin.To || (c.Bin.Last && v <= c.Bin.To)) {
					inside++
				}
			}
			if inside != c.Count.N {
				t.Fatalf("bin %+v counts %d, holds %d", c.Bin, c.Count.N, inside)
			}
		}
		if sum != len(rows) || len(i.Cells) > 12 {
			t.Fatalf("%d of %d in %d bins", sum, len(rows), len(i.Cells))
		}
	})
}

func TestMinimumCell(t *testing.T) {
	t.Parallel()
	a := func(option string) form.Answers {
		return form.Answers{"c": form.TextAnswer(option), "t": form.TextAnswer("testo"), "n": form.NumberAnswer(3)}
	}
	rows := slices.Concat(
		repeat(40, "siena", a("x")), repeat(30, "siena", a("y")), repeat(4, "siena", a("z")),
		repeat(25, "chiusi", a("x")), repeat(20, "chiusi", a("y")), repeat(15, "chiusi", a("z")),
		repeat(12, "pienza", a("x")), repeat(11, "pienza", a("y")), repeat(10, "pienza", a("z")),
		repeat(9, "trequanda", a("x")),
	)
	r := tabulate(t, rows, result.Options{Names: map[string]string{"siena": "Siena"}})
	if s := item(t, r, "c", "siena"); s.Cells[0].Count.Protected || !s.Cells[2].Count.Protected || !s.Cells[1].Count.Protected {
		t.Errorf("siena: %+v; z is under ten, and y alone would give it away", s.Cells)
	}
	small := item(t, r, "c", "trequanda")
	if !small.Answered.Protected || !small.Cells[0].Count.Protected || small.Answered.N != 0 || small.Cells[0].Count.N != 0 {
		t.Errorf("trequanda: %+v", small)
	}
	if got := item(t, r, "t", "trequanda"); len(got.Texts) != 0 {
		t.Errorf("trequanda shows %d texts", len(got.Texts))
	}
	if got := item(t, r, "n", "trequanda"); !got.Summary.Mean.Protected || got.Summary.Mean.Value != 0 {
		t.Errorf("trequanda shows a mean: %+v", got.Summary)
	}
	if got := item(t, r, "n", "siena"); got.Summary.Mean.Protected || !got.Summary.Max.Protected {
		t.Errorf("siena: the mean is of 74 people, the highest value of one: %+v", got.Summary)
	}
	// Trequanda alone could be had by subtraction from the total.
	hidden := 0
	for _, i := range r.ByStratum("c") {
		if i.Answered.Protected {
			hidden++
		}
	}
	if hidden < 2 {
		t.Errorf("%d strata hidden", hidden)
	}
	if all := item(t, r, "c", ""); all.Protected() || all.Answered.N != 176 {
		t.Errorf("all: %+v", all)
	}
	if low := tabulate(t, rows, result.Options{MinCell: 1}); low.MinCell() != 3 {
		t.Errorf("minimum cell %d", low.MinCell())
	}
}

// Nothing under the minimum is ever shown, and no line of a published sum
// hides a single count, or counts that together are under the minimum.
func TestNothingIsRecoveredBySubtraction(t *testing.T) {
	t.Parallel()
	f := compile(t, items())
	w := words(t, "it")
	rapid.Check(t, func(t *rapid.T) {
		var rows []result.Row
		truth := map[string]map[string]int{}
		for _, stratum := range []string{"a", "b", "c", "d"} {
			truth[stratum] = map[string]int{}
			for _, option := range []string{"x", "y", "z"} {
				n := rapid.IntRange(0, 30).Draw(t, stratum+option)
				truth[stratum][option] = n
				rows = append(rows, repeat(n, stratum, form.Answers{"c": form.TextAnswer(option)})...)
			}
		}
		// Those of no known stratum are shown nowhere: who subtracts has them.
		rest := map[string]int{}
		for _, option := range []string{"x", "y", "z"} {
			rest[option] = rapid.IntRange(0, 12).Draw(t, "rest"+option)
			rows = append(rows, repeat(rest[option], "", form.Answers{"c": form.TextAnswer(option)})...)
		}
		somewhere := rest["x"]+rest["y"]+rest["z"] > 0
		r, err := result.Tabulate(f, stream(rows), result.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, _ := r.Item("c", "")
		if all.Protected() {
			if r.Total() >= 10 {
				t.Fatalf("%d answered: %+v", r.Total(), all)
			}
			return
		}
		strata := r.ByStratum("c")
		check := func(name string, hidden, sum, lines int) {
			if lines > 1 && hidden > 0 && hidden < lines && (hidden == 1 || sum < 10) {
				t.Fatalf("%s: %d hidden, together %d", name, hidden, sum)
			}
		}
		for n, cell := range all.Cells {
			hidden, sum := 0, 0
			for _, s := range strata {
				count := s.Cells[n].Count
				if real := truth[s.Stratum.Code][cell.Code]; count.Protected {
					hidden++
					sum += real
				} else if real < 10 || count.N != real {
					t.Fatalf("%s %s shows %d of %d", s.Stratum.Code, cell.Code, count.N, real)
				}
			}
			lines := len(strata)
			if somewhere && (hidden > 0 || rest[cell.Code] < 10) {
				hidden, sum, lines = hidden+1, sum+rest[cell.Code], lines+1
			}
			check(cell.Code, hidden, sum, lines)
		}
		for _, s := range strata {
			hidden, sum := 0, 0
			for _, c := range s.Cells {
				if c.Count.Protected {
					hidden++
					sum += truth[s.Stratum.Code][c.Code]
				}
			}
			if !s.Answered.Protected {
				check(s.Stratum.Code, hidden, sum, len(s.Cells))
			}
		}
		shown := w.StratumTable(all, strata)
		if len(shown.Rows) != len(strata) || len(shown.Foot) != 1 {
			t.Fatalf("table %+v", shown)
		}
	})
}

// prototype is question 15 of the page prototypes.
func prototype() (form.Definition, []result.Row) {
	names := []string{
		"Trasporti e mobilità", "Sanità e sociale di prossimità", "Progetti e fondi europei", "Rifiuti ed energia",
		"Turismo e cultura", "Polizia locale, protezione civile", "Uffici tecnici e urbanistica",
	}
	people := []int{612, 547, 398, 301, 276, 143, 121}
	q := form.Item{Code: "q15", Type: form.Multiple, Text: text("Servizi che i Comuni dovrebbero gestire insieme")}
	rows := make([]result.Row, 1046)
	for n, name := range names {
		code := "o" + fmt.Sprint(n)
		q.Options = append(q.Options, form.Option{Code: code, Text: text(name)})
		for k := range people[n] {
			// A stride that is prime to 1046 spreads the choices over everybody.
			row := &rows[(k*7+n*131)%1046]
			a := row.Answers["q15"]
			row.Answers = form.Answers{"q15": form.ListAnswer(append(a.List, code)...)}
		}
	}
	for n := range rows {
		if rows[n].Answers["q15"].Blank() {
			rows[n].Answers = form.Answers{"q15": form.ListAnswer("other")}
		}
	}
	return form.Definition{Title: text("P"), Sections: []form.Section{{Code: "a", Title: text("A"), Items: []form.Item{q}}}}, rows
}

func TestNumbersAgreeInChartTableAndCSV(t *testing.T) {
	t.Parallel()
	d, rows := prototype()
	r, err := result.Tabulate(compile(t, d), stream(rows), result.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := words(t, "it")
	i := item(t, r, "q15", "")
	table, chart := w.Table(i), w.Chart("q15", i)
	want := []string{"58,5", "52,3", "38,0", "28,8", "26,4", "13,7", "11,6"}
	if table.Caption != "Gli stessi numeri, su 1.046 persone" || len(table.Rows) != len(want) || len(chart.Bars) != len(want) {
		t.Fatalf("caption %q, %d rows, %d bars", table.Caption, len(table.Rows), len(chart.Bars))
	}
	var file strings.Builder
	if err := result.WriteTables(&file, table, w.Summary(i)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(file.String(), "\ufeff") {
		t.Error("no byte order mark")
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), "\ufeff")))
	reader.Comma, reader.FieldsPerRecord = ';', -1
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for n, share := range want {
		row := table.Rows[n]
		if row.Values[1].Text != share || chart.Bars[n].Text != share+"\u00a0%" {
			t.Errorf("row %d: table %q, chart %q, want %q", n, row.Values[1].Text, chart.Bars[n].Text, share)
		}
		if got := lines[n+2]; !slices.Equal(got, []string{row.Label, row.Values[0].Text, share}) {
			t.Errorf("row %d: CSV %v", n, got)
		}
		if row.Values[0].Text != fmt.Sprint(chart.Bars[n].Count) {
			t.Errorf("row %d: table %q, chart %d", n, row.Values[0].Text, chart.Bars[n].Count)
		}
		if strong := n < 2; chart.Bars[n].Strong != strong {
			t.Errorf("row %d: strong = %v", n, chart.Bars[n].Strong)
		}
	}
	if !strings.Contains(chart.Desc, "Trasporti e mobilità 58,5\u00a0%") || !strings.Contains(chart.Desc, "1.046") {
		t.Errorf("description %q", chart.Desc)
	}
	if en := words(t, "en").Chart("q15", i); en.Bars[0].Text != "58.5%" {
		t.Errorf("English %q", en.Bars[0].Text)
	}
}

func TestProtectedReadsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	rows := slices.Concat(repeat(5, "a", form.Answers{"c": form.TextAnswer("x"), "s": form.NumberAnswer(2)}),
		repeat(50, "b", form.Answers{"c": form.TextAnswer("x")}), repeat(40, "c", form.Answers{"c": form.TextAnswer("y")}))
	r := tabulate(t, rows, result.Options{})
	w := words(t, "it")
	i := item(t, r, "c", "a")
	for _, row := range w.Table(i).Rows {
		if row.Values[0].Text != "protetto" || row.Values[1].Text != "protetto" || !row.Values[0].Protected {
			t.Errorf("table: %+v", row)
		}
	}
	chart := w.Chart("c", i)
	if len(chart.Bars) != 3 {
		t.Fatalf("%d bars", len(chart.Bars))
	}
	for _, bar := range chart.Bars {
		if !bar.Protected || bar.Text != "protetto" || bar.Strong {
			t.Errorf("chart: %+v", bar)
		}
	}
	for _, table := range []result.Table{w.Summary(i), w.Summary(item(t, r, "s", "a")), w.StratumTable(item(t, r, "c", ""), r.ByStratum("c"))} {
		if len(table.Rows) == 0 || !table.Rows[0].Values[0].Protected {
			t.Errorf("summary: %+v", table.Rows)
		}
	}
}

func TestRawAnswers(t *testing.T) {
	t.Parallel()
	rows := []result.Row{
		{Stratum: "siena", Answers: form.Answers{
			"c": form.TextAnswer("y"), "m": form.ListAnswer("x", "z"), "s": form.UnsureAnswer(), "n": form.NumberAnswer(-3),
			"d": form.NumberAnswer(2.5), "t": form.TextAnswer("=HYPERLINK(\"http://example.org\"); \"due\"\nrighe"),
		}},
		{Answers: form.Answers{"s": form.NumberAnswer(4), "t": form.TextAnswer("@nota")}},
	}
	var file strings.Builder
	if err := words(t, "it").WriteAnswers(&file, compile(t, items()), stream(rows), rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), "\ufeff")))
	reader.Comma = ';'
	lines, err := reader.ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	slices.SortFunc(lines[1:], func(a, b []string) int { return strings.Compare(b[0], a[0]) })
	want := [][]string{
		{"c: Domanda c", "m: Domanda m: Opzione x", "m: Domanda m: Opzione y", "m: Domanda m: Opzione z", "s: Domanda s", "w: Domanda w", "n: Domanda n", "d: Domanda d", "t: Domanda t"},
		{"Opzione y", "1", "0", "1", "Non saprei", "", "-3", "2,5", "'=HYPERLINK(\"http://example.org\"); \"due\"\nrighe"},
		{"", "", "", "", "4", "", "", "", "'@nota"},
	}
	for n := range want {
		if !slices.Equal(lines[n], want[n]) {
			t.Errorf("line %d: %q, want %q", n, lines[n], want[n])
		}
	}
	if strings.Contains(file.String(), "siena") {
		t.Error("the stratum is in the raw answers")
	}
}

// The order of raw answers must not follow the order of the stream.
func TestRawAnswersAreShuffled(t *testing.T) {
	t.Parallel()
	var rows []result.Row
	for n := range 200 {
		rows = append(rows, result.Row{Answers: form.Answers{"n": form.NumberAnswer(float64(n))}})
	}
	var file strings.Builder
	if err := words(t, "it").WriteAnswers(&file, compile(t, items()), stream(rows), rand.New(rand.NewPCG(3, 4))); err != nil {
		t.Fatal(err)
	}
	inOrder := 0
	for n, line := range strings.Split(file.String(), "\r\n")[1:] {
		if strings.Contains(line, fmt.Sprintf(";%d;", n)) {
			inOrder++
		}
	}
	if inOrder > 20 {
		t.Errorf("%d of 200 stayed in place", inOrder)
	}
}

func BenchmarkTabulate(b *testing.B) {
	f := compile(b, items())
	a := form.Answers{"c": form.TextAnswer("x"), "m": form.ListAnswer("x"), "s": form.NumberAnswer(2), "w": form.TextAnswer("y"), "n": form.NumberAnswer(3)}
	rows := repeat(1000, "siena", a)
	for b.Loop() {
		if _, err := result.Tabulate(f, stream(rows), result.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// What fewer than ten people answered is not shown, of everybody neither: not
// in the chart, not in a table, not as CSV.
func TestFewAnswersShowNothing(t *testing.T) {
	t.Parallel()
	w := words(t, "it")
	a := form.Answers{
		"c": form.TextAnswer("x"), "m": form.ListAnswer("x"), "s": form.NumberAnswer(4), "n": form.NumberAnswer(737),
		"t": form.TextAnswer("Abito in via Roma"),
	}
	for _, n := range []int{1, 9} {
		r := tabulate(t, slices.Concat(repeat(n, "a", a), repeat(30, "b", form.Answers{})), result.Options{})
		if r.Few() {
			t.Error("39 are few")
		}
		for _, code := range []string{"c", "m", "s", "n", "t"} {
			i := item(t, r, code, "")
			if !i.Answered.Protected || len(i.Texts) > 0 {
				t.Errorf("%d, %s: %+v", n, code, i)
			}
			chart := w.Chart(code, i)
			for _, bar := range chart.Bars {
				if !bar.Protected || bar.Share != 0 || bar.Count != 0 || bar.Strong {
					t.Errorf("%d, %s: bar %+v", n, code, bar)
				}
			}
			var csv strings.Builder
			if err := result.WriteTables(&csv, w.Table(i), w.Summary(i), w.StratumTable(i, r.ByStratum(code))); err != nil {
				t.Fatal(err)
			}
			for _, said := range []string{"100", "737", "via Roma", ";" + fmt.Sprint(n) + "\r", ";" + fmt.Sprint(n) + ";"} {
				if strings.Contains(csv.String()+chart.Desc, said) {
					t.Errorf("%d, %s: says %q:\n%s%s", n, code, said, csv.String(), chart.Desc)
				}
			}
		}
	}
	if r := tabulate(t, repeat(9, "a", a), result.Options{}); !r.Few() {
		t.Error("nine are enough")
	}
}
