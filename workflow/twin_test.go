package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/memory"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
	"arengo/workflow/store"
)

// twin drives the engine of the database and the engine in memory, under one
// clock and on the same facts.
type twin struct {
	*bench
	r       *rapid.T
	rows    *memory.Store
	engines [2]*workflow.Engine
	process int64
	given   []ordinal // deadlines that were delivered
	blocked *workflow.Blocked
}

// ordinal names a deadline in both stores, which number their rows as they
// like: by its place among those of the process.
type ordinal struct {
	nth, generation int
	due             time.Time
}

const (
	inDatabase = 0
	inMemory   = 1
)

// TestMemoryIsLikeTheDatabase drives both through the same random lives: every
// answer, every refusal and, after each step, every row must be alike.
func TestMemoryIsLikeTheDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var next atomic.Int64
	steps := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		w := &twin{bench: b, r: r, rows: memory.New(), process: 5000 + next.Add(1)}
		b.clock.Set(b.at("2026-03-02 10:00").Add(time.Duration(rapid.IntRange(0, 300*24).Draw(r, "start")) * time.Hour))
		w.engines = [2]*workflow.Engine{b.engineWith(b.clock), b.engineWith(b.clock).On(w.rows)}
		w.born()
		for range rapid.IntRange(6, 14).Draw(r, "steps") {
			act := rapid.SampledFrom(acts).Draw(r, "act")
			steps[act.name]++
			act.do(w)
			w.compare()
		}
	})
	t.Log(steps)
	if !t.Failed() && len(steps) < 12 {
		t.Errorf("only %v were tried", steps)
	}
}

type act struct {
	name string
	do   func(w *twin)
}

var acts = slices.Concat(
	slices.Repeat([]act{{"apply", (*twin).apply}}, 8),
	slices.Repeat([]act{{"fire", (*twin).fire}, {"clock", (*twin).tick}}, 4),
	slices.Repeat([]act{{"extend", (*twin).extend}, {"plan", (*twin).plan}, {"replan", (*twin).replan}, {"anchors", (*twin).anchors}, {"facts", (*twin).know}, {"rest", (*twin).rest}, {"shorten", (*twin).shorten}, {"migrate", (*twin).migrate}, {"revert", (*twin).revert}, {"document", (*twin).document}}, 2),
	[]act{
		{"duplicate", (*twin).duplicate},
		{"create", (*twin).create},
		{"hold", (*twin).hold},
		{"note", (*twin).note},
		{"abort", (*twin).abort},
		{"read", (*twin).read},
	},
)

// born makes a process with a survey and a seminar.
func (w *twin) born() {
	for activity, definition := range []string{"area-path", "survey", "seminar"} {
		ref := workflow.Ref{ProcessID: w.process, ActivityID: int64(activity)}
		w.facts.set(ref, guard.Facts{})
		start := workflow.Start{Definition: definition, Actor: promoter, Plan: w.phases(ref)}
		w.both("create", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
			return w.engines[side].Create(ctx, tx, ref, start)
		})
	}
	w.know()
}

// both does one thing on both sides and compares what comes of it.
func (w *twin) both(what string, do func(ctx context.Context, tx bun.IDB, side int) (any, error)) {
	var got [2]string
	for side := range got {
		var out any
		err := w.within(side, func(ctx context.Context, tx bun.IDB) (err error) {
			out, err = do(ctx, tx, side)
			return err
		})
		got[side] = w.text(out) + "\n" + w.refusal(err)
		errors.As(err, &w.blocked)
	}
	w.alike(what, got)
}

func (w *twin) within(side int, do func(ctx context.Context, tx bun.IDB) error) error {
	if side == inMemory {
		return w.rows.InTx(w.Context(), do)
	}
	return w.in(do)
}

func (w *twin) alike(what string, got [2]string) {
	if got[inDatabase] != got[inMemory] {
		w.r.Fatalf("%s: the database says\n%s\nand the memory\n%s", what, got[inDatabase], got[inMemory])
	}
}

func (w *twin) text(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		w.r.Fatal(err)
	}
	return string(b)
}

// refusal is everything of an error that a person meets; of a fault that is
// nobody's, only that it is one.
func (w *twin) refusal(err error) string {
	var blocked *workflow.Blocked
	switch e, ok := fault.As(err); {
	case err == nil:
		return ""
	case errors.As(err, &blocked):
		return fmt.Sprint(blocked.Ref, blocked.Transition, blocked.Blockers)
	case ok:
		return fmt.Sprint(e.Code, e.Field, e.Key, e.Args)
	}
	return "internal"
}

