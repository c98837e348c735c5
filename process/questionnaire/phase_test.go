package questionnaire_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/roster"
	"arengo/process/worldtest"
	"arengo/workflow"
)

// ending is a path whose only phase ends by itself and closes what is open.
const ending = `
workflow: ending
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: asking
states:
  asking: {title: {it: Ascolto, en: Listening}, term: {length: 20d}, at_end: {event: end}}
  over: {title: {it: Finito, en: Over}, on_enter: [{close: {kind: questionnaire}}], final: true}
transitions:
  - {id: end, event: end, from: [asking], to: over, by: [promoter, timer], title: {it: Chiudi, en: End}}
`

// withPhase is a questionnaire, open, that ends with the phase, to the instant.
func withPhase(t *testing.T) (*world, time.Time) {
	t.Helper()
	base := worldtest.Build(t, worldtest.Config{Template: "ending", Path: ending, Kinds: []process.Kind{questionnaire.Kind{}}})
	base.Settle("marta@comune.example.org", "Marta Bindi")
	w := &world{World: &meetingtest.World{World: base}, service: questionnaire.New(base.Core), roster: roster.New(base.Core)}
	w.activity = w.NewActivity("questionnaire", "asking", "Prova")
	w.people = w.People(1)
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, w.people[0], w.Start)
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	q, err := w.service.Load(t.Context(), w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition = parsed(t)
	q, err = w.service.Save(t.Context(), w.Promoter, q)
	w.Must(err)
	_, err = w.service.PublishDefinition(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
	w.Must(err)
	last := inst.DueAt.In(w.Process.Location()).Add(-time.Second).Format(time.DateOnly)
	w.Must(w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, last))
	_, err = w.roster.Invite(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	w.Must(w.Advance(w.activity, "prepare", ""))
	w.Must(w.Advance(w.activity, "open", ""))
	return w, inst.DueAt
}

// The worker comes late and finds the end of the phase before that of the
// questionnaire: it closed by itself all the same, at its own instant, and the
// grace of ten minutes is over.
func TestEndSharedWithThePhase(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(w *world) error{
		"Timer": func(w *world) error {
			var d workflow.DeadlineRef
			w.Must(w.DB.NewRaw(`SELECT process_id, id, generation FROM deadline WHERE process_id = ? AND activity_id = 0 AND action = 'event'`,
				w.Process.ID).Scan(w.T.Context(), &d.ProcessID, &d.ID, &d.Generation))
			_, err := w.Core.FireDeadline(w.T.Context(), d)
			return err
		},
		"Person": func(w *world) error {
			_, err := w.Core.Advance(w.T.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "end"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, end := withPhase(t)
			token := w.token(0)
			w.mustSave(token, "link", "work")
			w.Clock.Set(end.Add(time.Hour))
			w.Must(move(w))
			_, err := w.service.Submit(t.Context(), token)
			wantKey(t, err, fault.Closed, "answer.over")
			w.At(end.Add(time.Hour))
			if state := w.State(w.activity); state != "closed" {
				t.Errorf("the questionnaire is %s", state)
			}
			var log []struct {
				Transition  string
				ActorKind   string
				EffectiveAt time.Time
			}
			w.One(&log, `SELECT transition, actor_kind, effective_at FROM transition_log
				WHERE process_id = ? AND activity_id = ? AND transition IN ('close', 'settle', 'cut-short') ORDER BY seq`, w.Process.ID, w.activity.ID)
			want := []time.Time{end, end.Add(10 * time.Minute)}
			if len(log) != 2 {
				t.Fatalf("log: %+v", log)
			}
			for i, l := range log {
				if l.ActorKind != "timer" || !l.EffectiveAt.Equal(want[i]) || l.Transition == "cut-short" {
					t.Errorf("entry %d: %+v, want by the timer at %s", i, l, want[i])
				}
			}
			if n := w.Notices(w.activity, "closed-early"); n != 0 {
				t.Errorf("%d notices of an early close", n)
			}
		})
	}
}
