package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// The lengths of lists.
const (
	shownRunning = 20
	shownWorst   = 10
	shownPauses  = 10
	// looked is how many of the newest large notices are asked whether they are
	// through.
	looked = 300
)

// naming are the columns of a Named, of notice n and its process p.
const naming = `n.process_id, n.id, n.kind, coalesce(p.slug, '') AS slug, coalesce(p.title, '') AS title`

// openOf counts the open deliveries of notice n that are unsent, or parked. What
// waits for a digest is on none of the ways to people.
func openOf(where string) string {
	return `SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'sending') AS sending,
			count(*) FILTER (WHERE status = 'deferred') AS deferred, count(*) AS n
		FROM (SELECT d.status FROM delivery AS d WHERE ` + where + ` AND d.process_id = n.process_id AND d.notice_id = n.id AND d.channel IN (?3) LIMIT ?2) AS d`
}

// readRunning lists the notices that are being sent and go to many, and all that
// are paused.
func (s *Service) readRunning(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Named
		ExpandedAt                        bun.NullTime
		ExpiresAt                         time.Time
		Deliveries                        int
		Queued, Sending, Deferred, Parked int
		PausedSince                       bun.NullTime
		PausedBy, PausedWhy               string
	}
	err := tx.NewRaw(`
		WITH large AS MATERIALIZED (
			SELECT n.process_id, n.id FROM notice AS n
			WHERE n.deliveries >= 10 AND n.expanded_at IS NOT NULL ORDER BY n.expanded_at DESC LIMIT ?1
		), running AS (
			SELECT n.process_id, n.id FROM large AS n
			WHERE EXISTS (SELECT FROM delivery AS d WHERE `+unsent+` AND d.process_id = n.process_id AND d.notice_id = n.id AND d.channel IN (?3))
			LIMIT ?0
		), known AS (
			SELECT process_id, id FROM running
			UNION SELECT process_id, notice_id FROM notice_pause WHERE until IS NULL
		)
		SELECT `+naming+`, n.expanded_at, n.expires_at, n.deliveries, u.queued, u.sending, u.deferred, k.n AS parked,
			s.since AS paused_since, coalesce(b.name, '') AS paused_by, coalesce(s.why, '') AS paused_why
		FROM known JOIN notice AS n USING (process_id, id) LEFT JOIN process AS p ON p.id = n.process_id
			LEFT JOIN notice_pause AS s ON s.process_id = n.process_id AND s.notice_id = n.id AND s.until IS NULL
			LEFT JOIN person AS b ON b.id = s.by_person
			CROSS JOIN LATERAL (`+openOf(unsent)+`) AS u CROSS JOIN LATERAL (`+openOf(parked)+`) AS k
		ORDER BY s.since IS NULL, n.expanded_at DESC, n.process_id, n.id`,
		shownRunning, looked, MostOfNotice+1, bun.List(s.outbox.Channels())).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("list notices that are being sent: %w", err)
	}
	for _, r := range rows {
		n := Notice{
			Named: r.Named, ExpandedAt: r.ExpandedAt.Time, ExpiresAt: r.ExpiresAt, Deliveries: r.Deliveries,
			Queued: r.Queued, Sending: r.Sending, Deferred: r.Deferred, Parked: r.Parked,
		}
		n.More = n.Queued+n.Sending+n.Deferred > MostOfNotice || n.Parked > MostOfNotice
		if !r.PausedSince.IsZero() {
			n.Pause = &Pause{Since: r.PausedSince.Time, By: r.PausedBy, Why: r.PausedWhy}
		}
		v.Running = append(v.Running, n)
	}
	v.Rest = v.rest()
	return nil
}

// rest is how many open deliveries are of no listed notice, -1 when a count was cut.
func (v *View) rest() int {
	rest := 0
	for _, c := range v.Channels {
		if c.Name == Webhook {
			continue
		}
		if c.More {
			return -1
		}
		rest += c.Queued + c.Sending + c.Deferred + c.Parked
	}
	for _, n := range v.Running {
		if n.More {
			return -1
		}
		rest -= n.Open()
	}
	return max(0, rest)
}

