package message

import (
	"cmp"
	"slices"

	"arengo/notify"
	"arengo/notify/catalogue"
	"arengo/workflow/definition"
)

// wordsOf says which phase of the main path a state is, and what it is called.
func wordsOf(def *definition.Compiled, state string) phaseWords {
	path := def.MainPath()
	w := phaseWords{of: len(path)}
	for i, name := range path {
		if name == state {
			w.number = i + 1
		}
	}
	if st, ok := def.State(state); ok {
		w.title, w.purpose = st.Title, st.Purpose
	}
	if w.number == 0 {
		w.of = 0 // ended: there is no bar to show
	}
	return w
}

// nextStep is what the people responsible for a state can do to leave it: the
// words of its first transition that is not for every state.
func nextStep(def *definition.Compiled, state string) definition.Text {
	for _, t := range def.Leaving(state) {
		if !slices.Contains(t.From, "*") && len(t.Title) > 0 {
			return t.Title
		}
	}
	if st, ok := def.State(state); ok {
		return st.Title
	}
	return nil
}

// why says why somebody gets a notice: in the one way of its kind, or by what they
// are to the process.
func why(n notify.Notice, row personal) string {
	kind, _ := notify.KindNamed(n.Kind)
	return catalogue.Why(cmp.Or(kind.Why, relation(n, row))).In(row.Locale)
}

func relation(n notify.Notice, row personal) string {
	switch {
	case n.ProcessID == notify.Account:
		return "account"
	case staffNotice(n):
		return "staff"
	case row.RegistrationID != 0:
		return "registered"
	case row.InvitationID != 0:
		return "invited"
	case row.Works:
		return "staff"
	}
	return "following"
}
