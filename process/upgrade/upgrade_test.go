package upgrade_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/fault"
	"arengo/process/seat"
	"arengo/process/upgrade"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

const path = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: listen
states:
  listen: {title: {it: Ascolto, en: Listening}, term: {length: 30d}}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [listen], to: over, by: [promoter]}
`

// world runs the first version of path; its second, and what has only the name
// of path in its own, are shipped too.
func world(t *testing.T, kinds ...process.Kind) *worldtest.World {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: path, Kinds: kinds})
	w.Settle("marta@comune.example.org", "Marta")
	ship(w, strings.Replace(path, "version: 1", "version: 2", 1))
	ship(w, strings.Replace(path, "workflow: path", "workflow: path-long", 1))
	return w
}

func ship(w *worldtest.World, source string) {
	w.T.Helper()
	_, err := w.Core.Definitions().Add("shipped.yaml", []byte(source))
	w.Must(err)
}

// own publishes a version of what the process made for itself from a shipped one.
func own(w *worldtest.World, version, base int) upgrade.Target {
	w.T.Helper()
	target := upgrade.Target{Name: fmt.Sprintf("path-p%d", w.Process.ID), Version: version}
	source := strings.NewReplacer("workflow: path", "workflow: "+target.Name, "version: 1", fmt.Sprintf("version: %d", version)).Replace(path)
	c, problems := definition.Check("own.yaml", []byte(source), nil)
	if problems != nil {
		w.T.Fatal(problems)
	}
	w.Must(w.Core.InTx(w.T.Context(), func(ctx context.Context, tx bun.Tx) error {
		return w.Core.Engine().Publish(ctx, tx, c, workflow.Pin{Definition: "path", Version: base})
	}))
	return target
}

func offered(w *worldtest.World) []upgrade.Target {
	w.T.Helper()
	out, err := upgrade.Available(w.T.Context(), w.Core, w.Process)
	w.Must(err)
	return out
}

func move(w *worldtest.World, to upgrade.Target, reason string, states map[string]string) error {
	return upgrade.Do(w.T.Context(), w.Core, w.Process.ID, w.Promoter, upgrade.Move{Target: to, Reason: reason, States: states})
}

func back(w *worldtest.World) error {
	return upgrade.Undo(w.T.Context(), w.Core, w.Process.ID, w.Promoter, "Meglio prima", 0)
}

func refused(t *testing.T, what string, err error, key string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func TestOnlyNewerOfItsOwnAreOffered(t *testing.T) {
	t.Parallel()
	w := world(t)
	two := upgrade.Target{Name: "path", Version: 2}
	if got := offered(w); !slices.Equal(got, []upgrade.Target{two}) {
		t.Errorf("offered %+v", got)
	}
	mine := own(w, 1, 1)
	if got := offered(w); !slices.Contains(got, mine) || !slices.Contains(got, two) || len(got) != 2 {
		t.Errorf("with one of its own: %+v", got)
	}
	w.Must(move(w, mine, "Fatta per noi", nil))
	if got := offered(w); !slices.Equal(got, []upgrade.Target{two}) {
		t.Errorf("a newer version of the one that its own was made from is not offered: %+v", got)
	}
	refused(t, "the one that it was made from", move(w, upgrade.Target{Name: "path", Version: 1}, "x", nil), "workflow.migrate_older")
	w.Must(move(w, two, "Più nuova", nil))
	if got := offered(w); len(got) != 0 {
		t.Errorf("older ones are offered: %+v", got)
	}
	refused(t, "its own of before", move(w, mine, "x", nil), "workflow.migrate_older")
	refused(t, "an older version", move(w, upgrade.Target{Name: "path", Version: 1}, "x", nil), "workflow.migrate_older")
	refused(t, "another with its name in its own", move(w, upgrade.Target{Name: "path-long", Version: 1}, "x", nil), "workflow.definition_unknown")
	refused(t, "what another process made", move(w, upgrade.Target{Name: "path-p987654", Version: 1}, "x", nil), "workflow.definition_unknown")
}

func TestDoAndUndo(t *testing.T) {
	t.Parallel()
	w := world(t)
	two := upgrade.Target{Name: "path", Version: 2}
	refused(t, "something else", move(w, upgrade.Target{Name: "other", Version: 1}, "x", nil), "workflow.definition_unknown")
	refused(t, "no reason", move(w, two, "", nil), "workflow.reason_required")
	w.Must(move(w, two, "Così", nil))
	mine := own(w, 1, 2)
	w.Must(move(w, mine, "Fatta per noi", nil))
	if err := upgrade.Undo(t.Context(), w.Core, w.Process.ID, w.Stranger, "x", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger takes it back: %v", err)
	}
	w.Must(back(w))
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	if inst.Definition != "path" || inst.Version != 2 {
		t.Errorf("instance %+v", inst)
	}
	look, err := upgrade.Look(t.Context(), w.Core, w.Process, upgrade.Move{Target: mine})
	w.Must(err)
	if look.To != "listen" || look.After.Name != mine.Name {
		t.Errorf("look %+v", look)
	}
}

// seats has a phase with an activity that must be over; in the second version the
// phase has another name, and the third has no place for the other one.
const seats = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: listen
states:
  listen: {title: {it: Ascolto, en: Listening}, term: {length: 30d}, activities: [{kind: assembly, count: {min: 1}, at_exit: over}]}
  write: {title: {it: Scrittura, en: Writing}, term: {length: 30d}, activities: [{kind: assembly, count: {min: 1}}]}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: write, event: write, from: [listen], to: write, by: [promoter]}
  - {id: end, event: end, from: [write], to: over, by: [promoter]}
`

