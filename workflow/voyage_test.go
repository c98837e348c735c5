package workflow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
)

// voyage is the life of an instance that moves from version to version. What it
// expects is said here in its own words, and not by the engine's code.
type voyage struct {
	*lifetime
	names [][]string // of the three states that have a term, by version
	told  map[string]bool
}

// TestVoyages moves random lives to random versions and back: an end that was
// promised is never lost, doubled or brought forward, nothing happens at once, a
// migration that is taken back leaves what was there, and the chain holds.
func TestVoyages(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		v := &voyage{lifetime: newLifetime(r, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), counts), told: map[string]bool{}}
		def, err := v.runs(v.version(1), v.version(2), v.version(3)).Get("voyage", 1)
		v.must(err)
		chosen := map[string]int{v.names[0][1]: rapid.SampledFrom([]int{0, 15}).Draw(r, "chosen")}
		plan := outlook.Plan(def, civil.Date{Year: 2026, Month: time.March, Day: 2}, chosen, nil)
		if rapid.Bool().Draw(r, "fixed") {
			plan[2].Fixed, plan[2].End, plan[2].Source = true, plan[2].End.AddDate(0, 0, 20), outlook.SourceFixed
		}
		v.begins(workflow.Start{Definition: "voyage", Version: 1, Actor: promoter, Plan: plan})
		for range rapid.IntRange(4, 16).Draw(r, "steps") {
			act := rapid.SampledFrom([]string{"migrate", "migrate", "sail", "sail", "move", "extend", "rest"}).Draw(r, "act")
			map[string]func(){"migrate": v.migrate, "sail": v.sail, "move": v.move, "extend": v.extend, "rest": v.rest}[act]()
			v.sound()
		}
	})
	happened(t, counts, "migrated", "reverted", "extended", "later")
}

// version writes one with three states of random names, lengths and deadlines;
// the third counts from the first.
func (v *voyage) version(n int) string {
	names := rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(v.T, "names")[:3]
	v.names = append(v.names, names)
	var s strings.Builder
	fmt.Fprintf(&s, "workflow: voyage\nversion: %d\ntitle: {it: V, en: V}\ntimezone: Europe/Rome\nroles: [promoter, facilitator]\ninitial: %s\nstates:\n", n, names[0])
	by := make([]string, len(names))
	for i, name := range names {
		length := rapid.IntRange(5, 30).Draw(v.T, "length")
		term := fmt.Sprintf("length: %dd, max: %dd, extend: {max: %dd}", length, length+rapid.IntRange(0, 20).Draw(v.T, "more"), rapid.IntRange(1, 9).Draw(v.T, "extend"))
		if rapid.IntRange(0, 2).Draw(v.T, "least") == 0 {
			term += fmt.Sprintf(", min: %dd", rapid.IntRange(1, length).Draw(v.T, "min"))
		}
		if i == 2 && rapid.Bool().Draw(v.T, "from") {
			term += ", from: \"state:" + names[0] + "\""
		}
		fmt.Fprintf(&s, "  %s: {title: {it: %s, en: %s}, term: {%s}, allows: [extend, hold], reminders: [{before: %dd, to: %s}]", name, name, name, term,
			rapid.IntRange(1, 4).Draw(v.T, "before"), rapid.SampledFrom([]string{"promoter", "facilitator"}).Draw(v.T, "to"))
		by[i] = "promoter"
		if rapid.Bool().Draw(v.T, "automatic") {
			by[i] = "promoter, timer"
			fmt.Fprintf(&s, ", at_end: {event: go%d}", n)
		}
		s.WriteString("}\n")
	}
	s.WriteString("  z: {title: {it: Z, en: Z}, final: true}\ntransitions:\n")
	for i, name := range names {
		to := append(slices.Clone(names[i+1:]), "z")[0]
		fmt.Fprintf(&s, "  - {id: from-%s, event: go%d, from: [%s], to: %s, by: [%s]}\n", name, n, name, to, by[i])
	}
	return s.String()
}

