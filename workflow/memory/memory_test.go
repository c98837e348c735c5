package memory_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/memory"
)

const lamp = `
workflow: lamp
version: 1
title: {it: Lampada, en: Lamp}
timezone: Europe/Rome
roles: [promoter]
initial: dark
states:
  dark: {title: {it: Spenta, en: Dark}, term: {length: 1d}, at_end: {event: light}}
  lit: {title: {it: Accesa, en: Lit}, final: true}
transitions:
  - {id: light, event: light, from: [dark], to: lit, by: [promoter, timer]}
`

type nothing struct{}

func (nothing) Facts(context.Context, bun.IDB, workflow.Ref, guard.Needs, time.Time) (guard.Facts, error) {
	return guard.Facts{}, nil
}

var (
	process  = workflow.Ref{ProcessID: 1}
	promoter = workflow.Person(3, "promoter")
	start    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

func engine(t *testing.T) (*workflow.Engine, *memory.Store, *memory.Clock) {
	t.Helper()
	library := definition.NewLibrary()
	if _, err := library.Add("lamp.yaml", []byte(lamp)); err != nil {
		t.Fatal(err)
	}
	rows, clock := memory.New(), memory.NewClock(start)
	e := workflow.NewEngine(library, clock, nothing{}, slog.New(slog.DiscardHandler)).On(rows)
	err := rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
		_, err := e.Create(ctx, tx, process, workflow.Start{Definition: "lamp", Actor: promoter})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, rows, clock
}

// run lights the lamp by its deadline and gives the hash of the log.
func run(t *testing.T) string {
	t.Helper()
	e, rows, clock := engine(t)
	clock.Advance(48 * time.Hour)
	due, err := e.Due(t.Context(), nil, clock.Time(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("due: %+v, %v", due, err)
	}
	err = rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
		r, err := e.FireDeadline(ctx, tx, due[0])
		if r.To != "lit" {
			t.Errorf("fired: %+v", r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := history.Verify(t.Context(), rows, process.ProcessID); err != nil {
		t.Error(err)
	}
	log, err := e.Log(t.Context(), nil, process.ProcessID, 0, 0)
	if err != nil || len(log) != 2 {
		t.Fatalf("log: %+v, %v", log, err)
	}
	return log[1].Hash
}

func TestSameCommandsSameChain(t *testing.T) {
	t.Parallel()
	if one, two := run(t), run(t); one != two {
		t.Errorf("%s, then %s", one, two)
	}
}

func TestPanicUndoes(t *testing.T) {
	t.Parallel()
	e, rows, _ := engine(t)
	before, err := e.Instance(t.Context(), nil, process)
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
			if r, err := e.Apply(ctx, tx, workflow.Command{Ref: process, Event: "light", Actor: promoter}); err != nil || r.To != "lit" {
				t.Errorf("applied: %+v, %v", r, err)
			}
			panic("the bulb")
		})
	}()
	after, err := e.Instance(t.Context(), nil, process)
	if err != nil || after != before {
		t.Errorf("%+v became %+v, %v", before, after, err)
	}
	if due, err := e.Due(t.Context(), nil, start.AddDate(1, 0, 0), 10); err != nil || len(due) != 1 {
		t.Errorf("the deadline is lost: %+v, %v", due, err)
	}
	if err := history.Verify(t.Context(), rows, process.ProcessID); err != nil {
		t.Error(err)
	}
	if err := rows.InTx(t.Context(), func(context.Context, bun.IDB) error { return nil }); err != nil {
		t.Error("no transaction begins after a panic")
	}
}
