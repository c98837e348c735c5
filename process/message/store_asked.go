package message

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/workflow/definition"
)

// call is one to answer that an activity makes, made already or still to come.
type call struct {
	notify.Notice

	made bool
}

// callsOfTheDay are those that activities of the process make on the civil day of a
// notice. What should have been made an hour ago, and was not, is not waited for.
func callsOfTheDay(ctx context.Context, db bun.IDB, n notify.Notice, now time.Time) ([]call, error) {
	var rows []struct {
		ActivityID       int64
		Notice, Audience string
		DueAt            time.Time
		Made             bool
	}
	err := db.NewRaw(`SELECT activity_id, notice, audience, due_at, fired_at IS NOT NULL AS made FROM deadline
		WHERE process_id = ?0 AND activity_id <> 0 AND cancelled_at IS NULL AND notice IN (?1)
			AND (due_at AT TIME ZONE zone)::date = (?2::timestamptz AT TIME ZONE zone)::date
			AND (fired_at IS NOT NULL OR due_at > ?3)
		ORDER BY id`, n.ProcessID, bun.List(definition.Calls), n.DueAt, now.Add(-time.Hour)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what activities ask on the day of notice %q: %w", n.Key, err)
	}
	out := make([]call, len(rows))
	for i, r := range rows {
		out[i] = call{notify.Notice{
			ProcessID: n.ProcessID, ActivityID: r.ActivityID, Key: n.Key, Kind: r.Notice, Audience: r.Audience, Payload: json.RawMessage(`{}`), DueAt: r.DueAt,
		}, r.Made}
	}
	return out, nil
}
