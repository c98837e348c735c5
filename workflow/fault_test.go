package workflow_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/memory"
)

// faulty was published before the checker tried guards.
const faulty = `
workflow: hearing
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: a
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, at_end: {event: close}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - id: az
    event: close
    from: [a]
    to: z
    by: [facilitator, timer]
    requires: [{code: x, guard: "activities[0].over", explain: {it: No, en: No}}]
`

// TestAGuardThatFailsIsAReason: nobody waits for a move that fails for ever
// behind everybody's back.
func TestAGuardThatFailsIsAReason(t *testing.T) {
	t.Parallel()
	h := newHall(t, "2026-03-02 00:00")
	library := definition.NewLibrary()
	if _, err := library.Add("faulty.yaml", []byte(faulty)); err != nil {
		t.Fatal(err)
	}
	h.rows = memory.New()
	h.engine = workflow.NewEngine(library, h.clock, h.known, slog.New(slog.DiscardHandler)).On(h.rows)
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "hearing", Actor: workflow.Person(1, "promoter")})
		return err
	})
	options, err := h.engine.Explain(t.Context(), nil, hearingRef, workflow.Person(1, "facilitator"))
	if err != nil || len(options) != 1 || !options[0].Only("x") {
		t.Fatalf("%+v, %v", options, err)
	}
	b := options[0].Blockers[0]
	if b.Fix != "phases" || !strings.Contains(b.Explain.In("it"), "Il requisito “x” non si può verificare") || !strings.Contains(b.Explain.In("en"), "no entry 0") {
		t.Errorf("%+v", b)
	}
	h.clock.Set(h.at("2026-03-12 00:01"))
	due, err := h.engine.Due(t.Context(), nil, h.clock.Time(), 1)
	if err != nil || len(due) != 1 {
		t.Fatalf("%v, %v", due, err)
	}
	var r workflow.Result
	h.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = h.engine.FireDeadline(ctx, tx, due[0])
		return err
	})
	if !r.Blocked || len(r.Effects) != 1 || !slices.Equal(r.Effects[0].Audience, []string{"facilitator", "promoter", "administrator"}) {
		t.Errorf("%+v", r)
	}
	incidents, err := h.engine.Incidents(t.Context(), nil, 0)
	if err != nil || len(incidents) != 1 || incidents[0].Blockers[0].Fix != "phases" {
		t.Errorf("%+v, %v", incidents, err)
	}
}