func (v *voyage) plan() []workflow.PlannedPhase {
	p, err := v.engine.Plan(context.Background(), nil, hearingRef)
	v.must(err)
	return p
}

// sight is a deadline ahead, and what it does.
type sight struct {
	at   time.Time
	does string
}

// coming are the deadlines of the present entry that are still to come.
func (v *voyage) coming() map[string]sight {
	out := map[string]sight{}
	for _, d := range v.deadlines() {
		if d.Entry == v.instance().Entry && ahead(d) && d.DueAt.After(v.clock.Time()) {
			out[d.Name] = sight{d.DueAt, fmt.Sprint(d.Action, d.Event, d.Notice, d.Audience)}
		}
	}
	return out
}

// sound is what holds after every step.
func (v *voyage) sound() {
	i, now := v.instance(), v.clock.Time()
	ends := 0
	for _, d := range v.deadlines() {
		open := ahead(d)
		switch {
		case open && (d.Entry != i.Entry || i.Held()):
			v.Fatalf("%s of entry %d is armed in entry %d, held %v", d.Name, d.Entry, i.Entry, i.Held())
		case open && d.Name == "end" && d.DueAt.Equal(i.DueAt):
			ends++
			if d.Action == "event" && d.Event != fmt.Sprintf("go%d", i.Version) {
				v.Fatalf("version %d ends by %s", i.Version, d.Event)
			}
		case open && d.Name == "end":
			v.Fatalf("the end is armed at %s, and the term ends at %s", d.DueAt, i.DueAt)
		}
	}
	if !i.Held() && i.State != "z" && i.DueAt.After(now) && ends != 1 {
		v.Fatalf("%d ends of %s at %s", ends, i.State, i.DueAt)
	}
	if i.State != "z" && i.DueAt.IsZero() {
		v.Fatalf("%s of version %d has lost its end", i.State, i.Version)
	}
	v.must(history.Verify(context.Background(), v.rows, hearingRef.ProcessID))
}

// sail lets time pass, with the timer close behind, which says nothing twice.
func (v *voyage) sail() {
	v.passes(time.Duration(rapid.IntRange(1, 20*24).Draw(v.T, "hours"))*time.Hour, func(_ workflow.Instance, r workflow.Result) {
		for _, e := range r.Effects {
			if v.told[e.Occasion] {
				v.Fatalf("%s was said twice", e.Occasion)
			}
			v.told[e.Occasion] = true
		}
	})
}

func (v *voyage) move() {
	_ = v.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := v.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: fmt.Sprintf("go%d", v.instance().Version), Actor: promoter})
		return err
	})
}

func (v *voyage) extend() {
	i := v.instance()
	x := workflow.NewEnd{
		End: i.DueAt.AddDate(0, 0, rapid.IntRange(1, 12).Draw(v.T, "days")), Reason: "x", Actor: promoter,
		Exception: rapid.Bool().Draw(v.T, "exception"),
	}
	err := v.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := v.engine.Extend(ctx, tx, hearingRef, x)
		return err
	})
	if err == nil {
		v.counts["extended"]++
	}
}

func (v *voyage) rest() {
	act := v.engine.Suspend
	if v.instance().Held() {
		act = v.engine.Resume
	}
	_ = v.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := act(ctx, tx, hearingRef, workflow.Pause{Reason: "x", Actor: promoter})
		return err
	})
}

