// Package foresight says beforehand what an act will do: whom an extension
// tells, which activities a move closes and whom that shuts out, and which ends
// contradict each other. It decides nothing and stores nothing; what it counts
// is counted by the rules that act later.
package foresight

import (
	"context"
	"slices"
	"time"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Service foresees.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Pair is an activity's own end beside the term of its phase: From and Until,
// half-open, zero when the phase has no such date. Coming says that the phase
// is still to begin; Closed that the phase after it closes the activity.
type Pair struct {
	Activity    process.Activity
	Phase       definition.Text
	End         time.Time
	From, Until time.Time
	Coming      bool
	Closed      bool
}

// Late reports that the activity ends after its phase.
func (p Pair) Late() bool { return !p.Until.IsZero() && p.End.After(p.Until) }

// Early reports that the activity is over before its phase begins, and has not begun
// ahead of it.
func (p Pair) Early() bool {
	return p.Coming && p.Activity.DueAt == nil && !p.From.IsZero() && !p.End.After(p.From)
}

// Clash reports that the two ends contradict each other.
func (p Pair) Clash() bool { return p.Late() || p.Early() }

// Change is a new end to try, of an activity or of the present phase for Activity 0,
// or another Phase for an activity. The zero Change is things as they are.
type Change struct {
	Activity process.ActivityID
	End      time.Time
	Phase    string
}

// Pairs lists the activities of a process that have an end of their own, which
// their phase does not move, beside the term of that phase. Activities of phases
// that are over, and those that took answers already, are not in it.
func (s *Service) Pairs(ctx context.Context, p process.Process, c Change) ([]Pair, error) {
	b, err := s.read(ctx, p)
	if err != nil {
		return nil, err
	}
	if c.Activity == 0 && !c.End.IsZero() {
		b.inst.DueAt = c.End
	}
	var out []Pair
	for _, a := range b.activities {
		if c.Phase != "" && c.Activity == a.ID {
			a.Phase = c.Phase
		}
		pair, ok, err := s.pair(ctx, b, a)
		if err != nil {
			return nil, err
		}
		if c.Activity == a.ID && !c.End.IsZero() {
			pair.End = c.End
		}
		if ok && !pair.End.IsZero() {
			out = append(out, pair)
		}
	}
	return out, nil
}

// board is what every question about a process begins with.
type board struct {
	process    process.Process
	def        *definition.Compiled
	inst       workflow.Instance
	plan       []workflow.PlannedPhase
	activities []process.Activity
	options    map[process.ActivityID][]workflow.Option // of activities, as the process moves them
}

func (s *Service) read(ctx context.Context, p process.Process) (b board, err error) {
	b.process, b.options = p, map[process.ActivityID][]workflow.Option{}
	if b.def, b.inst, err = s.core.Definition(ctx, s.core.DB(), p); err != nil {
		return b, err
	}
	if b.plan, err = s.core.Expected(ctx, s.core.DB(), p); err != nil {
		return b, err
	}
	b.activities, err = s.core.Activities(ctx, p.ID)
	return b, err
}

// pair lays an activity beside its phase; false when there is nothing to
// compare.
func (s *Service) pair(ctx context.Context, b board, a process.Activity) (Pair, bool, error) {
	out := Pair{Activity: a}
	st, ok := b.def.State(a.Phase)
	if !ok {
		return out, false, nil
	}
	out.Phase, out.Closed = st.Title, b.closesAfter(a)
	if a.Phase == b.inst.State {
		out.From, out.Until = b.inst.EnteredAt, b.inst.DueAt
	} else {
		i := slices.IndexFunc(b.plan, func(p workflow.PlannedPhase) bool { return p.State == a.Phase })
		if i < 0 || !b.plan[i].EndedAt.IsZero() || b.def.Final(b.inst.State) {
			return out, false, nil
		}
		out.From, out.Until, out.Coming = b.plan[i].Start, b.plan[i].End, true
	}
	end, own, err := s.end(ctx, a)
	out.End = end
	return out, own, err
}

// end is the activity's own end: of the term that runs, or the one that was
// fixed for a state to come. False for what has begun to close, or lasts until
// a meeting.
func (s *Service) end(ctx context.Context, a process.Activity) (time.Time, bool, error) {
	def, err := s.core.Engine().Resolve(ctx, s.core.DB(), a.Definition, a.Version)
	if err != nil || def.Final(a.State) {
		return time.Time{}, false, err
	}
	if a.DueAt != nil {
		st, _ := def.State(a.State)
		return *a.DueAt, def.Door(a.State) != "" && st.Term != nil && st.Term.Until == "", nil
	}
	if !def.Allows(a.State, "edit") {
		return time.Time{}, false, nil
	}
	plan, err := s.core.Engine().Plan(ctx, s.core.DB(), a.Ref())
	for _, p := range plan {
		if p.Fixed && def.Door(p.State) != "" {
			return p.End, true, err
		}
	}
	return time.Time{}, true, err
}

// closesAfter reports that the phase after the activity's own closes it.
func (b board) closesAfter(a process.Activity) bool {
	path := b.def.MainPath()
	i := slices.Index(path, a.Phase)
	return i >= 0 && i+1 < len(path) && closes(b.def, path[i+1], a.Kind)
}

// opens reports that entering a state opens activities of a kind.
func opens(def *definition.Compiled, state, kind string) bool {
	st, _ := def.State(state)
	return slices.ContainsFunc(st.OnEnter, func(x definition.Action) bool { return x.Open == kind })
}

// closes reports that entering a state closes activities of a kind.
func closes(def *definition.Compiled, state, kind string) bool {
	st, _ := def.State(state)
	return slices.ContainsFunc(st.OnEnter, func(x definition.Action) bool { return x.Close == kind })
}
