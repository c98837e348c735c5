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
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// Target is a definition that a process may move to.
type Target struct {
	Name    string
	Version int
}

// Available lists the definitions that a process may move to, the newest first:
// newer versions of its own that the program ships, of the one that its own was
// made from, and of what was made for this process.
func Available(ctx context.Context, core *process.Service, p process.Process) ([]Target, error) {
	inst, err := core.Engine().Instance(ctx, core.DB(), p.Ref())
	if err != nil {
		return nil, err
	}
	l, err := lineageOf(ctx, core, core.DB(), inst)
	if err != nil {
		return nil, err
	}
	var all, out []Target
	for _, d := range core.Definitions().Shipped() {
		all = append(all, Target{d.Name, d.Version})
	}
	for _, v := range l.made {
		all = append(all, Target{v.Definition, v.Version})
	}
	for _, t := range slices.Backward(all) {
		if l.admits(t) == nil && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out, nil
}

// lineage is what a process runs, the shipped definition that this was made from
// or is, and what was made for the process.
type lineage struct {
	runs, origin workflow.Pin
	own          string
	made         []workflow.Version
}

func lineageOf(ctx context.Context, core *process.Service, db bun.IDB, i workflow.Instance) (lineage, error) {
	l := lineage{runs: workflow.Pin{Definition: i.Definition, Version: i.Version}, own: edit.NameFor(i.Definition, i.ProcessID)}
	var err error
	if l.made, err = core.Engine().Versions(ctx, db, l.own); err != nil {
		return l, err
	}
	l.origin = l.runs
	if i.Definition == l.own {
		l.origin = workflow.Pin{Definition: edit.OriginOf(l.own)}
		for _, v := range l.made {
			if v.Pin == l.runs && v.Base.Definition == l.origin.Definition {
				l.origin = v.Base
			}
		}
	}
	return l, nil
}

// admits refuses what has nothing to do with the process (fault.NotFound
// workflow.definition_unknown) and what is older than what it runs
// (fault.Conflict workflow.migrate_same, workflow.migrate_older).
func (l lineage) admits(t Target) error {
	newer := false
	switch t.Name {
	case l.runs.Definition:
		if t.Version == l.runs.Version {
			return fault.New(fault.Conflict, "workflow.migrate_same")
		}
		newer = t.Version > l.runs.Version
	case l.origin.Definition:
		newer = t.Version > l.origin.Version
	case l.own:
		i := slices.IndexFunc(l.made, func(v workflow.Version) bool { return v.Version == t.Version })
		if i < 0 {
			return unknown(t)
		}
		base := l.made[i].Base.Version
		newer = base == 0 || base >= l.runs.Version
	default:
		return unknown(t)
	}
	if !newer {
		return fault.New(fault.Conflict, "workflow.migrate_older")
	}
	return nil
}

// Preview is what a move would change.
type Preview struct {
	Before, After *definition.Compiled
	Instance      workflow.Instance
	workflow.Migration
	Later []workflow.Date // ends of phases to come that are others
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

// Look shows what a move changes: nothing is saved. Faults: fault.NotFound
// workflow.definition_unknown, fault.Conflict workflow.migrate_same,
// workflow.migrate_older, workflow.migrate_seated (an activity belongs to a phase
// that has no place), those of workflow.Engine.Migrate, of which
// fault.Invalid workflow.migrate_state comes with Before and After filled in, and
// those of the policy.
func Look(ctx context.Context, core *process.Service, p process.Process, m Move) (Preview, error) {
	var out Preview
	err := pg.Undone(ctx, core.DB(), func(ctx context.Context, tx bun.Tx) (err error) {
		if out.Before, out.Instance, err = core.Definition(ctx, tx, p); err != nil {
			return err
		}
		if out.After, err = admitted(ctx, core, tx, out.Instance, m.Target); err != nil {
			return err
		}
		if err := out.moved(ctx, core, tx, p, m); err != nil {
			return err
		}
		seats, err := seat.Of(ctx, tx, core, p.ID)
		if err != nil {
			return err
		}
		_, _, err = follow(seats, out.After, m.States)
		return err
	})
	return out, err
}

// moved carries the move out, to be taken back, and says what becomes of the phases
// from here on.
func (out *Preview) moved(ctx context.Context, core *process.Service, tx bun.IDB, p process.Process, m Move) (err error) {
	v := m.version(workflow.System())
	v.Reason, v.ExpectRevision = process.Unsaid, 0
	out.Later, err = core.Engine().Shifted(ctx, tx, p.Ref(), v.States, func() (err error) {
		out.Migration, err = core.Engine().Migrate(ctx, tx, p.Ref(), v)
		return err
	})
	if err != nil {
		return err
	}
	out.Revision, out.Effects = out.Instance.Revision, nil
	plan, err := core.Expected(ctx, tx, p)
	out.Plan = slices.DeleteFunc(plan, func(ph workflow.PlannedPhase) bool { return !ph.EndedAt.IsZero() || ph.Gone })
	return err
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

// admitted is a definition that a process may move to.
func admitted(ctx context.Context, core *process.Service, tx bun.IDB, i workflow.Instance, t Target) (*definition.Compiled, error) {
	l, err := lineageOf(ctx, core, tx, i)
	if err != nil {
		return nil, err
	}
	if err := l.admits(t); err != nil {
		return nil, err
	}
	return core.Engine().Resolve(ctx, tx, t.Name, t.Version)
}

// Do moves the process with its activities, whose phases follow. The refusals are
// fault.Invalid form.required (field modello), form.too_long (field reason), those
// of Look, of
// workflow.Engine.Migrate and of the policy.
func Do(ctx context.Context, core *process.Service, id process.ID, who process.Actor, m Move) error {
	if m.Name == "" {
		return fault.Field("modello", "form.required")
	}
	if err := short(m.Reason); err != nil {
		return err
	}
	return core.Conduct(ctx, id, who, process.ActProcessMigrate, func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, _ workflow.Actor) error {
		inst, err := core.Engine().Instance(ctx, tx, ref(id))
		if err != nil {
			return err
		}
		to, err := admitted(ctx, core, tx, inst, m.Target)
		if err != nil {
			return err
		}
		seats, err := seat.Of(ctx, tx, core, id)
		if err != nil {
			return err
		}
		v := m.version(actor(who))
		moves, before, err := follow(seats, to, m.States)
		if err != nil {
			return err
		}
		v.Kept = before
		if _, err := c.Migrate(ctx, tx, ref(id), v); err != nil {
			return err
		}
		return saveSeats(ctx, tx, moves)
	})
}

func ref(id process.ID) workflow.Ref { return workflow.Ref{ProcessID: int64(id)} }

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
