package workflow

import "time"

// PlannedPhase is one state on the plan. Start and End are instants in the
// definition's zone, half-open: a day term ends at 00:00 of the next day. End
// is zero for a state that lasts until an anchor. Days overrides the length of
// the definition when it is not zero; Fixed makes End the deadline whenever
// the state is entered. StartedAt, EndedAt and Reason are what happened.
type PlannedPhase struct {
	State      string
	Title      Text
	Start, End time.Time
	Source     TermSource
	Days       int
	Fixed      bool

	StartedAt, EndedAt time.Time
	Reason             string
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

// Move is one date that changes: a deadline by its name or a phase by its
// state. A zero Old is new, a zero New is gone.
type Move struct {
	Name     string
	Old, New time.Time
}
