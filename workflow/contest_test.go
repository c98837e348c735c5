package workflow_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/store"
)

// contested is a survey whose end is told to those whom an extension and a
// suspension are told to as well.
var contested = strings.NewReplacer(
	"workflow: survey", "workflow: contested", "    to: closing\n", "    to: closing\n    then: [{notice: activity-closed, to: silent}]\n",
).Replace(survey)

// contest is an act of a facilitator around the very end of a term, by the
// database's clock, while two workers fire it.
type contest struct {
	act     func(ctx context.Context, tx bun.IDB, b *bench, ref workflow.Ref, now time.Time) ([]workflow.Effect, error)
	refused []string // what may be said to who came too late
	told    string   // when it was acknowledged
	share   int      // of the rounds that are asked for, one in so many
	held    func(i workflow.Instance, now time.Time) bool
}

// TestExtensionAgainstTimer: either the extension is acknowledged and the survey
// stays open to its new end, or it is refused and the survey closes, once.
func TestExtensionAgainstTimer(t *testing.T) {
	t.Parallel()
	contest{
		act: func(ctx context.Context, tx bun.IDB, b *bench, ref workflow.Ref, now time.Time) ([]workflow.Effect, error) {
			x, err := b.engine.Extend(ctx, tx, ref, workflow.NewEnd{End: now.AddDate(0, 0, 30), Reason: "Ancora un mese", Actor: facilitator})
			return x.Effects, err
		},
		refused: []string{"workflow.term_ended", "workflow.extend_not_allowed", "workflow.no_term"},
		told:    "deadline-extended",
		share:   1,
		held:    func(i workflow.Instance, now time.Time) bool { return i.DueAt.After(now.AddDate(0, 0, 29)) },
	}.run(t)
}

// TestSuspensionAgainstTimer: either the survey rests and its end with it, or it
// closes, once.
func TestSuspensionAgainstTimer(t *testing.T) {
	t.Parallel()
	contest{
		act: func(ctx context.Context, tx bun.IDB, b *bench, ref workflow.Ref, _ time.Time) ([]workflow.Effect, error) {
			x, err := b.engine.Suspend(ctx, tx, ref, workflow.Pause{Reason: "Serve un parere", Actor: facilitator})
			return x.Effects, err
		},
		refused: []string{"workflow.term_ended", "workflow.hold_not_allowed"},
		told:    "held",
		share:   3,
		held:    func(i workflow.Instance, _ time.Time) bool { return i.Held() },
	}.run(t)
}

// races is how many rounds a contest has; ARENGO_RACES asks for more.
func races(t *testing.T) int {
	t.Helper()
	asked := os.Getenv("ARENGO_RACES")
	if asked == "" {
		return 300
	}
	n, err := strconv.Atoi(asked)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c contest) run(t *testing.T) {
	t.Helper()
	b := newBench(t)
	b.running(1)
	b.engine = b.engineWith(store.Clock{})
	acknowledged, closed, broken := 0, 0, 0
	// The end is as far away as an act takes on this machine: whoever won has
	// less time in the next round.
	margin := 8 * time.Millisecond
	rounds := max(races(t)/c.share, 1)
	for i := range rounds {
		won, ok := c.round(b, i, margin)
		switch {
		case !ok:
			broken++
		case won:
			acknowledged++
			margin = max(margin*7/8, time.Millisecond/4)
		default:
			closed++
			margin = min(margin*8/7, time.Second)
		}
	}
	t.Logf("%d acknowledged, %d closed, %d broken", acknowledged, closed, broken)
	if broken > 0 || acknowledged == 0 || closed == 0 {
		t.Errorf("%d acknowledged, %d closed, %d broken: both outcomes must occur for the race to mean anything", acknowledged, closed, broken)
	}
	for i := range (rounds + together - 1) / together {
		b.must(history.Verify(t.Context(), history.In(b.db), process.ProcessID+int64(i)))
	}
}

// together is how many surveys race in one process, which reads what all of them
// have armed.
const together = 100

