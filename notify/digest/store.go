package digest

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/notify/preference"
)

// due is the condition that a delivery waits for a digest, that its time has come
// and that none has taken it. Times are those of the database's clock.
const due = `d.channel = 'digest' AND d.status = 'queued' AND d.digest_id IS NULL AND d.due_at <= clock_timestamp()
	AND (d.process_id, d.notice_id) NOT IN (SELECT process_id, notice_id FROM notice_pause WHERE until IS NULL)`

// waiting is the query of those for whom something is due, each once, as the
// latest of it names them.
func waiting() schema.QueryAppender {
	return bun.SafeQuery(`SELECT DISTINCT ON (d.person_id) d.person_id, d.address, d.name, d.locale
		FROM delivery AS d WHERE ` + due + ` ORDER BY d.person_id, d.queued_at DESC, d.id DESC`)
}

func anybody(ctx context.Context, db bun.IDB) (bool, error) {
	var some bool
	err := db.NewRaw(`SELECT EXISTS (SELECT FROM delivery AS d WHERE `+due+`)`).Scan(ctx, &some)
	if err != nil {
		return false, fmt.Errorf("look for what waits for a digest: %w", err)
	}
	return some, nil
}

// take gives to the mails of a digest what is due for their readers. What another
// has taken is that one's, and one that may have arrived already takes nothing
// more: it goes again under the same Message-ID, which a reader's program may know.
func take(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) error {
	_, err := db.NewRaw(`UPDATE delivery AS d SET digest_id = m.id FROM delivery AS m
		WHERE m.process_id = ? AND m.notice_id = ? AND m.person_id IN (?) AND m.channel <> 'digest' AND NOT m.doubtful
			AND d.person_id = m.person_id AND `+due,
		n.ProcessID, n.ID, bun.List(persons)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take what waits for a digest: %w", err)
	}
	return nil
}

// taken lists what the mails of a digest have taken and not told yet, the oldest
// first.
func taken(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) ([]thing, error) {
	var rows []struct {
		notify.Delivery
		Waited float64
	}
	err := db.NewRaw(`SELECT d.*, extract(epoch FROM clock_timestamp() - d.due_at) AS waited FROM delivery AS m
		JOIN delivery AS d ON d.digest_id = m.id AND d.channel = 'digest' AND d.status = 'queued'
		WHERE m.process_id = ? AND m.notice_id = ? AND m.person_id IN (?) ORDER BY d.queued_at, d.process_id, d.id`,
		n.ProcessID, n.ID, bun.List(persons)).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return nil, wrap("list what a digest tells", err)
	}
	ids := make([]bun.TupleValues, len(rows))
	for i, r := range rows {
		ids[i] = bun.Tuple([]int64{r.ProcessID, r.NoticeID})
	}
	var notices []notify.Notice
	if err := db.NewSelect().Model(&notices).Where("(n.process_id, n.id) IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, wrap("read the notices of a digest", err)
	}
	known := make(map[[2]int64]notify.Notice, len(notices))
	for _, one := range notices {
		known[[2]int64{one.ProcessID, one.ID}] = one
	}
	out := make([]thing, len(rows))
	for i, r := range rows {
		out[i] = thing{r.Delivery, known[[2]int64{r.ProcessID, r.NoticeID}], time.Duration(r.Waited * float64(time.Second))}
	}
	return out, nil
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// leave takes things out of the digests that had taken them, and says why.
func leave(ctx context.Context, db bun.IDB, out []left) error {
	if len(out) == 0 {
		return nil
	}
	values := make([]bun.TupleValues, len(out))
	for i, l := range out {
		event := l.status
		if event == notify.Queued {
			event = notify.Deferred
		}
		values[i] = bun.Tuple([]any{l.ProcessID, l.ID, string(l.status), string(event), l.why, l.delay.Milliseconds()})
	}
	_, err := db.NewRaw(`
		WITH v (process_id, id, status, event, why, delay) AS (VALUES ?),
		done AS (
			UPDATE delivery AS d SET status = v.status, digest_id = NULL,
				suppressed_why = CASE WHEN v.status = 'suppressed' THEN v.why END,
				due_at = CASE WHEN v.delay > 0 THEN clock_timestamp() + v.delay * interval '1 millisecond' ELSE d.due_at END
			FROM v WHERE d.process_id = v.process_id AND d.id = v.id AND d.channel = ? AND d.status = 'queued'
			RETURNING d.process_id, d.id
		)
		INSERT INTO delivery_event (process_id, delivery_id, at, status, reply)
		SELECT process_id, id, clock_timestamp(), v.event, nullif(v.why, '') FROM done JOIN v USING (process_id, id)`,
		bun.List(values), preference.Digest).Exec(ctx)
	return wrap("leave out of a digest", err)
}

// settle gives what digests have taken the ends that their mails came to: told, or
// refused together with the address. A mail that failed for another reason, or that
// somebody withdrew, gives back what it had taken, for the next digest, unless it
// may have arrived all the same.
func settle(ctx context.Context, db bun.IDB) error {
	_, err := db.NewRaw(`
		WITH over AS MATERIALIZED (
			SELECT d.process_id, d.id, m.status, m.sent_at, m.message_id, m.suppressed_why,
				NOT m.doubtful AND (m.status IN ('failed', 'expired')
					OR coalesce(m.suppressed_why IN (?, 'cancelled', 'no_facts', 'notice_gone'), FALSE)) AS back
			FROM delivery AS d JOIN delivery AS m ON m.process_id = ? AND m.id = d.digest_id
			WHERE d.channel = 'digest' AND d.status = 'queued' AND d.digest_id IS NOT NULL
				AND m.status NOT IN ('queued', 'sending', 'deferred')
		), given AS (
			UPDATE delivery AS d SET digest_id = NULL FROM over AS o WHERE d.process_id = o.process_id AND d.id = o.id AND o.back
		), told AS (
			UPDATE delivery AS d SET status = o.status, sent_at = o.sent_at, message_id = o.message_id, suppressed_why = o.suppressed_why
			FROM over AS o WHERE d.process_id = o.process_id AND d.id = o.id AND NOT o.back
		)
		INSERT INTO delivery_event (process_id, delivery_id, at, status, reply)
		SELECT process_id, id, clock_timestamp(), status, suppressed_why FROM over WHERE NOT back AND status <> 'sent'`,
		nothing, notify.Account).Exec(ctx)
	return wrap("settle digests", err)
}
