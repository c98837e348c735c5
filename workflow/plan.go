package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// PlannedPhase is one state on the plan.
type PlannedPhase = outlook.Phase

// Outlook is a plan as it was promised, and what it has come to, see outlook.Of.
type Outlook struct{ Planned, Expected []PlannedPhase }

// Plan reads the plan of an instance in order, with the titles of its states: those
// that are gone keep the title of the definition that knew them last.
func (e *Engine) Plan(ctx context.Context, db bun.IDB, ref Ref) ([]PlannedPhase, error) {
	_, plan, err := e.standing(ctx, db, ref)
	return plan, err
}

// Outlook reads the plan of an instance and says what it has come to by an instant.
func (e *Engine) Outlook(ctx context.Context, db bun.IDB, ref Ref, now time.Time) (Outlook, error) {
	w, plan, err := e.standing(ctx, db, ref)
	if err != nil {
		return Outlook{}, err
	}
	w.now = now
	if err := e.gatherFor(ctx, w, w.def.Foresees(), now); err != nil {
		return Outlook{}, err
	}
	return Outlook{outlook.Written(plan), w.expected(plan)}, nil
}

// OutlookBy is what the plan would come to if the instance went on by another
// definition, where every state has the name that it has now; nil where that knows the
// present one no longer.
func (e *Engine) OutlookBy(ctx context.Context, db bun.IDB, ref Ref, def *definition.Compiled, now time.Time) ([]PlannedPhase, error) {
	w, old, err := e.standing(ctx, db, ref)
	if err != nil {
		return nil, err
	}
	if _, ok := def.State(w.inst.State); !ok {
		return nil, nil
	}
	w.def, w.now = def, now
	if err := e.gatherFor(ctx, w, def.Foresees(), now); err != nil {
		return nil, err
	}
	return w.expected(outlook.By(def, old)), nil
}

