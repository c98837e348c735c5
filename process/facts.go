package process

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/guard"
)

// facter tells the engine what guards may know.
type facter struct{ s *Service }

// Facts gathers counts and states; never a name, an address or an answer.
func (f facter) Facts(ctx context.Context, tx bun.IDB, r workflow.Ref, _ time.Time) (guard.Facts, error) {
	id := ID(r.ProcessID)
	var facts guard.Facts
	var err error
	if facts.Process.Population.Units, err = sumPopulation(ctx, tx, id); err != nil {
		return facts, err
	}
	if facts.Process.Roles, err = countRoles(ctx, tx, id); err != nil {
		return facts, err
	}
	if facts.Artefacts, err = artefactFacts(ctx, tx, id); err != nil {
		return facts, err
	}
	activities, err := listActivities(ctx, tx, id)
	if err != nil {
		return facts, err
	}
	counts, err := f.s.Counts(ctx, tx, id, activities)
	if err != nil {
		return facts, err
	}
	for _, a := range activities {
		def, err := f.s.engine.Resolve(ctx, tx, a.Definition, a.Version)
		if err != nil {
			return facts, err
		}
		facts.Activities = append(facts.Activities, guard.ActivityFacts{
			ID: strconv.FormatInt(int64(a.ID), 10), Kind: a.Kind, State: a.State, Phase: a.Phase,
			Open: open(def, a.State), Counts: counts[a.ID],
		})
	}
	if r.ActivityID != 0 {
		facts.Counts = counts[ActivityID(r.ActivityID)]
		facts.Anchors, err = meetingAnchors(ctx, tx, id, ActivityID(r.ActivityID))
	}
	return facts, err
}

// Counts gives the numbers of activities that guards and pages use: those that
// every kind has (invited, opened, drafted, answered, registered, waiting,
// meetings, attended, materials) and those of the kind itself.
func (s *Service) Counts(ctx context.Context, db bun.IDB, id ID, activities []Activity) (map[ActivityID]map[string]int64, error) {
	counts, err := commonCounts(ctx, db, id)
	if err != nil {
		return nil, err
	}
	byKind := map[string][]ActivityID{}
	for _, a := range activities {
		if counts[a.ID] == nil {
			counts[a.ID] = map[string]int64{}
		}
		for _, name := range CommonCounts {
			counts[a.ID][name] += 0 // a guard may ask for what nobody did yet
		}
		byKind[a.Kind] = append(byKind[a.Kind], a.ID)
	}
	for name, ids := range byKind {
		kind, err := s.kinds.Get(name)
		if err != nil {
			return nil, err
		}
		own, err := kind.Counts(ctx, db, id, ids)
		if err != nil {
			return nil, err
		}
		for a, names := range own {
			for n, v := range names {
				counts[a][n] = v
			}
		}
	}
	return counts, nil
}
