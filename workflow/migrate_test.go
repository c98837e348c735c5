package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
)

// The second version of a small process renames a phase, adds one, shortens
// another, and reminds earlier.
const (
	pathOne = `
workflow: small-path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: listen
states:
  listen:
    title: {it: Ascolto, en: Listening}
    term: {length: 30d, max: 60d}
    allows: [extend, hold]
    reminders: [{before: 7d, at: "09:00", to: facilitator}]
  write: {title: {it: Scrittura, en: Writing}, term: {length: 30d}}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: write, event: write, from: [listen], to: write, by: [facilitator]}
  - {id: end, event: end, from: [write], to: over, by: [promoter]}
`
	pathTwo = `
workflow: small-path
version: 2
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: hear
states:
  hear:
    title: {it: Ascolto, en: Listening}
    term: {length: 30d, max: 40d}
    allows: [extend]
    reminders: [{before: 10d, at: "09:00", to: facilitator}, {before: 1d, at: "09:00", to: promoter}]
  check: {title: {it: Verifica, en: Check}, term: {length: 10d}}
  write: {title: {it: Scrittura, en: Writing}, term: {length: 20d}}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: check, event: check, from: [hear], to: check, by: [facilitator]}
  - {id: write, event: write, from: [check], to: write, by: [facilitator]}
  - {id: end, event: end, from: [write], to: over, by: [promoter]}
`
)

// The third and the fourth do without the phase that the second added.
var (
	pathThree = strings.NewReplacer(
		"version: 2", "version: 3", "  check: {title: {it: Verifica, en: Check}, term: {length: 10d}}\n", "",
		"  - {id: check, event: check, from: [hear], to: check, by: [facilitator]}\n", "", "from: [check]", "from: [hear]",
	).Replace(pathTwo)
	pathFour = strings.Replace(pathThree, "version: 3", "version: 4", 1)
)

// versions is a process of the first version, planned, that began on Monday
// 2 March 2026.
func versions(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	def, err := b.engine.Resolve(t.Context(), b.db, "small-path", 1)
	b.must(err)
	b.create(process, workflow.Start{
		Definition: "small-path", Version: 1, Actor: promoter,
		Plan: outlook.Plan(def, civil.Date{Year: 2026, Month: time.March, Day: 2}, map[string]int{"write": 25}, nil),
	})
	return b
}

func (b *bench) migrate(v workflow.NewVersion) (m workflow.Migration, err error) {
	v.Definition, v.Actor = "small-path", promoter
	err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		m, err = b.engine.Migrate(ctx, tx, process, v)
		return err
	})
	return m, err
}

func (b *bench) revert(reason string) (m workflow.Migration, err error) {
	err = b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		m, err = b.engine.Revert(ctx, tx, process, workflow.Pause{Reason: reason, Actor: promoter})
		return err
	})
	return m, err
}

func states(plan []workflow.PlannedPhase) (out []string) {
	for _, p := range plan {
		out = append(out, p.State)
	}
	return out
}

