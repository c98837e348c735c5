package message

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// actNotices gives the notices of one act, by which a process rests or goes on with
// some of its activities: those of the activities first, in the order of their
// making. An activity that does so by itself has its own alone.
func actNotices(ctx context.Context, db bun.IDB, n notify.Notice, with string) ([]notify.Notice, error) {
	if with == "" {
		return []notify.Notice{n}, nil
	}
	var out []notify.Notice
	err := db.NewSelect().Model(&out).
		Where("n.process_id = ? AND n.kind = ? AND n.cancelled_at IS NULL", n.ProcessID, n.Kind).
		Where("n.key = ? OR n.payload->>'with' = ?", with, with).
		OrderExpr("n.activity_id NULLS LAST, n.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("notices together with %q: %w", n.Key, err)
	}
	return out, nil
}

// startsAhead is when the meetings of a notice's activity begin that are not over
// when it is due, the first first; none that was called off.
func startsAhead(ctx context.Context, db bun.IDB, n notify.Notice) ([]time.Time, error) {
	var out []time.Time
	err := db.NewSelect().TableExpr("meeting").Column("starts_at").
		Where("process_id = ? AND activity_id = ? AND cancelled_at IS NULL AND ends_at > ?", n.ProcessID, n.ActivityID, n.DueAt).
		OrderExpr("starts_at, id").Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("meetings still to come of notice %q: %w", n.Key, err)
	}
	return out, nil
}