// notices counts what is due and no delivery yet. Paused ones are not due.
func notices(ctx context.Context, tx bun.IDB, now time.Time, patience time.Duration) (Notices, error) {
	var out Notices
	const waits = `n.expanded_at IS NULL AND n.cancelled_at IS NULL`
	err := tx.NewRaw(`
		SELECT count(*) AS due, count(*) FILTER (WHERE n.due_at <= ?1) AS late,
			(SELECT count(*) FROM notice AS n WHERE `+waits+` AND n.failures > 0) AS failing
		FROM (SELECT n.due_at FROM notice AS n WHERE `+waits+` AND coalesce(n.retry_at, n.due_at) <= ?0
			AND (n.process_id, n.id) `+notPaused+` LIMIT ?2) AS n`, now, now.Add(-patience), MostOpen).Scan(ctx, &out.Due, &out.Late, &out.Failing)
	if err != nil {
		return out, fmt.Errorf("count notices that are due: %w", err)
	}
	if out.Late+out.Failing == 0 {
		return out, nil
	}
	var rows []struct {
		Named
		DueAt    time.Time
		RetryAt  bun.NullTime
		Failures int
	}
	err = tx.NewRaw(`
		WITH worst AS (
			(SELECT n.process_id, n.id FROM notice AS n WHERE `+waits+` AND n.failures > 0 ORDER BY n.failures DESC LIMIT ?2)
			UNION
			(SELECT n.process_id, n.id FROM notice AS n WHERE `+waits+` AND coalesce(n.retry_at, n.due_at) <= ?1 AND n.due_at <= ?1
				AND (n.process_id, n.id) `+notPaused+` ORDER BY coalesce(n.retry_at, n.due_at) LIMIT ?2)
		)
		SELECT `+naming+`, n.due_at, n.retry_at, n.failures
		FROM worst JOIN notice AS n USING (process_id, id) LEFT JOIN process AS p ON p.id = n.process_id
		ORDER BY n.failures DESC, n.due_at, n.process_id, n.id LIMIT ?2`, now, now.Add(-patience), shownWorst).Scan(ctx, &rows)
	if err != nil {
		return out, fmt.Errorf("list notices that are late: %w", err)
	}
	for _, r := range rows {
		out.Worst = append(out.Worst, Unexpanded{Named: r.Named, DueAt: r.DueAt, RetryAt: r.RetryAt.Time, Failures: r.Failures})
	}
	return out, nil
}

// readPauses reads the history of both sorts of pauses.
func readPauses(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Named
		Channel, By, Why, UntilBy string
		Since                     time.Time
		Until                     bun.NullTime
	}
	err := tx.NewRaw(`
		WITH past AS (
			(SELECT '' AS channel, process_id, notice_id, since, by_person, why, until, until_by FROM notice_pause ORDER BY since DESC LIMIT ?0)
			UNION ALL
			(SELECT channel, 0, 0, since, by_person, why, until, until_by FROM channel_pause ORDER BY since DESC LIMIT ?0)
		)
		SELECT h.channel, h.since, h.why, h.until, coalesce(b.name, '') AS by, coalesce(u.name, '') AS until_by,
			h.process_id, h.notice_id AS id, coalesce(n.kind, '') AS kind, coalesce(p.slug, '') AS slug, coalesce(p.title, '') AS title
		FROM past AS h LEFT JOIN person AS b ON b.id = h.by_person LEFT JOIN person AS u ON u.id = h.until_by
			LEFT JOIN notice AS n ON n.process_id = h.process_id AND n.id = h.notice_id LEFT JOIN process AS p ON p.id = h.process_id
		ORDER BY h.since DESC LIMIT ?0`, shownPauses).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("list pauses: %w", err)
	}
	for _, r := range rows {
		v.Pauses = append(v.Pauses, Past{
			Pause: Pause{Since: r.Since, By: r.By, Why: r.Why}, Channel: r.Channel, Notice: r.Named,
			Until: r.Until.Time, UntilBy: r.UntilBy,
		})
	}
	return nil
}
