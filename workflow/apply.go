package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// work is one locked instance inside one transaction.
type work struct {
	tx      bun.IDB // for the facter, nil where there is no database
	rows    Store
	told    Witness
	now     time.Time
	process *row.Instance // carries the head of the chain
	inst    *row.Instance // the same row when the instance is the process
	def     *definition.Compiled
	facts   guard.Facts

	entries map[string]time.Time // the last into each state that an anchor names
	rests   []history.Rest       // suspensions that are over, read where there are entries
	said    string               // of a reopening
	goes    resumption           // of one too
	turned  func(*history.Past)  // what the log does not tell yet: the states' names change, or change back
}

func (w *work) state() definition.State {
	s, _ := w.def.State(w.inst.State)
	return s
}

// lock takes the process and then the activity, always in that order, waits
// for those who are submitting to the activity, and reads the clock afterwards.
func (e *Engine) lock(ctx context.Context, tx bun.IDB, ref Ref) (*work, error) {
	rows := e.open(tx)
	process, inst, err := rows.Lock(ctx, ref)
	if err != nil {
		return nil, err
	}
	w := &work{tx: tx, rows: rows, told: e.told, process: process, inst: inst}
	if w.now, err = e.Now(ctx, tx); err != nil {
		return nil, err
	}
	w.def, err = e.pinned(ctx, tx, w.inst.Definition, w.inst.Version, placeOf(w.inst))
	return w, err
}

// gather asks for the facts at an instant that the definition needs and adds
// what the engine knows.
func (e *Engine) gather(ctx context.Context, w *work, at time.Time) error {
	return e.gatherFor(ctx, w, w.def.Needs(), at)
}

func (e *Engine) gatherFor(ctx context.Context, w *work, need guard.Needs, at time.Time) (err error) {
	var facts guard.Facts
	if need != (guard.Needs{}) {
		if facts, err = e.facter.Facts(ctx, w.tx, w.inst.Ref(), need, at); err != nil {
			return fmt.Errorf("gather facts: %w", err)
		}
	}
	facts.Now = at
	facts.Term = TermFacts(instance(w.inst), at, w.def.Location)
	w.facts = facts
	return w.remember(ctx)
}

// Apply carries out one transition: lock, decide, log, cancel and arm. When
// something blocks it returns *Blocked and changes nothing; a stale revision
// is a fault.Conflict "workflow.stale", a key used for another act a
// fault.Conflict "workflow.key_reused". What is said of a reopening is refused
// with fault.Conflict "workflow.reopens_nothing" elsewhere, and with fault.Invalid
// "workflow.tell_unknown" (field tell), "workflow.reason_required" (field reason, of
// an exception), "workflow.exception_act_missing" (field act), "workflow.reopen_anchored", "workflow.reopen_beyond_max",
// "workflow.extend_past", "workflow.extend_beyond_max", "workflow.too_far" and
// "workflow.shorten_below_min" (field end).
func (e *Engine) Apply(ctx context.Context, tx bun.IDB, c Command) (Result, error) {
	if (c.Event == "") == (c.Transition == "") {
		return Result{}, fmt.Errorf("apply to %+v: give either an event or a transition", c.Ref)
	}
	w, err := e.lock(ctx, tx, c.Ref)
	if err != nil {
		return Result{}, err
	}
	if c.IdempotencyKey != "" {
		seen, found, err := e.ByKey(ctx, tx, c.ProcessID, c.IdempotencyKey)
		if err != nil || found {
			return w.replay(c, seen, err)
		}
	}
	d, at, err := e.decide(ctx, w, c)
	if err != nil {
		return Result{}, err
	}
	m := &row.Log{
		EffectiveAt: at, ActorKind: string(c.Actor.Kind), ActorRole: office(*d.Transition, c.Actor), IdempotencyKey: c.IdempotencyKey,
	}
	r, err := e.move(ctx, w, d.Transition, m, row.Text{PersonID: c.Actor.PersonID, Reason: c.Reason, PublicReason: c.PublicReason})
	if err == nil && len(c.Tell) > 0 {
		r.Effects = append(r.Effects, w.reopened(c.Tell, at))
	}
	return r, err
}

// decide finds the transition that a command asks for, at the instant at which it
// would take effect, with what the command says of a reopening noted in w.
func (e *Engine) decide(ctx context.Context, w *work, c Command) (Decision, time.Time, error) {
	if c.ExpectRevision != 0 && c.ExpectRevision != w.inst.Revision {
		return Decision{}, w.now, fault.New(fault.Conflict, "workflow.stale", "expected", c.ExpectRevision, "revision", w.inst.Revision)
	}
	at, err := w.counts(ctx, c)
	if err != nil {
		return Decision{}, at, err
	}
	if err := e.gather(ctx, w, at); err != nil {
		return Decision{}, at, err
	}
	in := w.input(c.Actor)
	in.Event, in.Transition, in.Reason = c.Event, c.Transition, c.Reason
	d, err := Decide(w.def, in)
	switch {
	case err != nil:
		return d, at, err
	case len(d.Blockers) > 0:
		return d, at, newBlocked(c.Ref, d)
	}
	return d, at, w.reopening(ctx, d.Transition, c)
}

// PreviewApply is what Apply would do to the dates of an instance, and saves
// nothing. It refuses what Apply refuses.
func (e *Engine) PreviewApply(ctx context.Context, tx bun.IDB, c Command) (Option, error) {
	w, err := e.lock(ctx, tx, c.Ref)
	if err != nil {
		return Option{}, err
	}
	d, at, err := e.decide(ctx, w, c)
	if err != nil {
		return Option{}, err
	}
	to, _ := w.def.State(d.To)
	options := []Option{{Transition: *d.Transition, Label: w.def.Label(*d.Transition), To: to}}
	err = w.foresee(ctx, options, at)
	return options[0], err
}

