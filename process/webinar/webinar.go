// Package webinar is the kind of activity that people follow online: they
// register, get a link near the time, and find the recording afterwards. What
// it shares with other gatherings stands in package meeting.
package webinar

import (
	"context"
	_ "embed"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/meeting"
)

//go:embed workflow.yaml
var definition []byte

// Kind is the webinar as the domain knows it.
type Kind struct{}

// Name is "webinar".
func (Kind) Name() string { return "webinar" }

// Workflow is the definition: draft, open, held, concluded, cancelled.
func (Kind) Workflow() []byte { return definition }

// Create announces from the start that the webinar may be recorded: whoever
// will not record it says so in the setting.
func (Kind) Create(ctx context.Context, tx bun.IDB, a process.Activity) error {
	d := meeting.Default()
	d.Recorded = true
	return meeting.Prepare(ctx, tx, a, d)
}

// Counts adds nothing to the counts that every kind has.
func (Kind) Counts(context.Context, bun.IDB, process.ID, []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	return nil, nil // no counts of its own
}

// Resumed calls those who waited for a place.
func (Kind) Resumed(ctx context.Context, tx bun.IDB, s *process.Service, a process.Activity) error {
	return meeting.Resumed(ctx, tx, s, a)
}

// Evidence lists the materials and the attendance.
func (Kind) Evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	materials, err := meeting.MaterialEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	attendance, err := meeting.AttendanceEvidence(ctx, db, id, activity)
	return append(materials, attendance...), err
}
