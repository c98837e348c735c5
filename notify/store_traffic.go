package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// counting adds a batch of results to the minutes of a node, in the statement that
// records it: done are the deliveries that changed, v is what became of them. What
// was only put off, or given back, is no result.
const counting = `counted AS (
			INSERT INTO channel_minute (channel, minute, node, status, deliveries)
			SELECT done.channel, t.minute, split_part(v.worker, '/', 1), v.status, count(*)
			FROM done JOIN v USING (process_id, id)
				CROSS JOIN (SELECT date_trunc('minute', clock_timestamp(), 'UTC') AS minute) AS t
			WHERE v.status = 'sent' OR v.event AND (v.status <> 'deferred' OR v.tries > 0)
			GROUP BY 1, 2, 3, 4
			ON CONFLICT (channel, minute, node, status) DO UPDATE SET deliveries = channel_minute.deliveries + excluded.deliveries
		)`

// sign notes that a node looks after a channel, and what is in its way. With keep
// what was noted of trouble stays as it is.
func (o *Outbox) sign(ctx context.Context, db bun.IDB, channel, node, trouble string, keep bool) error {
	_, err := db.NewRaw(`
		INSERT INTO channel_node AS c (channel, node, seen_at, trouble, trouble_since)
		SELECT ?0, ?1, t.at, ?2, CASE WHEN ?2 <> '' THEN t.at END FROM (SELECT clock_timestamp()) AS t (at)
		ON CONFLICT (channel, node) DO UPDATE SET seen_at = excluded.seen_at,
			trouble = CASE WHEN ?3 THEN c.trouble ELSE excluded.trouble END,
			trouble_since = CASE WHEN ?3 THEN c.trouble_since WHEN excluded.trouble <> '' THEN coalesce(c.trouble_since, excluded.trouble_since) END`,
		channel, node, plain(trouble, 500), keep).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note that a node works: %w", err)
	}
	return nil
}

// The figures of minutes are kept for a week, nodes that are silent for a day.
const (
	minutesKept = 8 * 24 * time.Hour
	nodesKept   = 24 * time.Hour
)

// PurgeTraffic forgets figures and nodes that are too old to be looked at, at most
// so many rows of each, and returns how many.
func (o *Outbox) PurgeTraffic(ctx context.Context, db bun.IDB, limit int) (int, error) {
	minutes, err := affected(ctx, db, `DELETE FROM channel_minute
		WHERE (channel, minute, node, status) IN (SELECT channel, minute, node, status FROM channel_minute WHERE minute < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?)`, minutesKept.Milliseconds(), limit)
	if err != nil {
		return 0, fmt.Errorf("forget figures: %w", err)
	}
	nodes, err := affected(ctx, db, `DELETE FROM channel_node
		WHERE (channel, node) IN (SELECT channel, node FROM channel_node WHERE seen_at < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?)`, nodesKept.Milliseconds(), limit)
	if err != nil {
		return minutes, fmt.Errorf("forget nodes: %w", err)
	}
	return max(minutes, nodes), nil
}
