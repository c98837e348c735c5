package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/row"
)

// PlannedPhase is one state on the plan. Start and End are instants in UTC,
// half-open: a day term ends at 00:00, in the definition's zone, of the next
// day. End is zero for a state that lasts until an anchor. Days overrides the
// length of the definition when it is not zero; Fixed makes End the deadline
// whenever the state is entered.
type PlannedPhase struct {
	State              string
	Title              definition.Text
	Start, End         time.Time
	Source             TermSource
	Days               int
	Fixed              bool
	StartedAt, EndedAt time.Time // what happened; zero until it did
	Reason             string    // of the transition that ended it
	Gone               bool      `json:"-"` // it happened by a definition before, and the one now knows it no longer
}

// TermSource says where a planned end comes from.
type TermSource string

// The sources of a planned end.
const (
	SourceDefinition TermSource = "definition" // the length the definition gives
	SourceOverride   TermSource = "override"   // days chosen in the wizard
	SourceFixed      TermSource = "fixed"      // a date chosen in the wizard
	SourceAnchor     TermSource = "anchor"     // a meeting
	SourceNone       TermSource = "none"       // the state has no term
)

// Plan lays the main path (states in file order, final ones left out) out from
// the first instant of a civil date, each phase beginning where the one before
// ends; a term that counts from an earlier state ends as many days after that
// one begins. overrides gives lengths in days by state; they are taken as they
// are.
func Plan(def *definition.Compiled, start civil.Date, overrides map[string]int) []PlannedPhase {
	return PlanDated(def, start, overrides, nil)
}

// PlanDated is Plan where dates of the call are known, by code, each as its first
// instant: terms that last until one, or count from it, end by it.
func PlanDated(def *definition.Compiled, start civil.Date, overrides map[string]int, dates map[string]time.Time) []PlannedPhase {
	wishes := make(map[string]PlannedPhase, len(overrides))
	for state, days := range overrides {
		wishes[state] = PlannedPhase{Days: days}
	}
	return layOut(def, def.MainPath(), start.Start(def.Location), given{map[string]time.Time{}, wishes, dates})
}

// given is what a plan is laid out with: when states before it began, for terms
// that count from there, the lengths that somebody chose and the ends that somebody
// fixed, and the dates of the call.
type given struct {
	starts map[string]time.Time
	wishes map[string]PlannedPhase
	dates  map[string]time.Time
}

// layOut plans states one after the other from an instant.
func layOut(def *definition.Compiled, path []string, at time.Time, in given) []PlannedPhase {
	var out []PlannedPhase
	facts := guard.Facts{Process: guard.ProcessFacts{Dates: in.dates}}
	for _, name := range path {
		s, _ := def.State(name)
		in.starts[s.Name] = at
		from := countedFrom(s.Term, in, at)
		p := PlannedPhase{State: s.Name, Title: s.Title, Start: at, End: at, Source: SourceNone}
		wish := in.wishes[s.Name]
		switch {
		case s.Term != nil && s.Term.Until != "":
			p.Source, p.End = SourceAnchor, termBounds(s.Term, at, nil, facts, def.Civil()).due // of a day or a date alone is it known
		case wish.Fixed:
			p.Source, p.Days, p.Fixed, p.End = SourceFixed, wish.Days, true, wish.End
			if p.End.Before(at) { // what was promised stays, even where it cannot be kept
				p.Start = p.End
			}
		case wish.Days > 0:
			p.Source, p.Days, p.End = SourceOverride, wish.Days, atLeast(at, civil.Span{Days: wish.Days}.After(from, def.Civil()))
		case s.Term != nil && !s.Term.Length.IsZero():
			p.Source, p.End = SourceDefinition, atLeast(at, settled(s.Term, s.Term.Length.After(from, def.Civil()), def.Civil()))
		}
		out = append(out, p)
		at = atLeast(at, p.End)
	}
	return out
}

// countedFrom is the planned instant that a term counts from: that of an
// earlier state or of a date of the call, or the entry where it names none or what
// no plan knows yet.
func countedFrom(t *definition.Term, in given, entry time.Time) time.Time {
	if t == nil {
		return entry
	}
	kind, name := definition.SplitAnchor(t.From)
	if start, ok := in.starts[name]; ok && kind == definition.AnchorState {
		return start
	}
	if day, ok := in.dates[name]; ok && kind == definition.AnchorDate {
		return day
	}
	return entry
}

// redate lays the phases to come out anew, from the first that hangs on a date of
// the call; those before it stay, and so do lengths and ends that somebody chose.
func (w *work) redate(ctx context.Context) error {
	plan, err := w.rows.Plan(ctx, w.inst.Ref())
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	var path []string
	in, at := given{map[string]time.Time{}, map[string]PlannedPhase{}, w.facts.Process.Dates}, time.Time{}
	for _, p := range phases(plan) {
		s, ok := w.def.State(p.State)
		in.starts[p.State], in.wishes[p.State] = p.Start, p
		if !p.StartedAt.IsZero() {
			in.starts[p.State] = p.StartedAt
		}
		open := ok && !s.Final && (p.StartedAt.IsZero() || p.State == w.inst.State)
		if open && at.IsZero() && s.Term.Called() {
			at = p.Start
		}
		if open && !at.IsZero() {
			path = append(path, p.State)
		}
	}
	for _, p := range layOut(w.def, path, at, in) {
		i := slices.IndexFunc(plan, func(r row.Phase) bool { return r.State == p.State })
		plan[i].PlannedStart, plan[i].PlannedEnd, plan[i].Source = p.Start, p.End, string(p.Source)
	}
	return w.replace(ctx, plan)
}

func atLeast(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
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
		if !p.End.IsZero() && p.End.Before(p.Start) {
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
			PlannedStart: p.Start, PlannedEnd: p.End, Source: string(p.Source), Days: p.Days, Fixed: p.Fixed,
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
		due := termBounds(w.state().Term, w.inst.EnteredAt, &plan[i], w.facts, w.def.Civil()).due
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
	moves, err := w.rearm(ctx, due, true)
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
	b := termBounds(w.state().Term, atLeast(row.UTC(w.inst.EnteredAt), p.Start), p, w.facts, w.def.Civil())
	if err := w.mayBecome(ctx, b.due); err != nil {
		return nil, err
	}
	rows, err := w.rows.Deadlines(ctx, ref, w.inst.Entry)
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	if err := w.atOnce(rows, b.due, "workflow.term_over"); err != nil {
		return nil, err
	}
	w.inst.EndGiven, b.first = false, b.due
	return e.become(ctx, w, b, actor)
}

// moved is what the log keeps of an act that changes dates: dates alone.
type moved struct {
	Old   time.Time `json:"old"`
	New   time.Time `json:"new"`
	Moved []Move    `json:"moved"`

	Act       string `json:"act,omitempty"`       // the document by which it was decided
	Exception bool   `json:"exception,omitempty"` // beyond the legal maximum
}
