package draft

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
	"arengo/workflow/edit"
)

// Version is a published definition.
type Version struct {
	Name    string
	Version int
}

// Publish makes the draft a definition like any other, without moving the process
// to it: what a running process migrates to. Publishing what is published already
// gives the same version. The draft stays until the process runs it. Refusals:
// fault.Conflict "editor.problems_left", "editor.unchanged", "form.stale", and those
// of process.Allow.
func (s *Service) Publish(ctx context.Context, id process.ID, who process.Actor, revision int64) (Version, error) {
	var v Version
	err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, _, err := s.begin(ctx, tx, id, who, revision)
		if err != nil {
			return err
		}
		c, err := s.publish(ctx, tx, id, d)
		if err == nil {
			v = Version{c.Name, c.Version}
		}
		return err
	})
	return v, err
}

// Used is what the use of a draft did.
type Used struct {
	Version
	Moves []workflow.Move // ends of phases that changed
}

// Use publishes the draft and moves the process to it, which is not public yet:
// nothing was promised, so that its dates are planned anew. Reason stands in the
// log. Refusals: those of Publish, fault.Conflict "editor.public" for a public
// process, which migrates instead, and "editor.seated" while an activity belongs
// to a phase that is gone; those of workflow.Migrate.
func (s *Service) Use(ctx context.Context, id process.ID, who process.Actor, revision int64, reason string) (Used, error) {
	var out Used
	err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, row, err := s.begin(ctx, tx, id, who, revision)
		if err != nil {
			return err
		}
		p, err := s.core.LoadProcess(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Published() {
			return fault.New(fault.Conflict, "editor.public")
		}
		c, err := s.publish(ctx, tx, id, d)
		if err != nil {
			return err
		}
		if err := s.sits(ctx, tx, id, c); err != nil {
			return err
		}
		out = Used{Version{c.Name, c.Version}, d.Moves}
		if err := s.move(ctx, tx, p, d, workflow.NewVersion{
			Definition: c.Name, Version: c.Version, Reason: reason, Actor: workflow.Person(int64(who.Person), process.RolePromoter),
		}); err != nil {
			return err
		}
		row.Source, row.BaseName, row.BaseVersion = "", c.Name, c.Version
		if err := save(ctx, tx, id, row); err != nil {
			return err
		}
		return forget(ctx, tx, id, 0)
	})
	return out, err
}

// move takes the process to another definition and plans it anew. One that stands
// at the beginning begins with the new first phase.
func (s *Service) move(ctx context.Context, tx bun.IDB, p process.Process, d Draft, v workflow.NewVersion) error {
	inst, err := s.core.Engine().Instance(ctx, tx, p.Ref())
	if err != nil {
		return err
	}
	v.States = map[string]string{}
	if inst.State == d.Base.Initial {
		v.States[inst.State] = d.Compiled.Initial
	}
	if _, err := s.core.Engine().Migrate(ctx, tx, p.Ref(), v); err != nil {
		return err
	}
	if p.StartsOn == nil {
		return nil
	}
	plan, err := s.laidOut(ctx, tx, p, &d)
	if err != nil {
		return err
	}
	_, err = s.core.Engine().Replan(ctx, tx, p.Ref(), plan, v.Actor)
	return err
}

// Lost are the activities that sit in a phase which the draft of a process that is
// not public takes away; a public one migrates, and is asked then.
func (s *Service) Lost(ctx context.Context, p process.Process, d Draft) ([]seat.Seat, error) {
	if d.Compiled == nil || p.Published() {
		return nil, nil
	}
	seats, err := seat.Of(ctx, s.core.DB(), s.core, p.ID)
	return seat.Lost(seats, d.Compiled), err
}

// sits asks that every activity still has its phase.
func (s *Service) sits(ctx context.Context, tx bun.IDB, id process.ID, c *definition.Compiled) error {
	seats, err := seat.Of(ctx, tx, s.core, id)
	if err != nil {
		return err
	}
	if lost := seat.Lost(seats, c); len(lost) > 0 {
		return fault.New(fault.Conflict, "editor.seated", "title", lost[0].Title)
	}
	return nil
}

// publish writes the draft as the next version of the process's own definition.
func (s *Service) publish(ctx context.Context, tx bun.IDB, id process.ID, d Draft) (*definition.Compiled, error) {
	if !d.Edited {
		return nil, fault.New(fault.Conflict, "editor.unchanged")
	}
	if d.Compiled == nil {
		return nil, fault.New(fault.Conflict, "editor.problems_left", "n", len(d.Problems))
	}
	name := edit.NameFor(d.Base.Name, int64(id))
	version, source, err := latest(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	if version > 0 {
		again, err := as(d, name, version)
		if err == nil && string(again) == source {
			return s.core.Engine().Resolve(ctx, tx, name, version)
		}
	}
	version++
	written, err := as(d, name, version)
	if err != nil {
		return nil, err
	}
	c, problems := definition.Check(fmt.Sprintf("%s@%d", name, version), written, s.kinds())
	if problems != nil {
		return nil, fmt.Errorf("publish draft: %w", problems)
	}
	base, err := s.origin(ctx, tx, d.Base)
	if err != nil {
		return nil, err
	}
	return c, s.core.Engine().Publish(ctx, tx, c, base)
}

// origin is the shipped definition that one was made from, or is.
func (s *Service) origin(ctx context.Context, tx bun.IDB, base *definition.Compiled) (workflow.Pin, error) {
	pin := workflow.Pin{Definition: base.Name, Version: base.Version}
	name := edit.OriginOf(base.Name)
	if name == base.Name {
		return pin, nil
	}
	versions, err := s.core.Engine().Versions(ctx, tx, base.Name)
	for _, v := range versions {
		if v.Pin == pin && v.Base.Definition == name {
			return v.Base, nil
		}
	}
	return workflow.Pin{Definition: name}, err
}

// as is the draft as a file of a name and a version.
func as(d Draft, name string, version int) ([]byte, error) {
	out := d.Definition
	out.Name, out.Version = name, version
	return encode.YAML(out)
}

// File is the draft as a file to keep: named as what it would be published as.
func File(d Draft, id process.ID) (name string, source []byte, err error) {
	name = edit.NameFor(d.Base.Name, int64(id))
	source, err = as(d, name, 1)
	return name + ".yaml", source, err
}