// round is one race; won says that the act was acknowledged, ok that everything
// fits together: the state, the answer, what fired and what people are told.
func (c contest) round(b *bench, i int, margin time.Duration) (won, ok bool) {
	b.Helper()
	ref, due, end := b.brink(i, margin)
	now := due.Add(-5 * time.Millisecond)
	var all sync.WaitGroup
	var mu sync.Mutex
	var told []string
	fired := 0
	tell := func(effects []workflow.Effect) {
		for _, e := range effects {
			told = append(told, e.Notice)
		}
	}
	all.Go(func() {
		var effects []workflow.Effect
		err := b.in(func(ctx context.Context, tx bun.IDB) (err error) {
			effects, err = c.act(ctx, tx, b, ref, now)
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		if won = err == nil; won {
			tell(effects)
		} else if !slices.Contains(c.refused, key(err)) {
			b.Errorf("round %d: refused by %v", i, err)
		}
	})
	for range 2 {
		all.Go(func() {
			r := b.insist(end)
			mu.Lock()
			defer mu.Unlock()
			if !r.Obsolete && !r.Early {
				fired++
			}
			tell(r.Effects)
		})
	}
	all.Wait()
	state := b.instance(ref)
	if won {
		ok = fired == 0 && state.State == "open" && c.held(state, now) && slices.Equal(told, []string{c.told})
	} else {
		ok = fired == 1 && state.State == "closing" && slices.Equal(told, []string{"activity-closed"})
	}
	if !ok {
		b.Errorf("round %d: acknowledged %v, fired %d times, told %v, %s until %s", i, won, fired, told, state.State, state.DueAt)
	}
	return won, ok
}

// brink opens a survey whose end is a moment away, as if weeks had passed.
func (b *bench) brink(i int, margin time.Duration) (ref workflow.Ref, due time.Time, end workflow.DeadlineRef) {
	b.Helper()
	ref = workflow.Ref{ProcessID: process.ProcessID + int64(i/together), ActivityID: int64(100 + i)}
	if i%together == 0 && i > 0 {
		b.create(ref.Process(), workflow.Start{Definition: "area-path", Actor: promoter})
	}
	b.facts.set(ref, guard.Facts{Counts: map[string]int64{"answers": 1}})
	b.create(ref, workflow.Start{Definition: "contested", Actor: facilitator})
	b.mustApply(workflow.Command{Ref: ref, Event: "open", Actor: facilitator})
	end = b.deadline(ref, 2, "end").DeadlineRef
	now, err := store.Clock{}.Now(b.Context(), b.db)
	b.must(err)
	due = now.Add(margin)
	_, err = b.db.NewRaw(`WITH d AS (UPDATE deadline SET due_at = ?0 WHERE process_id = ?3 AND id = ?1)
		UPDATE workflow_instance SET due_at = ?0 WHERE process_id = ?3 AND activity_id = ?2`, due, end.ID, ref.ActivityID, ref.ProcessID).Exec(b.Context())
	b.must(err)
	return ref, due, end
}

// insist fires a deadline until it is no longer early.
func (b *bench) insist(d workflow.DeadlineRef) (r workflow.Result) {
	b.Helper()
	for range 200 {
		if err := b.in(func(ctx context.Context, tx bun.IDB) (err error) {
			r, err = b.engine.FireDeadline(ctx, tx, d)
			return err
		}); err != nil {
			b.Errorf("fire: %v", err)
		}
		if !r.Early {
			return r
		}
	}
	return r
}

// TestSixtyFourAtOnce lets as many clients ask for the same transition on the
// same page: one wins, the others learn the revision that stands.
func TestSixtyFourAtOnce(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	before := b.instance(activity)
	answers := make(chan error, 64)
	for range cap(answers) {
		go func() {
			_, err := b.apply(workflow.Command{Ref: activity, Event: "end", Actor: facilitator, ExpectRevision: before.Revision})
			answers <- err
		}()
	}
	won := 0
	for range cap(answers) {
		if err := <-answers; err == nil {
			won++
		} else {
			b.stale(err, before.Revision+1)
		}
	}
	if after := b.instance(activity); won != 1 || after.State != "closing" || after.Revision != before.Revision+1 {
		t.Errorf("%d won, %+v", won, after)
	}
	b.verify()
}

// stale checks that a refusal says which revision stands.
func (b *bench) stale(err error, want int64) {
	b.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != fault.Conflict || e.Key != "workflow.stale" || e.Args["revision"] != want {
		b.Errorf("refused by %v, want a conflict that names revision %d", err, want)
	}
}
