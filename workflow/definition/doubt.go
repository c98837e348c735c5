package definition

import (
	"slices"
	"strings"

	"arengo/workflow/guard"
	"arengo/workflow/strict"
)

// doubts looks for what runs today and may go wrong on some later day. It is
// asked of a file without other problems, by who writes it: what is published
// already runs on.
func (k *checker) doubts() {
	for i := range k.def.Transitions {
		k.permitted(&k.def.Transitions[i])
		k.fallible(&k.def.Transitions[i])
	}
}

// permitted asks that who should make a move may make it: all of staff a move of
// a process, the promoter alone one that reopens it, and those who run them a
// move of activities.
func (k *checker) permitted(t *Transition) {
	may := Staff
	switch {
	case k.def.Level == LevelActivity:
		may = Runners
	case t.Reopens:
		may = []string{RolePromoter}
	}
	for _, by := range t.By {
		if slices.Contains(Roles, by) && !slices.Contains(may, by) {
			k.Bad(t.Line, "transition %s: by: role %q may never do it, only %s", t.ID, by, strings.Join(may, ", "))
		}
	}
}

// fallible tries the guards of a transition of the file where they could fail.
func (k *checker) fallible(t *Transition) {
	trial := guard.Trial{States: k.leftBy(t)}
	for _, name := range trial.States {
		if !k.def.states[name].sureToEnd() {
			trial.Endless = append(trial.Endless, name)
		}
	}
	for _, d := range k.def.Dates {
		if d.Required {
			trial.Needed = append(trial.Needed, d.Code)
		}
	}
	for i, p := range k.def.guards[t.ID] {
		g := t.Requires[i]
		if g.Implied {
			continue
		}
		what := strict.Say("transition %s: requirement %s", t.ID, g.Code).At("guard")
		for _, doubt := range p.Doubts(k.names(t), trial) {
			k.Bad(g.Line, "%s: %s", what, doubt)
		}
	}
}

// leftBy are the states that a transition leaves, in file order.
func (k *checker) leftBy(t *Transition) []string {
	return slices.DeleteFunc(k.def.names(), func(name string) bool { return !k.def.Leaves(t, name) })
}

// sureToEnd reports that the end of the state's term is known as soon as the
// state is entered.
func (s *State) sureToEnd() bool {
	if s.Term == nil {
		return false
	}
	anchor := s.Term.Until
	if !s.Term.Length.IsZero() {
		anchor = s.Term.From
	}
	kind, _ := SplitAnchor(anchor)
	return anchor == "" || slices.Contains([]string{AnchorEntry, AnchorState, AnchorDay}, kind)
}
