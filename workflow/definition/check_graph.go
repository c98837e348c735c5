package definition

import "slices"

// graph asks that every state can be reached, that every non-final one can be
// left by a transition of its own and leads to an end, and that an event
// leaves a state by one branch. Where a transition names a state that there is
// not, which is said of it, what it may have meant is not said of any other: that
// state could be whichever is not reached, or leads to no end.
func (k *checker) graph() {
	d := k.def
	from, to := k.astray()
	reached := d.after([]string{d.Initial})
	finals := slices.Clone(to)
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
		if d.states[d.Initial] != nil && !reached[s.Name] && !from && len(to) == 0 {
			k.Bad(s.Line, "state %s cannot be reached from %s", s.Name, d.Initial)
		}
		switch {
		case s.Final || from:
		case !slices.ContainsFunc(d.leaving[s.Name], func(t *Transition) bool { return !t.Everywhere() && t.To != s.Name }):
			k.Bad(s.Line, "state %s is a dead end: it is not final and no transition of its own leaves it", s.Name)
		case len(finals) > 0 && !ends[s.Name]:
			k.Bad(s.Line, "state %s never leads to a final state", s.Name)
		}
	}
}

// astray are the states, of those that there are not, to which transitions lead;
// from reports that one comes from such a state.
func (k *checker) astray() (from bool, to []string) {
	for _, t := range k.def.Transitions {
		if k.def.states[t.To] == nil {
			to = append(to, t.To)
		}
		from = from || slices.ContainsFunc(t.From, func(s string) bool { return s != everyState && k.def.states[s] == nil })
	}
	return from, to
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

// after are the states that transitions lead to from a set of them, which is
// part of it.
func (c *Compiled) after(from []string) map[string]bool {
	return c.spread(from, func(t *Transition, from string) (string, string) { return from, t.To })
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
				if seen[at] && !seen[next] && (at == s.Name || !t.Everywhere()) {
					seen[next], grown = true, true
				}
			}
		}
	}
	return seen
}

// leave asks that every state leads to an end by moves that somebody makes.
func (k *checker) leave() {
	ends := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for i := len(k.def.States) - 1; i >= 0; i-- { // most lead onwards
			s := &k.def.States[i]
			made := func(t *Transition) bool { return ends[t.To] && !t.Everywhere() && k.made(t, s) }
			if !ends[s.Name] && (s.Final || slices.ContainsFunc(k.def.leaving[s.Name], made)) {
				ends[s.Name], grown = true, true
			}
		}
	}
	for _, s := range k.def.States {
		if !ends[s.Name] {
			k.Bad(s.Line, "state %s: nobody makes the moves that lead from it to an end: no role, and no deadline", s.Name)
		}
	}
}

// made reports that somebody makes a transition out of a state: a role, a
// deadline of the state or, of an activity, its process. Nothing moves a process
// by system: no activity fires an event of it.
func (k *checker) made(t *Transition, s *State) bool {
	return byRole(t) || s.fires(t) || k.def.Level == LevelActivity && slices.Contains(t.By, BySystem)
}

func byRole(t *Transition) bool {
	return slices.ContainsFunc(t.By, func(by string) bool { return slices.Contains(Roles, by) })
}

// fires reports that the state makes a transition of its own by itself.
func (s *State) fires(t *Transition) bool {
	return slices.Contains(t.By, ByTimer) && !t.Everywhere() &&
		(s.AtEnd == t.Event || slices.ContainsFunc(s.Deadlines, func(d Deadline) bool { return d.Event == t.Event }))
}

// circles looks for states that deadlines lead through round and round, where
// nobody can step in.
func (k *checker) circles() {
	seen := map[string]bool{}
	for _, s := range k.def.States {
		if seen[s.Name] {
			continue
		}
		out, circle := false, k.around(s.Name)
		for name := range circle {
			seen[name] = true
			out = out || slices.ContainsFunc(k.def.leaving[name], func(t *Transition) bool {
				return !circle[t.To] && !t.Everywhere() && (byRole(t) || k.def.Level == LevelActivity && slices.Contains(t.By, BySystem))
			})
		}
		if circle != nil && !out {
			k.Bad(s.Line, "state %s: deadlines lead from it round to it again, and nobody can step out: let a role make a move", s.Name)
		}
	}
}

// around are the states on the circles of deadlines through a state, nil when
// there is none.
func (k *checker) around(name string) map[string]bool {
	ahead := k.ticking(name)
	if !ahead[name] {
		return nil
	}
	out := map[string]bool{}
	for other := range ahead {
		if k.ticking(other)[name] {
			out[other] = true
		}
	}
	return out
}

// ticking are the states that deadlines lead to from one, over others or not.
func (k *checker) ticking(from string) map[string]bool {
	out := map[string]bool{}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		for _, t := range k.def.leaving[next[0]] {
			if k.def.states[next[0]].fires(t) && !out[t.To] {
				out[t.To] = true
				next = append(next, t.To)
			}
		}
	}
	return out
}
