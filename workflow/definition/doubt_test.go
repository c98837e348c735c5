package definition_test

import (
	"fmt"
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

// clocked is a process of which STATE is one state and MOVES are the transitions
// out of it.
const clocked = `
workflow: clocked
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: a
states:
  a: {title: {it: A, en: A}, STATE}
  b: {title: {it: B, en: B}, term: {length: 1d}, at_end: {event: back}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: on, from: [a], to: b, by: [promoter]}
  - {id: bz, event: end, from: [b], to: z, by: [LEAVER]}
  - {id: ba, event: back, from: [b], to: a, by: [timer]}
  - {id: ak, event: kill, from: [a], to: b, by: [timer]}
`

func TestWhatWouldGoWrongLater(t *testing.T) {
	t.Parallel()
	deadline := func(code, of string) string {
		return "{code: " + code + ", title: {it: S, en: D}, " + of + ", event: kill}"
	}
	state := func(term string, deadlines ...string) string {
		return "term: {" + term + "}, deadlines: [" + strings.Join(deadlines, ", ") + "]"
	}
	together := "possono scattare nello stesso istante"
	for _, c := range []struct{ state, leaver, want string }{
		{state("length: 30d", deadline("x", "after: 25d, of: entry"), deadline("y", "before: 5d, of: end")), "promoter", "stato a: la scadenza x e la scadenza y " + together},
		{state("length: 30d", deadline("x", `after: 1d, of: "day:2026-05-01"`), deadline("y", `of: "day:2026-05-02"`)), "promoter", together},
		{state("length: 30d", deadline("x", "after: 720h, of: entry")) + ", at_end: {event: kill}", "promoter", "la scadenza x e at_end " + together},
		{state(`until: "day:2026-05-01"`, deadline("x", `of: "day:2026-05-02"`)) + ", at_end: {event: kill}", "promoter", "la scadenza x e at_end " + together},
		{state("length: 30d", deadline("x", "after: 60d, of: entry")) + ", at_end: {event: kill}", "promoter", "la scadenza x non arriva mai"},
		{"term: {length: 9d}, reminders: [{before: 24h, to: promoter}, {before: 1d, to: promoter}], at_end: {event: kill}", "promoter", "lo stesso promemoria"},
		{state("length: 30d", deadline("x", "after: 20d, of: entry")), "system", "stato a: nessuno può portarlo alla fine"},
		{"term: {length: 9d}, at_end: {event: kill}", "system", "stato a: le scadenze girano in tondo"},
		{"term: {length: 9d}, at_end: {event: kill}", "participant", "il ruolo \"participant\" non può mai farlo"},

		{state("length: 30d", deadline("x", "after: 20d, of: entry"), deadline("y", "before: 5d, of: end")), "promoter", ""},
		{state("length: 30d, max: 90d", deadline("x", "after: 60d, of: entry")) + ", at_end: {event: kill}", "facilitator", ""},
		{state("length: 30d", deadline("x", `of: "day:2026-05-02"`)) + ", at_end: {event: kill}", "promoter", ""},
	} {
		roles := "[promoter, facilitator"
		if c.leaver == "participant" {
			roles += ", participant"
		}
		source := []byte(strings.NewReplacer("STATE", c.state, "LEAVER", c.leaver, "[promoter, facilitator", roles).Replace(clocked))
		_, problems := definition.Check("c.yaml", source, nil)
		got := ""
		if len(problems) > 0 {
			got = problems.In("it").Error()
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s, left by %s: %q, want %q", c.state, c.leaver, got, c.want)
		}
		if _, problems := definition.Read("c.yaml", source, nil); problems != nil {
			t.Errorf("%s: one that is published no longer runs: %v", c.state, problems)
		}
	}
}

// TestDefinitionsKeepASize: what no page could show is refused with its reason,
// and what is stored already goes on.
func TestDefinitionsKeepASize(t *testing.T) {
	t.Parallel()
	chain := func(n int) []byte {
		var states, ways strings.Builder
		for i := range n {
			fmt.Fprintf(&states, "  s%d: {title: {it: S, en: S}}\n", i)
			fmt.Fprintf(&ways, "  - {id: t%d, event: go, from: [s%d], to: s%d, by: [promoter]}\n", i, i, i+1)
		}
		return fmt.Appendf(nil, "workflow: chain\nversion: 1\ntitle: {it: C, en: C}\ntimezone: Europe/Rome\nroles: [promoter]\ninitial: s0\nstates:\n%s  s%d: {title: {it: Z, en: Z}, final: true}\ntransitions:\n%s",
			states.String(), n, ways.String())
	}
	if _, problems := definition.Check("f.yaml", chain(59), nil); problems != nil {
		t.Error(problems)
	}
	_, problems := definition.Check("f.yaml", chain(60), nil)
	if len(problems) != 1 || problems[0].In("it").String() != "f.yaml:7: definizione: ha 61 stati, al massimo possono essere 60: lascia i passi piccoli alle attività" {
		t.Error(problems.In("it"))
	}
	if c, problems := definition.Read("f.yaml", chain(60), nil); c == nil {
		t.Error(problems)
	}
	var ways strings.Builder
	for i := range 240 {
		fmt.Fprintf(&ways, "  - {id: more%d, event: more%d, from: [s0], to: s1, by: [promoter]}\n", i, i)
	}
	if _, problems := definition.Check("f.yaml", append(chain(3), ways.String()...), nil); len(problems) != 1 || !strings.Contains(problems.Error(), "it has 243 transitions") {
		t.Error(problems)
	}
	many := strings.Replace(string(chain(3)), "en: S}}", "en: S}, activities: [{kind: webinar, count: {min: 99}}, {kind: assembly, sessions: 51}, {kind: webinar}, {kind: assembly}]}", 1)
	want := "f.yaml:8: state s0: a process asks for 100 activities at most\nf.yaml:8: state s0: an activity has 50 sessions at most"
	if _, problems := definition.Check("f.yaml", []byte(many), nil); problems.Error() != want {
		t.Error(problems)
	}
}

// What a state promises and can never do is said to who writes it; what it does
// where a promoter chooses another length is let be.
func TestWhatIsInVain(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		`term: {length: 30d, min: 30d, max: 30d, extend: {max: 10d}}, allows: [extend]`:                                                                      "la durata è già il massimo di 30d",
		`term: {length: 48h, max: 48h, extend: {max: 10h}}, allows: [extend]`:                                                                                "la durata è già il massimo di 48h",
		`term: {length: 48h}, deadlines: [{code: late, title: {it: Tardi, en: Late}, after: 20d, of: entry, notice: action-needed, to: promoter}]`:           "lo stato è già finito da solo, al massimo dopo 48h",
		`term: {length: 10d, max: 15d}, deadlines: [{code: late, title: {it: Tardi, en: Late}, after: 20d, of: entry, notice: action-needed, to: promoter}]`: "lo stato è già finito da solo, al massimo dopo 15d",
		`term: {length: 30d, min: 10d}, deadlines: [{code: soon, title: {it: Presto, en: Soon}, after: 5d, of: entry, event: close}]`:                        "lo ferma ancora il minimo di 10d",
		`term: {length: 20d, max: 30d, extend: {max: 10d}}, allows: [extend]`:                                                                                "",
		`term: {length: 30d, max: 30d, extend: {max: 10d}}, allows: [extend]`:                                                                                "",
		`term: {length: 30d, max: 30d, extend: {max: 10d, law: {article: a, source: b, confidence: R}}}, allows: [extend]`:                                   "",
		`term: {length: 10d, max: 30d}, deadlines: [{code: late, title: {it: Tardi, en: Late}, after: 20d, of: entry, notice: action-needed, to: promoter}]`: "",
		`term: {length: 10d}, deadlines: [{code: late, title: {it: Tardi, en: Late}, after: 20d, of: entry, notice: action-needed, to: promoter}]`:           "",
		`term: {length: 30d, min: 10d}, deadlines: [{code: soon, title: {it: Presto, en: Soon}, after: 15d, of: entry, event: close}]`:                       "",
	} {
		source := strings.NewReplacer("term: {length: 30d}", state, "GUARD", "true").Replace(guarded)
		_, problems := definition.Check("g.yaml", []byte(source), nil)
		got := ""
		if len(problems) > 0 {
			got = problems.In("it").Error()
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}
