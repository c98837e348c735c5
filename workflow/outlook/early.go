package outlook

import (
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Clash is a phase to come that a date of the call would end before it begins.
type Clash struct {
	State, Code string
	First, Day  civil.Date // of the phase, of the call
}

// Early lists the phases of a plan that lasted nothing: each ends with a date of the
// call, of those that are known by code, which lies before its first day.
func Early(def *definition.Compiled, plan []Phase, dates map[string]time.Time) []Clash {
	var out []Clash
	for _, p := range plan {
		s, ok := def.State(p.State)
		if !ok || s.Term == nil || !p.StartedAt.IsZero() || p.Start.IsZero() {
			continue
		}
		kind, code := definition.SplitAnchor(s.Term.Until)
		at, known := dates[code]
		c := Clash{p.State, code, civil.DateOf(p.Start, def.Location), civil.DateOf(at, def.Location)}
		if kind == definition.AnchorDate && known && c.Day.Before(c.First) {
			out = append(out, c)
		}
	}
	return out
}
