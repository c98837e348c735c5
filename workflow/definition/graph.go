package definition

import (
	"slices"
)

// graph asks that every state can be reached, that every non-final one can be
// left by a transition of its own and leads to an end, and that an event
// leaves a state by one branch.
func (k *checker) graph() {
	d := k.def
	reached := d.spread([]string{d.Initial}, func(t *Transition, from string) (string, string) { return from, t.To })
	var finals []string
	for _, s := range d.States {
		if s.Final {
			finals = append(finals, s.Name)
		}
	}
	ends := d.spread(finals, func(t *Transition, from string) (string, string) { return t.To, from })
	if len(finals) == 0 && len(d.States) > 0 {
		k.Bad(1, "definition: no state is final, so it never ends")
	}
	for _, s := range d.States {
		k.branches(s)
		if d.states[d.Initial] != nil && !reached[s.Name] {
			k.Bad(s.Line, "state %s cannot be reached from %s", s.Name, d.Initial)
		}
		own := 0
		for _, t := range d.leaving[s.Name] {
			if !slices.Contains(t.From, everyState) && t.To != s.Name {
				own++
			}
		}
		switch {
		case s.Final:
		case own == 0:
			k.Bad(s.Line, "state %s is a dead end: it is not final and no transition of its own leaves it", s.Name)
		case len(finals) > 0 && !ends[s.Name]:
			k.Bad(s.Line, "state %s never leads to a final state", s.Name)
		}
	}
}

func (k *checker) branches(s State) {
	first := map[string]*Transition{}
	for _, t := range k.def.leaving[s.Name] {
		if other := first[t.Event]; other != nil {
			k.Bad(t.Line, "transition %s: event %q already leaves state %s by transition %s", t.ID, t.Event, s.Name, other.ID)
			continue
		}
		first[t.Event] = t
	}
}

// spread follows transitions from a set of states; step gives for an edge
// where it must stand and where it leads. Backwards, wildcards do not count:
// "it can be cancelled" is no way out.
func (c *Compiled) spread(from []string, step func(t *Transition, from string) (at, next string)) map[string]bool {
	seen := map[string]bool{}
	for _, s := range from {
		seen[s] = true
	}
	for grown := true; grown; {
		grown = false
		for _, s := range c.States {
			for _, t := range c.leaving[s.Name] {
				at, next := step(t, s.Name)
				if seen[at] && !seen[next] && (at == s.Name || !slices.Contains(t.From, everyState)) {
					seen[next], grown = true, true
				}
			}
		}
	}
	return seen
}
