package operator

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow/row"
)

// webhooks is the queue of what other programs are told, as a channel.
func (s *Service) webhooks(ctx context.Context, tx bun.IDB, at time.Time) (Channel, error) {
	c := Channel{Name: Webhook}
	var row struct {
		Queued, Sending, Deferred, Late int
		Oldest, Next                    bun.NullTime
	}
	err := tx.NewRaw(`
		SELECT count(*) FILTER (WHERE d.status = 'pending' AND d.attempts = 0) AS queued, count(*) FILTER (WHERE d.status = 'claimed') AS sending,
			count(*) FILTER (WHERE d.status = 'pending' AND d.attempts > 0) AS deferred, count(*) FILTER (WHERE d.since <= ?1) AS late,
			min(d.since) FILTER (WHERE d.since <= ?0) AS oldest, min(d.since) FILTER (WHERE d.since > ?0 AND d.status = 'pending') AS next
		FROM (SELECT d.status, d.attempts, coalesce(d.lease_until, d.due_at) AS since FROM webhook_delivery AS d
			JOIN webhook AS w ON w.id = d.webhook_id AND w.paused_at IS NULL
			WHERE d.status IN ('pending', 'claimed') LIMIT ?2) AS d`, at, at.Add(-s.patient), MostOpen+1).Scan(ctx, &row)
	if err != nil {
		return c, fmt.Errorf("count what other programs are told: %w", err)
	}
	c.Queued, c.Sending, c.Deferred, c.Late = row.Queued, row.Sending, row.Deferred, row.Late
	c.Oldest, c.Next, c.More = row.Oldest.Time, row.Next.Time, c.Queued+c.Sending+c.Deferred > MostOpen
	return c, nil
}

// readHooks lists the addresses that fail, or were stopped because they did.
func readHooks(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		PublicID, Organisation, Name, URL, Why string
		Since                                  time.Time
	}
	err := tx.NewRaw(`
		SELECT w.public_id, o.public_id AS organisation, o.name, w.url, coalesce(w.paused_at, w.failing_since) AS since,
			coalesce(w.paused_why, '') AS why
		FROM webhook AS w JOIN organisation AS o ON o.id = w.organisation_id
		WHERE w.failing_since IS NOT NULL AND w.paused_at IS NULL OR w.paused_why IN ('failing', 'gone')
		ORDER BY since DESC, w.id LIMIT ?`, shownWorst).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("list addresses that fail: %w", err)
	}
	for _, r := range rows {
		h := Hook{PublicID: r.PublicID, Organisation: r.Organisation, Name: r.Name, Since: r.Since, Why: r.Why}
		if u, err := url.Parse(r.URL); err == nil {
			h.Host = u.Host
		}
		v.Hooks = append(v.Hooks, h)
	}
	return nil
}

// tardy is how long a deadline may be due before it counts as late: sweeps come
// four times as often.
const tardy = time.Minute

// deadlines counts what the workflow should have carried out.
func deadlines(ctx context.Context, tx bun.IDB, now time.Time) (Deadlines, error) {
	var out Deadlines
	const open = `d.fired_at IS NULL AND d.cancelled_at IS NULL AND d.due_at <= ?0`
	var counted struct {
		Due, Late, Aside int
		Oldest           bun.NullTime
	}
	err := tx.NewRaw(`
		SELECT count(*) AS due, count(*) FILTER (WHERE d.due_at <= ?1 AND d.failures < ?2) AS late,
			count(*) FILTER (WHERE d.failures >= ?2) AS aside, min(d.due_at) AS oldest
		FROM (SELECT d.due_at, d.failures FROM deadline AS d WHERE `+open+` LIMIT ?3) AS d`,
		now, now.Add(-tardy), row.MostFailures, MostOpen).Scan(ctx, &counted)
	if err != nil {
		return out, fmt.Errorf("count deadlines that are due: %w", err)
	}
	out = Deadlines{Due: counted.Due, Late: counted.Late, Aside: counted.Aside, Oldest: counted.Oldest.Time}
	if out.Late+out.Aside == 0 {
		return out, nil
	}
	err = tx.NewRaw(`
		SELECT p.slug, p.title, d.name, d.due_at, d.failures FROM deadline AS d JOIN process AS p ON p.id = d.process_id
		WHERE `+open+` AND (d.due_at <= ?1 OR d.failures > 0) ORDER BY d.due_at, d.process_id, d.id LIMIT ?2`,
		now, now.Add(-tardy), shownWorst).Scan(ctx, &out.Worst)
	if err != nil {
		return out, fmt.Errorf("list deadlines that are late: %w", err)
	}
	return out, nil
}

// readWrong reads why letters were not taken, and where they were to go, from one
// look at the newest outcomes.
func (s *Service) readWrong(ctx context.Context, tx bun.IDB, v *View) error {
	var rows []struct {
		Reason
		Domain string
	}
	err := tx.NewRaw(`
		SELECT e.status, coalesce(e.code, 0) AS code, coalesce(substring(e.reply from '\m[245]\.[0-9]{1,3}\.[0-9]{1,3}\M'), '') AS enhanced,
			lower(split_part(d.address, '@', 2)) AS domain, count(*) AS count
		FROM (SELECT e.process_id, e.delivery_id, e.status, e.code, e.reply FROM delivery_event AS e
			WHERE e.status <> 'suppressed' AND (e.status <> 'deferred' OR e.code IS NOT NULL OR e.reply IS NOT NULL) AND e.at > ?
			ORDER BY e.at DESC LIMIT ?) AS e
		JOIN delivery AS d ON d.process_id = e.process_id AND d.id = e.delivery_id
		WHERE e.status <> 'sent' GROUP BY 1, 2, 3, 4`, v.At.Add(-24*time.Hour), MostEvents+1).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read what went wrong: %w", err)
	}
	reasons, domains := map[Reason]int{}, map[string]int{}
	for _, r := range rows {
		n := r.Count
		r.Count = 0
		reasons[r.Reason] += n
		domains[r.Domain] += n
		v.Wrong.Total += n
	}
	for r, n := range reasons {
		r.Count = n
		v.Wrong.Reasons = append(v.Wrong.Reasons, r)
	}
	for name, n := range domains {
		v.Wrong.Domains = append(v.Wrong.Domains, Domain{Name: name, Count: n})
	}
	v.Wrong.More = v.Wrong.Total > MostEvents
	slices.SortFunc(v.Wrong.Reasons, byCount)
	slices.SortFunc(v.Wrong.Domains, Domain.byCount)
	v.Wrong.Reasons = v.Wrong.Reasons[:min(len(v.Wrong.Reasons), shownWorst)]
	v.Wrong.Domains = v.Wrong.Domains[:min(len(v.Wrong.Domains), shownWorst)]
	return nil
}
