package flow

import (
	"slices"

	"arengo/workflow"
	"arengo/workflow/definition"
)

// Phase is one of the way of a process. Number counts from 1 those of its
// definition, as the drawing does; a phase that is gone, of a definition before,
// has none.
type Phase struct {
	Number int
	State  definition.State
	Gone   bool
}

// Course is the way of a process: the main path of its definition, and between its
// phases, where they took place, those that happened and that it knows no longer.
func Course(c *definition.Compiled, plan []workflow.PlannedPhase) []Phase {
	var out []Phase
	for i, name := range c.MainPath() {
		s, _ := c.State(name)
		out = append(out, Phase{Number: i + 1, State: s})
	}
	for i, p := range plan {
		if !p.Gone {
			continue
		}
		at := len(out)
		for _, next := range plan[i+1:] {
			if k := slices.IndexFunc(out, func(o Phase) bool { return o.State.Name == next.State && !o.Gone }); k >= 0 {
				at = k
				break
			}
		}
		out = slices.Insert(out, at, Phase{State: definition.State{Name: p.State, Title: p.Title}, Gone: true})
	}
	return out
}
