package process

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
)

// Move asks for one transition of a process (Activity 0) or of an activity, by
// its id or, for whichever leaves the present state, by its Event. Revision is the state revision that the page showed; 0 skips the check. Key,
// when set, makes a repeated request harmless.
type Move struct {
	Activity   ActivityID
	Transition string
	Event      string
	Reason     string
	Revision   int64
	Key        string
}

// Advance carries out a transition and its effects. The refusals are those of
// Allow and *workflow.Blocked with every reason at once.
func (s *Service) Advance(ctx context.Context, id ID, who Actor, m Move) (workflow.Result, error) {
	var out workflow.Result
	err := s.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = s.AdvanceIn(ctx, tx, id, who, m)
		return err
	})
	return out, err
}

// AdvanceIn is Advance in the caller's transaction, for the use cases of kinds
// that change something else with it: what blocks the move undoes both.
func (s *Service) AdvanceIn(ctx context.Context, tx bun.IDB, id ID, who Actor, m Move) (workflow.Result, error) {
	act := ActProcessAdvance
	if m.Activity != 0 {
		act = ActActivityRun
	}
	p, actor, err := s.mover(ctx, tx, id, who, act)
	if err != nil {
		return workflow.Result{}, err
	}
	return s.apply(ctx, tx, p, workflow.Command{
		Ref: ref(id, m.Activity), Transition: m.Transition, Event: m.Event, Actor: actor,
		Reason: m.Reason, PublicReason: m.Reason != "", ExpectRevision: m.Revision, IdempotencyKey: m.Key,
	})
}

// mover locks the process and gives the workflow's actor: who may run or
// advance at all is the policy's, which transition is the definition's.
func (s *Service) mover(ctx context.Context, tx bun.IDB, id ID, who Actor, act Act) (Process, workflow.Actor, error) {
	p, err := lockProcess(ctx, tx, id)
	if err != nil {
		return p, workflow.Actor{}, err
	}
	standing, err := s.allow(ctx, tx, p, who, act)
	if err != nil {
		return p, workflow.Actor{}, err
	}
	return p, standing.worker(), nil
}

// worker is the standing as the workflow knows it. An administrator acts as a
// promoter: the log must name an office.
func (s Standing) worker() workflow.Actor {
	roles := s.Roles
	if s.Administrator && !s.Has(RolePromoter) {
		roles = append([]string{RolePromoter, RoleFacilitator}, roles...)
	}
	return workflow.Person(int64(s.Person), roles...)
}

// Explain answers "why can I not advance?": every transition that leaves the
// present state, with everything that blocks it for this actor.
func (s *Service) Explain(ctx context.Context, id ID, a ActivityID, who Actor) ([]workflow.Option, error) {
	standing, err := s.standing(ctx, s.db, id, who)
	if err != nil {
		return nil, err
	}
	return s.engine.Explain(ctx, s.db, ref(id, a), standing.worker())
}

// Later asks for a later end of the present term of a process (Activity 0) or
// of an activity. Revision is the state revision that the form was made from; 0
// skips the check.
type Later struct {
	Activity ActivityID
	End      time.Time
	Reason   string
	Revision int64
}

// Extend moves the end of the present term to a later instant, tells those
// affected and leaves the reason in the public log. Refusals are those of Allow
// and of the engine's Extend, "workflow.stale" among them.
func (s *Service) Extend(ctx context.Context, id ID, who Actor, l Later) (workflow.Extension, error) {
	var x workflow.Extension
	err := s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		act := ActProcessExtend
		if l.Activity != 0 {
			act = ActActivityRun
		}
		p, actor, err := s.mover(ctx, tx, id, who, act)
		if err != nil {
			return err
		}
		x, err = s.engine.Extend(ctx, tx, ref(id, l.Activity), workflow.NewEnd{
			End: l.End, Reason: l.Reason, PublicReason: true, Actor: actor, ExpectRevision: l.Revision,
		})
		if err != nil {
			return err
		}
		return s.carry(ctx, tx, p, x.Effects, map[string]any{"old_end": x.Old, "reason": l.Reason})
	})
	return x, err
}

// PreviewExtend lists the dates that Extend would move, and changes nothing. It
// takes Extend's locks in one transaction, so that state, clock and plan are of
// one moment.
func (s *Service) PreviewExtend(ctx context.Context, id ID, a ActivityID, end time.Time) (x workflow.Extension, err error) {
	err = pg.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err = s.engine.PreviewExtend(ctx, tx, ref(id, a), end)
		return err
	})
	return x, err
}