// TestActivitiesFollowTheirPhase goes to a version in which the names of two
// phases are exchanged, and back.
func TestActivitiesFollowTheirPhase(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: seats, Kinds: []process.Kind{assembly.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	exchanged := strings.NewReplacer("version: 1", "version: 2", "initial: listen", "initial: write", "  listen: {", "  write: {",
		"  write: {", "  listen: {", "from: [listen], to: write", "from: [write], to: listen", "from: [write]", "from: [listen]").Replace(seats)
	ship(w, exchanged)
	ship(w, strings.NewReplacer("version: 1", "version: 3", "  write: {", "  draft: {", "to: write", "to: draft", "from: [write]", "from: [draft]").Replace(seats))
	done, coming := w.NewActivity("assembly", "listen", "Q"), w.NewActivity("assembly", "write", "R")
	w.Exec(`UPDATE workflow_instance SET state = 'minuted' WHERE process_id = ? AND activity_id = ?`, w.Process.ID, done.ID)
	free := func() bool {
		options, err := w.Core.Explain(t.Context(), w.Process.ID, 0, w.Promoter)
		w.Must(err)
		return len(options[0].Blockers) == 0
	}
	where := func() string {
		list, err := w.Core.Activities(t.Context(), w.Process.ID)
		w.Must(err)
		out := map[process.ActivityID]string{}
		for _, a := range list {
			out[a.ID] = a.Phase
		}
		return out[done.ID] + " " + out[coming.ID]
	}
	if !free() || where() != "listen write" {
		t.Fatalf("before: %s", where())
	}
	three := upgrade.Target{Name: "path", Version: 3}
	refused(t, "a phase without a place", move(w, three, "x", nil), "workflow.migrate_seated")
	_, err := upgrade.Look(t.Context(), w.Core, w.Process, upgrade.Move{Target: three})
	refused(t, "a look at it", err, "workflow.migrate_seated")
	names := map[string]string{"listen": "write", "write": "listen"}
	w.Must(move(w, upgrade.Target{Name: "path", Version: 2}, "Così", names))
	if !free() || where() != "write listen" {
		t.Errorf("after the move the activity that is over counts no more: %s", where())
	}
	late := w.NewActivity("assembly", "write", "S")
	w.Must(back(w))
	if !free() || where() != "listen write" {
		t.Errorf("taken back: %s", where())
	}
	var phase string
	w.Must(w.DB.NewRaw(`SELECT phase FROM activity WHERE id = ?`, late.ID).Scan(t.Context(), &phase))
	if phase != "listen" {
		t.Errorf("what was made since belongs to %s", phase)
	}
}

// What was discarded needs no phase: neither where its own is gone by a new version,
// nor where it was made in one that the version before does not know.
func TestDiscardedActivitiesNeedNoPhase(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: seats, Kinds: []process.Kind{assembly.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	ship(w, strings.NewReplacer("version: 1", "version: 2", "  write: {", "  draft: {", "to: write", "to: draft", "from: [write]", "from: [draft]").Replace(seats))
	two := upgrade.Target{Name: "path", Version: 2}
	discard := func(a process.Activity) {
		_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Activity: a.ID, Transition: "discard"})
		w.Must(err)
	}
	early := w.NewActivity("assembly", "write", "Q")
	refused(t, "a phase without a place", move(w, two, "x", nil), "workflow.migrate_seated")
	discard(early)
	w.Must(move(w, two, "Così", nil))
	late := w.NewActivity("assembly", "draft", "R")
	refused(t, "a phase of the other version", back(w), "workflow.revert_seated")
	discard(late)
	w.Must(back(w))
}

