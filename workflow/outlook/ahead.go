package outlook

import (
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Present is where an instance stands: in which state since when, by which entry
// (1 is the first), and until when its term lasts, zero for no end.
type Present struct {
	State            string
	Entry            int
	EnteredAt, DueAt time.Time
}

// Of is what a plan has come to by now: of phases that are over Start and End are
// when they were, the present one ends where its term does, and those after it begin
// where the one before will end, no earlier than guards let them by the dates of the
// call, and last as the engine will have them last when they are entered on that
// day. A phase that is late lasts until the end of today at the least. What comes
// after an end that nobody knows has no dates, see LayOut. Phases that were left out, and
// those of an instance that has ended, stay as they were planned.
func Of(def *definition.Compiled, is Present, plan []Phase, known guard.Facts, now time.Time) []Phase {
	out := slices.Clone(plan)
	path := def.MainPath()
	here := slices.Index(path, is.State)
	for i, p := range out {
		if at := slices.Index(path, p.State); !p.EndedAt.IsZero() && (here < 0 || at < here) {
			out[i].Start, out[i].End = p.StartedAt, p.EndedAt
		}
	}
	if here < 0 {
		return out
	}
	s, _ := def.State(is.State)
	present := begun(s, is, Phase{State: s.Name, Title: s.Title})
	if i := find(out, is.State); i >= 0 {
		present = begun(s, is, out[i])
		out[i] = present
	}
	ahead(def, path[here:], out, left(def, s, present, now), AtLeast(present.End, now), planned(known, begunStates(def, path[:here+1])...))
	return out
}

func begunStates(def *definition.Compiled, path []string) []definition.State {
	out := make([]definition.State, len(path))
	for i, name := range path {
		out[i], _ = def.State(name)
	}
	return out
}

// begun is the present phase as it is.
func begun(s definition.State, is Present, row Phase) Phase {
	p := row
	p.EndedAt, p.Reason, p.End = time.Time{}, "", is.DueAt
	switch {
	case is.Entry == 1 && row.Start.After(is.EnteredAt): // counts from the day that was planned
	case row.StartedAt.IsZero():
		p.Start = is.EnteredAt
	default:
		p.Start = row.StartedAt
	}
	switch {
	case s.Term != nil && s.Term.Until != "", is.DueAt.IsZero() && s.Term.Hangs():
		p.Source, p.Fixed = SourceAnchor, false
	case is.DueAt.IsZero():
		p.Source, p.Fixed = SourceNone, false
	case row.Source == "" || row.Source == SourceNone:
		p.Source = SourceDefinition
	}
	return p
}

// left is when the phase after the present one can begin: where that ends or, of
// one without term and of one that is late, tomorrow. Zero while nobody knows.
func left(def *definition.Compiled, s definition.State, present Phase, now time.Time) time.Time {
	switch end := present.End; {
	case end.IsZero() && s.Term.Hangs():
		return end
	case end.After(now):
		return end
	}
	return AtLeast(present.Start, civil.DateOf(now, def.Location).Add(1).Start(def.Location))
}

// ahead lays out the phases of a path behind its first, which is left at an instant;
// from another, before it if it is late, nothing but dates would keep the next shut.
func ahead(def *definition.Compiled, path []string, plan []Phase, at, from time.Time, known guard.Facts) {
	before := path[0]
	for _, name := range path[1:] {
		i := find(plan, name)
		if i < 0 {
			continue
		}
		s, _ := def.State(name)
		waits := !at.IsZero() && begins(def, before, name, from, known).After(from)
		at = begins(def, before, name, at, known)
		p := entered(def, s, plan[i], at, known)
		p.Waits = waits
		if p.Source == SourceNone {
			p.End = at
		}
		plan[i] = p
		known = Begun(known, name, at)
		before, at, from = name, over(p), over(p)
	}
}

// Passed is a plan after a state is left for another at an instant.
func Passed(plan []Phase, from, to string, at time.Time) []Phase {
	out := slices.Clone(plan)
	if i := find(out, from); i >= 0 {
		out[i].EndedAt = at
	}
	i := find(out, to)
	if i < 0 {
		return out
	}
	if out[i].StartedAt.IsZero() {
		out[i].StartedAt = at
	}
	out[i].EndedAt = time.Time{}
	return out
}

func find(plan []Phase, state string) int {
	return slices.IndexFunc(plan, func(p Phase) bool { return p.State == state })
}