// on is what reads are given on a side.
func (w *twin) on(side int) bun.IDB {
	if side == inMemory {
		return nil
	}
	return w.db
}

// compare holds all rows of both sides against each other, and each chain
// against itself.
func (w *twin) compare() {
	var got [2]string
	for side, kept := range []history.Kept{inDatabase: history.In(w.db), inMemory: w.rows} {
		got[side] = w.text(w.snapshot(side))
		if err := history.Verify(w.Context(), kept, w.process); err != nil {
			w.r.Fatalf("side %d: %v", side, err)
		}
	}
	w.alike("rows", got)
}

func (w *twin) snapshot(side int) []any {
	ctx, db, e := w.Context(), w.on(side), w.engines[side]
	instances, err := e.Instances(ctx, db, w.process)
	w.ok(err)
	out := []any{instances}
	deadlines := w.deadlines(side)
	ids := make([]int64, len(deadlines))
	for i := range deadlines {
		ids[i] = deadlines[i].ID
		deadlines[i].ID = int64(i)
	}
	out = append(out, deadlines)
	for _, i := range instances {
		plan, err := e.Plan(ctx, db, i.Ref)
		w.ok(err)
		out = append(out, plan)
	}
	log, err := e.Log(ctx, db, w.process, 0, 0)
	w.ok(err)
	for i := range log {
		facts, err := row.Canonical(log[i].Facts)
		w.ok(err)
		log[i].Facts, log[i].Hash = facts, "" // salted
		log[i].DeadlineID = int64(slices.Index(ids, log[i].DeadlineID))
	}
	incidents, err := e.Incidents(ctx, db, w.process)
	w.ok(err)
	for i := range incidents {
		incidents[i].ID = 0
		incidents[i].DeadlineID = int64(slices.Index(ids, incidents[i].DeadlineID))
	}
	out = append(out, log, incidents)
	for activity := range int64(3) {
		ref := workflow.Ref{ProcessID: w.process, ActivityID: activity}
		rows := [2]workflow.Store{store.In(w.db), w.rows}
		passages, err := rows[side].Passages(ctx, ref, []string{"suspend", "resume", "migrate"}, []string{"migrate"})
		w.ok(err)
		for i := range passages {
			passages[i].EffectiveAt = passages[i].EffectiveAt.UTC()
			if passages[i].Facts != nil {
				passages[i].Facts, err = row.Canonical(passages[i].Facts)
				w.ok(err)
			}
		}
		out = append(out, passages)
	}
	return out
}

func (w *twin) ok(err error) {
	if err != nil {
		w.r.Fatal(err)
	}
}

// deadlines are all of the process, in the order of their making.
func (w *twin) deadlines(side int) []workflow.Deadline {
	var out []workflow.Deadline
	for activity := range int64(3) {
		all, err := w.engines[side].Deadlines(w.Context(), w.on(side), workflow.Ref{ProcessID: w.process, ActivityID: activity})
		w.ok(err)
		out = append(out, all...)
	}
	slices.SortFunc(out, func(a, b workflow.Deadline) int { return int(a.ID - b.ID) })
	return out
}

// deliver fires one deadline on both sides, by a reference that may be old.
func (w *twin) deliver(o ordinal) {
	w.given = append(w.given, o)
	w.both("fire", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		ref := workflow.DeadlineRef{ProcessID: w.process, ID: w.deadlines(side)[o.nth].ID, Generation: o.generation, DueAt: o.due}
		due, open, err := w.engines[side].Standing(ctx, tx, ref)
		if err != nil {
			return nil, err
		}
		r, err := w.engines[side].FireDeadline(ctx, tx, ref)
		return []any{due, open, r}, err
	})
}

// fire delivers deadlines, now and then one that is not due, or done.
func (w *twin) fire() {
	all := w.deadlines(inMemory)
	any := rapid.IntRange(0, 4).Draw(w.r, "any") == 0
	for nth, d := range all {
		due := d.FiredAt.IsZero() && d.CancelledAt.IsZero() && !d.DueAt.After(w.clock.Time())
		if due || (any && rapid.Bool().Draw(w.r, "this")) {
			w.deliver(ordinal{nth, d.Generation, d.DueAt})
		}
	}
}

func (w *twin) duplicate() {
	if len(w.given) > 0 {
		w.deliver(rapid.SampledFrom(w.given).Draw(w.r, "again"))
	}
}

