package definition_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// typos.yaml has one of nearly every slip; what is said of them stands in
// typos.en.txt and typos.it.txt.
func TestProblemsInBothLanguages(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("testdata", "typos.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, problems := definition.Check("typos.yaml", source, kinds)
	for _, locale := range definition.Locales {
		want, err := os.ReadFile(filepath.Join("testdata", "typos."+locale+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		said := problems.In(locale)
		if got := said.Error() + "\n"; got != string(want) {
			t.Errorf("%s: what is said changed:\n%s", locale, got)
		}
		for i, p := range said {
			if p.Line != problems[i].Line || p.File != problems[i].File {
				t.Errorf("%s: %v is another place than %v", locale, p, problems[i])
			}
		}
	}
	if problems.In("en").Error() != problems.Error() {
		t.Error("without a language it is not English")
	}
}

// One slip is one problem: what only follows from it is not said beside it.
func TestOneSlipOneProblem(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("testdata", "area-path.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for old, slip := range map[string]string{
		"to: analysis":             "to: analisys",
		"calendar: italy":          "calendar: france",
		"title: {it: Esplorazione": "title: Esplorazione #",
	} {
		text := strings.Replace(string(source), old, slip, 1)
		text = strings.Replace(text, "length: 45d", "length: 45wd", 1)
		_, problems := definition.Check("f.yaml", []byte(text), kinds)
		if len(problems) != 1 || text == string(source) {
			t.Errorf("%s:\n%v", slip, problems)
		}
	}
}

// inItalian fails for a problem that still says something in English.
func inItalian(t *testing.T, p definition.Problem) {
	t.Helper()
	it := p.In("it").Message
	if it == p.Message {
		t.Errorf("the same in both languages: %s", it)
	}
	for _, word := range []string{"unknown", "must be a", "must hold", "must give", "which", "already", "needs", "leads", "leaves", "transition ", "definition:", "did you", "%!"} {
		if strings.Contains(it, word) {
			t.Errorf("%q in %s", word, it)
		}
	}
}

func TestCivilCalendar(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	epiphany := civil.Date{Year: 2027, Month: time.January, Day: 6}
	for _, c := range []struct {
		name    string
		working bool
	}{{"italy", false}, {"", true}, {"of-a-stored-definition", true}} {
		def := &definition.Compiled{Definition: definition.Definition{Calendar: c.name}, Location: rome}
		cal := def.Local(zurich).Civil()
		if cal.Working(epiphany) != c.working || cal.Zone() != zurich || def.Civil().Zone() != rome {
			t.Errorf("calendar %q: Epiphany is a working day: %v, zone %s", c.name, cal.Working(epiphany), cal.Zone())
		}
	}
	patron := civil.MonthDay{Month: time.December, Day: 7} // a Monday in 2026
	def := &definition.Compiled{Definition: definition.Definition{Calendar: "italy"}, Location: rome}
	if day := (civil.Date{Year: 2026, Month: 12, Day: 7}); def.Local(rome, patron).Civil().Working(day) || !def.Civil().Working(day) {
		t.Error("the patron's day is not closed, or closed elsewhere too")
	}
	if cal := def.Local(rome, make([]civil.MonthDay, 99)...).Civil(); cal.Name() != "italy" || cal.Working(epiphany) {
		t.Error("too many closed days take the holidays away")
	}
}
