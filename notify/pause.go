package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Stop is who pauses something or lets it go on, when and why. By is 0 for who
// acts on the command line; At is an instant of the process's clock.
type Stop struct {
	By  int64
	Why string
	At  time.Time
}

// Pause stops a notice, in the caller's transaction: it is not expanded, and from
// the commit on none of its deliveries is claimed. What a worker has in hand still
// goes. It reports whether anything changed: false for one that is paused already,
// and for one that is over, withdrawn or unknown.
func (o *Outbox) Pause(ctx context.Context, tx bun.IDB, processID, noticeID int64, s Stop) (bool, error) {
	changed, err := pauseNotice(ctx, tx, processID, noticeID, s)
	if err != nil {
		return false, fmt.Errorf("pause notice %d/%d: %w", processID, noticeID, err)
	}
	return changed, nil
}

// Resume lets a notice go on, in the caller's transaction; what was parked is due
// again after the next Settle. What became too late meanwhile expires unsent. It
// reports whether the notice was paused.
func (o *Outbox) Resume(ctx context.Context, tx bun.IDB, processID, noticeID int64, s Stop) (bool, error) {
	changed, err := resumeNotice(ctx, tx, processID, noticeID, s)
	if err != nil {
		return false, fmt.Errorf("resume notice %d/%d: %w", processID, noticeID, err)
	}
	return changed, nil
}

// Paused reports whether a notice is paused.
func (o *Outbox) Paused(ctx context.Context, db bun.IDB, processID, noticeID int64) (bool, error) {
	paused, err := isPaused(ctx, db, processID, noticeID)
	if err != nil {
		return false, fmt.Errorf("ask whether notice %d/%d is paused: %w", processID, noticeID, err)
	}
	return paused, nil
}

// Webhook is the word for what other programs are told, among the channels that
// can be paused: it has a queue of its own, see package webhook.
const Webhook = "webhook"

// PauseChannel stops a whole channel, in the caller's transaction: from the commit
// on nothing of it is claimed, sign-in links included. It reports whether anything
// changed.
func (o *Outbox) PauseChannel(ctx context.Context, tx bun.IDB, channel string, s Stop) (bool, error) {
	changed, err := pauseChannel(ctx, tx, channel, s)
	if err != nil {
		return false, fmt.Errorf("pause channel %s: %w", channel, err)
	}
	return changed, nil
}

// ResumeChannel lets a channel go on, in the caller's transaction. It reports
// whether it was paused.
func (o *Outbox) ResumeChannel(ctx context.Context, tx bun.IDB, channel string, s Stop) (bool, error) {
	changed, err := resumeChannel(ctx, tx, channel, s)
	if err != nil {
		return false, fmt.Errorf("resume channel %s: %w", channel, err)
	}
	return changed, nil
}

// parcel is how many deliveries are parked or made due in one transaction.
const parcel = 5000

// Settle parks what is open of paused notices and makes due what is parked of
// resumed ones, at most about so many deliveries, and returns how many. It is for
// speed alone, since no paused notice is claimed anyway: running it at any time,
// twice or on two nodes is harmless.
func (o *Outbox) Settle(ctx context.Context, db *bun.DB, limit int) (int, error) {
	todo, err := unsettled(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("list pauses: %w", err)
	}
	total := 0
	for _, p := range todo {
		for total < limit {
			count, err := p.settle(ctx, db)
			if err != nil {
				return total, fmt.Errorf("settle notice %d/%d: %w", p.ProcessID, p.NoticeID, err)
			}
			if total += count; count == 0 {
				break
			}
		}
	}
	return total, nil
}

// settle does one parcel of a pause, and notes when nothing is left to make due.
func (p pause) settle(ctx context.Context, db *bun.DB) (int, error) {
	if p.Open {
		return park(ctx, db, p)
	}
	count, err := unpark(ctx, db, p)
	if err == nil && count == 0 {
		err = settled(ctx, db, p)
	}
	return count, err
}