func (w *twin) ref() workflow.Ref {
	return workflow.Ref{ProcessID: w.process, ActivityID: rapid.Int64Range(0, 2).Draw(w.r, "activity")}
}

// command is mostly one that the state knows, and mostly by somebody who may.
func (w *twin) command() workflow.Command {
	ref := w.ref()
	i, err := w.engines[inMemory].Instance(w.Context(), nil, ref)
	if err != nil { // it could not be created
		return workflow.Command{Ref: ref, Event: "open", Actor: facilitator}
	}
	def, err := w.engines[inMemory].Definition(w.Context(), nil, i)
	w.ok(err)
	word := definition.Transition{ID: "dance", Event: "dance"}
	if leaving := def.Leaving(i.State); len(leaving) > 0 && rapid.IntRange(0, 9).Draw(w.r, "known") > 0 {
		word = rapid.SampledFrom(leaving).Draw(w.r, "transition")
	}
	c := workflow.Command{
		Ref: ref, Reason: rapid.SampledFrom([]string{"Perché sì", "Così", ""}).Draw(w.r, "reason"),
		PublicReason:   rapid.Bool().Draw(w.r, "public"),
		Actor:          rapid.SampledFrom([]workflow.Actor{workflow.Person(9, "facilitator", "promoter"), workflow.System(), facilitator}).Draw(w.r, "actor"),
		IdempotencyKey: rapid.SampledFrom([]string{"", "", "k1", "k2"}).Draw(w.r, "key"),
		ExpectRevision: max(0, rapid.Int64Range(-9, 3).Draw(w.r, "revision")),
	}
	if word.Reopens || rapid.IntRange(0, 19).Draw(w.r, "out of place") == 0 {
		c.Tell = rapid.SampledFrom([][]string{nil, {"silent"}, {"silent", "followers"}, {"invited"}}).Draw(w.r, "tell")
		if rapid.Bool().Draw(w.r, "end") {
			c.End = w.soon()
		}
	}
	if rapid.Bool().Draw(w.r, "by transition") {
		c.Transition = word.ID
	} else {
		c.Event = word.Event
	}
	return c
}

func (w *twin) apply() {
	c := w.command()
	for range rapid.IntRange(1, 2).Draw(w.r, "times") {
		w.both("apply", func(ctx context.Context, tx bun.IDB, side int) (any, error) { return w.engines[side].Apply(ctx, tx, c) })
	}
}

// abort begins something and then thinks better of it: nothing may remain.
func (w *twin) abort() {
	c, ref, plan := w.command(), w.ref(), w.phases(w.ref())
	end := w.soon()
	w.both("abort", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		e := w.engines[side]
		r, err := e.Apply(ctx, tx, c)
		if err != nil {
			return r, err
		}
		if err := e.SetPlan(ctx, tx, ref, plan); err != nil {
			return r, err
		}
		_, err = e.Extend(ctx, tx, ref, workflow.NewEnd{End: end, Reason: "x", Actor: facilitator})
		return r, errors.Join(err, errors.New("no, rather not"))
	})
}

// soon is some hour before or after now.
func (w *twin) soon() time.Time {
	return w.clock.Time().Add(time.Duration(rapid.IntRange(-48, 60*24).Draw(w.r, "hours")) * time.Hour)
}

func (w *twin) extend() {
	ref, end := w.ref(), w.soon()
	if i, err := w.engines[inMemory].Instance(w.Context(), nil, ref); err == nil && !i.DueAt.IsZero() {
		end = i.DueAt.Add(time.Duration(rapid.IntRange(-2, 30).Draw(w.r, "days")) * 24 * time.Hour)
	}
	x := workflow.NewEnd{
		End: end, Reason: rapid.SampledFrom([]string{"", "Serve tempo"}).Draw(w.r, "reason"), Actor: facilitator, PublicReason: true,
		ExpectRevision: max(0, rapid.Int64Range(-6, 4).Draw(w.r, "revision")),
	}
	w.both("extend", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Extend(ctx, tx, ref, x)
	})
}

// shorten asks for an end that is mostly earlier.
func (w *twin) shorten() {
	ref, end := w.ref(), w.soon()
	if i, err := w.engines[inMemory].Instance(w.Context(), nil, ref); err == nil && !i.DueAt.IsZero() {
		end = i.DueAt.AddDate(0, 0, rapid.IntRange(-20, 1).Draw(w.r, "days"))
	}
	x := workflow.NewEnd{End: end, Reason: "Prima", Actor: facilitator}
	w.both("shorten", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Shorten(ctx, tx, ref, x)
	})
}

