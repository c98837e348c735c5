package process

import (
	"context"
	"time"

	"github.com/uptrace/bun"

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
	actor, err := s.mover(ctx, tx, id, who, act)
	if err != nil {
		return workflow.Result{}, err
	}
	return s.conduct.Apply(ctx, tx, workflow.Command{
		Ref: ref(id, m.Activity), Transition: m.Transition, Event: m.Event, Actor: actor,
		Reason: m.Reason, PublicReason: m.Reason != "", ExpectRevision: m.Revision, IdempotencyKey: m.Key,
	})
}

// mover locks the process and gives the workflow's actor: who may run or
// advance at all is the policy's, which transition is the definition's.
func (s *Service) mover(ctx context.Context, tx bun.IDB, id ID, who Actor, act Act) (workflow.Actor, error) {
	p, err := lockProcess(ctx, tx, id)
	if err != nil {
		return workflow.Actor{}, err
	}
	standing, err := s.allow(ctx, tx, p, who, act)
	if err != nil {
		return workflow.Actor{}, err
	}
	return standing.worker(), nil
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
		actor, err := s.mover(ctx, tx, id, who, act)
		if err != nil {
			return err
		}
		x, err = s.conduct.Extend(ctx, tx, ref(id, l.Activity), workflow.NewEnd{
			End: l.End, Reason: l.Reason, PublicReason: true, Actor: actor, ExpectRevision: l.Revision,
		})
		return err
	})
	return x, err
}

// PreviewExtend lists the dates that Extend would move, and changes nothing. It
// takes Extend's locks in one transaction, so that state, clock and plan are of
// one moment.
func (s *Service) PreviewExtend(ctx context.Context, id ID, a ActivityID, end time.Time) (x workflow.Extension, err error) {
	err = pg.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err = s.engine.PreviewExtend(ctx, tx, ref(id, a), workflow.NewEnd{End: end})
		return err
	})
	return x, err
}

// FireDeadline is what the timer does with one deadline: the same locked path
// as a person's move. A deadline that is obsolete or early is no error.
func (s *Service) FireDeadline(ctx context.Context, d workflow.DeadlineRef) (workflow.Result, error) {
	var out workflow.Result
	err := stage{s}.InTx(ctx, d.ProcessID, func(ctx context.Context, tx bun.IDB) (err error) {
		out, err = s.conduct.Fire(ctx, tx, d)
		return err
	})
	return out, err
}

// Sweep fires every deadline that is due and not done, oldest first, and
// returns how many it fired. One that fails, even by a panic, is logged once a
// sweep and does not hold up the others; it stays due.
func (s *Service) Sweep(ctx context.Context) (int, error) { return s.conduct.Sweep(ctx, s.db) }

func ref(id ID, a ActivityID) workflow.Ref {
	return workflow.Ref{ProcessID: int64(id), ActivityID: int64(a)}
}
