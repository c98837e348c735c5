// Package edit changes definitions without their file: phases are added, taken
// away, put elsewhere and renamed, terms, activities and reminders changed. Each
// operation is a function of a definition that gives another and leaves the one
// it was given as it is. The transitions follow: what led past a new phase leads
// through it, what led to one that is gone leads to what came after it.
//
// An operation refuses what would edit a law away, with the article. What it
// gives may still have problems, which the check finds and Places names the
// phase of.
package edit

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/slug"
)

// everywhere is the word for every state that is not final.
const everywhere = "*"

// work is a definition that is being changed: a copy of its own, whose texts
// are replaced and never written into.
type work struct{ definition.Definition }

// begin copies a definition, without the guards that stand in no file.
func begin(d definition.Definition) *work {
	w := &work{d}
	w.Notices = slices.Clone(d.Notices)
	w.States = slices.Clone(d.States)
	for i := range w.States {
		s := &w.States[i]
		if s.Term != nil {
			term := *s.Term
			s.Term = &term
		}
		s.Artefacts, s.Activities = slices.Clone(s.Artefacts), slices.Clone(s.Activities)
		s.Allows = slices.Clone(s.Allows)
		s.OnEnter, s.OnExit = slices.Clone(s.OnEnter), slices.Clone(s.OnExit)
		s.Reminders, s.Deadlines, s.Overdue = slices.Clone(s.Reminders), slices.Clone(s.Deadlines), slices.Clone(s.Overdue)
	}
	w.Transitions = slices.Clone(d.Transitions)
	for i := range w.Transitions {
		t := &w.Transitions[i]
		t.From, t.By, t.Then = slices.Clone(t.From), slices.Clone(t.By), slices.Clone(t.Then)
		t.Requires = slices.DeleteFunc(slices.Clone(t.Requires), func(g definition.Guard) bool { return g.Implied })
	}
	return w
}

// Written is a definition as a file says it, without the guards that the check
// adds.
func Written(d definition.Definition) definition.Definition { return begin(d).Definition }

// at is the place of a state in the file, -1 when there is none of that name.
func (w *work) at(name string) int {
	return slices.IndexFunc(w.States, func(s definition.State) bool { return s.Name == name })
}

// state finds a phase that an operation may change: fault.NotFound
// "editor.phase_unknown" for none, and for one that is final.
func (w *work) state(name string) (*definition.State, error) {
	i := w.at(name)
	if i < 0 || w.States[i].Final {
		return nil, fault.New(fault.NotFound, "editor.phase_unknown", "phase", name)
	}
	return &w.States[i], nil
}

func (w *work) final(name string) bool {
	i := w.at(name)
	return i >= 0 && w.States[i].Final
}

// transition finds one by its id; the pointer is good until one is added.
func (w *work) transition(id string) *definition.Transition {
	for i := range w.Transitions {
		if w.Transitions[i].ID == id {
			return &w.Transitions[i]
		}
	}
	return nil
}

// Phases are the states that are not final, in file order.
func Phases(d definition.Definition) []definition.State {
	var out []definition.State
	for _, s := range d.States {
		if !s.Final {
			out = append(out, s)
		}
	}
	return out
}

// nameFor makes a name for a state from its title.
func (w *work) nameFor(title string) string {
	base := slug.Of(title, 40)
	if base == "" || !unicode.IsLetter(rune(base[0])) {
		base = strings.TrimSuffix("phase-"+base, "-")
	}
	return free(base, func(name string) bool { return w.at(name) >= 0 })
}

// idFor makes an id for a transition.
func (w *work) idFor(base string) string {
	return free(base, func(id string) bool { return w.transition(id) != nil })
}

// free is a word, with a number when it is taken.
func free(base string, taken func(string) bool) string {
	word := base
	for n := 2; taken(word); n++ {
		word = base + "-" + strconv.Itoa(n)
	}
	return word
}
