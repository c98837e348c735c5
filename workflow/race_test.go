package workflow_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/guard"
	"arengo/workflow/history"
)

// TestOneWinsPerRevision lets eight clients move one instance at once.
func TestOneWinsPerRevision(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	for round := range 10 {
		i := b.instance(activity)
		event := map[string]string{"open": "end", "closing": "reopen"}[i.State]
		var won, stale atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := b.apply(workflow.Command{
					Ref: activity, Event: event, Actor: facilitator, Reason: "giro", ExpectRevision: i.Revision,
				})
				switch key(err) {
				case "":
					won.Add(1)
				case "workflow.stale":
					stale.Add(1)
				default:
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || stale.Load() != 7 {
			t.Errorf("round %d: %d won, %d were stale", round, won.Load(), stale.Load())
		}
		if after := b.instance(activity); after.Revision != i.Revision+1 {
			t.Errorf("round %d: revision %d after %d", round, after.Revision, i.Revision)
		}
	}
	b.verify()
}

// TestActivitiesOfOneProcess move at once without deadlock, on one chain.
func TestActivitiesOfOneProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	const n = 8
	for i := range n {
		ref := workflow.Ref{ProcessID: 7, ActivityID: int64(i + 1)}
		b.facts.set(ref, guard.Facts{Counts: map[string]int64{"answers": 1}})
		b.create(ref, workflow.Start{Definition: "survey", Actor: facilitator})
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for _, event := range []string{"open", "end", "reopen", "end"} {
				c := workflow.Command{Ref: workflow.Ref{ProcessID: 7, ActivityID: int64(i + 1)}, Event: event, Actor: facilitator, Reason: "giro"}
				if _, err := b.apply(c); err != nil {
					t.Errorf("activity %d: %s: %v", i+1, event, err)
				}
			}
		})
	}
	wg.Wait()
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	if err != nil || len(log) != 1+n*5 {
		t.Errorf("%d rows, %v", len(log), err)
	}
	b.verify()
}

// TestKilledBetween kills the connection after the engine's work and before
// the commit: nothing may remain.
func TestKilledBetween(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	before, end := b.instance(activity), b.deadline(activity, 2, "end")
	b.clock.Set(end.DueAt)
	err := b.db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if r, err := b.engine.FireDeadline(ctx, tx, end.DeadlineRef); err != nil || r.To != "closing" {
			t.Errorf("%+v, %v", r, err)
		}
		var pid int
		if err := tx.NewRaw("SELECT pg_backend_pid()").Scan(ctx, &pid); err != nil {
			return err
		}
		_, err := b.db.NewRaw("SELECT pg_terminate_backend(?)", pid).Exec(ctx)
		return err
	})
	if err == nil {
		t.Fatal("the commit went through")
	}
	if after := b.instance(activity); after != before {
		t.Errorf("%+v became %+v", before, after)
	}
	b.verify()
	if r := b.fire(end.DeadlineRef); r.To != "closing" {
		t.Errorf("the deadline is lost: %+v", r)
	}
	b.verify()
}

