package scenario_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse/scenario"
)

func template(t *testing.T) *definition.Compiled {
	t.Helper()
	file := filepath.Join("..", "..", "..", "fixtures", "templates", "area-path.yaml")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	def, problems := definition.Check(file, source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	return def
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, problems := scenario.Parse("s.yaml", []byte(`
seed: 20260324001
advance: {analysis: nobody, report: people}
terms: {preparation: 90d, analysis: 150}
rates: {default: 0.1, old: "0,45"}
choose: {exploration: analyse}
hold: [{from: 2026-08-01, until: 2026-08-31, reason: Ferie}]
worker_down: [{from: 2026-05-20, days: 3}]
extend: [{state: exploration, days: 10, exception: true, act: delibera-1}]
`), template(t), []scenario.Stratum{{Name: "old", People: 3}})
	if problems != nil {
		t.Fatal(problems)
	}
	august := func(day int) civil.Date { return civil.Date{Year: 2026, Month: 8, Day: day} }
	want := scenario.Scenario{
		Seed: 20260324001, NobodyIn: []string{"analysis"}, Terms: map[string]int{"preparation": 90, "analysis": 150},
		Rate: 0.1, Rates: map[string]float64{"old": 0.45}, Choose: map[string]string{"exploration": "analyse"},
		Holds:      []scenario.Hold{{From: august(1), Until: august(31), Reason: "Ferie"}},
		WorkerDown: []scenario.Outage{{From: civil.Date{Year: 2026, Month: 5, Day: 20}, Days: 3}},
		Extensions: []scenario.Extension{{State: "exploration", Days: 10, Exception: true, Act: "delibera-1"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Every slip is a problem with its line, and none hides the next.
func TestParseProblems(t *testing.T) {
	t.Parallel()
	source := `advance: noone
terms: {bogus: 3d, analysis: 400x}
dates: {call-start: 2026-04-01}
rates: {young: 2, nobodies: 0.1}
choose: {exploration: launch}
hold: [{from: 2026-08-20, until: 2026-08-01}, {from: 2026-08-20, until: 2999-08-01}]
worker_down: [{from: 2026-05-20}]
extend: [{days: 3}]
seeds: 1
seed: -1
`
	_, problems := scenario.Parse("s.yaml", []byte(source), template(t), []scenario.Stratum{{Name: "young", People: 3}})
	var got strings.Builder
	for _, p := range problems.In("it") {
		got.WriteString(p.String() + "\n")
	}
	for _, want := range []string{
		`s.yaml:1: scenario: advance: parola sconosciuta "noone"`, `s.yaml:2: scenario: terms: parola sconosciuta "bogus"`,
		`s.yaml:2: scenario: terms: analysis: "400x" non è un numero di giorni`, `s.yaml:3: scenario: dates: parola sconosciuta "call-start"`,
		`s.yaml:4: scenario: rates: young: "2" non è una quota`, `s.yaml:4: scenario: rates: parola sconosciuta "nobodies"`,
		`s.yaml:5: scenario: choose: exploration: parola sconosciuta "launch"`, "s.yaml:6: scenario: hold: scrivi `from` e `until`",
		"s.yaml:6: scenario: hold: una sospensione dura al massimo un anno",
		"s.yaml:7: scenario: worker_down: scrivi `from` e `days`", "s.yaml:8: scenario: extend: scrivi `state` e `days`",
		"s.yaml:10: scenario: seed deve essere un numero intero",
		`s.yaml:9: scenario: chiave sconosciuta "seeds" (volevi scrivere "seed"?)`,
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(got.String())
	}
}

// A date falls on a day that the definition allows.
func TestParseDates(t *testing.T) {
	t.Parallel()
	def := *template(t)
	day, err := civil.ParseMonthDay("05-31")
	if err != nil {
		t.Fatal(err)
	}
	def.Dates = []definition.Date{{Code: "call", Days: civil.MonthDays{day}}}
	if s, problems := scenario.Parse("s.yaml", []byte("dates: {call: 2027-05-31}"), &def, nil); problems != nil || s.Dates["call"].Day != 31 {
		t.Errorf("%+v, %v", s.Dates, problems)
	}
	_, problems := scenario.Parse("s.yaml", []byte("dates: {call: 2027-02-20}"), &def, nil)
	if got, want := problems.In("it").Error(), "s.yaml:1: scenario: dates: call: 2027-02-20 non è fra i giorni in cui può cadere: 05-31"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParsePopulation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source string
		want   []scenario.Stratum
		bad    []string
	}{
		"two columns":     {"stratum,people\nSiena,300\nChiusi,20\n", []scenario.Stratum{{Name: "Siena", People: 300}, {Name: "Chiusi", People: 20}}, nil},
		"rates":           {"\ufeffstratum;people;rate\r\n\"18-34\";300;0,15\r\n65+;100;\r\n", []scenario.Stratum{{Name: "18-34", People: 300, Rate: 0.15}, {Name: "65+", People: 100}}, nil},
		"empty":           {"", nil, []string{"p.csv:1: the population must begin"}},
		"no strata":       {"stratum,people\n", nil, []string{"p.csv:1: the population has no stratum"}},
		"another header":  {"nome,persone\nSiena,3\n", nil, []string{"p.csv:1: the population must begin"}},
		"one column":      {"comune\nSiena\n", nil, []string{"p.csv:1: the population must begin"}},
		"twice, too many": {"stratum,people\na,1\na,200001\n,x\nb\n", nil, []string{`p.csv:3: the stratum "a" is written twice`, "p.csv:3: people must be", "p.csv:4: the stratum has no name", "p.csv:4: people must be", "p.csv:5: the line has 1 columns"}},
		"bad quotes":      {"stratum,people\n\"a,1\n", nil, []string{"the line is not valid CSV"}},
		"bad rate":        {"stratum,people,rate\na,1,NaN\n", nil, []string{`p.csv:2: rate: "NaN" is no share`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problems := scenario.ParsePopulation("p.csv", []byte(c.source))
			if c.bad == nil && (problems != nil || !reflect.DeepEqual(got, c.want)) {
				t.Errorf("%+v, %v", got, problems)
			}
			if c.bad != nil && len(problems) != len(c.bad) {
				t.Errorf("%d problems:\n%s", len(problems), problems.Error())
			}
			for _, want := range c.bad {
				if !strings.Contains(problems.Error(), want) {
					t.Errorf("missing %q in\n%s", want, problems.Error())
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("seed: 1\nhold: [{from: 2026-08-01, until: 2026-08-31}]\n"), []byte("stratum,people\na,3\n"))
	f.Fuzz(func(_ *testing.T, one, two []byte) {
		scenario.Parse("s.yaml", one, nil, nil)
		scenario.ParsePopulation("p.csv", two)
	})
}
