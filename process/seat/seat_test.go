package seat_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/seat"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// path asks for a webinar in two phases, counts a term from one, and opens them all
// with its second phase.
const path = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert]
initial: listen
states:
  listen:
    title: {it: Ascolto, en: Listening}
    allows: [edit]
    activities: [{kind: webinar, at_exit: over}]
  work:
    title: {it: Lavoro, en: Work}
    allows: [edit]
    term: {length: 10d, from: "activity:webinar"}
    at_end: {event: tell}
    on_enter: [{open: {kind: webinar}}]
    activities: [{kind: webinar, count: {min: 2}, at_entry: ready}]
  tell: {title: {it: Restituzione, en: Report}, allows: [edit], term: {length: 10d}, on_enter: [{close: {kind: webinar}}]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: work, event: work, from: [listen], to: work, by: [promoter], title: {it: Lavora, en: Work}}
  - {id: tell, event: tell, from: [work], to: tell, by: [promoter, timer], title: {it: Racconta, en: Tell}}
  - {id: end, event: end, from: [tell], to: over, by: [promoter], title: {it: Chiudi, en: End}}
  - {id: cancel, event: cancel, from: ["*"], to: over, by: [promoter], title: {it: Annulla, en: Cancel}}
`

type world struct{ *worldtest.World }

func newWorld(t *testing.T) world {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: path, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	return world{w}
}

func (w world) move(who process.Actor, a process.Activity, to string) error {
	return seat.Do(w.T.Context(), w.Core, w.Process.ID, who, seat.Move{Activity: a.ID, From: a.Phase, To: to})
}

func (w world) look(a process.Activity, to string) seat.Preview {
	w.T.Helper()
	out, err := seat.Look(w.T.Context(), w.Core, w.Process, seat.Move{Activity: a.ID, From: a.Phase, To: to})
	w.Must(err)
	return out
}

func (w world) now(a process.Activity) process.Activity {
	w.T.Helper()
	out, err := w.Core.LoadActivity(w.T.Context(), w.DB, a.ProcessID, a.ID)
	w.Must(err)
	return out
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	if e, ok := fault.As(err); !ok || e.Key != key {
		t.Errorf("%v, want %s", err, key)
	}
}

// meets gives a webinar its day.
func (w world) meets(a process.Activity, at time.Time) {
	w.T.Helper()
	_, err := meeting.New(w.Core).Schedule(w.T.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Starts: at.Format("2006-01-02T15:04"), Ends: at.Add(time.Hour).Format("2006-01-02T15:04"), Place: "Sala",
	})
	w.Must(err)
}

// TestAMoveIsFirstShown says what is in the way of the process with the activity in
// another phase, and what that lacks, and changes nothing; then it is moved, and all
// else stands.
func TestAMoveIsFirstShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.NewActivity("webinar", "work", "Serata")
	got := w.look(a, "listen")
	if got.From.Name != "work" || got.To.Name != "listen" || len(got.Opens)+len(got.Closes) != 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Lacks) != 1 || got.Lacks[0].Missing != 2 || got.Lacks[0].Phase.In("it") != "Lavoro" {
		t.Errorf("lacks %+v", got.Lacks)
	}
	if w.now(a).Phase != "work" {
		t.Fatal("a look moved it")
	}
	notices := w.Count(`SELECT count(*) FROM notice`)
	w.Must(w.move(w.Promoter, a, "listen"))
	w.Must(w.move(w.Promoter, a, "listen")) // a second click, by the old form
	is := w.now(a)
	if is.Phase != "listen" || is.State != a.State || is.StateRevision != a.StateRevision {
		t.Errorf("%+v", is)
	}
	if n := w.Count(`SELECT count(*) FROM notice`); n != notices {
		t.Errorf("%d people were told", n-notices)
	}
	refused(t, w.move(w.Promoter, a, "tell"), "form.stale") // somebody moved it first

	log, err := w.Core.Engine().Brief(t.Context(), w.DB, int64(w.Process.ID))
	w.Must(err)
	var noted []workflow.PhaseChange
	for _, e := range log {
		if c := workflow.PhaseChangeOf(e); c.To != "" && e.ActivityID == int64(a.ID) && e.Office == process.RolePromoter && e.From == a.State && e.To == a.State {
			noted = append(noted, c)
		}
	}
	if !slices.Equal(noted, []workflow.PhaseChange{{From: "work", To: "listen"}}) {
		t.Errorf("the log notes %v", noted)
	}
	w.Must(w.Core.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return history.Verify(ctx, history.In(tx), int64(w.Process.ID))
	}))
}

// TestConditionsOfMovesAreNamed: what a phase asks for stands against the move that
// leaves it, or leads to it, and falls away, once its activities sit there.
func TestConditionsOfMovesAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	concluded, one, two := w.NewActivity("webinar", "listen", "Prima"), w.NewActivity("webinar", "work", "Seconda"), w.NewActivity("webinar", "listen", "Terza")
	w.Exec(`UPDATE workflow_instance SET state = 'concluded' WHERE activity_id = ?`, concluded.ID)
	w.Exec(`UPDATE workflow_instance SET state = 'open' WHERE activity_id IN (?, ?)`, one.ID, two.ID)

	got := w.look(two, "work")
	if len(got.New) != 0 || len(got.Lacks) != 0 || len(got.Gone) != 1 || got.Gone[0].Text.In("it") != "Prima di passare a “Lavoro” prepara: webinar, almeno 2" {
		t.Errorf("to where it is wanted: %+v", got)
	}
	if got = w.look(concluded, "tell"); len(got.Gone) != 0 || len(got.New) != 1 || got.New[0].Move.In("it") != "Lavora" {
		t.Errorf("away from where it is wanted: %+v", got)
	}
	if len(got.Opens) != 1 || got.Opens[0].Name != "work" || len(got.Closes) != 1 || got.Closes[0].Name != "tell" {
		t.Errorf("past what opens and closes all: %+v", got)
	}
}

// TestWhatIsOverTakesNothingIn refuses phases that have ended, ends and unknown ones,
// and what is over stays where people saw it.
func TestWhatIsOverTakesNothingIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.NewActivity("webinar", "listen", "Serata")
	late := w.NewActivity("webinar", "listen", "Altra serata")
	w.Exec(`UPDATE workflow_instance SET state = 'concluded' WHERE activity_id = ?`, a.ID)
	w.Must(w.move(w.Promoter, a, "tell")) // nobody was promised anything
	w.Must(w.move(w.Promoter, w.now(a), "listen"))
	w.Publish()
	refused(t, w.move(w.Promoter, w.now(a), "work"), "activity.phase_kept")
	w.Exec(`UPDATE workflow_instance SET state = 'tell' WHERE process_id = ? AND activity_id = 0`, w.Process.ID)
	for _, phase := range []string{"work", "over", "nowhere", ""} {
		refused(t, w.move(w.Promoter, late, phase), "activity.phase_over")
	}
	w.Must(w.move(w.Promoter, late, "tell")) // one left behind catches up
	w.Must(w.Advance(process.Activity{}, "end", ""))
	refused(t, w.move(w.Promoter, w.now(late), "tell"), "policy.ended")
}

// TestDatesStayWhereTheyAre: a term that counts from an activity counts from those of
// its kind in any phase.
func TestDatesStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.NewActivity("webinar", "listen", "Prima")
	w.Publish()
	w.meets(one, worldtest.Start.Add(72*time.Hour))
	w.Exec(`UPDATE workflow_instance SET state = 'work' WHERE process_id = ? AND activity_id = 0`, w.Process.ID)
	w.Must(w.Try(one, "open", "")) // from here on its end is known
	due := func() time.Time {
		inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		return inst.DueAt
	}
	before := due()
	w.Must(w.move(w.Promoter, w.now(one), "tell"))
	if before.IsZero() || !due().Equal(before) {
		t.Errorf("ends %s, and then %s", before, due())
	}
}

// TestWhoWritesActivitiesMovesThem asks the policy.
func TestWhoWritesActivitiesMovesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.NewActivity("webinar", "listen", "Serata")
	for i, role := range []string{process.RoleFacilitator, process.RoleEditor, process.RoleExpert} {
		who := w.Actor(role+"@example.org", role)
		w.Member(who, role)
		err := w.move(who, w.now(a), []string{"work", "tell", "listen"}[i])
		if role == process.RoleExpert {
			refused(t, err, "policy.role")
			continue
		}
		w.Must(err)
	}
	refused(t, w.move(w.Actor("fuori@example.org", "Fuori"), w.now(a), "listen"), "process.not_found")
}

// A phase misses what it asks for and what it opens by itself; what was called off, or
// sits elsewhere, is not there.
func TestMissing(t *testing.T) {
	t.Parallel()
	st := definition.State{
		Name: "work", Activities: []definition.ActivityNeed{{Kind: "webinar", Min: 2}, {Kind: "assembly"}},
		OnEnter: []definition.Action{{Open: "codesign"}, {Open: "webinar"}},
	}
	at := func(kind, phase string, off bool) seat.Seat {
		return seat.Seat{Activity: process.Activity{Kind: kind, Phase: phase}, Off: off}
	}
	for _, c := range []struct {
		seats []seat.Seat
		want  map[string]int
	}{
		{nil, map[string]int{"webinar": 2, "codesign": 1}},
		{[]seat.Seat{at("webinar", "work", false), at("webinar", "work", true), at("codesign", "listen", false)}, map[string]int{"webinar": 1, "codesign": 1}},
		{[]seat.Seat{at("webinar", "work", false), at("webinar", "work", false), at("webinar", "work", false), at("codesign", "work", false)}, map[string]int{}},
	} {
		got := map[string]int{}
		for _, n := range seat.Missing(st, c.seats) {
			got[n.Kind] = n.Min
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("of %+v misses %v, want %v", c.seats, got, c.want)
		}
	}
}
