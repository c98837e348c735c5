package operator

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// The bounds of counting: beyond them a figure says "more than". They keep every
// question short, however long the queue is.
const (
	MostOpen     = 50_000 // open deliveries of a channel
	MostOfNotice = 20_000 // open deliveries of a notice
	MostEvents   = 2_000  // outcomes of a day, the newest first
)

// The open deliveries d, in the words of the indexes: those that become due, and
// those that are parked because their notice is paused.
const (
	unsent    = `d.status IN ('queued', 'sending', 'deferred') AND d.due_at < 'infinity'`
	parked    = `d.status IN ('queued', 'sending', 'deferred') AND d.due_at = 'infinity'`
	notPaused = `NOT IN (SELECT process_id, notice_id FROM notice_pause WHERE until IS NULL)`
	dueSince  = `coalesce(d.lease_until, d.due_at)`
)

// quietly runs questions on one snapshot, with a bound on each: looking must never
// hurt who works. What is asked for lies in partial indexes, and the planner is
// kept from reading a million sent rows instead.
func quietly(ctx context.Context, db *bun.DB, ask func(context.Context, bun.Tx) error) error {
	return db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = '5s'; SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
			if err != nil {
				return fmt.Errorf("look at the queues: %w", err)
			}
			return ask(ctx, tx)
		})
}

// readChannels reads what waits on each channel, what went out, who works and what
// is paused.
func (s *Service) readChannels(ctx context.Context, tx bun.IDB, v *View) error {
	if err := tx.NewRaw(`SELECT clock_timestamp()`).Scan(ctx, &v.At); err != nil {
		return fmt.Errorf("read the database's clock: %w", err)
	}
	for _, name := range s.outbox.Channels() {
		c := Channel{Name: name}
		if err := s.readOpen(ctx, tx, v.At, &c); err != nil {
			return err
		}
		v.Channels = append(v.Channels, c)
	}
	hooks, err := s.webhooks(ctx, tx, v.At)
	if err != nil {
		return err
	}
	v.Channels = append(v.Channels, hooks)
	for _, read := range []func(context.Context, bun.IDB, *View) error{readMinutes, readNodes, readStopped} {
		if err := read(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// readOpen counts what is open on a channel of the ledger.
func (s *Service) readOpen(ctx context.Context, tx bun.IDB, at time.Time, c *Channel) error {
	var row struct {
		Queued, Sending, Deferred, Late, Parked int
		Next                                    bun.NullTime
	}
	err := tx.NewRaw(`
		SELECT count(*) FILTER (WHERE d.status = 'queued') AS queued, count(*) FILTER (WHERE d.status = 'sending') AS sending,
			count(*) FILTER (WHERE d.status = 'deferred') AS deferred, count(*) FILTER (WHERE d.since <= ?1) AS late,
			min(d.since) FILTER (WHERE d.status = 'deferred' AND d.since > ?2) AS next,
			(SELECT count(*) FROM (SELECT FROM delivery AS d WHERE `+parked+` AND d.channel = ?0
				ORDER BY d.process_id, d.notice_id LIMIT ?3) AS p) AS parked
		FROM (SELECT d.status, `+dueSince+` AS since FROM delivery AS d WHERE `+unsent+` AND d.channel = ?0 LIMIT ?3) AS d`,
		c.Name, at.Add(-s.patient), at, MostOpen+1).Scan(ctx, &row)
	if err != nil {
		return fmt.Errorf("count what waits on %s: %w", c.Name, err)
	}
	c.Queued, c.Sending, c.Deferred, c.Parked, c.Late, c.Next = row.Queued, row.Sending, row.Deferred, row.Parked, row.Late, row.Next.Time
	c.More = c.Queued+c.Sending+c.Deferred > MostOpen || c.Parked > MostOpen
	c.Oldest, err = oldest(ctx, tx, c.Name, at)
	return err
}

// priorities are those of deliveries: the index orders by them first, so that each
// is asked for by itself.
var priorities = []int{0, 1, 2, 3}

// oldest is since when the delivery that waits longest has been due, zero when none
// is. Those whose notice was paused and that are not parked yet do not wait.
func oldest(ctx context.Context, tx bun.IDB, channel string, at time.Time) (first time.Time, err error) {
	for _, priority := range priorities {
		var since []time.Time
		err := tx.NewRaw(`SELECT `+dueSince+` FROM delivery AS d
			WHERE `+unsent+` AND d.channel = ? AND d.priority = ? AND `+dueSince+` <= ? AND (d.process_id, d.notice_id) `+notPaused+`
			ORDER BY `+dueSince+` LIMIT 1`, channel, priority, at).Scan(ctx, &since)
		if err != nil {
			return first, fmt.Errorf("find what waits longest on %s: %w", channel, err)
		}
		if len(since) == 1 && (first.IsZero() || since[0].Before(first)) {
			first = since[0]
		}
	}
	return first, nil
}

// readMinutes reads what went out.
func readMinutes(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Channel                   string
		Minute, Hour, Day, Missed int
	}
	err := tx.NewRaw(`
		SELECT channel, coalesce(sum(deliveries) FILTER (WHERE status = 'sent' AND minute >= t.now - interval '1 minute' AND minute < t.now), 0) AS minute,
			coalesce(sum(deliveries) FILTER (WHERE status = 'sent' AND minute > t.now - interval '1 hour'), 0) AS hour,
			coalesce(sum(deliveries) FILTER (WHERE status = 'sent'), 0) AS day,
			coalesce(sum(deliveries) FILTER (WHERE status IN ('bounced', 'failed', 'expired')), 0) AS missed
		FROM channel_minute, (SELECT date_trunc('minute', ?::timestamptz, 'UTC') AS now) AS t
		WHERE minute > t.now - interval '1 day' GROUP BY channel`, v.At).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read what went out: %w", err)
	}
	for _, r := range rows {
		if c := v.channel(r.Channel); c != nil {
			c.Minute, c.Hour, c.Day, c.Missed = r.Minute, r.Hour, r.Day, r.Missed
		}
	}
	return nil
}

// fresh is how long after its last sign a node is taken to work.
const fresh = time.Minute

// readNodes reads who works now.
func readNodes(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Channel, Node, Trouble string
		SeenAt                 time.Time
		TroubleSince           bun.NullTime
	}
	err := tx.NewRaw(`SELECT channel, node, trouble, seen_at, trouble_since FROM channel_node WHERE seen_at > ? ORDER BY channel, node`,
		v.At.Add(-fresh)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read who works: %w", err)
	}
	for _, r := range rows {
		if c := v.channel(r.Channel); c != nil {
			c.Nodes = append(c.Nodes, Node{Name: r.Node, SeenAt: r.SeenAt, Trouble: r.Trouble, Since: r.TroubleSince.Time})
		}
	}
	return nil
}

// readStopped reads which channels are paused.
func readStopped(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Channel, By, Why string
		Since            time.Time
	}
	err := tx.NewRaw(`SELECT c.channel, c.since, c.why, coalesce(p.name, '') AS by
		FROM channel_pause AS c LEFT JOIN person AS p ON p.id = c.by_person WHERE c.until IS NULL`).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read paused channels: %w", err)
	}
	for _, r := range rows {
		if c := v.channel(r.Channel); c != nil {
			c.Pause = &Pause{Since: r.Since, By: r.By, Why: r.Why}
		}
	}
	return nil
}

// channel finds one by its name, or nil.
func (v *View) channel(name string) *Channel {
	i := slices.IndexFunc(v.Channels, func(c Channel) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &v.Channels[i]
}
