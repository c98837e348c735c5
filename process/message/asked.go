package message

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// asked skips, of a call to answer that the process makes, those whom an activity
// of it calls on the same day: two such mails ask for one thing, and the
// activity's leads to where it is done.
func (src source) asked(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64, skip map[int64]string) error {
	if n.ActivityID != 0 {
		return nil
	}
	nearer, err := callsOfTheDay(ctx, db, n)
	if err != nil {
		return err
	}
	for _, one := range nearer {
		reason, err := src.pointless(ctx, db, one)
		if err != nil {
			return err
		}
		if reason != "" {
			continue
		}
		in, err := src.within(ctx, db, one, persons)
		if err != nil {
			return err
		}
		for p := range in {
			skip[p] = "asked_by_activity"
		}
	}
	return nil
}
