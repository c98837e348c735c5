package process

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/guard"
)

// Move asks for one transition of a process (Activity 0) or of an activity, by
// its id or, for whichever leaves the present state, by its Event. Revision is
// the state revision that the page showed; 0 skips the check. Key, when set,
// makes a repeated request harmless. Of a move that reopens, Tell are those to be
// told, End, if any, is when what goes on ends, and Exception says that Reason is a
// written one to the legal maximum, which only a promoter writes and the document
// of code Act decided.
type Move struct {
	Activity   ActivityID
	Transition string
	Event      string
	Reason     string
	Revision   int64
	Key        string
	Tell       []string
	End        time.Time
	Exception  bool
	Act        string
}

// Advance carries out a transition and its effects. The refusals are those of
// Allow and *workflow.Blocked with every reason at once.
func (s *Service) Advance(ctx context.Context, id ID, who Actor, m Move) (workflow.Result, error) {
	var out workflow.Result
	err := s.inAct(ctx, func(ctx context.Context, tx pg.Tx) (err error) {
		out, err = s.AdvanceIn(ctx, tx, id, who, m)
		return err
	})
	return out, err
}

// AdvanceIn is Advance in the caller's transaction, for the use cases of kinds
// that change something else with it: what blocks the move undoes both.
func (s *Service) AdvanceIn(ctx context.Context, tx bun.IDB, id ID, who Actor, m Move) (workflow.Result, error) {
	command, err := s.command(ctx, tx, id, who, m)
	if err != nil {
		return workflow.Result{}, err
	}
	return s.conduct.Apply(ctx, tx, command)
}

// PreviewAdvance is what Advance would do to the dates of what it moves, and
// changes nothing. It refuses what Advance refuses.
func (s *Service) PreviewAdvance(ctx context.Context, id ID, who Actor, m Move) (out workflow.Option, err error) {
	err = pg.InAct(ctx, s.db, func(ctx context.Context, tx pg.Tx) error {
		command, err := s.command(ctx, tx, id, who, m)
		if err != nil {
			return err
		}
		out, err = s.engine.PreviewApply(ctx, tx, command)
		return err
	})
	return out, err
}

// command locks the process, asks the policy about a move and says it in the
// words of the workflow.
func (s *Service) command(ctx context.Context, tx bun.IDB, id ID, who Actor, m Move) (workflow.Command, error) {
	o, err := s.open(ctx, tx, ref(id, m.Activity), who)
	if err != nil {
		return workflow.Command{}, err
	}
	act, err := s.moveAct(ctx, tx, id, m)
	if err != nil {
		return workflow.Command{}, err
	}
	standing, err := s.standingWith(ctx, tx, who, o.held)
	if err != nil {
		return workflow.Command{}, err
	}
	at, err := s.situation(ctx, tx, o.process)
	if err == nil {
		err = Allow(act, standing, at)
	}
	if err == nil {
		err = s.decided(ctx, tx, id, standing.worker(), NewEnd{Act: m.Act, Exception: m.Exception})
	}
	if err != nil {
		return workflow.Command{}, err
	}
	return workflow.Command{
		Ref: ref(id, m.Activity), Transition: m.Transition, Event: m.Event, Actor: standing.worker(),
		Reason: m.Reason, PublicReason: m.Reason != "", ExpectRevision: m.Revision, IdempotencyKey: m.Key,
		Tell: m.Tell, End: m.End, Exception: m.Exception, Act: m.Act,
	}, nil
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

// Conduct opens a use case that steers the workflow otherwise than by a move: it
// locks the process, asks the policy about act and gives do the conduct and the
// actor as the workflow knows them. The refusals are those of Allow and do's.
func (s *Service) Conduct(ctx context.Context, id ID, who Actor, act Act, do func(context.Context, bun.Tx, *conduct.Conduct, workflow.Actor) error) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		actor, err := s.mover(ctx, tx, id, who, act)
		if err != nil {
			return err
		}
		return do(ctx, tx, s.conduct, actor)
	})
}

// RetryDeadline tries a deadline at once that failed and rests; one that was
// carried out or moved meanwhile is no error. The refusals are those of Allow,
// fault.NotFound "workflow.deadline_unknown" and, when it fails again,
// fault.Conflict "workflow.deadline_fails".
func (s *Service) RetryDeadline(ctx context.Context, id ID, who Actor, deadline int64) error {
	err := s.Conduct(ctx, id, who, ActDeadlineRetry, func(ctx context.Context, tx bun.Tx, c *conduct.Conduct, _ workflow.Actor) error {
		_, err := c.Insist(ctx, tx, int64(id), deadline)
		return err
	})
	var failed *workflow.Failed
	if !errors.As(err, &failed) {
		return err
	}
	s.log.ErrorContext(ctx, "deadline failed again", "process_id", id, "deadline_id", failed.ID, "error", failed.Unwrap())
	return fault.New(fault.Conflict, "workflow.deadline_fails")
}

// Reschedule moves, in the caller's transaction, what hangs on the meetings of an
// activity or on the dates of the process (Activity 0) after they changed, and
// lists the moves; who is for the log.
func (s *Service) Reschedule(ctx context.Context, tx bun.IDB, r workflow.Ref, who PersonID) (conduct.Rescheduling, error) {
	return s.conduct.Reschedule(ctx, tx, r, workflow.Person(int64(who)))
}