func TestMigrateAndRevert(t *testing.T) {
	t.Parallel()
	b := versions(t)
	before := b.instance(process)
	plan, err := b.engine.Plan(t.Context(), b.db, process)
	b.must(err)
	b.clock.Set(b.at("2026-03-10 10:00"))
	v := workflow.NewVersion{Version: 2, States: map[string]string{"listen": "hear"}, Reason: "Serve una verifica", PublicReason: true}
	m, err := b.migrate(v)
	b.must(err)
	want := []workflow.Move{
		{Name: "action-needed.10d", New: b.at("2026-03-21 09:00")},
		{Name: "action-needed.1d", New: b.at("2026-03-30 09:00")},
		{Name: "action-needed.7d", Old: b.at("2026-03-24 09:00")},
	}
	if !slices.Equal(m.Moved, want) || m.From != "listen" || m.To != "hear" {
		t.Errorf("moved %+v", m)
	}
	if got := states(m.Plan); !slices.Equal(got, []string{"hear", "check", "write"}) || !m.Plan[2].End.Equal(b.at("2026-05-06 00:00")) {
		t.Errorf("plan %v, ending %s: the chosen 25 days of writing must stay", got, m.Plan[2].End)
	}
	i := b.instance(process)
	if i.State != "hear" || i.Version != 2 || !i.DueAt.Equal(before.DueAt) || !i.EnteredAt.Equal(before.EnteredAt) || !i.MaxAt.Equal(b.at("2026-04-12 00:00")) {
		t.Errorf("instance %+v", i)
	}
	if ok, err := b.engine.Revertible(t.Context(), b.db, process); err != nil || !ok {
		t.Errorf("revertible %v, %v", ok, err)
	}
	m, err = b.revert("Era meglio prima")
	b.must(err)
	if m.From != "hear" || m.To != "listen" {
		t.Errorf("reverted %+v", m)
	}
	i = b.instance(process)
	if i.State != "listen" || i.Version != 1 || !i.DueAt.Equal(before.DueAt) || !i.MaxAt.Equal(before.MaxAt) {
		t.Errorf("instance %+v, before %+v", i, before)
	}
	again, err := b.engine.Plan(t.Context(), b.db, process)
	b.must(err)
	if len(again) < 2 || again[1].State != "write" || again[1].Days != 25 || !again[1].End.Equal(plan[1].End) {
		t.Errorf("plan %+v, before %+v", again, plan)
	}
	if d := b.deadline(process, 1, "action-needed.7d"); !d.CancelledAt.IsZero() || !d.DueAt.Equal(b.at("2026-03-24 09:00")) {
		t.Errorf("the reminder is not back: %+v", d)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	one, two := workflow.Pin{Definition: "small-path", Version: 1}, workflow.Pin{Definition: "small-path", Version: 2}
	if log[0].ToPin != one || log[1].FromPin != one || log[1].ToPin != two || log[2].FromPin != two || log[2].ToPin != (workflow.Pin{}) {
		t.Errorf("the log names states by %+v", log)
	}
	if _, err := b.revert("Ancora"); key(err) != "workflow.revert_none" {
		t.Errorf("a second time: %v", err)
	}
	b.verify()
}

func TestMigrationIsForGoodAfterTheNextMove(t *testing.T) {
	t.Parallel()
	b := versions(t)
	_, err := b.migrate(workflow.NewVersion{Version: 2, States: map[string]string{"listen": "hear"}, Reason: "x"})
	b.must(err)
	b.mustApply(workflow.Command{Ref: process, Event: "check", Actor: facilitator})
	if _, err := b.revert("Troppo tardi"); key(err) != "workflow.revert_none" {
		t.Errorf("after a move: %v", err)
	}
	b.verify()
}

// What is made public or withdrawn after a migration moves nothing, so that it can
// still be taken back.
func TestMigrationIsTakenBackAfterPublishing(t *testing.T) {
	t.Parallel()
	b := versions(t)
	before := b.instance(process)
	_, err := b.migrate(workflow.NewVersion{Version: 2, States: map[string]string{"listen": "hear"}, Reason: "x"})
	b.must(err)
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		for _, act := range []string{definition.ActPublishDocument, definition.ActWithdrawDocument} {
			if err := b.engine.NoteDocument(ctx, tx, process.ProcessID, promoter, act, workflow.DocumentAct{Code: "sheet"}); err != nil {
				return err
			}
		}
		return b.engine.NotePublication(ctx, tx, process.ProcessID, promoter)
	}))
	if ok, err := b.engine.Revertible(t.Context(), b.db, process); err != nil || !ok {
		t.Errorf("revertible %v, %v", ok, err)
	}
	_, err = b.revert("Era meglio prima")
	b.must(err)
	if i := b.instance(process); i.State != "listen" || i.Version != 1 || !i.DueAt.Equal(before.DueAt) {
		t.Errorf("instance %+v, before %+v", i, before)
	}
	if _, err := b.revert("Ancora"); key(err) != "workflow.revert_none" {
		t.Errorf("a second time: %v", err)
	}
	b.verify()
}

func TestMigrateRefusals(t *testing.T) {
	t.Parallel()
	b := versions(t)
	to := map[string]string{"listen": "hear"}
	for _, c := range []struct {
		want string
		v    workflow.NewVersion
	}{
		{"workflow.reason_required", workflow.NewVersion{Version: 2, States: to}},
		{"workflow.migrate_state", workflow.NewVersion{Version: 2, Reason: "x"}},
		{"workflow.migrate_state", workflow.NewVersion{Version: 2, Reason: "x", States: map[string]string{"listen": "over"}}},
		{"workflow.migrate_same", workflow.NewVersion{Version: 1, Reason: "x"}},
		{"workflow.definition_unknown", workflow.NewVersion{Version: 9, Reason: "x"}},
		{"workflow.stale", workflow.NewVersion{Version: 2, Reason: "x", States: to, ExpectRevision: 9}},
	} {
		if _, err := b.migrate(c.v); key(err) != c.want {
			t.Errorf("%+v: %v, want %s", c.v, err, c.want)
		}
	}
	if i := b.instance(process); i.Revision != 1 || i.Version != 1 {
		t.Errorf("a refusal changed the instance: %+v", i)
	}
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := b.engine.Suspend(ctx, tx, process, workflow.Pause{Reason: "x", Actor: promoter})
		return err
	}))
	if _, err := b.migrate(workflow.NewVersion{Version: 2, Reason: "x", States: to}); key(err) != "workflow.held" {
		t.Errorf("while it rests: %v", err)
	}
	b.verify()
}

