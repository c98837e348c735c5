package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/memory"
)

// running is an instance of the first version of "moved", in memory, planned
// where plan is not nil; the other versions are there to move to.
func running(t *testing.T, start string, plan func(*definition.Compiled) []workflow.PlannedPhase, sources ...string) *hall {
	t.Helper()
	rome, _ := time.LoadLocation("Europe/Rome")
	library := definition.NewLibrary()
	for i, s := range sources {
		if _, err := library.Add(fmt.Sprintf("%d.yaml", i), []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	h := &hall{T: t, rows: memory.New(), known: &known{}, rome: rome}
	h.clock = memory.NewClock(h.at(start))
	h.engine = workflow.NewEngine(library, h.clock, h.known, slog.New(slog.DiscardHandler)).On(h.rows)
	var p []workflow.PlannedPhase
	if plan != nil {
		def, err := library.Get("moved", 1)
		if err != nil {
			t.Fatal(err)
		}
		p = plan(def)
	}
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "moved", Version: 1, Actor: workflow.Person(1, "promoter"), Plan: p})
		return err
	})
	return h
}

func (h *hall) present() workflow.Instance {
	h.Helper()
	i, err := h.engine.Instance(h.Context(), nil, hearingRef)
	if err != nil {
		h.Fatal(err)
	}
	return i
}

// moveTo moves the instance to a version; names maps states.
func (h *hall) moveTo(version int, names map[string]string) (m workflow.Migration, err error) {
	v := workflow.NewVersion{Definition: "moved", Version: version, States: names, Reason: "perché", Actor: workflow.Person(1, "promoter")}
	err = h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) (err error) {
		m, err = h.engine.Migrate(ctx, tx, hearingRef, v)
		return err
	})
	return m, err
}

func (h *hall) mustMoveTo(version int, names map[string]string) workflow.Migration {
	h.Helper()
	m, err := h.moveTo(version, names)
	if err != nil {
		h.Fatal(err)
	}
	return m
}

func movedVersion(version int, initial, body string) string {
	return fmt.Sprintf(`
workflow: moved
version: %d
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: %s
%s`, version, initial, strings.TrimLeft(body, "\n"))
}

func TestMigrateTakesTheNewEvent(t *testing.T) {
	t.Parallel()
	v := func(n int, ev string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, at_end: {event: `+ev+`}}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: `+ev+`, from: [a], to: b, by: [timer, promoter]}
`)
	}
	h := running(t, "2026-03-02 00:00", nil, v(1, "close"), v(2, "finish"))
	h.clock.Set(h.at("2026-03-05 10:00"))
	m := h.mustMoveTo(2, nil)
	if len(m.Moved) != 1 || m.Moved[0].Name != "end" || !m.Moved[0].Changed || !m.Moved[0].Old.Equal(m.Moved[0].New) {
		t.Errorf("the moves do not show that the end does something else: %+v", m.Moved)
	}
	h.fires("2026-03-13 00:00")
	if h.present().State != "b" {
		t.Errorf("state %s: the term never closed", h.present().State)
	}
}

func TestMigrateTakesANewAutomaticEnd(t *testing.T) {
	t.Parallel()
	v := func(n int, extra string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}`+extra+`}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [`+map[bool]string{true: "timer, promoter", false: "promoter"}[extra != ""]+`]}
`)
	}
	h := running(t, "2026-03-02 00:00", nil, v(1, ""), v(2, ", at_end: {event: close}"))
	h.clock.Set(h.at("2026-03-05 10:00"))
	m := h.mustMoveTo(2, nil)
	if len(m.Moved) != 1 || m.Moved[0].Name != "end" || !m.Moved[0].Changed || !m.Moved[0].Old.Equal(m.Moved[0].New) {
		t.Errorf("the moves do not show that the end does something else: %+v", m.Moved)
	}
	h.fires("2026-03-13 00:00")
	if h.present().State != "b" {
		t.Errorf("state %s: the term never closed", h.present().State)
	}
}

func TestMigrateTellsTheNewAudience(t *testing.T) {
	t.Parallel()
	v := func(n int, to string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, overdue: {after: 3d, escalate: [`+to+`]}, reminders: [{before: 2d, to: `+to+`}]}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [promoter]}
`)
	}
	h := running(t, "2026-03-02 00:00", nil, v(1, "promoter"), v(2, "facilitator"))
	h.clock.Set(h.at("2026-03-05 10:00"))
	h.mustMoveTo(2, nil)
	got := h.fires("2026-03-20 00:00")
	if !strings.Contains(fmt.Sprint(got), "facilitator") {
		t.Errorf("the reminder goes to %v", got)
	}
}
