package rehearse

import (
	"slices"
	"time"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// search looks for what removes guards of one transition.
type search struct {
	r     *rehearsal
	def   *definition.Compiled
	t     definition.Transition
	inst  workflow.Instance
	facts guard.Facts
	all   []candidate
}

// remove finds the fewest candidates after which a guard holds; patient says
// that time alone does it, with or without them.
func (s *search) remove(g definition.Guard) (found []candidate, patient bool) {
	if s.holds(g, s.facts) {
		return []candidate{}, false
	}
	for _, late := range s.later() {
		for _, set := range s.sets() {
			f := copyFacts(s.facts)
			if !late.IsZero() {
				f.Now, f.Term = late, workflow.TermFacts(s.inst, late, s.r.def.Location)
			}
			if s.after(g, f, set) {
				return s.fewest(g, f, set), !late.IsZero()
			}
		}
	}
	return nil, false
}

// later are instants at which a guard about time may hold: now (zero), the term's,
// its last moment, which is before its half-open end, those of dates, a year on.
func (s *search) later() []time.Time {
	out := []time.Time{{}}
	for _, at := range []time.Time{s.inst.MinAt, s.inst.DueAt.Add(-time.Second), s.inst.DueAt, s.inst.MaxAt} {
		if at.After(s.facts.Now) {
			out = append(out, at)
		}
	}
	codes := make([]string, 0, len(s.facts.Process.Dates))
	for code := range s.facts.Process.Dates {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if at := s.facts.Process.Dates[code]; at.After(s.facts.Now) {
			out = append(out, at)
		}
	}
	return append(out, s.facts.Now.AddDate(1, 0, 0))
}

// sets are the candidates one by one, by group, and all together; the empty set
// first.
func (s *search) sets() [][]candidate {
	out := [][]candidate{nil}
	groups, order := map[string][]candidate{}, []string{}
	var last []candidate
	for _, c := range s.all {
		out = append(out, []candidate{c})
		if len(groups[c.group]) == 0 {
			order = append(order, c.group)
		}
		groups[c.group] = append(groups[c.group], c)
	}
	for _, g := range order {
		if len(groups[g]) > 1 {
			out = append(out, groups[g])
		}
	}
	for _, g := range order {
		last = append(last, groups[g]...)
	}
	return append(out, last)
}

func (s *search) after(g definition.Guard, f guard.Facts, set []candidate) bool {
	f = copyFacts(f)
	for _, c := range set {
		c.after(&f)
	}
	return s.holds(g, f)
}

// fewest drops from a set what the guard does not ask for.
func (s *search) fewest(g definition.Guard, f guard.Facts, set []candidate) []candidate {
	for i := len(set) - 1; i >= 0 && len(set) > 1; i-- {
		less := slices.Delete(slices.Clone(set), i, i+1)
		if s.after(g, f, less) {
			set = less
		}
	}
	if set == nil {
		set = []candidate{}
	}
	return set
}

func (s *search) holds(g definition.Guard, f guard.Facts) bool {
	return !slices.ContainsFunc(s.def.Unmet(s.t, f), func(u definition.Unmet) bool { return u.Code == g.Code })
}