// rest suspends or resumes.
func (w *twin) rest() {
	ref := w.ref()
	p := workflow.Pause{
		Reason: rapid.SampledFrom([]string{"", "Pausa"}).Draw(w.r, "reason"), PublicReason: true, Actor: facilitator,
		ExpectRevision: max(0, rapid.Int64Range(-9, 4).Draw(w.r, "revision")),
	}
	act := (*workflow.Engine).Suspend
	if i, err := w.engines[inMemory].Instance(w.Context(), nil, ref); (err == nil && i.Held()) != (rapid.IntRange(0, 9).Draw(w.r, "wrongly") == 0) {
		act = (*workflow.Engine).Resume
	}
	w.both("rest", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return act(w.engines[side], ctx, tx, ref, p)
	})
}

// migrate moves the survey from one definition to the other, or back.
func (w *twin) migrate() {
	ref := w.ref()
	v := workflow.NewVersion{
		Definition: "other-survey", Version: rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(w.r, "version"), Actor: promoter,
		Reason: "Meglio così", ExpectRevision: max(0, rapid.Int64Range(-9, 4).Draw(w.r, "revision")),
	}
	if i, err := w.engines[inMemory].Instance(w.Context(), nil, ref); err == nil && i.Definition == v.Definition {
		v.Definition, v.States = "survey", map[string]string{"collecting": "open"}
	} else if rapid.IntRange(0, 4).Draw(w.r, "mapped") > 0 {
		v.States = map[string]string{"open": "collecting"}
	}
	w.both("migrate", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Migrate(ctx, tx, ref, v)
	})
}

func (w *twin) revert() {
	ref := w.ref()
	w.both("revertible", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Revertible(ctx, tx, ref)
	})
	w.both("revert", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Revert(ctx, tx, ref, workflow.Pause{Reason: "Era meglio prima", Actor: promoter})
	})
}

// document tells of a document, after which a migration can still be taken back.
func (w *twin) document() {
	w.both("document", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return nil, w.engines[side].NoteDocument(ctx, tx, w.process, promoter, definition.ActPublishDocument, workflow.DocumentAct{Code: "sheet"})
	})
	w.revert()
}

// phases is a plan of some states of an instance, with all kinds of ends, good
// and bad.
func (w *twin) phases(ref workflow.Ref) []workflow.PlannedPhase {
	states := [][]string{{"preparation", "exploration", "analysis"}, {"draft", "open", "party"}, {"open"}}[ref.ActivityID]
	var out []workflow.PlannedPhase
	for _, s := range states {
		if rapid.IntRange(0, 2).Draw(w.r, s) == 0 || (s == "party" && rapid.IntRange(0, 4).Draw(w.r, "party") > 0) {
			continue
		}
		p := workflow.PlannedPhase{State: s, Source: outlook.SourceOverride, Days: rapid.IntRange(0, 30).Draw(w.r, "days")}
		if rapid.Bool().Draw(w.r, "dated") {
			p.Start = w.soon()
			p.End = p.Start.Add(time.Duration(rapid.IntRange(0, 40*24).Draw(w.r, "hours")) * time.Hour)
			p.Fixed = rapid.Bool().Draw(w.r, "fixed")
			p.Source = outlook.SourceFixed
		}
		out = append(out, p)
	}
	return out
}

func (w *twin) plan() {
	ref := w.ref()
	plan := w.phases(ref)
	w.both("plan", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return nil, w.engines[side].SetPlan(ctx, tx, ref, plan)
	})
}

func (w *twin) replan() {
	ref := w.ref()
	plan := w.phases(ref)
	w.both("replan", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Replan(ctx, tx, ref, plan, facilitator)
	})
}

// anchors moves the meetings of the seminar.
func (w *twin) anchors() {
	seminar := workflow.Ref{ProcessID: w.process, ActivityID: 2}
	f := guard.Facts{Anchors: map[string][]time.Time{}}
	for range rapid.IntRange(0, 2).Draw(w.r, "meetings") {
		at := w.soon()
		f.Anchors["meeting"] = append(f.Anchors["meeting"], at)
		f.Anchors["meeting_end"] = append(f.Anchors["meeting_end"], at.Add(time.Hour))
	}
	w.facts.set(seminar, f)
	w.both("reschedule", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].RescheduleAnchors(ctx, tx, seminar, facilitator)
	})
}