func TestLogRefusesChange(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	for _, sql := range []string{
		"UPDATE transition_log SET to_state = 'closed'", "DELETE FROM transition_log", "TRUNCATE transition_log",
		"TRUNCATE workflow_definition", "DELETE FROM workflow_definition",
	} {
		if _, err := b.db.ExecContext(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	b.verify()
}

func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"a changed state", "UPDATE transition_log SET to_state = 'closed' WHERE seq = 3", "row 3: it was changed"},
		{"a changed time", "UPDATE transition_log SET effective_at = effective_at + interval '1 microsecond' WHERE seq = 2", "row 2: it was changed"},
		{"changed facts", `UPDATE transition_log SET facts = jsonb_set(facts, '{counts,answers}', '9') WHERE seq = 3`, "row 3: its facts were changed"},
		{"a row taken out", "DELETE FROM transition_log WHERE seq = 2", "row 2: it is missing"},
		{"the last row taken off", "DELETE FROM transition_log WHERE seq = 4", "row 3: the head does not match"},
		{"a changed actor", "UPDATE transition_text SET person_id = 99 WHERE seq = 3", "row 3: its actor was changed"},
		{"a changed reason", "UPDATE transition_text SET reason = 'altro' WHERE seq = 4", "row 4: its reason was changed"},
		{"a moved instance", "UPDATE workflow_instance SET state = 'closed' WHERE activity_id = 3", "row 4: its activity is in another state"},
		{"an activity taken out", "DELETE FROM workflow_instance WHERE activity_id = 3", "speaks of an activity that is not there"},
		{"an activity without a log", "INSERT INTO workflow_instance SELECT (jsonb_populate_record(i, '{\"activity_id\": 9}')).* FROM workflow_instance i WHERE activity_id = 3", "row 0: it speaks of an activity"},
		{"a changed head", `UPDATE workflow_instance SET head = '\x00' WHERE activity_id = 0`, "row 4: the head does not match"},
		{"an erased text", "UPDATE transition_text SET person_id = NULL, reason = '', salt = NULL", ""},
		{"deleted texts", "DELETE FROM transition_text", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := opened(t, 1)
			_, err := b.extend(activity, b.at("2026-04-10 00:00"), "Serve tempo")
			b.must(err)
			b.verify()
			_, err = b.db.ExecContext(t.Context(), "ALTER TABLE transition_log DISABLE TRIGGER USER; "+c.sql)
			b.must(err)
			err = history.Verify(t.Context(), history.In(b.db), process.ProcessID)
			if c.want == "" && err != nil {
				t.Errorf("erasure broke the chain: %v", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// life is one survey under random acts, and what was seen of it.
type life struct {
	*bench
	r         *rapid.T
	engine    *workflow.Engine
	ref       workflow.Ref
	revision  int64
	occasions map[string]bool
	fired     []workflow.DeadlineRef
}

// TestRandomLives drives surveys through random acts, clock moves and duplicate
// deliveries: no occasion may come twice, and the audit holds after each act.
func TestRandomLives(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var next atomic.Int64
	rapid.Check(t, func(r *rapid.T) {
		ref := workflow.Ref{ProcessID: 1000 + next.Add(1), ActivityID: 1}
		b.clock.Set(b.at("2026-03-02 10:00").Add(time.Duration(rapid.IntRange(0, 300*24).Draw(r, "start")) * time.Hour))
		b.facts.set(ref, guard.Facts{Counts: map[string]int64{"answers": rapid.Int64Range(0, 1).Draw(r, "answers")}})
		b.create(ref.Process(), workflow.Start{Definition: "area-path", Actor: promoter})
		b.create(ref, workflow.Start{Definition: "survey", Actor: facilitator})
		l := &life{bench: b, r: r, engine: b.engineWith(b.clock), ref: ref, revision: 1, occasions: map[string]bool{}}
		acts := map[string]func(){
			"apply": l.apply, "extend": l.extend, "fire": l.fire, "duplicate": l.duplicate,
			"advance": func() { b.clock.Advance(time.Duration(rapid.IntRange(0, 25*24).Draw(r, "hours")) * time.Hour) },
		}
		names := []string{"apply", "apply", "extend", "advance", "advance", "fire", "fire", "duplicate"}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			acts[rapid.SampledFrom(names).Draw(r, "act")]()
			i := b.instance(ref)
			l.revision = i.Revision
			if err := audit(t.Context(), b.db, l.engine, i); err != nil {
				r.Fatal(err)
			}
		}
	})
}

// try runs one act; a refusal is fine, an internal fault is not.
func (l *life) try(act func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error)) {
	var effects []workflow.Effect
	err := l.in(func(ctx context.Context, tx bun.IDB) (err error) {
		effects, err = act(ctx, tx)
		return err
	})
	if _, refused := fault.As(err); err != nil && !refused {
		l.r.Fatal(err)
	}
	for _, e := range effects {
		if l.occasions[e.Occasion] {
			l.r.Fatalf("%s happens twice", e.Occasion)
		}
		l.occasions[e.Occasion] = true
	}
}

func (l *life) apply() {
	event := rapid.SampledFrom([]string{"open", "end", "reopen", "finish", "dance"}).Draw(l.r, "event")
	l.try(func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
		r, err := l.engine.Apply(ctx, tx, workflow.Command{
			Ref: l.ref, Event: event, Actor: facilitator, Reason: "x", ExpectRevision: l.revision,
		})
		return r.Effects, err
	})
}

func (l *life) extend() {
	end := l.clock.Time().Add(time.Duration(rapid.IntRange(1, 60*24).Draw(l.r, "by")) * time.Hour)
	l.try(func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
		x, err := l.engine.Extend(ctx, tx, l.ref, workflow.NewEnd{End: end, Reason: "x", Actor: facilitator})
		return x.Effects, err
	})
}

func (l *life) fire() {
	due, err := l.engine.Due(l.Context(), l.db, l.clock.Time(), 20)
	if err != nil {
		l.r.Fatal(err)
	}
	for _, d := range due {
		if d.ProcessID == l.ref.ProcessID {
			l.deliver(d)
			l.fired = append(l.fired, d)
		}
	}
}

// duplicate delivers once more what was delivered before.
func (l *life) duplicate() {
	for _, d := range l.fired {
		l.deliver(d)
	}
}

func (l *life) deliver(d workflow.DeadlineRef) {
	l.try(func(ctx context.Context, tx bun.IDB) ([]workflow.Effect, error) {
		r, err := l.engine.FireDeadline(ctx, tx, d)
		return r.Effects, err
	})
}

// audit checks what must hold after every act.
func audit(ctx context.Context, db *bun.DB, e *workflow.Engine, i workflow.Instance) error {
	deadlines, err := e.Deadlines(ctx, db, i.Ref)
	if err != nil {
		return err
	}
	ends := 0
	for _, d := range deadlines {
		open := d.FiredAt.IsZero() && d.CancelledAt.IsZero()
		if open && d.Entry != i.Entry {
			return fmt.Errorf("%s of entry %d is armed in entry %d", d.Name, d.Entry, i.Entry)
		}
		if d.Name == "end" && d.Entry == i.Entry {
			ends++
			if !d.DueAt.Equal(i.DueAt) || !d.CancelledAt.IsZero() {
				return fmt.Errorf("the end is %+v, the instance is due %s", d, i.DueAt)
			}
		}
	}
	if want := map[string]int{"open": 1, "closing": 1}[i.State]; ends != want {
		return fmt.Errorf("%d ends in %s", ends, i.State)
	}
	return history.Verify(ctx, history.In(db), i.ProcessID)
}