// Explain answers "why can I not advance?": every transition that leaves the
// present state, with everything that blocks it for this actor, a refusal of the
// policy among it: what nothing blocks, Advance does.
func (s *Service) Explain(ctx context.Context, id ID, a ActivityID, who Actor) ([]workflow.Option, error) {
	p, err := loadProcess(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	standing, err := s.standing(ctx, s.db, id, who)
	if err != nil {
		return nil, err
	}
	at, err := s.situation(ctx, s.db, p)
	if err != nil {
		return nil, err
	}
	options, err := s.engine.Explain(ctx, s.db, ref(id, a), standing.worker())
	for i := range options {
		if refused := Allow(actOf(a, options[i].Transition), standing, at); refused != nil {
			options[i].Refuse(fault.Is(refused, fault.Closed))
		}
	}
	return options, err
}

// NewEnd asks for another end of the present term of a process (Activity 0) or
// of an activity. Act is the code of the document by which an extension was
// decided, "" for none; Exception says that Reason is a written exception to the
// legal maximum, which only a promoter writes. Revision is the state revision
// that the form was made from; 0 skips the check.
type NewEnd struct {
	Activity  ActivityID
	End       time.Time
	Reason    string
	Act       string
	Exception bool
	Revision  int64
}

// Extend moves the end of the present term to a later instant, tells those
// affected and leaves the reason in the public log. Refusals are those of Allow
// and of the engine's Extend, "workflow.stale" among them; fault.Invalid
// "workflow.extend_act_unknown" (field act), fault.Forbidden
// "workflow.exception_promoter".
func (s *Service) Extend(ctx context.Context, id ID, who Actor, n NewEnd) (workflow.Extension, error) {
	return s.changeEnd(ctx, id, who, n, s.conduct.Extend)
}

// Shorten moves the end of the present term to an earlier instant, tells those
// affected and leaves the reason in the public log. Refusals are those of Allow
// and of the engine's Shorten.
func (s *Service) Shorten(ctx context.Context, id ID, who Actor, n NewEnd) (workflow.Extension, error) {
	return s.changeEnd(ctx, id, who, n, s.conduct.Shorten)
}

type endChange func(context.Context, bun.IDB, workflow.Ref, workflow.NewEnd) (workflow.Extension, error)

func (s *Service) changeEnd(ctx context.Context, id ID, who Actor, n NewEnd, change endChange) (x workflow.Extension, err error) {
	err = s.Conduct(ctx, id, who, TermAct(n.Activity), func(ctx context.Context, tx bun.Tx, _ *conduct.Conduct, actor workflow.Actor) error {
		if err := s.decided(ctx, tx, id, actor, n); err != nil {
			return err
		}
		x, err = change(ctx, tx, ref(id, n.Activity), workflow.NewEnd{
			End: n.End, Reason: n.Reason, PublicReason: true, Act: n.Act, Exception: n.Exception, Actor: actor, ExpectRevision: n.Revision,
		})
		return err
	})
	return x, err
}

// decided refuses an exception of whoever may write none, and an act that is no
// document of the process.
func (s *Service) decided(ctx context.Context, tx bun.IDB, id ID, actor workflow.Actor, n NewEnd) error {
	if err := mayExcept(actor, n.Exception); err != nil || n.Act == "" {
		return err
	}
	var papers guard.Artefacts
	err := pg.Send(ctx, tx, artefactFacts(id, &papers))
	if err == nil && !slices.Contains(papers.Present, n.Act) {
		return fault.Field("act", "workflow.extend_act_unknown")
	}
	return err
}

// PreviewExtend lists the dates that Extend would move, of the process too where
// they hang on an activity, and changes nothing: it is Extend itself, taken back.
// It returns the same faults of the engine, except those of the reason and the
// revision.
func (s *Service) PreviewExtend(ctx context.Context, id ID, n NewEnd) (workflow.Extension, error) {
	return s.previewEnd(ctx, id, n, s.conduct.Extend)
}

// PreviewShorten is to Shorten what PreviewExtend is to Extend.
func (s *Service) PreviewShorten(ctx context.Context, id ID, n NewEnd) (workflow.Extension, error) {
	return s.previewEnd(ctx, id, n, s.conduct.Shorten)
}

func (s *Service) previewEnd(ctx context.Context, id ID, n NewEnd, change endChange) (x workflow.Extension, err error) {
	err = s.Preview(ctx, func(ctx context.Context, tx bun.Tx, _ *conduct.Conduct, actor workflow.Actor) error {
		later, err := s.engine.Shifted(ctx, tx, ref(id, 0), nil, func() (err error) {
			x, err = change(ctx, tx, ref(id, n.Activity), workflow.NewEnd{
				End: n.End, Reason: Unsaid, Act: n.Act, Exception: n.Exception, Actor: actor,
			})
			return err
		})
		if x.Later = later; err == nil && n.Activity == 0 {
			x.Waits, err = s.engine.Waits(ctx, tx, ref(id, 0))
		}
		return err
	})
	return x, err
}

// Unsaid stands for the words that a preview does not ask for.
const Unsaid = "-"

// Preview is Conduct for what is only to be seen: it carries the act out in one
// transaction, so that all it tells is of one moment, and takes it back. Nobody
// is asked who they are; the actor is the system.
func (s *Service) Preview(ctx context.Context, do func(context.Context, bun.Tx, *conduct.Conduct, workflow.Actor) error) error {
	return pg.Undone(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return do(ctx, tx, s.conduct, workflow.System()) })
}

func ref(id ID, a ActivityID) workflow.Ref {
	return workflow.Ref{ProcessID: int64(id), ActivityID: int64(a)}
}