// Shifted carries an act out and lists the phases of an instance behind its present
// one that it moves, see Shifts: in a transaction that is taken back, what the act
// would move. names are those that the act gives states, old to new.
func (e *Engine) Shifted(ctx context.Context, tx bun.IDB, ref Ref, names map[string]string, act func() error) ([]Date, error) {
	now, err := e.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	before, err := e.Outlook(ctx, tx, ref, now)
	if err != nil {
		return nil, err
	}
	if err := act(); err != nil {
		return nil, err
	}
	w, _, err := e.standing(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	after, err := e.Outlook(ctx, tx, ref, now)
	for i := range before.Expected {
		before.Expected[i].State = history.Called(names, before.Expected[i].State)
	}
	return Shifts(w.def, w.inst.State, before.Expected, after.Expected), err
}

// standing is an instance as it stands, read without a lock, with its plan.
func (e *Engine) standing(ctx context.Context, db bun.IDB, ref Ref) (*work, []PlannedPhase, error) {
	rows := e.open(db)
	inst, err := rows.Instance(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	w := &work{tx: db, rows: rows, process: inst, inst: inst}
	if w.def, err = e.pinned(ctx, db, inst.Definition, inst.Version, placeOf(inst)); err != nil {
		return nil, nil, err
	}
	plan, err := w.planned(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read plan: %w", err)
	}
	for i := range plan {
		s, ok := w.def.State(plan[i].State)
		plan[i].Title, plan[i].Gone = s.Title, !ok
	}
	if slices.ContainsFunc(plan, func(p PlannedPhase) bool { return p.Gone }) {
		err = e.recall(ctx, db, ref, plan)
	}
	return w, plan, err
}

// expected is what a plan of the instance has come to by now.
func (w *work) expected(plan []PlannedPhase) []PlannedPhase {
	is := outlook.Present{State: w.inst.State, Entry: w.inst.Entry, EnteredAt: row.UTC(w.inst.EnteredAt), DueAt: row.UTC(w.inst.DueAt)}
	return outlook.Of(w.def, is, plan, w.facts, w.now)
}

// planned reads the plan of the locked instance.
func (w *work) planned(ctx context.Context) ([]PlannedPhase, error) {
	rows, err := w.rows.Plan(ctx, w.inst.Ref())
	return phases(rows), err
}

// redate lays the phases to come out anew, from the first that hangs on a date of
// the call; those before it stay, and so do lengths and ends that somebody chose.
func (w *work) redate(ctx context.Context) error {
	plan, err := w.rows.Plan(ctx, w.inst.Ref())
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	var path []string
	in, at, called := w.given(phases(plan)), time.Time{}, false
	for _, p := range phases(plan) {
		s, ok := w.def.State(p.State)
		open := ok && !s.Final && (p.StartedAt.IsZero() || p.State == w.inst.State)
		if called = called || open && s.Term.Called(); called && len(path) == 0 {
			at = p.Start
		}
		switch {
		case open && called:
			path = append(path, p.State)
		case p.StartedAt.IsZero() && !p.Start.IsZero():
			in.Known.Anchors[definition.AnchorState+":"+p.State] = []time.Time{p.Start}
		}
	}
	for _, p := range outlook.LayOut(w.def, path, at, in) {
		i := slices.IndexFunc(plan, func(r row.Phase) bool { return r.State == p.State })
		plan[i].PlannedStart, plan[i].PlannedEnd, plan[i].Source = p.Start, outlook.NotBefore(p.Start, p.End), string(p.Source)
	}
	return w.replace(ctx, plan)
}

// given is what is known when phases of a plan are laid out anew.
func (w *work) given(plan []PlannedPhase) outlook.Given {
	in := outlook.Given{Known: w.facts, Wishes: make(map[string]PlannedPhase, len(plan))}
	in.Known.Anchors = map[string][]time.Time{}
	maps.Copy(in.Known.Anchors, w.facts.Anchors)
	for _, p := range plan {
		in.Wishes[p.State] = p
	}
	return in
}

// plan checks and writes a plan.
func (w *work) plan(ctx context.Context, plan []PlannedPhase) error {
	rows, err := w.phaseRows(plan)
	if err != nil {
		return err
	}
	if err := w.rows.WritePlan(ctx, w.inst.Ref(), rows); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// phaseRows checks a plan and gives its rows in order.
func (w *work) phaseRows(plan []PlannedPhase) ([]row.Phase, error) {
	seen := map[string]bool{}
	for _, p := range plan {
		if s, ok := w.def.State(p.State); !ok || s.Final || seen[p.State] {
			return nil, fault.Field("plan", "workflow.plan_state_unknown", "state", p.State)
		}
		seen[p.State] = true
		if !p.End.IsZero() && p.End.Before(p.Start) && p.Source != outlook.SourceAnchor {
			return nil, fault.Field("plan", "workflow.plan_order", "state", p.State)
		}
		if p.Fixed && p.End.IsZero() {
			return nil, fault.Field("plan", "workflow.plan_end_missing", "state", p.State)
		}
		if err := Near("plan", p.End, w.now); err != nil && (p.Fixed || p.Days > 0) {
			return nil, err
		}
	}
	rows := make([]row.Phase, len(plan))
	for i, p := range plan {
		rows[i] = row.Phase{
			ProcessID: w.inst.ProcessID, ActivityID: w.inst.ActivityID, State: p.State, Position: i,
			PlannedStart: p.Start, PlannedEnd: outlook.NotBefore(p.Start, p.End), Source: string(p.Source), Days: p.Days, Fixed: p.Fixed,
		}
	}
	return rows, nil
}

// SetPlan replaces the plan of an instance; what happened stays beside it. The
// end of the present state does not move (see Extend and Replan), unless it has
// none yet and the plan fixes one. Faults: Invalid workflow.plan_state_unknown,
// workflow.plan_order, workflow.plan_end_missing, workflow.too_far (field plan).
func (e *Engine) SetPlan(ctx context.Context, tx bun.IDB, ref Ref, plan []PlannedPhase) error {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return err
	}
	if err := w.plan(ctx, plan); err != nil {
		return err
	}
	for i := range plan {
		if plan[i].State != w.inst.State || !plan[i].Fixed || !w.inst.DueAt.IsZero() {
			continue
		}
		if err := e.gather(ctx, w, w.now); err != nil {
			return err
		}
		due := outlook.TermBounds(w.state().Term, w.inst.EnteredAt, &plan[i], w.facts, w.def.Civil()).Due
		return e.reschedule(ctx, w, due, System())
	}
	return nil
}

// phaseOf is the row of a state in a plan, nil when it has none.
func phaseOf(plan []PlannedPhase, state string) *PlannedPhase {
	for i := range plan {
		if plan[i].State == state {
			return &plan[i]
		}
	}
	return nil
}

func (e *Engine) reschedule(ctx context.Context, w *work, due time.Time, actor Actor) error {
	moves, err := w.rearm(ctx, due)
	if err != nil {
		return err
	}
	w.inst.FirstDueAt, w.inst.EndGiven = due, false
	return w.newDue(ctx, due, moves, actor)
}

// newDue saves and logs a changed end of the present term.
func (w *work) newDue(ctx context.Context, due time.Time, moves []Move, actor Actor) error {
	old := row.UTC(w.inst.DueAt)
	if old.Equal(due) {
		return nil
	}
	w.inst.DueAt = due
	w.inst.Revision++
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActReschedule, From: w.inst.State, ActorKind: string(actor.Kind), ActorRole: w.office(actor),
	}
	return w.record(ctx, as, row.Text{PersonID: actor.PersonID}, moved{Old: old, New: due, Moved: moves})
}

// Replan replaces the plan of an instance and moves the end of the present
// state with it, earlier or later, as if the state had begun on its planned
// start, where that is not before it did; reminders follow and the move is logged.
// It is for dates that were promised to nobody yet: a public end takes Extend.
// Faults: those of SetPlan; Closed workflow.term_ended; Conflict workflow.term_over.
func (e *Engine) Replan(ctx context.Context, tx bun.IDB, ref Ref, plan []PlannedPhase, actor Actor) ([]Move, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	if err := w.plan(ctx, plan); err != nil {
		return nil, err
	}
	p := phaseOf(plan, w.inst.State)
	if p == nil {
		return nil, nil
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	b := outlook.TermBounds(w.state().Term, outlook.AtLeast(row.UTC(w.inst.EnteredAt), p.Start), p, w.facts, w.def.Civil())
	if err := w.mayBecome(ctx, b.Due); err != nil {
		return nil, err
	}
	rows, err := w.rows.Deadlines(ctx, ref, w.inst.Entry)
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	if err := w.atOnce(rows, b.Due, "workflow.term_over"); err != nil {
		return nil, err
	}
	w.inst.EndGiven, b.First = false, b.Due
	return e.become(ctx, w, b, actor)
}
