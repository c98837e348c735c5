// Package focusgroup is the kind of activity that is a conversation among a few
// invited people: who leads it and who takes notes, the themes, structured
// notes in which a code stands for each person, and minutes. What it shares
// with other gatherings stands in package meeting.
package focusgroup

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/meeting"
)

//go:embed workflow.yaml
var definition []byte

// Kind is the focus group as the domain knows it.
type Kind struct{}

// Name is "focusgroup".
func (Kind) Name() string { return "focusgroup" }

// Workflow is the definition: draft, convened, held, minuted, cancelled.
func (Kind) Workflow() []byte { return definition }

// seats is how many people a group has at first: five to eight is usual.
const seats = 8

// Create makes an empty group of eight seats, for invited people only. News of
// the meeting goes also to those who have not answered yet: the invitation put
// it in their calendars.
func (Kind) Create(ctx context.Context, tx bun.IDB, a process.Activity) error {
	d := meeting.Default()
	d.Capacity, d.InvitedOnly, d.Told = seats, true, "registered,silent"
	if err := meeting.Prepare(ctx, tx, a, d); err != nil {
		return err
	}
	return insertGroup(ctx, tx, a.ProcessID, a.ID)
}

// Counts gives themes, facilitators and note_takers (0 or 1), notes, quotes
// (flagged and consented to), minutes and minutes_published.
func (Kind) Counts(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	counts, err := meeting.Counts(ctx, db, id, activities)
	if err != nil || len(activities) == 0 {
		return counts, err
	}
	return counts, countGroups(ctx, db, id, activities, counts)
}

// Contributors are those whose words stand in a note, whether or not anybody
// noted that they were there.
func (Kind) Contributors(id process.ID) schema.QueryAppender { return contributors(id) }

// Resumed calls those who waited for a place.
func (Kind) Resumed(ctx context.Context, tx bun.IDB, s *process.Service, a process.Activity) error {
	return meeting.Resumed(ctx, tx, s, a)
}

// Evidence lists the notes, "note:<id>" with the theme and, of a quotation that
// is consented to, the words; then the headings of the minutes and the materials.
func (Kind) Evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	notes, err := listNotes(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	out := make([]process.Evidence, len(notes))
	for i, n := range notes {
		out[i] = process.Evidence{Ref: n.Ref(), Label: n.cited()}
	}
	minutes, err := meeting.MinutesEvidence(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	materials, err := meeting.MaterialEvidence(ctx, db, id, activity)
	return slices.Concat(out, minutes, materials), err
}

// Reserved words the notes as they stand now, whatever they were cited as: a
// consent that ended, or a correction, holds for what was published before too.
func (Kind) Reserved(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (process.Wording, error) {
	notes, err := listNotes(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	now := map[string]string{}
	for _, n := range notes {
		now[n.Ref()] = n.cited()
	}
	return func(e process.Evidence) string {
		if strings.HasPrefix(e.Ref, notePrefix) {
			return now[e.Ref]
		}
		return e.Label
	}, nil
}

const maxLabel = 300

func shortened(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}
