package calldate

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// missed are the codes of the dates that may be given anew though the process is
// public, see Date.
func (s *Service) missed(ctx context.Context, db bun.IDB, p process.Process, def *definition.Compiled, days map[string]civil.Date) (map[string]bool, error) {
	if !p.Published() {
		return nil, nil
	}
	now, err := s.core.Now(ctx, db)
	if err != nil {
		return nil, err
	}
	gone := func(code string) bool {
		day, known := days[code]
		return known && day.Before(civil.DateOf(now, p.Location()))
	}
	if !slices.ContainsFunc(def.Dates, func(d definition.Date) bool { return gone(d.Code) }) {
		return nil, nil
	}
	plan, err := s.core.Expected(ctx, db, p)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, st := range def.States {
		if st.Term == nil {
			continue
		}
		kind, code := definition.SplitAnchor(st.Term.Until)
		lost := slices.ContainsFunc(plan, func(x workflow.PlannedPhase) bool {
			return x.State == st.Name && (x.StartedAt.IsZero() || x.Stillborn())
		})
		if kind == definition.AnchorDate && lost && gone(code) {
			out[code] = true
		}
	}
	for range def.Dates { // what must come after one, and after that
		for _, d := range def.Dates {
			out[d.Code] = out[d.Code] || out[d.After]
		}
	}
	return out, nil
}
