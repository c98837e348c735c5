package process_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"testing"

	"arengo/process"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/guard"
)

// everywhere ends once half of the invited have answered in each territory.
const everywhere = `
workflow: everywhere
version: 1
title: {it: Ovunque, en: Everywhere}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: running
states:
  running: {title: {it: In corso, en: Running}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - id: end
    event: end
    from: [running]
    to: over
    by: [promoter]
    requires:
      - {code: everywhere, guard: 'activities.all(a, a.rates.all(place, a.rates[place] >= 0.5))', fix: invitations, explain: {it: Mancano risposte, en: Answers are missing}}
`

// invite adds an invitation from a territory ("" is none) that was answered or not.
func invite(w *worldtest.World, a process.Activity, email, territory string, answered bool) {
	w.T.Helper()
	w.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, territory_id, created_at, answered_at)
		SELECT ?0, ?1, ?2, (SELECT id FROM territory WHERE code = ?3), ?4, CASE WHEN ?5 THEN ?4::timestamptz END`,
		a.ProcessID, a.ID, w.Person(email), territory, w.Start, answered)
}

// A guard may ask for the answers of each territory; who asks for nothing of the
// kind has none of it in the log.
func TestRatesByStratum(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "everywhere", Path: everywhere, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	a := w.NewActivity("webinar", "running", "Uno")
	w.NewActivity("webinar", "running", "Due") // invites nobody
	for _, code := range []string{"052032", "052033"} {
		w.Exec(`INSERT INTO territory (scheme, code, kind, name) VALUES ('istat', ?0, 'municipality', ?0)`, code)
	}
	invite(w, a, "a1@example.org", "052032", true)
	invite(w, a, "a2@example.org", "052032", true)
	invite(w, a, "a3@example.org", "052032", false)
	invite(w, a, "b1@example.org", "052033", false)
	invite(w, a, "c1@example.org", "", false)
	blocked := func() bool {
		t.Helper()
		options, err := w.Core.Explain(t.Context(), w.Process.ID, 0, w.Promoter)
		w.Must(err)
		return len(options) != 1 || len(options[0].Blockers) > 0
	}
	if !blocked() {
		t.Error("nobody answered in one territory, and nothing stops")
	}
	w.Exec(`UPDATE invitation SET withdrawn_at = created_at WHERE territory_id = (SELECT id FROM territory WHERE code = '052033')`)
	if blocked() {
		t.Error("a withdrawn invitation counts")
	}
	invite(w, a, "b2@example.org", "052033", true)
	w.Must(w.Advance(process.Activity{}, "end", ""))
	name := strconv.FormatInt(int64(a.ID), 10)
	for _, tt := range []struct {
		ref  workflow.Ref
		act  string
		want map[string]float64
	}{{w.Process.Ref(), "end", map[string]float64{"052032": 0.6667, "052033": 1}}, {a.Ref(), "create", nil}} {
		var raw string
		w.One(&raw, `SELECT facts FROM transition_log WHERE process_id = ? AND activity_id = ? AND transition = ?`, tt.ref.ProcessID, tt.ref.ActivityID, tt.act)
		var facts guard.Facts
		w.Must(json.Unmarshal([]byte(raw), &facts))
		if (len(facts.Activities) > 0) != (tt.want != nil) { // the log keeps what the guards of each ask for
			t.Errorf("%s: %d activities", tt.act, len(facts.Activities))
		}
		for _, f := range facts.Activities {
			if want := tt.want; f.ID == name && !maps.Equal(f.Rates, want) || f.ID != name && len(f.Rates) > 0 {
				t.Errorf("%s: rates of %s are %v, want %v", tt.act, f.ID, f.Rates, want)
			}
		}
	}
}
