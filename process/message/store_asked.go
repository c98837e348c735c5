package message

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// callsOfTheDay are the calls to answer that activities of the process make on
// the civil day of a notice, made already or still to come.
func callsOfTheDay(ctx context.Context, db bun.IDB, n notify.Notice) ([]notify.Notice, error) {
	var rows []struct {
		ActivityID       int64
		Notice, Audience string
		DueAt            time.Time
	}
	err := db.NewRaw(`SELECT activity_id, notice, audience, due_at FROM deadline
		WHERE process_id = ?0 AND activity_id <> 0 AND cancelled_at IS NULL AND notice IN (?1)
			AND (due_at AT TIME ZONE zone)::date = (?2::timestamptz AT TIME ZONE zone)::date
		ORDER BY id`, n.ProcessID, bun.List(slices.Sorted(maps.Keys(calls))), n.DueAt).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what activities ask on the day of notice %q: %w", n.Key, err)
	}
	out := make([]notify.Notice, len(rows))
	for i, r := range rows {
		out[i] = notify.Notice{
			ProcessID: n.ProcessID, ActivityID: r.ActivityID, Key: n.Key, Kind: r.Notice, Audience: r.Audience, Payload: json.RawMessage(`{}`), DueAt: r.DueAt,
		}
	}
	return out, nil
}
