package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
)

// stopped is a delivery that stands still, and might not. Why is the reason code
// for which it must stay, or "".
type stopped struct {
	ID, PersonID int64
	Why          string
}

// still is the condition of a delivery d that did not arrive, nobody is about to
// send, and something else than the domain's own decision keeps back.
const still = `(d.status IN ('failed', 'bounced', 'expired')
	OR d.status = 'suppressed' AND d.suppressed_why IN ('no_address', 'suppressed'))`

// listStopped gives those of the deliveries that stand still, with what the channel
// says of their persons now. A lock keeps them so until the transaction ends.
func listStopped(
	ctx context.Context, db bun.IDB, n Notice, way string, recipients schema.QueryAppender, deliveries []int64, lock string,
) ([]stopped, error) {
	var rows []stopped
	err := db.NewRaw(`SELECT d.id, d.person_id, CASE WHEN r.person_id IS NULL THEN 'left_audience' ELSE coalesce(r.why, '') END AS why
		FROM delivery AS d LEFT JOIN (?) AS r ON r.person_id = d.person_id
		WHERE d.process_id = ? AND d.notice_id = ? AND d.channel = ? AND d.id = ANY (?) AND `+still+` ORDER BY d.id `+lock,
		recipients, n.ProcessID, n.ID, way, pgdialect.Array(deliveries)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what stands still of notice %d/%d: %w", n.ProcessID, n.ID, err)
	}
	return rows, nil
}

// requeue gives deliveries that stand still back to the drainers and returns which.
// That one had been sent before it came back is told by its own row alone: it
// becomes an event.
func requeue(
	ctx context.Context, tx bun.IDB, n Notice, way string, recipients schema.QueryAppender, deliveries []int64,
) ([]int64, error) {
	var ids []int64
	err := tx.NewRaw(`
		WITH was AS MATERIALIZED (
			SELECT d.id, d.sent_at, r.address, coalesce(r.name, '') AS name, coalesce(r.locale, '') AS locale
			FROM delivery AS d JOIN (?0) AS r ON r.person_id = d.person_id AND r.why IS NULL
			WHERE d.process_id = ?1 AND d.notice_id = ?2 AND d.channel = ?3 AND d.id = ANY (?4) AND `+still+`
		), again AS (
			UPDATE delivery AS d SET status = 'queued', address = was.address, name = was.name, locale = was.locale, attempts = 0,
				due_at = clock_timestamp(), sent_at = NULL, suppressed_why = NULL, reply_code = NULL, reply = NULL
			FROM was WHERE d.process_id = ?1 AND d.id = was.id AND `+still+`
			RETURNING d.id
		), told AS (
			INSERT INTO delivery_event (process_id, delivery_id, at, status, reply)
			SELECT ?1, id, at, status, reply FROM (
				SELECT id, was.sent_at AS at, 'sent' AS status, NULL AS reply FROM again JOIN was USING (id) WHERE was.sent_at IS NOT NULL
				UNION ALL SELECT id, clock_timestamp(), 'queued', 'retry' FROM again
			) AS e ORDER BY id, at
		)
		SELECT id FROM again`, recipients, n.ProcessID, n.ID, way, pgdialect.Array(deliveries)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("queue what stood still of notice %d/%d: %w", n.ProcessID, n.ID, err)
	}
	return ids, nil
}

// prolong lets a notice that has expired go until an instant.
func prolong(ctx context.Context, tx bun.IDB, n Notice, now, until time.Time) error {
	_, err := tx.NewRaw(`UPDATE notice SET expires_at = ? WHERE process_id = ? AND id = ? AND expires_at <= ?`,
		until, n.ProcessID, n.ID, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("prolong notice %d/%d: %w", n.ProcessID, n.ID, err)
	}
	return nil
}

// ways are the recipients of several channels, one after the other.
type ways []schema.QueryAppender

// AppendQuery writes the queries with UNION ALL between them.
func (w ways) AppendQuery(gen schema.QueryGen, b []byte) (_ []byte, err error) {
	for i, query := range w {
		if i > 0 {
			b = append(b, " UNION ALL "...)
		}
		b = append(b, "SELECT person_id, address, name, why FROM ("...)
		if b, err = query.AppendQuery(gen, b); err != nil {
			return nil, err
		}
		b = append(b, ") AS way"...)
	}
	return b, nil
}

// union is what all the channels say of an audience.
func union(list []channel.Reach, n Notice, audience schema.QueryAppender) ways {
	var all ways
	for _, way := range list {
		all = append(all, wanted(way, n, audience))
	}
	return all
}

// foresee counts the persons of an audience, each once, by what the channels say of
// them. The sample is a fixed one for an audience, and not its first names.
func foresee(ctx context.Context, db bun.IDB, n Notice, all ways, sample int) (Reach, error) {
	out := Reach{Not: map[string]int{}}
	if len(all) == 0 {
		return out, nil
	}
	const each = `SELECT person_id, min(why) FILTER (WHERE why IS NOT NULL) AS why, bool_or(why IS NULL) AS reached,
		max(name) AS name, min(address) FILTER (WHERE why IS NULL AND address <> '') AS address FROM (?) AS a GROUP BY person_id`
	var rows []struct {
		Why   string
		Count int
	}
	err := db.NewRaw(`SELECT CASE WHEN reached THEN '' ELSE why END AS why, count(*) AS count FROM (`+each+`) AS p GROUP BY 1`, all).Scan(ctx, &rows)
	if err != nil {
		return out, fmt.Errorf("foresee whom %s reaches: %w", n.Kind, err)
	}
	for _, r := range rows {
		out.People += r.Count
		if r.Why == "" {
			out.Reached = r.Count
		} else {
			out.Not[r.Why] = r.Count
		}
	}
	err = db.NewRaw(`SELECT person_id, coalesce(name, '') AS name, coalesce(address, '') AS address FROM (`+each+`) AS p
		WHERE reached ORDER BY md5(person_id::text) LIMIT ?`, all, sample).Scan(ctx, &out.Sample)
	if err != nil {
		return out, fmt.Errorf("sample whom %s reaches: %w", n.Kind, err)
	}
	return out, nil
}
