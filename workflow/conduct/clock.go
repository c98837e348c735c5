package conduct

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
)

// Fire is what the timer does with one deadline: the same locked path as a
// person's move. Before one of the process come those of its activities that are
// due no later. A deadline that is obsolete or early is no error.
func (c *Conduct) Fire(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef) (workflow.Result, error) {
	due, own, err := c.engine.OfProcess(ctx, tx, d)
	if err == nil && own {
		err = c.replay(ctx, tx, d.ProcessID, due)
	}
	if err != nil {
		return workflow.Result{}, err
	}
	return c.fire(ctx, tx, d)
}

// fire carries out one deadline with its effects.
func (c *Conduct) fire(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef) (workflow.Result, error) {
	out, err := c.engine.FireDeadline(ctx, tx, d)
	if err != nil {
		return out, err
	}
	cause := Cause{ClosedBy: ByTimer}
	if out.LeftReason != "" { // a person began what the timer only ends
		cause = Cause{ClosedBy: ByPerson, Reason: out.LeftReason}
	}
	if err := c.Carry(ctx, tx, out.Effects, cause); err != nil || out.Transition == "" {
		return out, err
	}
	_, err = c.anchored(ctx, tx, out.Ref)
	return out, err
}

// replay carries out what the activities of a process should have done by an
// instant at which the process itself moves: an end that they share with the
// phase, or that a late worker has not seen yet, is theirs, and not a
// consequence of the phase's.
func (c *Conduct) replay(ctx context.Context, tx bun.IDB, processID int64, until time.Time) error {
	for {
		passed, err := c.engine.Passed(ctx, tx, processID, until)
		if err != nil {
			return fmt.Errorf("look for passed deadlines of activities: %w", err)
		}
		if len(passed) == 0 {
			return nil
		}
		out, err := c.fire(ctx, tx, passed[0])
		switch {
		case err != nil:
			return err
		case out.Obsolete || out.Early:
			return nil // not yet, since the queue was early: the sweep finds it
		}
	}
}

const sweepBatch = 100

// Widen lets sweeps work on so many processes at once; the deadlines of one
// process stay in order. Without it there is one after another, as memory needs
// it.
func (c *Conduct) Widen(lanes int) { c.lanes = lanes }

// Sweep fires every deadline that is due and not done, oldest first, each in a
// transaction of the stage, and returns how many it fired. One that fails, even
// by a panic, is logged once a sweep and does not hold up the others; it stays
// due. db is what is read beside the transactions.
func (c *Conduct) Sweep(ctx context.Context, db bun.IDB) (int, error) {
	s := sweeping{Conduct: c, failed: map[int64]bool{}}
	for {
		now, err := c.clock.Now(ctx, db)
		if err != nil {
			return s.fired, err
		}
		due, err := c.engine.Due(ctx, db, now, sweepBatch*c.lanes+len(s.failed))
		if err != nil {
			return s.fired, err
		}
		due = slices.DeleteFunc(due, func(d workflow.DeadlineRef) bool { return s.failed[d.ID] })
		if len(due) == 0 {
			return s.fired, c.retry(ctx, db)
		}
		s.share(ctx, due)
	}
}

// sweeping is one sweep: what it did, under the lock.
type sweeping struct {
	*Conduct
	mu     sync.Mutex
	fired  int
	failed map[int64]bool
}

// share divides deadlines among the lanes, those of one process to one.
func (s *sweeping) share(ctx context.Context, due []workflow.DeadlineRef) {
	lanes := make([][]workflow.DeadlineRef, s.lanes)
	for _, d := range due {
		lane := uint64(d.ProcessID) % uint64(s.lanes)
		lanes[lane] = append(lanes[lane], d)
	}
	var all sync.WaitGroup
	for _, lane := range lanes[1:] {
		all.Go(func() { s.each(ctx, lane) })
	}
	s.each(ctx, lanes[0])
	all.Wait()
}

func (s *sweeping) each(ctx context.Context, due []workflow.DeadlineRef) {
	for _, d := range due {
		err := fault.Caught(func() error { return s.alone(ctx, d) })
		if err != nil {
			s.log.ErrorContext(ctx, "deadline failed", "process_id", d.ProcessID, "deadline_id", d.ID, "error", err)
		}
		s.mu.Lock()
		if err != nil {
			s.failed[d.ID] = true
		} else {
			s.fired++
		}
		s.mu.Unlock()
	}
}

// alone fires one deadline in a transaction of its own.
func (c *Conduct) alone(ctx context.Context, d workflow.DeadlineRef) error {
	return c.stage.InTx(ctx, d.ProcessID, func(ctx context.Context, tx bun.IDB) error {
		_, err := c.Fire(ctx, tx, d)
		return err
	})
}

// retry tries again the consequences that guards stopped and that no person can
// carry out; the others are offered to people, who may have changed their minds.
func (c *Conduct) retry(ctx context.Context, db bun.IDB) error {
	open, err := c.engine.Incidents(ctx, db, 0)
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.DeadlineID != 0 {
			continue
		}
		if err := fault.Caught(func() error { return c.again(ctx, db, i) }); err != nil {
			c.log.ErrorContext(ctx, "consequence failed", "process_id", i.ProcessID, "activity_id", i.ActivityID, "error", err)
		}
	}
	return nil
}

func (c *Conduct) again(ctx context.Context, db bun.IDB, i workflow.Incident) error {
	alone, err := c.engine.ForNobody(ctx, db, i)
	if err != nil || !alone {
		return err
	}
	return c.stage.InTx(ctx, i.ProcessID, func(ctx context.Context, tx bun.IDB) error {
		return c.Follow(ctx, tx, workflow.Command{Ref: i.Ref, Transition: i.Transition, Actor: workflow.System()})
	})
}
