// Package codesign is the kind of activity in which people design together:
// several sessions, working tables, cards with needs, ideas and proposals, and
// dots to say which matter most. What it shares with other gatherings stands
// in package meeting.
package codesign

import (
	"context"
	_ "embed"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/meeting"
)

//go:embed workflow.yaml
var definition []byte

// Kind is the co-design lab as the domain knows it.
type Kind struct{}

// Name is "codesign".
func (Kind) Name() string { return "codesign" }

// Workflow is the definition: draft, open, running, voting, concluded, cancelled.
func (Kind) Workflow() []byte { return definition }

// Create makes a lab with no tables, eight dots a person and at most three on
// one card.
func (Kind) Create(ctx context.Context, tx bun.IDB, a process.Activity) error {
	d := meeting.Default()
	d.Recorded = true
	if err := meeting.Prepare(ctx, tx, a, d); err != nil {
		return err
	}
	return insertLab(ctx, tx, a.ProcessID, a.ID)
}

// Counts gives tables, seated, cards (hidden ones left out), votes (dots put
// on them) and voters.
func (Kind) Counts(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	return countLabs(ctx, db, id, activities)
}

// Contributors are those who wrote a card that was not hidden, or put a dot on
// one. Whoever of the staff typed in a table's paper is none.
func (Kind) Contributors(id process.ID) schema.QueryAppender { return contributors(id) }

// Resumed calls those who waited for a place.
func (Kind) Resumed(ctx context.Context, tx bun.IDB, s *process.Service, a process.Activity) error {
	return meeting.Resumed(ctx, tx, s, a)
}

// Evidence lists the cards, "card:<id>", then the materials and the attendance.
// Once the vote is over the cards have their dots, most first; before, they
// stand as they were written, and nothing says who leads.
func (Kind) Evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	cards, err := listCards(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	state, err := process.StateOf(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	voted := state == concluded
	if voted {
		cards = Ranked(cards)
	}
	var out []process.Evidence
	for _, c := range cards {
		if !c.Hidden() {
			out = append(out, process.Evidence{Ref: c.Ref(), Label: c.cited(voted)})
		}
	}
	materials, err := meeting.MaterialEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	attendance, err := meeting.AttendanceEvidence(ctx, db, id, activity)
	return slices.Concat(out, materials, attendance), err
}

// Reserved leaves out the cards that are hidden by now.
func (Kind) Reserved(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (process.Wording, error) {
	cards, err := listCards(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	hidden := map[string]bool{}
	for _, c := range cards {
		hidden[c.Ref()] = c.Hidden()
	}
	return func(e process.Evidence) string {
		if hidden[e.Ref] {
			return ""
		}
		return e.Label
	}, nil
}