// TestWhatWasMovedSinceStays: an activity that somebody moved to another phase after
// the change keeps it when that is taken back, if the version before has it.
func TestWhatWasMovedSinceStays(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: seats, Kinds: []process.Kind{assembly.Kind{}}})
	w.Settle("marta@comune.example.org", "Marta")
	draft := strings.NewReplacer("  write: {", "  draft: {", "to: write", "to: draft", "from: [write]", "from: [draft]")
	ship(w, strings.Replace(seats, "version: 1", "version: 2", 1))
	ship(w, strings.Replace(draft.Replace(seats), "version: 1", "version: 3", 1))
	a := w.NewActivity("assembly", "listen", "Q")
	moves := func(from, to string) {
		t.Helper()
		w.Must(seat.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, seat.Move{Activity: a.ID, From: from, To: to}))
	}
	sits := func(phase string) {
		t.Helper()
		is, err := w.Core.LoadActivity(t.Context(), w.DB, w.Process.ID, a.ID)
		w.Must(err)
		if is.Phase != phase {
			t.Errorf("it sits in %s, want %s", is.Phase, phase)
		}
	}
	w.Must(move(w, upgrade.Target{Name: "path", Version: 2}, "Così", nil))
	moves("listen", "write")
	w.Must(back(w))
	sits("write")

	moves("write", "listen")
	w.Must(move(w, upgrade.Target{Name: "path", Version: 3}, "Così", nil))
	moves("listen", "draft")
	w.Must(back(w)) // nobody could put it there
	sits("listen")
}

// A draft that went to a version which asks for less, and was published there, does not
// become public under the one before, unless it has what that asks for.
func TestPublishedSinceItDoesNotGoBackToGaps(t *testing.T) {
	t.Parallel()
	dated := strings.Replace(path, "states:\n", "dates: [{code: on, required: true, title: {it: Giorno, en: Day}}]\nstates:\n", 1)
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: dated})
	w.Settle("marta@comune.example.org", "Marta")
	w.Member(w.Actor("lucia@comune.example.org", "Lucia"), process.RoleFacilitator)
	ship(w, strings.Replace(path, "version: 1", "version: 2", 1))
	two := upgrade.Target{Name: "path", Version: 2}
	w.Must(move(w, two, "Così", nil))
	w.Must(back(w)) // a draft may lack what it likes
	w.Must(move(w, two, "Così", nil))
	w.Publish() // what it lacked already is not asked again
	refused(t, "a public process without its date", back(w), "workflow.revert_gaps")
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	if inst.Version != 2 {
		t.Errorf("it runs version %d", inst.Version)
	}
	w.Exec(`INSERT INTO call_date (process_id, code, day) VALUES (?, 'on', '2026-05-04')`, w.Process.ID)
	w.Must(back(w))
}