// TestStateOfThePast asks what was when, through an extension, a suspension, a
// migration and a late timer.
func TestStateOfThePast(t *testing.T) {
	t.Parallel()
	b := versions(t)
	born, due := b.clock.Time(), b.instance(process).DueAt
	b.clock.Set(b.at("2026-03-05 10:00"))
	extended := b.at("2026-04-05 00:00")
	_, err := b.extend(process, extended, "Pochi")
	b.must(err)
	b.clock.Set(b.at("2026-03-06 10:00"))
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := b.engine.Suspend(ctx, tx, process, workflow.Pause{Reason: "x", Actor: promoter})
		return err
	}))
	b.clock.Set(b.at("2026-03-08 10:00"))
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := b.engine.Resume(ctx, tx, process, workflow.Pause{Reason: "x", Actor: promoter})
		return err
	}))
	b.clock.Set(b.at("2026-03-10 10:00"))
	_, err = b.migrate(workflow.NewVersion{Version: 2, States: map[string]string{"listen": "hear"}, Reason: "x"})
	b.must(err)
	b.clock.Set(b.at("2026-03-12 10:00"))
	b.mustApply(workflow.Command{Ref: process, Event: "check", Actor: facilitator})
	shifted := b.at("2026-04-07 00:00")
	for _, c := range []struct {
		at      string
		state   string
		version int
		due     time.Time
		held    bool
	}{
		{"2026-03-05 09:59", "listen", 1, due, false},
		{"2026-03-05 10:00", "listen", 1, extended, false},
		{"2026-03-07 00:00", "listen", 1, extended, true},
		{"2026-03-09 00:00", "listen", 1, shifted, false},
		{"2026-03-11 00:00", "hear", 2, shifted, false},
		{"2026-03-12 10:00", "check", 2, b.at("2026-03-23 00:00"), false},
	} {
		got, err := history.At(t.Context(), history.In(b.db), process.ProcessID, b.at(c.at))
		b.must(err)
		if len(got) != 1 || got[0].State != c.state || got[0].Version != c.version || !got[0].Due.Equal(c.due) || got[0].Held != c.held {
			t.Errorf("%s: %+v, want %+v", c.at, got, c)
		}
	}
	if got, err := history.At(t.Context(), history.In(b.db), process.ProcessID, born.Add(-time.Second)); err != nil || len(got) != 0 {
		t.Errorf("before it was there: %+v, %v", got, err)
	}
	b.verify()
}

// What happened stays in the plan with its title, also when the definition that
// the process goes on by knows it no longer, and the one after that neither.
func TestGonePhaseKeepsItsTitle(t *testing.T) {
	t.Parallel()
	b := versions(t)
	_, err := b.migrate(workflow.NewVersion{Version: 2, States: map[string]string{"listen": "hear"}, Reason: "Serve una verifica"})
	b.must(err)
	for _, event := range []string{"check", "write"} {
		b.mustApply(workflow.Command{Ref: process, Event: event, Actor: facilitator})
	}
	for _, version := range []int{3, 4} {
		_, err := b.migrate(workflow.NewVersion{Version: version, Reason: "Senza verifica"})
		b.must(err)
		plan, err := b.engine.Plan(t.Context(), b.db, process)
		b.must(err)
		if got := states(plan); !slices.Equal(got, []string{"hear", "check", "write"}) || !plan[1].Gone || plan[1].Title["it"] != "Verifica" || plan[0].Gone {
			t.Errorf("version %d: plan %+v", version, plan)
		}
	}
	_, err = b.revert("Era meglio prima")
	b.must(err)
	if plan, err := b.engine.Plan(t.Context(), b.db, process); err != nil || plan[1].Title["it"] != "Verifica" {
		t.Errorf("taken back: %+v, %v", plan, err)
	}
}
