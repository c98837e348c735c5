// Package assembly is the kind of activity that is a public meeting: date,
// place and agenda before it, minutes after it. What it shares with other
// gatherings stands in package meeting.
package assembly

import (
	"context"
	_ "embed"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/meeting"
)

//go:embed workflow.yaml
var definition []byte

// Kind is the assembly as the domain knows it.
type Kind struct{}

// Name is "assembly".
func (Kind) Name() string { return "assembly" }

// Workflow is the definition: draft, convened, held, minuted, cancelled.
func (Kind) Workflow() []byte { return definition }

// Create lets anybody come: registering is possible, never needed, and those
// who follow the process hear of a new date.
func (Kind) Create(ctx context.Context, tx bun.IDB, a process.Activity) error {
	d := meeting.Default()
	d.Recorded, d.Told = true, "registered,followers"
	return meeting.Prepare(ctx, tx, a, d)
}

// Counts gives agendas, minutes and minutes_published.
func (Kind) Counts(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	return meeting.Counts(ctx, db, id, activities)
}

// Resumed calls those who waited for a place.
func (Kind) Resumed(ctx context.Context, tx bun.IDB, s *process.Service, a process.Activity) error {
	return meeting.Resumed(ctx, tx, s, a)
}

// Evidence lists the points of the agenda, the minutes, the materials and the
// attendance.
func (Kind) Evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	agenda, err := meeting.AgendaEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	minutes, err := meeting.MinutesEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	materials, err := meeting.MaterialEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	attendance, err := meeting.AttendanceEvidence(ctx, db, id, activity)
	return slices.Concat(agenda, minutes, materials, attendance), err
}