// migrate goes to a newer version, whose states come in the same order under
// other names, and perhaps back after a while.
func (v *voyage) migrate() {
	before, plan, coming := v.instance(), v.plan(), v.coming()
	to := before.Version + 1
	if to > 3 || before.State == "z" || before.Held() {
		return
	}
	states := map[string]string{}
	for i, name := range v.names[before.Version-1] {
		states[name] = v.names[to-1][i]
	}
	var m workflow.Migration
	err := v.do(func(ctx context.Context, tx bun.IDB) (err error) {
		m, err = v.engine.Migrate(ctx, tx, hearingRef, workflow.NewVersion{Definition: "voyage", Version: to, States: states, Reason: "x", Actor: promoter})
		return err
	})
	over := !before.DueAt.After(v.clock.Time())
	if err != nil {
		if over && (key(err) == "workflow.migrate_ended" || key(err) == "workflow.migrate_over") {
			return
		}
		v.Fatalf("migrate: %v", err)
	}
	v.counts["migrated"]++
	after := v.instance()
	switch {
	case after.DueAt.Before(before.DueAt):
		v.Fatalf("promised until %s, ends %s", before.DueAt, after.DueAt)
	case after.DueAt.After(before.DueAt) && (!after.DueAt.Equal(after.MinAt) || len(m.Effects) == 0):
		v.Fatalf("from %s to %s, least %s, told %+v", before.DueAt, after.DueAt, after.MinAt, m.Effects)
	case after.DueAt.After(before.DueAt):
		v.counts["later"]++
	case !after.FirstDueAt.Equal(before.FirstDueAt):
		v.Fatalf("extensions count from %s, before from %s", after.FirstDueAt, before.FirstDueAt)
	}
	v.follows(plan, states)
	v.sound()
	if rapid.Bool().Draw(v.T, "back") {
		v.revert(before, plan, coming)
	}
}

// follows reports what of a plan was lost under the new names: what happened, and
// what somebody chose for what is to come.
func (v *voyage) follows(old []workflow.PlannedPhase, states map[string]string) {
	now := v.plan()
	for _, o := range old {
		i := slices.IndexFunc(now, func(p workflow.PlannedPhase) bool { return p.State == states[o.State] })
		if i < 0 {
			v.Fatalf("%s is gone from the plan: %+v", o.State, now)
		}
		n := now[i]
		if !n.StartedAt.Equal(o.StartedAt) || !n.EndedAt.Equal(o.EndedAt) || n.Days != o.Days || n.Fixed != o.Fixed {
			v.Fatalf("%+v became %+v", o, n)
		}
		if o.Fixed && o.StartedAt.IsZero() && !n.End.Equal(o.End) {
			v.Fatalf("fixed for %s, planned for %s", o.End, n.End)
		}
	}
}

// revert takes the migration back after some hours.
func (v *voyage) revert(before workflow.Instance, plan []workflow.PlannedPhase, coming map[string]sight) {
	entry := v.instance().Entry
	if rapid.Bool().Draw(v.T, "later") {
		v.sail()
	}
	err := v.do(func(ctx context.Context, tx bun.IDB) error {
		_, err := v.engine.Revert(ctx, tx, hearingRef, workflow.Pause{Reason: "x", Actor: promoter})
		return err
	})
	now := v.instance()
	if err != nil {
		moved := now.Entry != entry && key(err) == "workflow.revert_none"
		over := !before.DueAt.After(v.clock.Time()) && (key(err) == "workflow.revert_over" || key(err) == "workflow.migrate_ended")
		if !moved && !over {
			v.Fatalf("revert: %v", err)
		}
		return
	}
	v.counts["reverted"]++
	before.Revision = now.Revision
	if now != before {
		v.Fatalf("was %+v, is %+v", before, now)
	}
	if again := v.plan(); !slices.EqualFunc(again, plan, samePhase) {
		v.Fatalf("the plan was\n%+v\nis\n%+v", plan, again)
	}
	is := v.coming()
	for name, d := range is {
		if coming[name] != d {
			v.Fatalf("%s is %v, was %v", name, d, coming[name])
		}
	}
	all := v.deadlines()
	for name, d := range coming {
		i := slices.IndexFunc(all, func(a workflow.Deadline) bool { return a.Name == name && a.Entry == entry })
		if is[name] != d && all[i].FiredAt.IsZero() && d.at.After(v.clock.Time()) {
			v.Fatalf("%s, %v, is lost", name, d)
		}
	}
}

func samePhase(a, b workflow.PlannedPhase) bool {
	return a.State == b.State && a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Source == b.Source && a.Days == b.Days && a.Fixed == b.Fixed &&
		a.StartedAt.Equal(b.StartedAt) && a.EndedAt.Equal(b.EndedAt) && a.Reason == b.Reason
}
