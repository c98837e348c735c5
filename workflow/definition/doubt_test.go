package definition_test

import (
	"strings"
	"testing"

	"arengo/workflow/definition"
)

// guarded is a process that one guard stands in the way of.
const guarded = `
workflow: guarded
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter]
counts: [invited, answered]
initial: a
dates:
  - {code: first, title: {it: Primo giorno, en: First day}, required: true}
  - {code: second, title: {it: Secondo giorno, en: Second day}}
states:
  a: {title: {it: A, en: A}, term: {length: 30d}, at_end: {event: close}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: close, from: [a], to: z, by: [promoter, timer], requires: [{code: x, guard: 'GUARD', explain: {it: No, en: No}}]}
`

func TestGuardsThatWouldFail(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`activities[0].over`:     "non si può verificare dove non c’è ancora nulla: l’elenco non ha la voce 0",
		`1 / counts.invited > 0`: "non si può verificare dove non c’è ancora nulla: divide per zero",
		`activities.all(a, a.counts.answered / a.counts.invited >= 0)`: "dove ci sono attività ma ancora nessun partecipante: divide per zero",
		`activities.all(a, a.rates["women"] > 0.1)`:                    "non c’è un valore di nome \"women\"",
		`10 / (counts.invited - 10) > 0`:                               "dove c’è tutto: divide per zero",
		`process.dates.second < now`:                                   "non c’è un valore di nome \"second\"",
		`process.state.matches("(((")`:                                 "il modello \"(((\" non è un’espressione regolare",
		`dyn(1) == dyn(2)`:                                             "dyn() toglie il tipo",
		`activities.all(a, activities.all(b, activities.all(c, a.id == b.id || b.id == c.id)))`: "costa troppo dove le attività sono 100",

		`process.dates.first < now`:                                                             "",
		`"second" in process.dates && process.dates.second < now`:                               "",
		`activities.size() > 0 && activities[0].over`:                                           "",
		`activities.all(a, a.counts.invited == 0 || a.counts.answered / a.counts.invited >= 0)`: "",
		`activities.all(a, !("women" in a.rates) || a.rates["women"] > 0.1)`:                    "",
		`activities.all(a, activities.exists(b, a.id != b.id && a.over == b.over))`:             "",
		`process.state.matches("^[a-z]+$")`:                                                     "",
		`term.due_at - now > duration("24h")`:                                                   "",
	} {
		source := []byte(strings.Replace(guarded, "GUARD", expr, 1))
		_, problems := definition.Check("g.yaml", source, nil)
		got := ""
		if len(problems) > 0 {
			got = problems.In("it").Error()
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) || want != "" && !strings.HasPrefix(got, "g.yaml:16: transizione az: requisito x: guard: ") {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
		if _, problems := definition.Read("g.yaml", source, nil); problems != nil {
			t.Errorf("%s: one that is published no longer runs: %v", expr, problems)
		}
	}
}
