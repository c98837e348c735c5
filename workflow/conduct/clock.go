package conduct

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
)

// mostReplayed bounds what is carried out together: states whose terms are all
// over could go round for ever.
const mostReplayed = 1000

// Fire is what the timer does with one deadline: the same locked path as a
// person's move. Before it come all of its process and of its activities that
// were missed, in the order of their instants, whatever order the timer learns of
// them in; of the same instant those of activities first. A deadline that is
// obsolete or early is no error.
func (c *Conduct) Fire(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef) (workflow.Result, error) {
	return c.inTurn(ctx, tx, d, func(int64) bool { return false })
}

// inTurn is Fire without those before it that do not count any more.
func (c *Conduct) inTurn(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef, left func(id int64) bool) (workflow.Result, error) {
	for range mostReplayed {
		due, open, err := c.engine.Standing(ctx, tx, d)
		if err != nil {
			return workflow.Result{}, err
		}
		if !open {
			break
		}
		passed, err := c.engine.Passed(ctx, tx, d.ProcessID, due)
		if err != nil {
			return workflow.Result{}, fmt.Errorf("look for passed deadlines: %w", err)
		}
		i := slices.IndexFunc(passed, func(p workflow.DeadlineRef) bool { return !left(p.ID) })
		if i < 0 || passed[i].ID == d.ID {
			break
		}
		out, err := c.fire(ctx, tx, passed[i])
		if err != nil || out.Early || out.Resting {
			return out, err
		}
		if err := pg.Send(ctx, tx); err != nil { // what it writes must be refused as its own
			return out, workflow.FailedAt(passed[i], err)
		}
	}
	return c.fire(ctx, tx, d)
}

// fire carries out one deadline with its effects. Its error, or panic, is a
// *workflow.Failed.
func (c *Conduct) fire(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef) (out workflow.Result, err error) {
	err = fault.Caught(func() error {
		out, err = c.carried(ctx, tx, d)
		return err
	})
	return out, workflow.FailedAt(d, err)
}

func (c *Conduct) carried(ctx context.Context, tx bun.IDB, d workflow.DeadlineRef) (workflow.Result, error) {
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
	if err := c.ended(ctx, tx, out); err != nil {
		return out, err
	}
	return out, c.after(ctx, tx, out)
}

// replay carries out what the activities of a process should have done by an
// instant at which the process itself moves: an end that they share with the
// phase, or that a late worker has not seen yet, is theirs, and not a
// consequence of the phase's.
func (c *Conduct) replay(ctx context.Context, tx bun.IDB, processID int64, until time.Time) error {
	for range mostReplayed {
		passed, err := c.engine.PassedOfActivities(ctx, tx, processID, until)
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
		case out.Obsolete || out.Early || out.Resting:
			return nil // not yet, since the queue was early: the sweep finds it
		}
	}
	return fmt.Errorf("the activities of process %d go on without end", processID)
}

const sweepBatch = 100

// Widen lets sweeps work on so many processes at once; the deadlines of one
// process stay in order. Without it there is one after another, as memory needs
// it.
func (c *Conduct) Widen(lanes int) { c.lanes = lanes }

// Sweep fires every deadline that is due and not done, oldest first, each in a
// transaction of the stage, and returns how many it fired. One that fails, even
// by a panic, is logged, rests for a while and does not hold up the others; it
// stays due. db is what is read beside the transactions.
func (c *Conduct) Sweep(ctx context.Context, db bun.IDB) (int, error) {
	s := sweeping{Conduct: c, failed: map[int64]bool{}, rounds: map[workflow.Ref]int{}}
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
	rounds map[workflow.Ref]int // deadlines that were fired of each instance
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
		for s.one(ctx, d) { // again, without what failed before it
		}
	}
}

// one fires a deadline, unless it failed already. It reports that one before it
// failed, which does not hold it up.
func (s *sweeping) one(ctx context.Context, d workflow.DeadlineRef) (again bool) {
	if s.left(d.ID) {
		return false
	}
	out, err := s.staged(ctx, d, func(ctx context.Context, tx bun.IDB) (workflow.Result, error) {
		out, err := s.inTurn(ctx, tx, d, s.left)
		if err == nil && s.round(out.Ref) > mostReplayed {
			err = workflow.FailedAt(d, workflow.ErrEndless)
		}
		return out, err
	})
	id := d.ID
	var failed *workflow.Failed
	if errors.As(err, &failed) {
		id = failed.ID
		s.log.ErrorContext(ctx, "deadline failed", "process_id", d.ProcessID, "deadline_id", id, "error", failed.Unwrap())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil && !out.Resting:
		s.fired++
		return false
	case id == d.ID || s.failed[id]: // its own failure, or what it waits for failed again
		s.failed[d.ID] = true
		return false
	}
	s.failed[id] = true
	return true
}

// round counts what was fired of an instance in this sweep.
func (s *sweeping) round(ref workflow.Ref) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rounds[ref]++
	return s.rounds[ref]
}

// left reports a deadline that failed in this sweep.
func (s *sweeping) left(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed[id]
}

// retry tries again the consequences that guards stopped and that no person can
// carry out; the others are offered to people, who may have changed their minds.
func (c *Conduct) retry(ctx context.Context, db bun.IDB) error {
	open, err := c.engine.Incidents(ctx, db, 0)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(i workflow.Incident) bool { return i.DeadlineID != 0 })
	if len(open) == 0 {
		return nil
	}
	var processes []int64
	for _, i := range open {
		processes = append(processes, i.ProcessID)
	}
	instances, err := c.engine.Instances(ctx, db, processes...)
	if err != nil {
		return err
	}
	at := make(map[workflow.Ref]workflow.Instance, len(instances))
	for _, i := range instances {
		at[i.Ref] = i
	}
	for _, i := range open {
		if at[i.Ref].Ref != i.Ref {
			continue // gone meanwhile
		}
		if err := fault.Caught(func() error { return c.again(ctx, db, at[i.Ref], i) }); err != nil {
			c.log.ErrorContext(ctx, "consequence failed", "process_id", i.ProcessID, "activity_id", i.ActivityID, "error", err)
		}
	}
	return nil
}

func (c *Conduct) again(ctx context.Context, db bun.IDB, inst workflow.Instance, i workflow.Incident) error {
	alone, err := c.engine.ForNobody(ctx, db, inst, i)
	if err != nil || !alone {
		return err
	}
	return c.stage.InTx(ctx, workflow.DeadlineRef{ProcessID: i.ProcessID}, func(ctx context.Context, tx bun.IDB) error {
		return c.Follow(ctx, tx, workflow.Command{Ref: i.Ref, Transition: i.Transition, Actor: workflow.System()})
	})
}
