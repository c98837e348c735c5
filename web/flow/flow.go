// Package flow prepares the drawing of a definition, and the list that says the
// same, for the pages that show where an instance stands.
package flow

import (
	"html/template"
	"slices"

	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/diagram"
)

// id is the prefix of the drawing's ids; a page shows one drawing.
const id = "schema"

// Of is the flow of a definition with the present state and the phases that
// have begun marked. It says nothing of how long they last: the plan does, and
// the pages show it.
func Of(c *definition.Compiled, lang, state string, plan []workflow.PlannedPhase) *page.Flow {
	var visited []string
	for _, p := range plan {
		if !p.StartedAt.IsZero() && p.State != state {
			visited = append(visited, p.State)
		}
	}
	out := &page.Flow{
		// Every text of the drawing is escaped where it is drawn.
		Picture: template.HTML(diagram.SVG(c, lang, diagram.Place{Current: state, Visited: visited, ID: id, Planned: true})),
	}
	broken := Broken(c, state, plan)
	steps, anytime := diagram.List(c, lang)
	for _, s := range steps {
		step := page.FlowStep{Number: s.Number, Title: s.Title, State: page.Next, Moves: moves(s.Moves)}
		switch {
		case s.State == state:
			step.State = page.Current
		case s.State == broken:
			step.State = page.Stopped
		case slices.Contains(visited, s.State):
			step.State = page.Done
		}
		out.Steps = append(out.Steps, step)
	}
	out.Anytime = moves(anytime)
	return out
}

// Broken is the phase of the main path in which an instance was called off: the
// last that had begun; "" when it was not, or before any began.
func Broken(c *definition.Compiled, state string, plan []workflow.PlannedPhase) string {
	if !c.Aborts(state) {
		return ""
	}
	last := ""
	for _, name := range c.MainPath() {
		if slices.ContainsFunc(plan, func(p workflow.PlannedPhase) bool { return p.State == name && !p.StartedAt.IsZero() }) {
			last = name
		}
	}
	return last
}

func moves(list []diagram.Move) []page.FlowMove {
	var out []page.FlowMove
	for _, m := range list {
		out = append(out, page.FlowMove{Label: m.Label, To: m.To, Who: m.Who})
	}
	return out
}
