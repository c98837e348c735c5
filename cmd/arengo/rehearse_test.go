package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arengo/workflow/rehearse"
)

// TestRehearseCommand holds what scripts rely on: exit codes, one JSON object,
// problems as file:line: message.
func TestRehearseCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := filepath.Join("..", "..", "fixtures", "templates", "questionnaire-kit.yaml")
	area := filepath.Join("..", "..", "fixtures", "templates", "area-path.yaml")
	kind := filepath.Join("..", "..", "process", "webinar", "workflow.yaml")
	people := write("people.csv", "stratum,people,rate\nSiena,300,0.5\nChiusi,40,0.2\n")
	slow := write("slow.yaml", "advance: nobody\n")
	far := write("far.yaml", "terms: {exploration: 3650d, analysis: 3650d}\n")
	rates := write("rates.yaml", "seed: 4\nrates: {Siena: 0.1}\n")
	faulty := write("faulty.yaml", `workflow: faulty
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
calendar: italy
roles: [promoter, facilitator]
initial: a
states:
  a: {title: {it: A, en: A}, term: {length: 30d}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - id: az
    event: close
    from: [a]
    requires: [{code: x, guard: "term.elapsed_days == 3 || [true][1]", explain: {it: No, en: No}}]
    to: z
    by: [promoter]
`)
	bad := write("bad.yaml", "seed: 4\nrates: {Pisa: 0.1}\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		errs string // a part of it
		out  string
	}{
		{"to the end", []string{good, "--start", "2026-03-24"}, 0, "", "It comes to its end: “Closed”"},
		{"flags before", []string{"--start", "2026-03-24", "--lang", "it", good}, 0, "", "Arriva alla fine: “Concluso”"},
		{"population, scenario", []string{good, "--start", "2026-03-24", "--population", people, "--scenario", rates}, 0, "", "with 340 people; seed 4"},
		{"seed", []string{good, "--start", "2026-03-24", "--scenario", rates, "--seed", "9"}, 0, "", "seed 9"},
		{"no end", []string{good, "--start", "2026-03-24", "--scenario", slow}, 1, good + ":1: the rehearsal does not come to an end: it stays in “Preparation”", "It does not come to an end"},
		{"unknown stratum", []string{good, "--start", "2026-03-24", "--population", people, "--scenario", bad}, 1, bad + `:2: scenario: rates: unknown word "Pisa"`, ""},
		{"bad population", []string{good, "--start", "2026-03-24", "--population", slow}, 1, slow + ":1: the population must begin", ""},
		{"bad definition", []string{slow, "--start", "2026-03-24"}, 1, slow + ":1: ", ""},
		{"an activity", []string{kind, "--start", "2026-03-24"}, 1, kind + ":1: a whole process is rehearsed, not an activity", ""},
		{"missing file", []string{"none.yaml", "--start", "2026-03-24"}, 1, "none.yaml:1: the file does not exist", ""},
		{"no start", []string{good}, 2, "usage: arengo rehearse FILE --start DATE", ""},
		{"no date", []string{good, "--start", "24/3/2026"}, 2, `arengo: --start: "24/3/2026" is no day of the calendar`, ""},
		{"no such day", []string{good, "--start", "2027-02-29"}, 2, `"2027-02-29" is no day of the calendar`, ""},
		{"a guard that fails", []string{faulty, "--start", "2026-03-24", "--lang", "it", "--json"}, 1, faulty + ":15: Il requisito “x” non si può verificare e ferma il percorso: l’elenco non ha la voce 1.", `"code":"guard-fails"`},
		{"twenty years", []string{area, "--start", "2026-03-24", "--scenario", far}, 1, "arengo: That is more than 10 years ahead", ""},
		{"no file", []string{"--start", "2026-03-24"}, 2, "usage:", ""},
		{"two files", []string{good, kind, "--start", "2026-03-24"}, 2, "usage:", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := rehearseCommand(t.Context(), c.args, &out, &errs); code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, errs.String())
			}
			if !strings.Contains(errs.String(), c.errs) || c.errs == "" && errs.Len() > 0 {
				t.Errorf("errors %q, want %q", errs.String(), c.errs)
			}
			if !strings.Contains(out.String(), c.out) {
				t.Errorf("%q is missing in\n%s", c.out, out.String())
			}
		})
	}
}

// One JSON object, the same for the same seed, with the subjects of the real
// messages.
func TestRehearseJSON(t *testing.T) {
	t.Parallel()
	play := func() string {
		var out, errs bytes.Buffer
		args := []string{filepath.Join("..", "..", "fixtures", "templates", "tuscany-debate.yaml"), "--start", "2026-03-24", "--seed", "3", "--lang", "it", "--json"}
		if code := rehearseCommand(t.Context(), args, &out, &errs); code != 0 || errs.Len() > 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		return out.String()
	}
	first := play()
	var r rehearse.Report
	if err := json.Unmarshal([]byte(first), &r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Un’opera da esaminare: Dibattito pubblico regionale, Toscana", "Comincia una nuova fase: Dibattito pubblico", "Da fare: Consegna la relazione all’Autorità"} {
		found := false
		for _, m := range r.Messages {
			found = found || m.Subject == want
		}
		if !found {
			t.Errorf("no message %q", want)
		}
	}
	if again := play(); again != first {
		t.Error("the same seed gives another report")
	}
}
