package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
	"arengo/notify/preference"
	"arengo/process/fault"
	"arengo/process/pg"
)

// expandAll expands notices of some kinds, of all when there are none named.
func (o *Outbox) expandAll(ctx context.Context, db *bun.DB, kinds []string, now time.Time, limit int) (notices, deliveries int, err error) {
	var failures []error
	for range limit {
		count, err := o.expandNext(ctx, db, kinds, now)
		var failed *expansionError
		switch {
		case pg.NoRows(err):
			return notices, deliveries, errors.Join(failures...)
		case errors.As(err, &failed):
			failures = append(failures, err)
			if err := putOff(ctx, db, failed.notice, now); err != nil {
				return notices, deliveries, errors.Join(append(failures, err)...)
			}
		case err != nil:
			return notices, deliveries, errors.Join(append(failures, err)...)
		default:
			notices, deliveries = notices+1, deliveries+count
		}
	}
	return notices, deliveries, errors.Join(failures...)
}

// expansionError says which notice could not be expanded.
type expansionError struct {
	notice Notice
	err    error
}

func (e *expansionError) Error() string {
	return fmt.Sprintf("expand notice %d/%d %s: %v", e.notice.ProcessID, e.notice.ID, e.notice.Kind, e.err)
}

func (e *expansionError) Unwrap() error { return e.err }

// expandNext expands the notice that has waited longest, of some kinds or of
// all; sql.ErrNoRows means that none is due.
func (o *Outbox) expandNext(ctx context.Context, db *bun.DB, kinds []string, now time.Time) (count int, err error) {
	only := "TRUE"
	if len(kinds) > 0 {
		only = "kind IN (?1)"
	}
	err = pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
		var n Notice
		err := tx.NewRaw(`
			SELECT `+noticeColumns+` FROM notice AS n
			WHERE expanded_at IS NULL AND cancelled_at IS NULL AND coalesce(retry_at, due_at) <= ?0 AND `+only+`
				AND (process_id, id) `+notPaused+`
			ORDER BY coalesce(retry_at, due_at), process_id, id
			LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`, now, bun.List(kinds)).Scan(ctx, &n)
		if err != nil {
			return err
		}
		err = fault.Caught(func() (err error) {
			count, err = o.expand(ctx, tx, n, now)
			return err
		})
		if err != nil {
			return &expansionError{n, err}
		}
		return nil
	})
	return count, err
}

// noticeColumns leaves out what only the expansion's retries use.
const noticeColumns = `n.process_id, n.id, n.activity_id, n.key, n.kind, n.audience, n.person_id,
	n.payload, n.due_at, n.expires_at, n.created_at, n.expanded_at, n.cancelled_at`

// expand writes the deliveries of one notice, a statement for each channel. Those
// that must not be sent get a row as well, so that the roster can say why.
func (o *Outbox) expand(ctx context.Context, tx bun.Tx, n Notice, now time.Time) (count int, err error) {
	audience, err := o.source.Audience(ctx, tx, n)
	if err != nil {
		return 0, err
	}
	if audience != nil {
		for _, way := range o.ways {
			more, err := o.expandTo(ctx, tx, n, now, way, audience)
			if err != nil {
				return 0, err
			}
			count += more
		}
	}
	_, err = tx.NewRaw(`UPDATE notice SET expanded_at = ?, deliveries = ? WHERE process_id = ? AND id = ?`,
		now, count, n.ProcessID, n.ID).Exec(ctx)
	return count, err
}

// expandTo writes the deliveries of one channel. Who wants to hear of the topic in
// a digest has one that waits for it; who wants none has a row that says so.
func (o *Outbox) expandTo(ctx context.Context, tx bun.Tx, n Notice, now time.Time, way channel.Reach, audience schema.QueryAppender) (int, error) {
	recipients := wanted(way, n, audience)
	if recipients == nil {
		return 0, nil
	}
	kind, _ := KindNamed(n.Kind)
	first := Queued
	if !now.Before(n.ExpiresAt) {
		first = Expired
	}
	var added struct{ Count, Collected int }
	err := tx.NewRaw(`
		WITH added AS (
			INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, priority, attempts,
				status, suppressed_why, queued_at, channel, due_at)
			SELECT ?, ?, r.person_id, r.address, coalesce(r.name, ''), coalesce(r.locale, ''), ?, 0,
				CASE WHEN r.why IS NULL THEN ? ELSE 'suppressed' END, r.why, t.at,
				CASE WHEN w.collects THEN ? ELSE ? END,
				t.at + CASE WHEN NOT w.collects THEN 0 WHEN r.cadence = 'daily' THEN ? ELSE ? END * interval '1 millisecond'
			FROM (?) AS r CROSS JOIN (SELECT clock_timestamp()) AS t (at)
				CROSS JOIN LATERAL (SELECT ? AND r.why IS NULL AND coalesce(r.cadence IN ('daily', 'weekly'), FALSE) AS collects) AS w
			ON CONFLICT (process_id, notice_id, person_id, channel) DO NOTHING
			RETURNING channel
		)
		SELECT count(*) AS count, count(*) FILTER (WHERE channel = ?) AS collected FROM added`,
		n.ProcessID, n.ID, kind.Priority, first, preference.Digest, way.Name(),
		o.rules.Daily(now).Sub(now).Milliseconds(), o.rules.Weekly(now).Sub(now).Milliseconds(),
		recipients, first == Queued && !kind.Deadline, preference.Digest).Scan(ctx, &added)
	if err != nil || added.Collected == 0 {
		return added.Count, err
	}
	return added.Count, o.inTime(ctx, tx, n, now, way.Name())
}

// putOff tries a notice again after 1, 2, 4 … at most 60 minutes, so that one
// broken audience never stands before the others.
func putOff(ctx context.Context, db bun.IDB, n Notice, now time.Time) error {
	_, err := db.NewRaw(`
		UPDATE notice SET failures = failures + 1,
			retry_at = ?::timestamptz + least(power(2, least(failures, 10)), 60) * interval '1 minute'
		WHERE process_id = ? AND id = ? AND expanded_at IS NULL`, now, n.ProcessID, n.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("put off notice %d/%d: %w", n.ProcessID, n.ID, err)
	}
	return nil
}

// inTime sends at once what would come too late with the digest that it waits for:
// what it calls to is over by then.
func (o *Outbox) inTime(ctx context.Context, tx bun.Tx, n Notice, now time.Time, way string) error {
	var one int64
	err := tx.NewRaw(`SELECT person_id FROM delivery WHERE process_id = ? AND notice_id = ? AND channel = ? LIMIT 1`,
		n.ProcessID, n.ID, preference.Digest).Scan(ctx, &one)
	if err != nil {
		return err
	}
	facts, err := o.source.Facts(ctx, tx, n, []int64{one})
	if err != nil {
		return err
	}
	late := n.end(facts[one], now)
	if late.IsZero() {
		return nil
	}
	_, err = tx.NewRaw(`UPDATE delivery SET channel = ?, due_at = clock_timestamp()
		WHERE process_id = ? AND notice_id = ? AND channel = ? AND status = 'queued'
			AND due_at >= clock_timestamp() + ? * interval '1 millisecond'`,
		way, n.ProcessID, n.ID, preference.Digest, late.Sub(now).Milliseconds()).Exec(ctx)
	return err
}
