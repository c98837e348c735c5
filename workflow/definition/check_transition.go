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
		if slices.Contains(reservedIDs, t.ID) || k.whole && slices.Contains(laterIDs, t.ID) {
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
