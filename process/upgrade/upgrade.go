// Package upgrade moves a running process to a newer version of its definition,
// or to one that was made from it, after showing what that changes.
package upgrade

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// Target is a definition that a process may move to.
type Target struct {
	Name    string
	Version int
}

// Available lists the definitions that a process may move to, the newest first:
// newer versions of its own that the program ships, and, of what was made for
// this process, any other.
func Available(ctx context.Context, core *process.Service, p process.Process) ([]Target, error) {
	inst, err := core.Engine().Instance(ctx, core.DB(), p.Ref())
	if err != nil {
		return nil, err
	}
	var out []Target
	for _, d := range core.Definitions().Shipped() {
		if d.Name == inst.Definition && d.Version > inst.Version {
			out = append(out, Target{d.Name, d.Version})
		}
	}
	slices.Reverse(out)
	return out, nil
}

// related reports that a definition may take the place of another in a process:
// it has its name, or one of the two was made from the other, and not by another
// process.
func related(a, b string, id process.ID) bool {
	if edit.Foreign(b, int64(id)) {
		return false
	}
	return a == b || strings.HasPrefix(a, b+"-") || strings.HasPrefix(b, a+"-")
}

// Preview is what a move would change.
type Preview struct {
	Before, After *definition.Compiled
	Instance      workflow.Instance
	workflow.Migration
}

// Move asks for a new definition. States maps phases of the old one that have
// another name in the new one; Revision is the state revision that the form
// showed.
type Move struct {
	Target
	States   map[string]string
	Reason   string
	Revision int64
}

// Look shows what a move changes: nothing is saved. Faults: those of
// workflow.Engine.PreviewMigrate, of which fault.Invalid workflow.migrate_state
// comes with Before and After filled in, and those of the policy.
func Look(ctx context.Context, core *process.Service, p process.Process, m Move) (Preview, error) {
	var out Preview
	err := pg.InTx(ctx, core.DB(), func(ctx context.Context, tx bun.Tx) (err error) {
		if out.Before, out.Instance, err = core.Definition(ctx, tx, p); err != nil {
			return err
		}
		if !related(out.Before.Name, m.Name, p.ID) {
			return unknown(m.Target)
		}
		if out.After, err = core.Engine().Resolve(ctx, tx, m.Name, m.Version); err != nil {
			return err
		}
		out.Migration, err = core.Engine().PreviewMigrate(ctx, tx, p.Ref(), m.version(workflow.Actor{}))
		return err
	})
	return out, err
}

// MostReason is how many characters the reason of a move or of its return may
// have: everybody reads it in the log.
const MostReason = 1000

// short refuses a reason that is too long: fault.Invalid form.too_long (field
// reason).
func short(reason string) error {
	if len([]rune(strings.ReplaceAll(reason, "\r\n", "\n"))) > MostReason {
		return fault.Field("reason", "form.too_long", "max", MostReason)
	}
	return nil
}

// Do moves the process. The refusals are fault.Invalid form.required (field
// modello), form.too_long (field reason), those of workflow.Engine.Migrate and of
// the policy.
func Do(ctx context.Context, core *process.Service, id process.ID, who process.Actor, m Move) error {
	if m.Name == "" {
		return fault.Field("modello", "form.required")
	}
	if err := short(m.Reason); err != nil {
		return err
	}
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, _, err := core.Begin(ctx, tx, id, who, process.ActProcessMigrate)
		if err != nil {
			return err
		}
		inst, err := core.Engine().Instance(ctx, tx, p.Ref())
		if err != nil {
			return err
		}
		if !related(inst.Definition, m.Name, p.ID) {
			return unknown(m.Target)
		}
		_, err = core.Engine().Migrate(ctx, tx, p.Ref(), m.version(actor(who)))
		return err
	})
}

// Undo takes the last move back, as long as nothing else happened since. The
// refusals are fault.Invalid form.too_long (field reason), those of
// workflow.Engine.Revert and of the policy.
func Undo(ctx context.Context, core *process.Service, id process.ID, who process.Actor, reason string, revision int64) error {
	if err := short(reason); err != nil {
		return err
	}
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, _, err := core.Begin(ctx, tx, id, who, process.ActProcessMigrate)
		if err != nil {
			return err
		}
		_, err = core.Engine().Revert(ctx, tx, p.Ref(), workflow.Pause{
			Reason: reason, PublicReason: true, Actor: actor(who), ExpectRevision: revision,
		})
		return err
	})
}

func (m Move) version(who workflow.Actor) workflow.NewVersion {
	return workflow.NewVersion{
		Definition: m.Name, Version: m.Version, States: m.States, Reason: m.Reason, PublicReason: true, Actor: who, ExpectRevision: m.Revision,
	}
}

func actor(who process.Actor) workflow.Actor {
	return workflow.Person(int64(who.Person), process.RolePromoter)
}

func unknown(t Target) error {
	return fault.New(fault.NotFound, "workflow.definition_unknown", "name", t.Name, "version", t.Version)
}
