// Package outlook says when the phases of an instance will be: the plan that it
// begins with, where a term ends that begins at an instant, and what the plan comes
// to once phases have ended earlier or later than was planned. It reads no clock
// and no rows: all it says follows from what it is given.
package outlook

import (
	"slices"
	"time"

	"arengo/workflow/definition"
)

// Phase is one state on a plan. Start and End are instants in UTC,
// half-open: a day term ends at 00:00, in the definition's zone, of the next
// day. Both are zero while nobody can know them, see Awaiting, and End is before Start
// where a date that the phase ends with comes before it begins, see Never. Days overrides the
// length of the definition when it is not zero; Fixed makes End the deadline
// whenever the state is entered.
type Phase struct {
	State              string
	Title              definition.Text
	Start, End         time.Time
	Source             Source
	Days               int
	Fixed              bool
	StartedAt, EndedAt time.Time // what happened; zero until it did
	Reason             string    // of the transition that ended it
	Waits              bool      `json:"-"` // it begins on the first day that dates of the call leave it, and not where the one before ends
	Gone               bool      `json:"-"` // it happened by a definition before, and the one now knows it no longer
}

// Never reports a phase to come without a day: it would have to end before it begins,
// or as it does. End is then when it must, such as the date of the call on which it
// ends, and Start when it would begin.
func (p Phase) Never() bool {
	to := p.StartedAt.IsZero() && !p.Start.IsZero() && !p.End.IsZero() && p.Source != SourceNone
	return to && !p.End.After(p.Start)
}

// Stillborn reports a phase under way whose end came with its beginning.
func (p Phase) Stillborn() bool {
	return !p.StartedAt.IsZero() && p.EndedAt.IsZero() && !p.End.IsZero() && !p.End.After(p.StartedAt)
}

// Waiting gives the phases of a plan that wait for their first possible day, by the one
// that each comes after.
func Waiting(plan []Phase) map[string]*Phase {
	out := map[string]*Phase{}
	for i, p := range plan {
		if p.Waits && i > 0 {
			out[plan[i-1].State] = &p
		}
	}
	return out
}

// Written is a plan as it was written down, with what waits in it: nothing else keeps
// phases that have not begun apart.
func Written(plan []Phase) []Phase {
	out := slices.Clone(plan)
	for i := 1; i < len(out); i++ {
		end := over(out[i-1])
		out[i].Waits = out[i].StartedAt.IsZero() && !end.IsZero() && out[i].Start.After(end)
	}
	return out
}

// Source says where a planned end comes from.
type Source string

// The sources of a planned end.
const (
	SourceDefinition Source = "definition" // the length the definition gives
	SourceOverride   Source = "override"   // days chosen in the wizard
	SourceFixed      Source = "fixed"      // a date chosen in the wizard
	SourceAnchor     Source = "anchor"     // a meeting, an activity or a date of the call
	SourceNone       Source = "none"       // the state has no term
)

// Ends are those of a plan that somebody can know, by state.
func Ends(plan []Phase) map[string]time.Time {
	out := make(map[string]time.Time, len(plan))
	for _, p := range plan {
		out[p.State] = p.End
		if p.Source == SourceNone {
			out[p.State] = time.Time{}
		}
	}
	return out
}

// Awaiting gives the phases of a plan that begin on a day which nobody can know yet,
// each with the one of unknown end that it comes after.
func Awaiting(plan []Phase) map[string]string {
	out := map[string]string{}
	after := ""
	for _, p := range plan {
		if after != "" && p.StartedAt.IsZero() && p.Start.IsZero() {
			out[p.State] = after
		}
		switch {
		case !p.EndedAt.IsZero(), !p.End.IsZero():
			after = ""
		case p.Source == SourceAnchor:
			after = p.State
		}
	}
	return out
}
