package definition

import (
	"slices"
	"strings"

	"arengo/workflow/guard"
	"arengo/workflow/strict"
)

func (k *checker) transitions() {
	ids := map[string]int{}
	for i := range k.def.Transitions {
		t := &k.def.Transitions[i]
		what := strict.Say("transition %s", t.ID)
		if first, twice := ids[t.ID]; twice && t.ID != "" {
			k.Bad(t.Line, "%s: the id already stands on line %d", what, first)
		}
		ids[t.ID] = t.Line
		if slices.Contains(reservedIDs, t.ID) {
			k.Bad(t.Line, "%s: the id is the engine's own", what)
		}
		k.leads(t)
		k.reopens(t)
		for _, role := range t.By {
			k.audience(t.Line, what.At("by"), []string{role})
		}
		for _, a := range t.Then {
			k.action(what, a)
		}
		k.timer(t)
		k.requires(t)
	}
}

func (k *checker) leads(t *Transition) {
	what := strict.Say("transition %s", t.ID)
	if _, ok := k.def.states[t.To]; t.To != "" && !ok {
		k.Bad(t.Line, "%s leads to %q, which is no state%s", what, t.To, strict.Suggest(t.To, k.def.names()))
	}
	for _, from := range t.From {
		if from == everyState {
			if len(t.From) > 1 {
				k.Bad(t.Line, "%s: \"*\" is every state and stands alone", what)
			}
			continue
		}
		s, ok := k.def.states[from]
		if !ok {
			k.Bad(t.Line, "%s leaves %q, which is no state%s", what, from, strict.Suggest(from, k.def.names()))
		} else if s.Final && !t.Reopens {
			k.Bad(t.Line, "%s leaves %q, which is final", what, from)
		}
	}
}

// reopens looks at what goes with leaving a final state: that there is one,
// that a person does it, and that it leads somewhere.
func (k *checker) reopens(t *Transition) {
	what := strict.Say("transition %s", t.ID)
	k.audience(t.Line, what.At("tell"), t.Tell)
	if !t.Reopens {
		if len(t.Tell) > 0 {
			k.Bad(t.Line, "%s: `tell` goes with reopens", what)
		}
		return
	}
	if !slices.ContainsFunc(t.From, k.def.Final) {
		k.Bad(t.Line, "%s: it reopens nothing: none of the states it leaves is final", what)
	}
	if k.def.Final(t.To) {
		k.Bad(t.Line, "%s: it reopens into %q, which is final", what, t.To)
	}
	if slices.Contains(t.By, ByTimer) {
		k.Bad(t.Line, "%s: a deadline cannot reopen what is over", what)
	}
}

func (k *checker) timer(t *Transition) {
	if !slices.Contains(t.By, ByTimer) {
		return
	}
	for _, s := range k.def.States {
		if k.def.Leaves(t, s.Name) && (s.AtEnd == t.Event || slices.ContainsFunc(s.Deadlines, func(d Deadline) bool { return d.Event == t.Event })) {
			return
		}
	}
	k.Bad(t.Line, "transition %s is by timer, but no at_end or deadline of its states fires %q", t.ID, t.Event)
}

func (k *checker) requires(t *Transition) {
	codes := map[string]bool{BlockEvent: true, BlockRole: true, BlockReason: true, BlockHeld: true}
	for _, g := range t.Requires {
		what := strict.Say("transition %s: requirement %s", t.ID, g.Code)
		names := k.names(t)
		if g.Implied { // it holds in a state without the term that it reads
			names.Termless = func(string) string { return "" }
		} else {
			k.explained(t, g, what)
			if codes[g.Code] {
				k.Bad(g.Line, "%s: the code is already taken", what)
			}
		}
		codes[g.Code] = true
		if g.Expr == "" {
			continue
		}
		p, problems := guard.Compile(g.Expr, names)
		for _, problem := range problems {
			k.Bad(g.Line, "%s: %s", what.At("guard"), problem)
		}
		k.def.guards[t.ID] = append(k.def.guards[t.ID], p)
	}
}

func (k *checker) explained(t *Transition, g Guard, what strict.Phrase) {
	for _, locale := range Locales {
		for _, m := range placeholder.FindAllStringSubmatch(g.Explain[locale], -1) {
			k.placeholder(t, g, what, m[1])
		}
	}
}

func (k *checker) placeholder(t *Transition, g Guard, what strict.Phrase, name string) {
	if !knownPlaceholder(name, k.def) {
		k.Bad(g.Line, "%s: unknown placeholder {%s}%s", what, name, strict.Suggest(name, placeholders(k.def)))
		return
	}
	if missing := k.termless(t, strings.TrimPrefix(name, "term.")); strings.HasPrefix(name, "term.") && missing != "" {
		k.Bad(g.Line, "%s: {%s} has no value in state %s", what, name, missing)
	}
}

// names are the words that a guard of the transition may use.
func (k *checker) names(t *Transition) guard.Names {
	n := guard.Names{Counts: k.def.Counts, Roles: k.def.Roles, Kinds: k.kinds}
	for _, s := range k.def.States {
		for _, a := range s.Artefacts {
			n.Artefacts = append(n.Artefacts, a.Code)
		}
	}
	if k.def.Level == LevelProcess {
		n.States, n.Dates = k.def.names(), k.def.codes()
	}
	n.Termless = func(field string) string { return k.termless(t, field) }
	return n
}

// termless names a state of the transition whose term lacks what a guard or
// placeholder reads, or "".
func (k *checker) termless(t *Transition, field string) string {
	for _, from := range t.From {
		s, ok := k.def.states[from]
		if !ok {
			continue
		}
		has := s.Term != nil
		switch field {
		case "entered_at", "elapsed_days":
			has = true
		case "length":
			has = has && !s.Term.Length.IsZero()
		case "min", "min_at":
			has = has && !s.Term.Min.IsZero()
		case "max", "max_at":
			has = has && !s.Term.Max.IsZero()
		}
		if !has {
			return from
		}
	}
	return ""
}

// graph asks that every state can be reached, that every non-final one can be
// left by a transition of its own and leads to an end, and that an event
// leaves a state by one branch.
func (k *checker) graph() {
	d := k.def
	reached := d.after([]string{d.Initial})
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
			if !t.Everywhere() && t.To != s.Name {
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