func (w *work) replay(c Command, seen LogEntry, err error) (Result, error) {
	if err != nil {
		return Result{}, fmt.Errorf("look for the key: %w", err)
	}
	if !seen.Answers(c) {
		return Result{}, fault.New(fault.Conflict, "workflow.key_reused")
	}
	return Result{
		Ref: c.Ref, From: seen.From, To: seen.To, Transition: seen.Transition, Event: seen.Event, Revision: w.inst.Revision,
		Seq: seen.Seq, Entry: w.inst.Entry, Now: seen.At, EffectiveAt: seen.EffectiveAt, Replayed: true,
	}, nil
}

// move carries a decided transition out; as says who did it and when.
func (e *Engine) move(ctx context.Context, w *work, t *definition.Transition, as *row.Log, text row.Text) (Result, error) {
	from := w.inst.State
	to, err := step(ctx, w.def, from, t.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.rows.CancelDeadlines(ctx, w.inst, "left", w.now); err != nil {
		return Result{}, fmt.Errorf("cancel deadlines: %w", err)
	}
	if err := w.rows.Resolve(ctx, w.inst.Ref(), w.now); err != nil {
		return Result{}, fmt.Errorf("resolve incidents: %w", err)
	}
	public, left := "", w.inst.Reason
	if text.PublicReason {
		public = text.Reason
	}
	leaving := w.effects(w.state().OnExit, "exit", as.EffectiveAt) // with the end of the term that they leave
	w.inst.State, w.inst.Reason = to, public
	if err := e.enter(ctx, w, from, as.EffectiveAt); err != nil {
		return Result{}, err
	}
	as.Transition, as.Event, as.From = t.ID, t.Event, from
	if err := w.record(ctx, as, text, w.decidedOn()); err != nil {
		return Result{}, err
	}
	if err := w.arm(ctx); err != nil {
		return Result{}, err
	}
	r := w.result(from, as)
	r.LeftReason = left
	r.Effects = slices.Concat(leaving, w.effects(t.Then, "then."+t.ID, as.EffectiveAt), w.effects(w.entering(t), "enter", as.EffectiveAt))
	e.log.InfoContext(ctx, "transition", "process_id", r.ProcessID, "activity_id", r.ActivityID, "transition", t.ID,
		"from", from, "to", to, "actor", as.ActorKind)
	return r, nil
}

// enter lets w.inst, which already names its new state, begin there.
func (e *Engine) enter(ctx context.Context, w *work, from string, at time.Time) error {
	plan, err := w.planned(ctx)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if err := w.begin(plan, from, at); err != nil {
		return err
	}
	passage := row.Passage{Left: from, Entered: w.inst.State, Reason: w.inst.Reason, At: at}
	if err := w.rows.NotePlan(ctx, w.inst.Ref(), passage); err != nil {
		return fmt.Errorf("note the plan: %w", err)
	}
	return nil
}

// begin counts the entry and places the terms of the state that w.inst now
// names. They count from the effective instant, so that a late timer does not
// lengthen what follows; those of the first state count from its planned start
// when that is still to come.
func (w *work) begin(plan []PlannedPhase, from string, at time.Time) (err error) {
	planned := plannedFor(plan, w.inst.State)
	w.inst.Entry++
	w.inst.Revision++
	w.inst.EnteredAt = at
	b := outlook.Bounds{}
	if s := w.state(); !s.Final {
		start := at
		if from == "" && planned != nil && planned.Start.After(at) {
			start = planned.Start
		}
		b = outlook.TermBounds(s.Term, start, planned, w.facts, w.def.Civil())
	}
	if b, err = w.chosen(b); err != nil {
		return err
	}
	w.inst.EndGiven = !w.goes.end.IsZero()
	w.inst.MinAt, w.inst.DueAt, w.inst.MaxAt, w.inst.FirstDueAt = b.Min, b.Due, b.Max, b.First
	w.inst.HeldAt, w.inst.HeldDays, w.inst.Extensions = time.Time{}, 0, len(w.goes.spent.Grants)
	return nil
}

// record seals a row to the chain, whose head the process's row carries, and
// saves both rows.
func (w *work) record(ctx context.Context, as *row.Log, text row.Text, facts any) error {
	raw, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("encode facts: %w", err)
	}
	if as.Facts, err = row.Canonical(raw); err != nil {
		return err
	}
	as.ActivityID, as.At, as.To = w.inst.ActivityID, w.now, w.inst.State
	text.Salt = w.rows.Salt()
	if err := as.Seal(w.process, &text); err != nil {
		return err
	}
	if err := w.rows.AppendLog(ctx, as, &text); err != nil {
		return err
	}
	if w.inst != w.process {
		if err := w.rows.SaveInstance(ctx, w.inst); err != nil {
			return fmt.Errorf("save the activity: %w", err)
		}
	}
	if err := w.rows.SaveInstance(ctx, w.process); err != nil {
		return fmt.Errorf("save the process: %w", err)
	}
	if w.told == nil {
		return nil
	}
	return w.told(ctx, w.tx, entries([]row.Log{*as}, map[int64]row.Text{as.Seq: text})[0])
}

// promised is the end of the present term as who is told of it should read it.
func (w *work) promised() time.Time {
	return outlook.Promised(w.state().Term, row.UTC(w.inst.EnteredAt), row.UTC(w.inst.DueAt), w.facts, w.def.Civil())
}
