package workflow_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/memory"
)

// lifetime is a random life of one instance, in memory, with a clock of its own. It counts
// what happened over all the lives of a test.
type lifetime struct {
	*rapid.T
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	known  *known
	counts map[string]int
}

func newLifetime(r *rapid.T, start time.Time, counts map[string]int) *lifetime {
	return &lifetime{T: r, rows: memory.New(), clock: memory.NewClock(start), known: &known{}, counts: counts}
}

// runs gives the life an engine for sources, the versions of one definition.
func (l *lifetime) runs(sources ...string) *definition.Library {
	defs := definition.NewLibrary()
	for _, source := range sources {
		if _, err := defs.Add("life.yaml", []byte(source)); err != nil {
			l.Fatalf("%v\n%s", err, source)
		}
	}
	l.engine = workflow.NewEngine(defs, l.clock, l.known, slog.New(slog.DiscardHandler)).On(l.rows)
	return defs
}

func (l *lifetime) begins(s workflow.Start) {
	l.must(l.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := l.engine.Create(ctx, tx, hearingRef, s)
		return err
	}))
}

func (l *lifetime) must(err error) {
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lifetime) do(act func(ctx context.Context, tx bun.IDB) error) error {
	return l.rows.InTx(context.Background(), act)
}

func (l *lifetime) instance() workflow.Instance {
	i, err := l.engine.Instance(context.Background(), nil, hearingRef)
	l.must(err)
	return i
}

func (l *lifetime) deadlines() []workflow.Deadline {
	all, err := l.engine.Deadlines(context.Background(), nil, hearingRef)
	l.must(err)
	return all
}

// ahead reports that a deadline is still to fire.
func ahead(d workflow.Deadline) bool { return d.FiredAt.IsZero() && d.CancelledAt.IsZero() }

// passes lets time pass, with the timer close behind; fired is told what it did.
func (l *lifetime) passes(by time.Duration, fired func(was workflow.Instance, r workflow.Result)) {
	until := l.clock.Time().Add(by)
	for {
		due, err := l.engine.Due(context.Background(), nil, until, 1)
		l.must(err)
		if len(due) == 0 {
			l.clock.Set(until)
			return
		}
		if due[0].DueAt.After(l.clock.Time()) {
			l.clock.Set(due[0].DueAt)
		}
		was, done := l.instance(), workflow.Result{}
		l.must(l.do(func(ctx context.Context, tx bun.IDB) (err error) {
			done, err = l.engine.FireDeadline(ctx, tx, due[0])
			return err
		}))
		fired(was, done)
	}
}

// happened fails a test in whose lives something never came about.
func happened(t *testing.T, counts map[string]int, must ...string) {
	t.Helper()
	t.Log(counts)
	for _, what := range must {
		if !t.Failed() && counts[what] == 0 {
			t.Errorf("never %s in all these lives: %v", what, counts)
		}
	}
}