// FireDeadline is what the timer does with one deadline: the same locked path
// as a person's move. A deadline that is obsolete or early is no error.
func (s *Service) FireDeadline(ctx context.Context, d workflow.DeadlineRef) (workflow.Result, error) {
	var out workflow.Result
	err := s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := lockProcess(ctx, tx, ID(d.ProcessID))
		if err != nil {
			return err
		}
		due, own, err := s.engine.OfProcess(ctx, tx, d)
		if err == nil && own {
			err = s.replay(ctx, tx, p, due)
		}
		if err != nil {
			return err
		}
		out, err = s.fire(ctx, tx, p, d)
		return err
	})
	return out, err
}

// fire carries out one deadline with its effects, in the caller's transaction.
func (s *Service) fire(ctx context.Context, tx bun.IDB, p Process, d workflow.DeadlineRef) (workflow.Result, error) {
	out, err := s.engine.FireDeadline(ctx, tx, d)
	if err != nil {
		return out, err
	}
	extra := map[string]any{"closed_by": "timer"}
	if out.LeftReason != "" { // a person began what the timer only ends
		extra = map[string]any{"closed_by": "person", "reason": out.LeftReason}
	}
	return out, s.carry(ctx, tx, p, out.Effects, extra)
}

// replay carries out what the activities of a process should have done by an
// instant at which the process itself moves: an end that they share with the
// phase, or that a late worker has not seen yet, is theirs, and not a
// consequence of the phase's.
func (s *Service) replay(ctx context.Context, tx bun.IDB, p Process, until time.Time) error {
	for {
		passed, err := s.engine.Passed(ctx, tx, int64(p.ID), until)
		if err != nil {
			return fmt.Errorf("look for passed deadlines of activities: %w", err)
		}
		if len(passed) == 0 {
			return nil
		}
		out, err := s.fire(ctx, tx, p, passed[0])
		switch {
		case err != nil:
			return err
		case out.Obsolete || out.Early:
			return nil // not yet, since the queue was early: the sweep finds it
		}
	}
}

const sweepBatch = 100

// Sweep fires every deadline that is due and not done, oldest first, and
// returns how many it fired. One that fails, even by a panic, is logged once a
// sweep and does not hold up the others; it stays due.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	fired := 0
	failed := map[int64]bool{}
	for {
		now, err := s.clock.Now(ctx, s.db)
		if err != nil {
			return fired, err
		}
		due, err := s.engine.Due(ctx, s.db, now, sweepBatch+len(failed))
		if err != nil {
			return fired, err
		}
		progress := false
		for _, d := range due {
			if failed[d.ID] {
				continue
			}
			progress = true
			if err := fault.Caught(func() error {
				_, err := s.FireDeadline(ctx, d)
				return err
			}); err != nil {
				failed[d.ID] = true
				s.log.ErrorContext(ctx, "deadline failed", "process_id", d.ProcessID, "deadline_id", d.ID, "error", err)
				continue
			}
			fired++
		}
		if !progress {
			return fired, s.retry(ctx)
		}
	}
}

// retry tries again the consequences that guards stopped and that no person can
// carry out; the others are offered to people, who may have changed their minds.
func (s *Service) retry(ctx context.Context) error {
	open, err := s.engine.Incidents(ctx, s.db, 0)
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.DeadlineID != 0 {
			continue
		}
		if err := fault.Caught(func() error { return s.again(ctx, i) }); err != nil {
			s.log.ErrorContext(ctx, "consequence failed", "process_id", i.ProcessID, "activity_id", i.ActivityID, "error", err)
		}
	}
	return nil
}

func (s *Service) again(ctx context.Context, i workflow.Incident) error {
	alone, err := s.engine.ForNobody(ctx, s.db, i)
	if err != nil || !alone {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := lockProcess(ctx, tx, ID(i.ProcessID))
		if err != nil {
			return err
		}
		return s.follow(ctx, tx, p, workflow.Command{Ref: i.Ref, Transition: i.Transition, Actor: workflow.System()})
	})
}

// apply is the one way in which anything moves.
func (s *Service) apply(ctx context.Context, tx bun.IDB, p Process, c workflow.Command) (workflow.Result, error) {
	res, err := s.engine.Apply(ctx, tx, c)
	if err != nil {
		return res, err
	}
	extra := map[string]any{}
	if c.PublicReason {
		extra["reason"] = c.Reason
	}
	if c.Event == EventCutShort {
		extra["closed_by"] = "phase"
	}
	return res, s.carry(ctx, tx, p, res.Effects, extra)
}

func ref(id ID, a ActivityID) workflow.Ref {
	return workflow.Ref{ProcessID: int64(id), ActivityID: int64(a)}
}
