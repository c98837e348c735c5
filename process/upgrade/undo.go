package upgrade

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/conduct"
)

// Undo takes the last move back, the phases of the activities with it, as long as
// nothing else happened since. The refusals are fault.Invalid form.too_long (field
// reason), fault.Conflict workflow.revert_seated and workflow.revert_gaps (the process
// was published since, and the definition before asks for what it lacks), those of
// workflow.Engine.Revert and of the policy.
func Undo(ctx context.Context, core *process.Service, id process.ID, who process.Actor, reason string, revision int64) error {
	if err := short(reason); err != nil {
		return err
	}
	return core.Conduct(ctx, id, who, process.ActProcessMigrate, func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, _ workflow.Actor) error {
		had, err := gaps(ctx, core, tx, id)
		if err != nil {
			return err
		}
		if err := revert(ctx, core, tx, id, func() (workflow.Migration, error) {
			return c.Revert(ctx, tx, ref(id), workflow.Pause{Reason: reason, PublicReason: true, Actor: actor(who), ExpectRevision: revision})
		}); err != nil {
			return err
		}
		has, err := gaps(ctx, core, tx, id)
		if err != nil {
			return err
		}
		return opened(had, has)
	})
}

// revert takes a migration back by do, and the phases of the activities with it.
func revert(ctx context.Context, core *process.Service, tx bun.Tx, id process.ID, do func() (workflow.Migration, error)) error {
	m, err := do()
	if err != nil {
		return err
	}
	inst, err := core.Engine().Instance(ctx, tx, ref(id))
	if err != nil {
		return err
	}
	def, err := core.Engine().Definition(ctx, tx, inst)
	if err != nil {
		return err
	}
	seats, err := seat.Of(ctx, tx, core, id)
	if err != nil {
		return err
	}
	moves, err := comeBack(seats, def, m)
	if err != nil {
		return err
	}
	return saveSeats(ctx, tx, moves)
}

// gaps are what a public process lacks of what its definition asks to be published
// with; one that is not public is asked when it is published.
func gaps(ctx context.Context, core *process.Service, tx bun.Tx, id process.ID) ([]process.Gap, error) {
	p, err := core.LoadProcess(ctx, tx, id)
	if err != nil || !p.Published() {
		return nil, err
	}
	return core.Gaps(ctx, tx, p)
}

// opened refuses gaps that were not there: a process that was published under one
// definition would be public under another that would not have let it.
func opened(had, has []process.Gap) error {
	fresh := slices.DeleteFunc(slices.Clone(has), func(g process.Gap) bool { return slices.Contains(had, g) })
	if len(fresh) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "workflow.revert_gaps", "n", len(fresh))
}
