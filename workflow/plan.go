package workflow

import "time"

// PlannedPhase is one state on the plan. Start and End are instants in UTC,
// half-open: a day term ends at 00:00, in the definition's zone, of the next
// day. End is zero for a state that lasts until an anchor. Days overrides the
// length of the definition when it is not zero; Fixed makes End the deadline
// whenever the state is entered.
type PlannedPhase struct {
	State      string
	Title      Text
	Start, End time.Time
	Source     TermSource
	Days       int
	Fixed      bool

	StartedAt, EndedAt time.Time // what happened; zero until it did
	Reason             string    // of the transition that ended it
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
// ends. overrides gives lengths in days by state; they are taken as they are,
// see CheckPlan.
func Plan(def *Compiled, start Date, overrides map[string]int) []PlannedPhase {
	at := start.Start(def.Location)
	var out []PlannedPhase
	for _, s := range def.States {
		if s.Final {
			continue
		}
		p := PlannedPhase{State: s.Name, Title: s.Title, Start: at, End: at, Source: SourceNone}
		switch days := overrides[s.Name]; {
		case s.Term != nil && s.Term.Until != "":
			p.Source, p.End = SourceAnchor, time.Time{}
		case days > 0:
			p.Source, p.Days, p.End = SourceOverride, days, Span{Days: days}.After(at, def.Location)
		case s.Term != nil && !s.Term.Length.IsZero():
			p.Source, p.End = SourceDefinition, s.Term.Length.After(at, def.Location)
		}
		out = append(out, p)
		if !p.End.IsZero() {
			at = p.End
		}
	}
	return out
}

// PlanProblem is a planned length outside its term. Limit is the minimum or
// the maximum that it breaks.
type PlanProblem struct {
	State   string
	Below   bool // below the minimum; else above the maximum
	Limit   Span
	LimitAt time.Time // the planned end at that limit
}

// CheckPlan lists the phases that are shorter or longer than their terms.
func CheckPlan(def *Compiled, plan []PlannedPhase) []PlanProblem {
	var out []PlanProblem
	for _, p := range plan {
		s, ok := def.State(p.State)
		if !ok || s.Term == nil || p.End.IsZero() {
			continue
		}
		if min := s.Term.Min; !min.IsZero() && p.End.Before(min.After(p.Start, def.Location)) {
			out = append(out, PlanProblem{p.State, true, min, min.After(p.Start, def.Location)})
		}
		if max := s.Term.Max; !max.IsZero() && p.End.After(max.After(p.Start, def.Location)) {
			out = append(out, PlanProblem{p.State, false, max, max.After(p.Start, def.Location)})
		}
	}
	return out
}

// Move is one date that changes: a deadline by its name or a phase by its
// state. A zero Old is new, a zero New is gone.
type Move struct {
	Name     string
	Old, New time.Time
}

// Moves lists the phases whose end differs between two plans, in the order of
// the new one, those that are gone last.
func Moves(before, after []PlannedPhase) []Move {
	ends := make(map[string]time.Time, len(before))
	for _, p := range before {
		ends[p.State] = p.End
	}
	var out []Move
	seen := make(map[string]bool, len(after))
	for _, p := range after {
		seen[p.State] = true
		if old, ok := ends[p.State]; !ok || !old.Equal(p.End) {
			out = append(out, Move{Name: p.State, Old: old, New: p.End})
		}
	}
	for _, p := range before {
		if !seen[p.State] {
			out = append(out, Move{Name: p.State, Old: p.End})
		}
	}
	return out
}
