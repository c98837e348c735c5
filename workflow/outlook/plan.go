package outlook

import (
	"maps"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Plan lays the main path (states in file order, final ones left out) out from
// the first instant of a civil date, each phase beginning where the one before
// ends; a term that counts from an earlier state ends as many days after that
// one begins. overrides gives lengths in days by state. dates are those of the call
// that are known, by code, each as its first instant: terms that last until one, or
// count from it, end by it.
func Plan(def *definition.Compiled, start civil.Date, overrides map[string]int, dates map[string]time.Time) []Phase {
	wishes := make(map[string]Phase, len(overrides))
	for state, days := range overrides {
		wishes[state] = Phase{Days: days}
	}
	known := guard.Facts{Process: guard.ProcessFacts{Dates: dates}}
	return LayOut(def, def.MainPath(), start.Start(def.Location), Given{Known: known, Wishes: wishes})
}

// Given is what a plan is laid out with: the dates of the call and, as anchors,
// when states before it began, for terms that count from there; and the lengths
// that somebody chose and the ends that somebody fixed, by state.
type Given struct {
	Known  guard.Facts
	Wishes map[string]Phase
}

// LayOut plans states one after the other from an instant. An end that somebody
// fixed stays where it is, even where it cannot be kept. What comes after an end that
// nobody knows, or a zero instant, has no dates, until a phase whose end is known
// whenever it begins.
func LayOut(def *definition.Compiled, path []string, at time.Time, in Given) []Phase {
	known := planned(in.Known)
	var out []Phase
	before := ""
	for _, name := range path {
		s, _ := def.State(name)
		ends := at
		at = begins(def, before, name, at, known)
		wish := in.Wishes[s.Name]
		p := entered(def, s, Phase{Days: wish.Days, Fixed: wish.Fixed, End: wish.End}, at, known)
		p.Waits = at.After(ends)
		if wish.Fixed && (s.Term == nil || s.Term.Until == "") {
			p.Source, p.Fixed, p.End = SourceFixed, true, wish.End
			if p.End.Before(at) {
				p.Start = p.End
			}
		}
		if p.Source == SourceNone {
			p.End = at
		}
		out = append(out, p)
		known = Begun(known, s.Name, at)
		before, at = name, over(p)
	}
	return out
}

// begins is when a state begins that follows another which is left at an instant:
// no earlier than guards let it by the dates of the call, zero while nobody knows.
func begins(def *definition.Compiled, before, name string, at time.Time, known guard.Facts) time.Time {
	if at.IsZero() {
		return at
	}
	return def.Begins(before, name, at, known.Process.Dates)
}

// over is when what follows a phase can begin, zero while nobody knows.
func over(p Phase) time.Time {
	if p.End.IsZero() {
		return p.End
	}
	return AtLeast(p.Start, p.End)
}

// By is a plan by another definition: what happened, and what somebody chose for the
// states that are still there.
func By(def *definition.Compiled, old []Phase) []Phase {
	var out []Phase
	for _, p := range old {
		if _, ok := def.State(p.State); !ok && !p.StartedAt.IsZero() {
			out = append(out, p)
		}
	}
	for _, name := range def.MainPath() {
		s, _ := def.State(name)
		p := Phase{State: name}
		if i := find(old, name); i >= 0 {
			p = old[i]
		}
		if p.Title = s.Title; p.StartedAt.IsZero() && !p.Fixed {
			p.Start, p.End = time.Time{}, time.Time{}
		}
		out = append(out, p)
	}
	return out
}

// entered is a state as it will be when it is entered at an instant, with the length
// or the end that its row asks for. It has no end where it counts from what nobody knows.
func entered(def *definition.Compiled, s definition.State, row Phase, at time.Time, known guard.Facts) Phase {
	p := Phase{State: s.Name, Title: s.Title, Start: at, Source: SourceNone, Days: row.Days}
	p.End = TermBounds(s.Term, at, &row, known, def.Civil()).Due
	switch {
	case s.Term != nil && s.Term.Until != "":
		p.Source = SourceAnchor
		// What it ends with stands where it is, before the phase begins too: see Never.
		p.End = Settled(s.Term, Moment{Facts: known, Cal: def.Civil()}.Until(s.Term.Until), def.Civil())
	case row.Fixed && p.End.Equal(row.End):
		p.Source, p.Fixed = SourceFixed, true
	case p.End.IsZero() && (s.Term == nil || s.Term.Length.IsZero()):
	case p.End.IsZero() && (!at.IsZero() || s.Term.Hangs()):
		p.Source = SourceAnchor
	case row.Days > 0:
		p.Source = SourceOverride
	default:
		p.Source = SourceDefinition
	}
	return p
}

// planned are the facts that a plan may count on: the dates of the call and when
// states began. Meetings and activities come and go until their phase has begun: only
// those that the term of one of these states hangs on are there to stay.
func planned(f guard.Facts, begun ...definition.State) guard.Facts {
	out := guard.Facts{Process: guard.ProcessFacts{Dates: f.Process.Dates}, Anchors: maps.Clone(f.Anchors)}
	maps.DeleteFunc(out.Anchors, func(name string, _ []time.Time) bool {
		kind, _ := definition.SplitAnchor(name)
		return kind != definition.AnchorState && !slices.ContainsFunc(begun, func(s definition.State) bool {
			return s.Term != nil && (s.Term.From == name || s.Term.Until == name)
		})
	})
	return out
}

// Begun are facts that know too when a state begins, for terms that count from there;
// a zero instant is none.
func Begun(f guard.Facts, state string, at time.Time) guard.Facts {
	if at.IsZero() {
		return f
	}
	f.Anchors = maps.Clone(f.Anchors)
	if f.Anchors == nil {
		f.Anchors = map[string][]time.Time{}
	}
	f.Anchors[definition.AnchorState+":"+state] = []time.Time{at}
	return f
}
