package main

import (
	"strings"
	"testing"
)

// ends are the final states of a definition: those that its last phase leads to, and
// those that cut it short.
type ends struct{ concluded, short string }

// What is shipped says by the order of its states where its path ends: a state put
// after the last phase would turn a report into an end cut short, on every page. A
// new definition takes a line here.
func TestWhichEndsAreConclusions(t *testing.T) {
	t.Parallel()
	plain := ends{"closed", "cancelled"}
	known := map[string]ends{
		"area-path":           plain,
		"assembly":            {"minuted", "cancelled"},
		"city-lab":            plain,
		"co-design-art55":     {"closed", "deserted cancelled"},
		"co-design-kit":       plain,
		"co-programming":      plain,
		"codesign":            {"concluded", "cancelled"},
		"collaboration-pact":  {"closed", "not-feasible cancelled"},
		"emilia-romagna":      plain,
		"focus-group-kit":     plain,
		"focusgroup":          {"minuted", "cancelled"}, // nobody came to the last meeting: no result
		"municipal-community": plain,
		"national-debate":     plain,
		"needs-and-offers":    plain,
		"questionnaire":       plain,
		"questionnaire-kit":   plain,
		"ticino-consultation": plain,
		"tuscany-debate":      {"closed withdrawn", "declined cancelled"}, // whoever withdraws the project answers the debate
		"tuscany-local":       {"closed", "not-admitted cancelled"},
		"webinar":             {"concluded", "cancelled"},
		"webinar-kit":         plain,
	}
	definitions, err := library(kinds())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions.Shipped() {
		var concluded, short []string
		for _, s := range d.States {
			switch {
			case d.Concludes(s.Name):
				concluded = append(concluded, s.Name)
			case s.Final:
				short = append(short, s.Name)
			}
		}
		if got := (ends{strings.Join(concluded, " "), strings.Join(short, " ")}); got != known[d.Name] {
			t.Errorf("%s ends as %+v, want %+v", d.Name, got, known[d.Name])
		}
		delete(known, d.Name)
	}
	for name := range known {
		t.Errorf("%s is no longer shipped", name)
	}
}
