// Package pause suspends processes and activities and lets them go on: each act
// says beforehand which dates rest or move, of a process also those of the open
// activities that rest with it.
package pause

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// Service suspends and resumes.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Request asks for a suspension, or its end, of a process (Activity 0) or of one
// activity. With names the activities that follow the process. Revision is the
// state revision that the form was made from; 0 skips the check.
type Request struct {
	Activity process.ActivityID
	With     []process.ActivityID
	Reason   string
	Revision int64
}

// Change is what an act does to one instance: Activity is nil for the process
// itself.
type Change struct {
	Activity *process.Activity
	workflow.Suspension
}

// Outlook is what an act would do. With are the activities that may follow the
// process; Alone those that take people in and cannot: they go on, or rest on.
type Outlook struct {
	Own   Change
	With  []Change
	Alone []process.Activity
}

// Suspend lets a process or an activity rest, tells those concerned and leaves
// the reason in the public log. Refusals are those of process.Allow and of the
// engine's Suspend; an activity of With that cannot rest undoes it all.
func (s *Service) Suspend(ctx context.Context, id process.ID, who process.Actor, r Request) error {
	return s.each(ctx, id, who, r, (*conduct.Conduct).Suspend)
}

// Resume ends a suspension; what goes for Suspend goes for it too.
func (s *Service) Resume(ctx context.Context, id process.ID, who process.Actor, r Request) error {
	return s.each(ctx, id, who, r, func(c *conduct.Conduct, ctx context.Context, tx bun.IDB, of workflow.Ref, p workflow.Pause) (workflow.Suspension, error) {
		out, err := c.Resume(ctx, tx, of, p)
		if err != nil || of.ActivityID == 0 {
			return out, err
		}
		return out, s.core.Resumed(ctx, tx, process.ID(of.ProcessID), process.ActivityID(of.ActivityID))
	})
}

type act func(*conduct.Conduct, context.Context, bun.IDB, workflow.Ref, workflow.Pause) (workflow.Suspension, error)

// each carries an act out on the instance that was asked for and on those that
// follow it, in one transaction. Who may suspend a process may suspend what
// rests with it.
func (s *Service) each(ctx context.Context, id process.ID, who process.Actor, r Request, do act) error {
	return s.core.Conduct(ctx, id, who, process.TermAct(r.Activity), func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, actor workflow.Actor) error {
		p := workflow.Pause{Reason: r.Reason, PublicReason: true, Actor: actor, ExpectRevision: r.Revision}
		own, err := do(c, ctx, tx, ref(id, r.Activity), p)
		if err != nil || r.Activity != 0 {
			return err
		}
		p.ExpectRevision = 0
		for _, e := range own.Effects {
			p.With = e.Occasion
		}
		for _, a := range r.With {
			if _, err := do(c, ctx, tx, ref(id, a), p); err != nil {
				return err
			}
		}
		return nil
	})
}

// PreviewSuspend lists what Suspend would let rest and changes nothing: it is
// Suspend itself, of all that may rest, taken back. It returns the faults of the
// engine's Suspend, except those of the reason and the revision.
func (s *Service) PreviewSuspend(ctx context.Context, id process.ID, activity process.ActivityID) (Outlook, error) {
	return s.foresee(ctx, id, activity, (*conduct.Conduct).Suspend)
}

// PreviewResume is to Resume what PreviewSuspend is to Suspend.
func (s *Service) PreviewResume(ctx context.Context, id process.ID, activity process.ActivityID) (Outlook, error) {
	return s.foresee(ctx, id, activity, (*conduct.Conduct).Resume)
}

type preview func(context.Context, bun.IDB, workflow.Ref) (workflow.Suspension, error)

func (s *Service) foresee(ctx context.Context, id process.ID, activity process.ActivityID, do act) (out Outlook, err error) {
	err = s.core.Preview(ctx, func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, actor workflow.Actor) error {
		out = Outlook{}
		ask := func(ctx context.Context, tx bun.IDB, r workflow.Ref) (workflow.Suspension, error) {
			return do(c, ctx, tx, r, workflow.Pause{Reason: process.Unsaid, Actor: actor})
		}
		var change workflow.Suspension
		later, err := s.core.Engine().Shifted(ctx, tx, ref(id, 0), nil, func() (err error) {
			change, err = ask(ctx, tx, ref(id, activity))
			return err
		})
		if err != nil {
			return err
		}
		change.Later = later
		activities, err := process.ActivitiesIn(ctx, tx, id)
		if err != nil {
			return err
		}
		out.Own = Change{Suspension: change}
		for i, a := range activities {
			if a.ID == activity {
				out.Own.Activity = &activities[i]
			}
		}
		if activity != 0 {
			return nil
		}
		return s.follow(ctx, tx, activities, ask, &out)
	})
	return out, err
}

// follow sorts the activities of a process by what the act does to them.
func (s *Service) follow(ctx context.Context, tx bun.IDB, activities []process.Activity, ask preview, out *Outlook) error {
	for i, a := range activities {
		change, err := ask(ctx, tx, a.Ref())
		switch {
		case err == nil:
			out.With = append(out.With, Change{&activities[i], change})
			continue
		case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Closed):
			return err
		}
		open, err := s.open(ctx, tx, a)
		if err != nil {
			return err
		}
		if open && !a.Held() {
			out.Alone = append(out.Alone, a)
		}
	}
	return nil
}

// open reports that an activity asks people for something.
func (s *Service) open(ctx context.Context, tx bun.IDB, a process.Activity) (bool, error) {
	def, err := s.core.Engine().Resolve(ctx, tx, a.Definition, a.Version)
	return err == nil && slices.ContainsFunc(definition.Doors, func(door string) bool { return def.Allows(a.State, door) }), err
}

func ref(id process.ID, a process.ActivityID) workflow.Ref {
	return workflow.Ref{ProcessID: int64(id), ActivityID: int64(a)}
}
