package outlook

import (
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Clash is a phase to come that a date of the call, or a day of the definition, would
// end before it begins. Code is that of the date, "" for a day of the definition.
type Clash struct {
	State, Code string
	First, Day  civil.Date // of the phase, of its end
}

// Early lists the phases of a plan without a day, see Phase.Never, that end with a
// date of the call, of those that are known by code, or with a day of the definition;
// the present one too, where it was over as it began.
func Early(def *definition.Compiled, plan []Phase, dates map[string]time.Time) []Clash {
	var out []Clash
	for _, p := range plan {
		s, ok := def.State(p.State)
		if !ok || s.Term == nil || !p.Never() && !p.Stillborn() {
			continue
		}
		clash := Clash{State: p.State, First: civil.DateOf(p.Start, def.Location)}
		kind, code := definition.SplitAnchor(s.Term.Until)
		at, known := dates[code]
		switch {
		case kind == definition.AnchorDate && known:
			clash.Code, clash.Day = code, civil.DateOf(at, def.Location)
		case kind == definition.AnchorDay:
			clash.Day, _ = civil.ParseDate(code) // a definition that compiles has a day there
		default:
			continue
		}
		out = append(out, clash)
	}
	return out
}
