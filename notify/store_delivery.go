package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/bounce"
)

// Claim takes at most n deliveries that are due, or whose holder's lease ran
// out, of one channel for the named worker, transactional ones first. The time is the
// database's own, read once: a node with a wrong clock harms nobody.
func (o *Outbox) Claim(ctx context.Context, db bun.IDB, channel, worker string, n int) ([]Delivery, error) {
	var claimed []Delivery
	err := db.NewRaw(`
		WITH due AS MATERIALIZED (
			SELECT process_id, id FROM delivery
			WHERE status IN ('queued', 'sending', 'deferred')
				AND due_at < 'infinity' AND coalesce(lease_until, due_at) <= (SELECT clock_timestamp())
				AND channel = ? AND `+channelGoes+`
				AND (process_id, notice_id) `+notPaused+`
			ORDER BY priority, coalesce(lease_until, due_at)
			LIMIT ? FOR NO KEY UPDATE SKIP LOCKED
		)
		UPDATE delivery AS d SET status = 'sending', claimed_by = ?,
			lease_until = clock_timestamp() + ? * interval '1 millisecond',
			-- A lease that ran out is a crash, and counts: it might be our fault.
			attempts = d.attempts + (d.status = 'sending')::int,
			doubtful = d.doubtful OR d.status = 'sending'
		FROM due WHERE d.process_id = due.process_id AND d.id = due.id
		RETURNING d.*`, channel, channel, n, worker, o.lease.Milliseconds()).Scan(ctx, &claimed)
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return claimed, nil
}

