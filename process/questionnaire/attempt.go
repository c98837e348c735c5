package questionnaire

import (
	"context"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// attempt is one person's act on a questionnaire, inside its transaction, after
// the locks.
type attempt struct {
	link process.Link
	at   situation
	now  time.Time
	flow *definition.Compiled // the workflow that the questionnaire runs
}

func (a attempt) key() formKey { return formKey{a.link.Process, a.at.ActivityID, a.at.pinned()} }

// answering opens an act of a bearer: it shares the activity with all others
// who answer, reads the bearer's situation, alone without their other acts, and
// the clock after that.
func (s *Service) answering(ctx context.Context, token string, alone bool, fn func(context.Context, pg.Tx, attempt) error) error {
	link, err := s.core.Links().Read(process.LinkAnswer, token)
	if err != nil {
		return err
	}
	var at situation
	err = s.core.InTxAfter(ctx, claimed(link, alone, &at), func(ctx context.Context, tx pg.Tx, now time.Time) error {
		switch {
		case at.WithdrawnAt != nil:
			return fault.New(fault.Closed, "link.withdrawn")
		case at.LinkVersion != link.Version:
			return fault.New(fault.Closed, "link.replaced")
		}
		flow, err := s.core.Engine().Resolve(ctx, tx, at.Definition, at.DefinitionVersion)
		if err != nil {
			return err
		}
		return fn(ctx, tx, attempt{link: link, at: at, now: now, flow: flow})
	})
	if pg.NoRows(err) {
		return fault.New(fault.NotFound, "link.bad")
	}
	return err
}

// mayAnswer refuses outside the time for it; send is the sending, which needs a
// draft.
func (s *Service) mayAnswer(a attempt, send bool) error {
	p, end, _, err := phase(a.flow, a.at, a.now)
	switch {
	case err != nil:
		return err
	case a.at.answered():
		return fault.New(fault.Closed, "answer.sent")
	case p == PhaseEarly:
		return fault.New(fault.Closed, "answer.early")
	case p == PhaseHeld:
		zone, err := zoneOf(a.flow, a.at)
		if err != nil {
			return err
		}
		return fault.New(fault.Closed, "activity.held", "since", a.at.HeldAt.In(zone))
	case p == PhaseCancelled:
		return fault.New(fault.Closed, "answer.cancelled")
	case p == PhaseOver:
		return fault.New(fault.Closed, "answer.over", "end", end)
	case send && !a.at.begun():
		return fault.New(fault.Invalid, "answer.nothing")
	}
	return nil
}

// phase decides, from state and clock together, what this person may do: a
// worker that is late keeps nothing open. The end of an activity that is
// closing is the instant at which that began; one that is suspended has none.
func phase(flow *definition.Compiled, at situation, now time.Time) (p Phase, end, sendBy time.Time, err error) {
	if at.HeldAt != nil {
		return PhaseHeld, end, end, nil
	}
	switch at.State {
	case stateDraft, stateReady:
		return PhaseEarly, end, end, nil
	case stateOpen:
		if at.DueAt == nil || now.Before(*at.DueAt) {
			p = PhaseOpen
		}
		if at.DueAt == nil {
			return p, end, end, nil
		}
		end = *at.DueAt
	case stateClosing:
		end = at.EnteredAt
	case stateClosed:
		return PhaseOver, end, end, nil
	default:
		return PhaseCancelled, end, end, nil
	}
	if sendBy, err = lastSend(flow, at, end); err != nil {
		return p, end, end, err
	}
	switch {
	case p == PhaseOpen:
	case now.Before(sendBy):
		p = PhaseGrace
	default:
		p = PhaseOver
	}
	return p, end, sendBy, nil
}

// lastSend is the last instant, half-open, at which a person can send: the end,
// and the grace of closing for whoever had begun before it.
func lastSend(flow *definition.Compiled, at situation, end time.Time) (time.Time, error) {
	if at.StartedAt == nil || !at.StartedAt.Before(end) {
		return end, nil
	}
	closing, ok := flow.State(stateClosing)
	if !ok || closing.Term == nil {
		return end, nil
	}
	zone, err := zoneOf(flow, at)
	if err != nil {
		return end, err
	}
	return closing.Term.Length.After(end, flow.Local(zone).Civil()), nil
}

// zoneOf is where the questionnaire runs, which is nearly always the zone of its
// definition.
func zoneOf(flow *definition.Compiled, at situation) (*time.Location, error) {
	if at.Zone == flow.Location.String() {
		return flow.Location, nil
	}
	return civil.Zone(at.Zone)
}