func (w *twin) know() {
	answers := max(0, rapid.Int64Range(-1, 2).Draw(w.r, "answers"))
	w.facts.set(workflow.Ref{ProcessID: w.process, ActivityID: 1}, guard.Facts{Counts: map[string]int64{"answers": answers}})
	f := guard.Facts{}
	if rapid.Bool().Draw(w.r, "complete") {
		f = fullFacts(w.clock.Time())
	}
	w.facts.set(workflow.Ref{ProcessID: w.process}, f)
}

// tick moves the clock, to the next deadline if it can, and now and then back.
func (w *twin) tick() {
	if rapid.IntRange(0, 5).Draw(w.r, "back") == 0 {
		w.clock.Advance(-time.Duration(rapid.IntRange(1, 5*24).Draw(w.r, "hours")) * time.Hour)
		return
	}
	next, err := w.engines[inMemory].Soon(w.Context(), nil, w.clock.Time().Add(time.Microsecond), w.clock.Time().AddDate(2, 0, 0), 1)
	w.ok(err)
	if len(next) > 0 && rapid.Bool().Draw(w.r, "to the next") {
		w.clock.Set(next[0].DueAt)
		return
	}
	w.clock.Advance(time.Duration(rapid.IntRange(1, 40*24).Draw(w.r, "hours")) * time.Hour)
}

// create tries what is there already, or has no process, or cannot be.
func (w *twin) create() {
	ref := rapid.SampledFrom([]workflow.Ref{
		{ProcessID: w.process, ActivityID: 1}, {ProcessID: w.process}, {ProcessID: -w.process, ActivityID: 1}, {ProcessID: w.process, ActivityID: -1},
	}).Draw(w.r, "ref")
	start := workflow.Start{Definition: rapid.SampledFrom([]string{"survey", "area-path", "nothing"}).Draw(w.r, "definition"), Actor: facilitator}
	w.both("create", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return w.engines[side].Create(ctx, tx, ref, start)
	})
}

// hold opens an incident for what was blocked last, twice.
func (w *twin) hold() {
	if w.blocked == nil {
		return
	}
	for range 2 {
		w.both("hold", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
			return w.engines[side].Hold(ctx, tx, w.blocked)
		})
	}
	if rapid.Bool().Draw(w.r, "withdraw") {
		w.both("withdraw", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
			return nil, w.engines[side].Withdraw(ctx, tx, w.blocked.Ref, w.blocked.Transition)
		})
	}
}

func (w *twin) note() {
	w.both("note", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		return nil, errors.Join(w.engines[side].NotePublication(ctx, tx, w.process, promoter),
			w.engines[side].NoteErasure(ctx, tx, w.process, map[string]int{"persons": 2}))
	})
}

// read asks for what nothing else here asks.
func (w *twin) read() {
	ref, until := w.ref(), w.soon()
	w.both("read", func(ctx context.Context, tx bun.IDB, side int) (any, error) {
		e := w.engines[side]
		options, err := e.Explain(ctx, tx, ref, facilitator)
		if err != nil {
			return nil, err
		}
		passed, err := e.Passed(ctx, tx, w.process, until)
		if err != nil {
			return nil, err
		}
		brief, err := e.Brief(ctx, tx, w.process)
		if err != nil {
			return nil, err
		}
		last, found, err := e.Latest(ctx, tx, ref)
		if err != nil || !found {
			return found, err
		}
		page, err := e.Log(ctx, tx, w.process, 1, 2)
		if err != nil {
			return nil, err
		}
		own, err := e.LogOf(ctx, tx, ref, 1, 2)
		if err != nil {
			return nil, err
		}
		incidents, err := e.Incidents(ctx, tx, w.process)
		if err != nil {
			return nil, err
		}
		var nobody []bool
		for _, i := range incidents {
			inst, err := e.Instance(ctx, tx, i.Ref)
			if err != nil {
				return nil, err
			}
			alone, err := e.ForNobody(ctx, tx, inst, i)
			if err != nil {
				return nil, err
			}
			nobody = append(nobody, alone)
		}
		due := make([]time.Time, len(passed))
		for i := range passed {
			due[i] = passed[i].DueAt
		}
		return []any{options, due, seqs(brief), last.Seq, seqs(page), seqs(own), nobody}, nil
	})
}

// seqs are the rows of a log, and of which the facts are there.
func seqs(log []workflow.LogEntry) []string {
	var out []string
	for _, r := range log {
		out = append(out, fmt.Sprint(r.Seq, r.Transition, r.Reason, r.Facts != nil))
	}
	return out
}
