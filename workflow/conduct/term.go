package conduct

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/workflow"
)

// Extend moves the end of a term and tells those affected. The refusals are
// those of workflow.Engine.Extend.
func (c *Conduct) Extend(ctx context.Context, tx bun.IDB, ref workflow.Ref, x workflow.NewEnd) (workflow.Extension, error) {
	return c.end(ctx, tx, ref, x, c.engine.Extend)
}

// Shorten brings the end of a term forward and tells those affected. The
// refusals are those of workflow.Engine.Shorten.
func (c *Conduct) Shorten(ctx context.Context, tx bun.IDB, ref workflow.Ref, x workflow.NewEnd) (workflow.Extension, error) {
	return c.end(ctx, tx, ref, x, c.engine.Shorten)
}

func (c *Conduct) end(
	ctx context.Context, tx bun.IDB, ref workflow.Ref, x workflow.NewEnd,
	act func(context.Context, bun.IDB, workflow.Ref, workflow.NewEnd) (workflow.Extension, error),
) (workflow.Extension, error) {
	out, err := act(ctx, tx, ref, x)
	if err != nil {
		return out, err
	}
	out.Process, err = c.moved(ctx, tx, ref, out.Effects, Cause{
		OldEnd: out.Old, Reason: public(x.Reason, x.PublicReason), Beyond: out.Exception, Law: out.Law, Act: x.Act, By: x.Actor.PersonID,
	})
	return out, err
}

// Rescheduling is what moved: of the instance itself, and of the process that
// hangs on it.
type Rescheduling struct{ Own, Process []workflow.Move }

// Reschedule moves what an instance hangs on meetings or dates after they changed
// in the facts, and what its process hangs on it in turn. The refusals are those
// of workflow.Engine.RescheduleAnchors.
func (c *Conduct) Reschedule(ctx context.Context, tx bun.IDB, ref workflow.Ref, actor workflow.Actor) (out Rescheduling, err error) {
	if out.Own, err = c.engine.RescheduleAnchors(ctx, tx, ref, actor); err != nil {
		return out, err
	}
	out.Process, err = c.anchored(ctx, tx, ref)
	return out, err
}

// moved tells of changed dates, and moves what hangs on them of the process.
func (c *Conduct) moved(ctx context.Context, tx bun.IDB, ref workflow.Ref, told []workflow.Effect, cause Cause) ([]workflow.Move, error) {
	if err := c.Carry(ctx, tx, told, cause); err != nil {
		return nil, err
	}
	return c.anchored(ctx, tx, ref)
}

// Suspend lets one instance rest and tells those affected; those of its
// activities go on. The refusals are those of workflow.Engine.Suspend.
func (c *Conduct) Suspend(ctx context.Context, tx bun.IDB, ref workflow.Ref, p workflow.Pause) (workflow.Suspension, error) {
	return c.rest(ctx, tx, ref, p, c.engine.Suspend)
}

// Resume ends a suspension and tells those affected. The refusals are those of
// workflow.Engine.Resume.
func (c *Conduct) Resume(ctx context.Context, tx bun.IDB, ref workflow.Ref, p workflow.Pause) (workflow.Suspension, error) {
	return c.rest(ctx, tx, ref, p, c.engine.Resume)
}

func (c *Conduct) rest(
	ctx context.Context, tx bun.IDB, ref workflow.Ref, p workflow.Pause,
	act func(context.Context, bun.IDB, workflow.Ref, workflow.Pause) (workflow.Suspension, error),
) (workflow.Suspension, error) {
	out, err := act(ctx, tx, ref, p)
	if err != nil {
		return out, err
	}
	out.Process, err = c.moved(ctx, tx, ref, out.Effects, Cause{Reason: public(p.Reason, p.PublicReason), By: p.Actor.PersonID, Together: p.With})
	return out, err
}

// Migrate moves an instance to another definition and tells those whose end
// moved. The refusals are those of workflow.Engine.Migrate.
func (c *Conduct) Migrate(ctx context.Context, tx bun.IDB, ref workflow.Ref, v workflow.NewVersion) (workflow.Migration, error) {
	out, err := c.engine.Migrate(ctx, tx, ref, v)
	if err != nil {
		return out, err
	}
	_, err = c.moved(ctx, tx, ref, out.Effects, Cause{OldEnd: out.Old, Reason: public(v.Reason, v.PublicReason), By: v.Actor.PersonID})
	return out, err
}

// Revert takes the last migration back and tells those whose end moved back. The
// refusals are those of workflow.Engine.Revert.
func (c *Conduct) Revert(ctx context.Context, tx bun.IDB, ref workflow.Ref, p workflow.Pause) (workflow.Migration, error) {
	out, err := c.engine.Revert(ctx, tx, ref, p)
	if err != nil {
		return out, err
	}
	_, err = c.moved(ctx, tx, ref, out.Effects, Cause{OldEnd: out.Old, Reason: public(p.Reason, p.PublicReason), By: p.Actor.PersonID})
	return out, err
}

// public is a reason that everybody may read, or "".
func public(reason string, everybody bool) string {
	if everybody {
		return reason
	}
	return ""
}
