package questionnaire_test

import (
	"strings"
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
	return asked(t, ending)
}

// asked is a questionnaire, open, of a path: it ends with the first phase, or on
// 20 March where that has no end.
func asked(t *testing.T, path string) (*world, time.Time) {
	t.Helper()
	base := worldtest.Build(t, worldtest.Config{Template: "ending", Path: path, Kinds: []process.Kind{questionnaire.Kind{}}})
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
	if inst.DueAt.IsZero() {
		last = "2026-03-20"
	}
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

// A process that ends closes its questionnaire, tells those who had not answered
// and leaves its results to be published.
func TestTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	w.Must(w.Advance(process.Activity{}, "end", ""))
	if got := w.State(w.activity); got != "closing" || w.Notices(w.activity, "closed-early") != 1 {
		t.Errorf("%s, %d notices", got, w.Notices(w.activity, "closed-early"))
	}
	w.At(w.Clock.Time().Add(11 * time.Minute))
	if got := w.State(w.activity); got != "closed" {
		t.Errorf("it is %s after the grace", got)
	}
	err := w.service.PublishResults(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, questionnaire.Publication{Title: "Esiti", Body: "Che cosa è emerso"})
	w.Must(err)
}

// One that an ended process left open may still be closed or cancelled, and
// nothing else.
func TestLeftOpenByTheEnd(t *testing.T) {
	t.Parallel()
	for _, transition := range []string{"close-early", "cancel"} {
		t.Run(transition, func(t *testing.T) {
			t.Parallel()
			w := open(t, 2)
			w.Exec(`UPDATE workflow_instance SET state = 'over', due_at = NULL WHERE process_id = ? AND activity_id = 0`, w.Process.ID)
			for _, err := range []error{
				w.Advance(process.Activity{}, "end", ""),
				func() error {
					_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{Activity: w.activity.ID, End: end.AddDate(0, 0, 3), Reason: "Pochi"})
					return err
				}(),
				func() error {
					_, err := w.roster.Invite(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
					return err
				}(),
			} {
				if e, ok := fault.As(err); !ok || e.Key != "policy.ended" {
					t.Errorf("got %v", err)
				}
			}
			w.Must(w.Advance(w.activity, transition, "Il percorso è finito"))
		})
	}
}

// What counts from a questionnaire counts from its closing, also an early one, and
// anew from the next closing when it was taken up again.
func TestCountsFromTheClosing(t *testing.T) {
	t.Parallel()
	path := strings.NewReplacer(
		"term: {length: 20d}, at_end: {event: end}", "activities: [{kind: questionnaire}]",
		"  over: {", "  reading: {title: {it: Lettura, en: Reading}, term: {length: 7d, from: \"activity:questionnaire\"}}\n  over: {",
		", on_enter: [{close: {kind: questionnaire}}]", "",
		"to: over, by: [promoter, timer]", "to: reading, by: [promoter]",
	).Replace(ending) + "  - {id: print, event: print, from: [reading], to: over, by: [promoter], title: {it: Pubblica, en: Publish}}\n"
	w, _ := asked(t, path)
	due := func(want string) {
		t.Helper()
		i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		if got := i.DueAt.In(w.Process.Location()).Format(time.DateOnly); i.State != "reading" || got != want {
			t.Errorf("%s ends %s, want %s; the questionnaire is %s", i.State, got, want, w.State(w.activity))
		}
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "end"})
	w.Must(err)
	due("2026-03-28") // it closes on the 20th
	w.At(time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC))
	w.Must(w.Advance(w.activity, "close-early", "Abbastanza risposte"))
	due("2026-03-18")
	w.At(time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC))
	if w.State(w.activity) != "closed" {
		t.Errorf("it is %s", w.State(w.activity))
	}
	due("2026-03-18")
	_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Activity: w.activity.ID, Transition: "reopen", Reason: "Manca un quartiere", End: time.Date(2026, 3, 22, 23, 0, 0, 0, time.UTC)})
	w.Must(err)
	due("2026-03-30")
	w.Must(w.Advance(w.activity, "close-early", "Basta così"))
	due("2026-03-20")
}

// later is a path whose second phase asks; the first may last longer, or end early.
const later = `
workflow: ending
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: preparing
states:
  preparing: {title: {it: Preparazione, en: Preparation}, term: {length: 20d, max: 60d}, allows: [edit, extend]}
  asking: {title: {it: Ascolto, en: Listening}, term: {length: 20d}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: ask, event: ask, from: [preparing], to: asking, by: [promoter], title: {it: Ascolta, en: Listen}}
  - {id: end, event: end, from: [asking], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// The latest end counts from when the phase comes to begin, not from the day that
// was planned once.
func TestLatestEndFollowsThePhase(t *testing.T) {
	t.Parallel()
	base := worldtest.Build(t, worldtest.Config{Template: "ending", Path: later, Kinds: []process.Kind{questionnaire.Kind{}}})
	base.Settle("marta@comune.example.org", "Marta Bindi")
	w := &world{World: &meetingtest.World{World: base}, service: questionnaire.New(base.Core)}
	w.Publish()
	w.activity = w.NewActivity("questionnaire", "asking", "Prova")
	latest := func(when string, begins time.Time) {
		t.Helper()
		last := begins.In(w.Process.Location()).AddDate(0, 0, 59) // its last whole day
		set := func(day time.Time) error {
			return w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, day.Format(time.DateOnly))
		}
		w.Must(set(last))
		if err := set(last.AddDate(0, 0, 1)); err == nil {
			t.Errorf("%s: an end after %s was taken", when, last)
		}
	}
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	latest("as planned", inst.DueAt)
	longer := inst.DueAt.In(w.Process.Location()).AddDate(0, 0, 10)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: longer, Reason: "Serve tempo"})
	w.Must(err)
	latest("extended", longer)
	_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "ask"})
	w.Must(err)
	latest("early", w.Clock.Time().AddDate(0, 0, 1)) // whole days count from tomorrow
}