// renew prolongs the worker's leases and returns the deliveries of the batch
// that are still its own.
func (o *Outbox) renew(ctx context.Context, db bun.IDB, worker string, batch []job) ([]job, error) {
	var rows []struct{ ProcessID, ID int64 }
	err := db.NewRaw(`
		UPDATE delivery AS d SET lease_until = clock_timestamp() + ? * interval '1 millisecond'
		WHERE d.status = 'sending' AND d.claimed_by = ? AND (d.process_id, d.id) IN (?)
		RETURNING d.process_id, d.id`,
		o.lease.Milliseconds(), worker, bun.List(identities(batch))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	mine := make(map[[2]int64]bool, len(rows))
	for _, r := range rows {
		mine[[2]int64{r.ProcessID, r.ID}] = true
	}
	kept := make([]job, 0, len(rows))
	for _, j := range batch {
		if mine[[2]int64{j.delivery.ProcessID, j.delivery.ID}] {
			kept = append(kept, j)
		}
	}
	return kept, nil
}

func identities(batch []job) []bun.TupleValues {
	out := make([]bun.TupleValues, len(batch))
	for i, j := range batch {
		out[i] = bun.Tuple([]int64{j.delivery.ProcessID, j.delivery.ID})
	}
	return out
}

// notices reads the notices of claimed deliveries, as they are now.
func (o *Outbox) notices(ctx context.Context, db bun.IDB, claimed []Delivery) (map[[2]int64]Notice, error) {
	var rows []Notice
	seen := map[[2]int64]bool{}
	var ids []bun.TupleValues
	for _, d := range claimed {
		if key := d.notice(); !seen[key] {
			seen[key] = true
			ids = append(ids, bun.Tuple([]int64{d.ProcessID, d.NoticeID}))
		}
	}
	err := db.NewRaw(`SELECT `+noticeColumns+`, NOT ((n.process_id, n.id) `+notPaused+`) AS paused
		FROM notice AS n WHERE (n.process_id, n.id) IN (?)`,
		bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	out := make(map[[2]int64]Notice, len(rows))
	for _, n := range rows {
		out[[2]int64{n.ProcessID, n.ID}] = n
	}
	return out, nil
}

// result is what became of one claimed delivery.
type result struct {
	delivery  Delivery
	status    Status
	worker    string
	tries     int           // added to the attempts
	delay     time.Duration // from now to the next attempt, for open ones
	messageID string
	code      int
	reply     string
	why       string // one is suppressed
	blame     bool   // the address itself was refused: suppress it
	doubtful  bool   // it may have arrived
	released  bool   // given back untouched
}

// record writes at most a hundred results in one statement. A message that was
// sent is sent, whoever holds the row by now; any other result counts only
// while the worker still holds it.
func (o *Outbox) record(ctx context.Context, db bun.IDB, results []result) error {
	values := make([]bun.TupleValues, len(results))
	var blamed []bun.TupleValues
	for i, r := range results {
		values[i] = bun.Tuple([]any{
			r.delivery.ProcessID, r.delivery.ID, string(r.status), r.worker, r.tries, r.delay.Milliseconds(),
			r.messageID, r.code, plain(r.reply, 500), plain(r.why, 100), r.status != Sent && !r.released, r.doubtful,
		})
		if r.blame {
			blamed = append(blamed, bun.Tuple([]any{strings.ToLower(r.delivery.Address), bounce.StatusOf(r.reply), plain(r.reply, 500)}))
		}
	}
	_, err := db.NewRaw(`
		WITH v (process_id, id, status, worker, tries, delay, message_id, code, reply, why, event, doubtful) AS (VALUES ?),
		done AS (
			UPDATE delivery AS d SET status = v.status, attempts = d.attempts + v.tries,
				due_at = CASE WHEN v.delay > 0 THEN clock_timestamp() + v.delay * interval '1 millisecond' ELSE d.due_at END,
				claimed_by = NULL, lease_until = NULL,
				sent_at = CASE WHEN v.status = 'sent' THEN clock_timestamp() END,
				message_id = coalesce(nullif(v.message_id, ''), d.message_id),
				reply_code = coalesce(nullif(v.code, 0), d.reply_code),
				reply = coalesce(nullif(v.reply, ''), d.reply),
				suppressed_why = nullif(v.why, ''), doubtful = d.doubtful OR v.doubtful
			FROM v WHERE d.process_id = v.process_id AND d.id = v.id
				AND (d.status = 'sending' AND d.claimed_by = v.worker
					OR v.status = 'sent' AND d.status IN ('queued', 'sending', 'deferred', 'failed', 'expired', 'suppressed'))
			RETURNING d.process_id, d.id, d.channel
		), `+counting+`
		INSERT INTO delivery_event (process_id, delivery_id, at, status, code, reply)
		SELECT process_id, id, clock_timestamp(), v.status, nullif(v.code, 0), coalesce(nullif(v.reply, ''), nullif(v.why, ''))
		FROM done JOIN v USING (process_id, id) WHERE v.event`,
		bun.List(values)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record deliveries: %w", err)
	}
	if err := refuse(ctx, db, blamed); err != nil {
		return err
	}
	for _, r := range results {
		if r.status != Bounced || r.blame {
			continue
		}
		why := bounce.Report{Code: r.code, Status: bounce.StatusOf(r.reply), Diagnostic: r.reply}
		if err := rest(ctx, db, r.delivery, strings.ToLower(r.delivery.Address), why); err != nil {
			return err
		}
	}
	return nil
}

// refuse suppresses addresses that the relay refused for good.
func refuse(ctx context.Context, db bun.IDB, blamed []bun.TupleValues) error {
	if len(blamed) == 0 {
		return nil
	}
	_, err := db.NewRaw(`
		INSERT INTO suppression AS s (address, source, code, reason, since)
		SELECT DISTINCT ON (v.address) v.address, ?, v.code, v.reason, clock_timestamp() FROM (VALUES ?) AS v (address, code, reason)
		ON CONFLICT (address) DO UPDATE SET source = EXCLUDED.source, code = EXCLUDED.code, reason = EXCLUDED.reason,
			since = EXCLUDED.since, until = NULL
		WHERE s.until IS NOT NULL`, SourceRefused, bun.List(blamed)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("suppress addresses: %w", err)
	}
	return nil
}

// HeldBack is why a source skips what may go later: Revive sends it then.
const HeldBack = "held"

// Revive sends what was held back of the notices of an activity, in the
// caller's transaction. Each has as long to go as it had at first. It returns
// how many deliveries it revived.
func (o *Outbox) Revive(ctx context.Context, tx bun.IDB, processID, activityID int64, now time.Time) (int, error) {
	var count int
	err := tx.NewRaw(`
		WITH back AS (
			UPDATE delivery AS d SET status = 'queued', suppressed_why = NULL, due_at = clock_timestamp()
			FROM notice AS n
			WHERE n.process_id = ?0 AND n.activity_id = ?1 AND n.cancelled_at IS NULL
				AND d.process_id = n.process_id AND d.notice_id = n.id AND d.status = 'suppressed' AND d.suppressed_why = ?2
			RETURNING d.notice_id
		), later AS (
			UPDATE notice SET expires_at = greatest(expires_at, ?3::timestamptz + (expires_at - due_at))
			WHERE process_id = ?0 AND id IN (SELECT notice_id FROM back)
		)
		SELECT count(*) FROM back`, processID, activityID, HeldBack, now).Scan(ctx, &count)
	if err != nil {
		return 0, fmt.Errorf("revive what was held back: %w", err)
	}
	return count, nil
}

// plain makes a server's words fit to store: valid, printable, of limited length.
func plain(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}
