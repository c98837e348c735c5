package flow

import (
	"time"

	"arengo/workflow"
	"arengo/workflow/civil"
)

// Days is how many civil days a phase took, its first and last included, or how many
// the present one has, counted as its length is: the rest of the day on which it began
// does not count. It is 0 for one without an end.
func Days(p workflow.PlannedPhase, zone *time.Location) int {
	if p.EndedAt.IsZero() {
		return ahead(p, zone)
	}
	end := p.EndedAt.Add(-time.Second) // half-open: midnight ends the day before
	if end.Before(p.StartedAt) {
		end = p.StartedAt
	}
	return civil.DateOf(end, zone).Since(civil.DateOf(p.StartedAt, zone)) + 1
}

func ahead(p workflow.PlannedPhase, zone *time.Location) int {
	if !p.End.After(p.Start) {
		return 0
	}
	first := civil.DateOf(p.Start, zone)
	if !first.Start(zone).Equal(p.Start) {
		first = first.Add(1)
	}
	return civil.DateOf(p.End, zone).Since(first)
}
