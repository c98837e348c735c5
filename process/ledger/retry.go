package ledger

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// Outlook is what trying a filter's deliveries once more would come to: how many
// go, how many do not and why, by reason code, and how many were not looked at
// because there are too many notices: they wait for another time.
type Outlook struct {
	Ready int
	Not   map[string]int
	Later int
}

// noticesAtOnce bounds how many notices one retry looks at: what is said to one
// person at a time has a notice each.
const noticesAtOnce = 200

// MayRetry says what trying the deliveries of a filter once more would come to.
func (s *Service) MayRetry(ctx context.Context, id process.ID, f Filter) (Outlook, error) {
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return Outlook{}, err
	}
	return s.each(ctx, s.core.DB(), id, f, func(n notify.Notice, ids []int64) (notify.Again, error) {
		return s.core.Outbox().MayRetry(ctx, s.core.DB(), n, ids, now)
	})
}

// Retry asks to have the deliveries of a filter tried once more. Expected is the
// number that the person saw and confirmed; FormKey is that of the form.
type Retry struct {
	Filter   Filter
	Expected int
	FormKey  string
}

// Retry queues them once more and returns how many; already is true when the same
// form was sent before, which queues nothing. Refusals: fault.Conflict
// "ledger.retry_none", fault.Conflict "ledger.retry_more" when there are more than
// expected, and those of the policy.
func (s *Service) Retry(ctx context.Context, id process.ID, who process.Actor, r Retry) (count int, already bool, err error) {
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.core.Begin(ctx, tx, id, who, process.ActMessageSend)
		if err != nil {
			return err
		}
		form := once.Form{Process: int64(id), Person: int64(who.Person), Name: "retry", Key: r.FormKey}
		var done string
		done, already, err = once.Do(ctx, tx, form, now, func() (string, error) {
			n, err := s.retry(ctx, tx, id, r, now)
			return strconv.Itoa(n), err
		})
		if err != nil {
			return err
		}
		count, err = strconv.Atoi(done)
		return err
	})
	return count, already, err
}

func (s *Service) retry(ctx context.Context, tx bun.Tx, id process.ID, r Retry, now time.Time) (int, error) {
	out, err := s.each(ctx, tx, id, r.Filter, func(n notify.Notice, ids []int64) (notify.Again, error) {
		return s.core.Outbox().Retry(ctx, tx, n, ids, now)
	})
	switch {
	case err != nil:
		return 0, err
	case out.Ready == 0:
		return 0, fault.New(fault.Conflict, "ledger.retry_none")
	case out.Ready > r.Expected:
		return 0, fault.New(fault.Conflict, "ledger.retry_more", "n", out.Ready, "expected", r.Expected)
	}
	return out.Ready, nil
}

// each calls do for every notice of which a filter means deliveries that might be
// tried once more, and adds up what it says.
func (s *Service) each(
	ctx context.Context, db bun.IDB, id process.ID, f Filter, do func(n notify.Notice, ids []int64) (notify.Again, error),
) (Outlook, error) {
	out := Outlook{Not: map[string]int{}}
	stopped, err := listStopped(ctx, db, id, f)
	if err != nil {
		return out, err
	}
	for i, one := range stopped {
		if i >= noticesAtOnce {
			out.Later += len(one.Deliveries)
			continue
		}
		n, err := loadNotice(ctx, db, id, one.NoticeID)
		if err != nil {
			return out, err
		}
		again, err := do(n, one.Deliveries)
		if err != nil {
			return out, err
		}
		out.Ready += len(again.Ready)
		for why, count := range again.Refused {
			out.Not[why] += count
		}
	}
	return out, nil
}

// Retriable reports that a delivery may be tried once more, if all else allows it.
func (d Delivery) Retriable() bool {
	switch d.Status {
	case notify.Failed, notify.Bounced, notify.Expired:
		return true
	}
	return d.Status == notify.Suppressed && (d.Why == "no_address" || d.Why == "suppressed")
}
