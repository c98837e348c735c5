package upgrade

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Phases are the phases of a process that a new definition must have a place for:
// those of the way through it, and those that an activity belongs to.
func Phases(ctx context.Context, core *process.Service, p process.Process, def *definition.Compiled) ([]string, error) {
	out := def.MainPath()
	seats, err := seated(ctx, core.DB(), core, p.ID)
	for _, s := range seats {
		if _, ok := def.State(s.Phase); ok && !s.Off && !slices.Contains(out, s.Phase) {
			out = append(out, s.Phase)
		}
	}
	return out, err
}

// follow gives activities the phases that theirs are mapped to. One whose phase
// has no place in the new definition is a fault.Conflict
// "workflow.migrate_seated". It returns those that change and, by id, the phase
// of every one before.
func follow(seats []seat, to *definition.Compiled, names map[string]string) (moves []seat, before map[string]string, err error) {
	before = make(map[string]string, len(seats))
	for _, s := range seats {
		before[key(s)] = s.Phase
		now := s
		if name, ok := names[s.Phase]; ok {
			now.Phase = name
		}
		if !s.Off && !holds(to, now.Phase) {
			return nil, nil, fault.New(fault.Conflict, "workflow.migrate_seated", "title", s.Title)
		}
		if now != s {
			moves = append(moves, now)
		}
	}
	return moves, before, nil
}

// comeBack gives activities the phases that they had before a migration which is
// taken back. One that was made since goes to a phase that was mapped to its own;
// where there is none it is a fault.Conflict "workflow.revert_seated".
func comeBack(seats []seat, to *definition.Compiled, m workflow.Migration) (moves []seat, err error) {
	for _, s := range seats {
		now := s
		if was, ok := m.Kept[key(s)]; ok {
			now.Phase = was
		} else {
			now.Phase = backwards(to, m.States, s.Phase)
		}
		if !s.Off && !holds(to, now.Phase) {
			return nil, fault.New(fault.Conflict, "workflow.revert_seated", "title", s.Title)
		}
		if now != s {
			moves = append(moves, now)
		}
	}
	return moves, nil
}

// backwards is the first phase of a definition that a mapping leads to another.
func backwards(to *definition.Compiled, names map[string]string, phase string) string {
	for _, s := range to.States {
		if names[s.Name] == phase {
			return s.Name
		}
	}
	return phase
}

func holds(def *definition.Compiled, phase string) bool {
	st, ok := def.State(phase)
	return ok && !st.Final
}

func key(s seat) string { return strconv.FormatInt(int64(s.ID), 10) }

func saveSeats(ctx context.Context, tx bun.IDB, id process.ID, moves []seat) error {
	for _, s := range moves {
		if err := s.save(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
