package edit

import (
	"maps"
	"slices"

	"arengo/workflow/definition"
)

// MoveState puts a phase behind another; after "" it becomes the first. Faults:
// fault.NotFound, fault.Conflict "editor.phase_only", "editor.no_way_on".
func MoveState(d definition.Definition, name, after string) (definition.Definition, error) {
	w := begin(d)
	if _, err := w.state(name); err != nil {
		return d, err
	}
	if _, err := w.state(after); after != "" && err != nil {
		return d, err
	}
	if after == name || after == w.before(name) {
		return d, nil
	}
	way, err := w.take(name, false)
	if err != nil {
		return d, err
	}
	ways := w.leading(name, way.to)
	p, err := w.put(name, after)
	if err != nil {
		return d, err
	}
	for i, id := range ways {
		ways[i] = w.alone(id, name)
	}
	if own := w.transition(wayOn(name)); own != nil && len(p.roles) > 0 { // as if it were added there
		clock := slices.DeleteFunc(slices.Clone(own.By), func(by string) bool { return slices.Contains(people(own.By), by) })
		own.By, own.Title = append(slices.Clone(p.roles), clock...), nil
	}
	w.lead(ways, p)
	i := w.at(name)
	state := w.States[i]
	w.States = slices.Delete(w.States, i, i+1)
	to := max(0, w.at(p.to))
	if after != "" {
		to = w.at(after) + 1
	}
	w.States = slices.Insert(w.States, to, state)
	return w.done(), nil
}

// Recall gives the transitions that lead again as they do in another definition the
// words that they have there, where nobody wrote others.
func Recall(was, d definition.Definition) definition.Definition {
	w, old := begin(d), begin(was)
	for i := range w.Transitions {
		t := &w.Transitions[i]
		o := old.transition(t.ID)
		if o != nil && o.To == t.To && slices.Equal(o.From, t.From) && slices.Equal(o.By, t.By) && maps.Equal(t.Title, w.moveTo(t.To)) {
			t.Title = o.Title
		}
	}
	return w.done()
}

// Rename changes the words of a phase, and those of the buttons that name it.
// Faults: those of AddState at the words, fault.NotFound.
func Rename(d definition.Definition, name string, x Words) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	if err := x.check(); err != nil {
		return d, err
	}
	old := w.moveTo(name)
	s.Title, s.Purpose = x.Title, x.Purpose
	for i := range w.Transitions {
		t := &w.Transitions[i]
		if t.To == name && t.Title["it"] == old["it"] && t.Title["en"] == old["en"] {
			t.Title = w.moveTo(name)
		}
	}
	return w.done(), nil
}
