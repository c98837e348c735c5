package upgrade

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// Phases are the phases of a process that a new definition must have a place for:
// those of the way through it, and those that an activity belongs to.
func Phases(ctx context.Context, core *process.Service, p process.Process, def *definition.Compiled) ([]string, error) {
	out := def.MainPath()
	seats, err := seat.Of(ctx, core.DB(), core, p.ID)
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
func follow(seats []seat.Seat, to *definition.Compiled, names map[string]string) (moves []seat.Seat, before map[string]string, err error) {
	before = make(map[string]string, len(seats))
	for _, s := range seats {
		before[key(s)] = s.Phase
		now := s
		if name, ok := names[s.Phase]; ok {
			now.Phase = name
		}
		if !now.Fits(to) {
			return nil, nil, fault.New(fault.Conflict, "workflow.migrate_seated", "title", s.Title)
		}
		if now != s {
			moves = append(moves, now)
		}
	}
	return moves, before, nil
}

// comeBack gives activities the phases that they had before a migration which is
// taken back. One that was made or moved since goes to a phase that was mapped to its
// own; where there is none, the moved goes where it was, and for the other it is a
// fault.Conflict "workflow.revert_seated".
func comeBack(seats []seat.Seat, to *definition.Compiled, m workflow.Migration) (moves []seat.Seat, err error) {
	for _, s := range seats {
		now := s
		was, kept := m.Kept[key(s)]
		if now.Phase = backwards(to, m.States, s.Phase); kept && (history.Called(m.States, was) == s.Phase || !now.Fits(to)) {
			now.Phase = was
		}
		if !now.Fits(to) {
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

func key(s seat.Seat) string { return strconv.FormatInt(int64(s.ID), 10) }

func saveSeats(ctx context.Context, tx bun.IDB, moves []seat.Seat) error {
	for _, s := range moves {
		if err := s.Save(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
