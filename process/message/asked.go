package message

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// patience is how long a call has from its instant until it was made.
const patience = 5 * time.Minute

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// asked skips, of a call to answer that the process makes, those whom an activity
// of it has called on the same day: two such mails ask for one thing, and the
// activity's leads to where it is done. For a call still to come on that day they
// wait, since it may be called off until then.
func (src source) asked(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64, skip skipped) error {
	if n.ActivityID != 0 {
		return nil
	}
	now, err := src.s.Now(ctx, db)
	if err != nil {
		return err
	}
	nearer, err := callsOfTheDay(ctx, db, n, now)
	if err != nil {
		return err
	}
	for _, one := range nearer {
		reason, err := src.pointless(ctx, db, one.Notice)
		if err != nil {
			return err
		}
		if reason != "" {
			continue
		}
		in, err := src.within(ctx, db, one.Notice, persons)
		if err != nil {
			return err
		}
		for p := range in {
			if one.made {
				skip[p] = notify.Verdict{Reason: "asked_by_activity"}
			} else if _, said := skip[p]; !said {
				skip[p] = notify.Verdict{Reason: "asked_later", Until: later(one.DueAt, now).Add(patience)}
			}
		}
	}
	return nil
}
