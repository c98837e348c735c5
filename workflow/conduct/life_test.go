package conduct_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/history"
)

// lively is the path, which may also rest, end later or earlier, and go on after
// its end.
var lively = strings.NewReplacer(
	"term: {length: 10d}\n", "term: {length: 10d}\n    allows: [extend, shorten, hold]\n",
	"\ntransitions:\n", "\ntransitions:\n  - {id: again, event: again, from: [over], to: listening, by: [promoter], reopens: true, tell: followers}\n",
).Replace(path)

// TestRandomLives lets people, the timer and a clock that is sometimes set back
// move a path and its surveys. Whatever the order: nothing is told twice,
// nothing that is due stays undone, no deadline outlives its state, and no
// survey takes answers after its phase.
func TestRandomLives(t *testing.T) {
	t.Parallel()
	over, counts := 0, map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		days := rapid.SampledFrom([]string{"5", "10", "30"}).Draw(r, "days")
		by := rapid.SampledFrom([]string{"facilitator, system", "system"}).Draw(r, "by")
		w := newWorldOn(t, lively, strings.NewReplacer("DAYS", days, "BY", by).Replace(survey))
		w.asked = map[int64]int64{1: rapid.Int64Range(0, 1).Draw(r, "first"), 2: rapid.Int64Range(0, 1).Draw(r, "second")}
		for range rapid.IntRange(3, 40).Draw(r, "steps") {
			switch rapid.IntRange(0, 7).Draw(r, "act") {
			case 0, 1:
				w.try(r)
			case 2:
				w.clock.Advance(time.Duration(rapid.IntRange(-24, 12*24).Draw(r, "hours")) * time.Hour)
			case 3:
				w.extend(r)
			case 4:
				w.asked[rapid.Int64Range(1, 2).Draw(r, "survey")] = 1
			case 5:
				w.deliver(r)
			case 6, 7:
				counts[w.rest(r)]++
			}
			if rapid.Bool().Draw(r, "sweep") {
				w.sweep()
				w.settled(r)
			}
			if i, err := w.engine.Instance(t.Context(), nil, process); err == nil && i.State == "over" {
				over++
			}
		}
		w.sweep()
		w.settled(r)
	})
	t.Log(over, counts)
	if !t.Failed() && (over == 0 || counts["suspend"] == 0 || counts["resume"] == 0) {
		t.Errorf("%d steps at the end of a life, %v", over, counts)
	}
}

// try asks for something that the state may know; a refusal is fine.
func (w *world) try(r *rapid.T) {
	c := workflow.Command{
		Ref: ref(rapid.Int64Range(0, 2).Draw(r, "instance")), Actor: workflow.Person(9, "promoter", "facilitator"),
		Event: rapid.SampledFrom([]string{"launch", "finish", "open", "close", "again"}).Draw(r, "event"),
	}
	if i, err := w.engine.Instance(w.Context(), nil, process); err != nil || i.State == "over" && c.Event == "open" {
		return // people may open a survey after its phase, and nobody else does
	}
	w.may(r, w.InTx(w.Context(), workflow.DeadlineRef{ProcessID: c.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Apply(ctx, tx, c)
		return err
	}))
}

func (w *world) extend(r *rapid.T) {
	x := workflow.NewEnd{
		End: w.clock.Time().AddDate(0, 0, rapid.IntRange(1, 20).Draw(r, "by")), Reason: "x", Actor: workflow.Person(9, "facilitator"),
	}
	on, act := ref(rapid.Int64Range(0, 2).Draw(r, "extended")), w.Extend
	if rapid.Bool().Draw(r, "shorter") {
		act = w.Shorten
	}
	w.may(r, w.InTx(w.Context(), workflow.DeadlineRef{ProcessID: on.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := act(ctx, tx, on, x)
		return err
	}))
}

// rest suspends what runs and resumes what rests, and says which it did.
func (w *world) rest(r *rapid.T) string {
	on := ref(rapid.Int64Range(0, 2).Draw(r, "resting"))
	i, err := w.engine.Instance(w.Context(), nil, on)
	w.may(r, err)
	act, did := w.Suspend, "suspend"
	if i.Held() {
		act, did = w.Resume, "resume"
	}
	err = w.InTx(w.Context(), workflow.DeadlineRef{ProcessID: on.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		_, err := act(ctx, tx, on, workflow.Pause{Reason: "x", Actor: workflow.Person(9, "facilitator", "promoter")})
		return err
	})
	if w.may(r, err); err != nil {
		return "refused"
	}
	return did
}

// deliver fires any deadline, early, late or done: queues do so.
func (w *world) deliver(r *rapid.T) {
	all, err := w.engine.Deadlines(w.Context(), nil, ref(rapid.Int64Range(0, 2).Draw(r, "instance")))
	w.may(r, err)
	if len(all) == 0 {
		return
	}
	d := rapid.SampledFrom(all).Draw(r, "deadline")
	w.may(r, w.InTx(w.Context(), d.DeadlineRef, func(ctx context.Context, tx bun.IDB) error {
		_, err := w.Fire(ctx, tx, d.DeadlineRef)
		return err
	}))
}

func (w *world) may(r *rapid.T, err error) {
	if _, refused := fault.As(err); err != nil && !refused {
		r.Fatal(err)
	}
}

// settled checks what must hold after a sweep.
func (w *world) settled(r *rapid.T) {
	slices.Sort(w.keys)
	for i := 1; i < len(w.keys); i++ {
		if w.keys[i] == w.keys[i-1] {
			r.Fatalf("%s is told twice", w.keys[i])
		}
	}
	due, err := w.engine.Due(w.Context(), nil, w.clock.Time(), 1)
	if err != nil || len(due) > 0 {
		r.Fatalf("still due after the sweep: %+v, %v; %s", due, err, w.log.String())
	}
	instances, err := w.engine.Instances(w.Context(), nil, process.ProcessID)
	w.may(r, err)
	for _, i := range instances {
		if i.ActivityID != 0 && i.State == "open" && instances[0].State == "over" {
			r.Fatalf("survey %d is open after its phase", i.ActivityID)
		}
		all, err := w.engine.Deadlines(w.Context(), nil, i.Ref)
		w.may(r, err)
		for _, d := range all {
			open := d.FiredAt.IsZero() && d.CancelledAt.IsZero()
			if open && (d.Entry != i.Entry || i.Held()) {
				r.Fatalf("%s of entry %d is armed in entry %d, held %v", d.Name, d.Entry, i.Entry, i.Held())
			}
			if open && d.Name == "end" && !d.DueAt.Equal(i.DueAt) {
				r.Fatalf("the end of %v is armed for %s and is on %s", i.Ref, d.DueAt, i.DueAt)
			}
		}
	}
	w.may(r, history.Verify(w.Context(), w.rows, process.ProcessID))
}
