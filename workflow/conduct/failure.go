package conduct

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
)

// Alone fires one deadline in a transaction of the stage, as the sweep does: that
// it failed is written down.
func (c *Conduct) Alone(ctx context.Context, d workflow.DeadlineRef) (workflow.Result, error) {
	return c.staged(ctx, d, func(ctx context.Context, tx bun.IDB) (workflow.Result, error) { return c.Fire(ctx, tx, d) })
}

// longest is how long one deadline may take: what hangs has failed, and holds up
// nobody else.
const longest = time.Minute

// staged carries out one deadline in a transaction, and writes down in another
// which one failed.
func (c *Conduct) staged(ctx context.Context, d workflow.DeadlineRef, do func(ctx context.Context, tx bun.IDB) (workflow.Result, error)) (out workflow.Result, err error) {
	within, stop := context.WithTimeout(ctx, longest)
	defer stop()
	err = fault.Caught(func() error {
		return c.stage.InTx(within, d, func(ctx context.Context, tx bun.IDB) error {
			out, err = do(ctx, tx)
			return err
		})
	})
	if err = workflow.FailedAt(d, err); err != nil {
		c.note(ctx, err)
	}
	return out, err
}

// note writes a failure down, unless the node is being stopped or the process is
// gone, and then tells people, if it is time: what cannot tell is set aside all
// the same. What cannot be written is tried again as if it had not failed.
func (c *Conduct) note(ctx context.Context, err error) {
	var failed *workflow.Failed
	if !errors.As(err, &failed) || errors.Is(err, context.Canceled) || fault.Is(err, fault.NotFound) {
		return
	}
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer stop()
	var effects []workflow.Effect
	do := func(what string, step func(ctx context.Context, tx bun.IDB) error) bool {
		err := fault.Caught(func() error { return c.stage.InTx(within, failed.DeadlineRef, step) })
		if err != nil {
			c.log.ErrorContext(ctx, what, "process_id", failed.ProcessID, "deadline_id", failed.ID, "error", err)
		}
		return err == nil
	}
	noted := do("a failed deadline is not noted", func(ctx context.Context, tx bun.IDB) (err error) {
		effects, err = c.engine.NoteFailure(ctx, tx, failed.DeadlineRef, failed.Unwrap())
		return err
	})
	if noted && len(effects) > 0 {
		do("nobody is told of a failed deadline", func(ctx context.Context, tx bun.IDB) error {
			return c.Carry(ctx, tx, effects, Cause{})
		})
	}
}

// Insist tries a deadline at once that rests after it failed, with what comes
// before it, in the caller's transaction. One that was carried out or moved
// meanwhile is no error.
func (c *Conduct) Insist(ctx context.Context, tx bun.IDB, processID, id int64) (workflow.Result, error) {
	d, err := c.engine.Insist(ctx, tx, processID, id)
	if err != nil {
		return workflow.Result{}, err
	}
	return c.Fire(ctx, tx, d)
}
