package edit

import (
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
