package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
	"arengo/notify/preference"
)

// wanted is what a channel says of those whom a notice is for, together with what
// they chose to hear of its topic, or nil when such notices do not go this way. Who
// wants none of it has that as the reason.
func wanted(way channel.Reach, n Notice, audience schema.QueryAppender) schema.QueryAppender {
	recipients := way.Recipients(n.occasion(), audience)
	if recipients == nil {
		return nil
	}
	kind, _ := KindNamed(n.Kind)
	topic := topicOn(way, kind)
	if topic == "" {
		return bun.SafeQuery(`SELECT a.person_id, a.address, a.name, a.locale, a.why, NULL::text AS cadence FROM (?) AS a`, recipients)
	}
	return bun.SafeQuery(`SELECT a.person_id, a.address, a.name, a.locale, p.cadence,
			coalesce(a.why, CASE WHEN p.cadence = 'none' THEN ? END) AS why
		FROM (?) AS a LEFT JOIN preference AS p ON p.person_id = a.person_id AND p.topic = ?`, unsubscribed, recipients, topic)
}

// lately counts what the readers of a batch were sent on a channel in the time
// given, and what others have in hand for them. Claims are committed before their
// batches are asked about, so that of two batches at least the later sees the other.
// Readers are looked up one by one: statistics that are older than a campaign make
// PostgreSQL read all of it.
func (o *Outbox) lately(ctx context.Context, db bun.IDB, way string, jobs []job, since time.Duration) (hads, error) {
	var kinds []string
	for _, k := range Kinds() {
		if k.Category == Participation {
			kinds = append(kinds, k.Name)
		}
	}
	var rows []struct {
		PersonID int64
		had
	}
	err := db.NewRaw(`
		SELECT x.id AS person_id, l.sent, l.underway FROM unnest(ARRAY[?]::bigint[]) AS x (id) CROSS JOIN LATERAL (
			SELECT count(d.sent_at) AS sent, count(*) - count(d.sent_at) AS underway FROM delivery AS d
			JOIN notice AS n ON n.process_id = d.process_id AND n.id = d.notice_id
			WHERE d.person_id = x.id AND d.channel = ? AND n.kind IN (?)
				AND (d.status = 'sending' OR d.sent_at >= clock_timestamp() - ? * interval '1 millisecond')
				AND (d.process_id, d.id) NOT IN (?) OFFSET 0
		) AS l WHERE l.sent + l.underway > 0`,
		bun.List(readers(jobs)), way, bun.List(kinds), since.Milliseconds(), bun.List(identities(jobs))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count what readers got: %w", err)
	}
	out := hads{}
	for _, r := range rows {
		out[r.PersonID] = r.had
	}
	return out, nil
}

// collect lets a delivery that a worker holds wait for its reader's next digest.
// Where the same notice waits there for another channel it is told by that.
func (o *Outbox) collect(ctx context.Context, db bun.IDB, worker string, j job, cadence preference.Cadence) error {
	_, err := db.NewRaw(`
		UPDATE delivery AS d SET claimed_by = NULL, lease_until = NULL,
			status = CASE WHEN w.waits THEN 'suppressed' ELSE 'queued' END,
			suppressed_why = CASE WHEN w.waits THEN 'in_digest' END,
			channel = CASE WHEN w.waits THEN d.channel ELSE ?0 END,
			due_at = clock_timestamp() + ?1 * interval '1 millisecond'
		FROM (SELECT EXISTS (SELECT FROM delivery AS o WHERE o.process_id = ?2 AND o.notice_id = ?3
			AND o.person_id = ?4 AND o.channel = ?0) AS waits) AS w
		WHERE d.process_id = ?2 AND d.id = ?5 AND d.status = 'sending' AND d.claimed_by = ?6`,
		preference.Digest, cadence.Next(o.rules, j.now).Sub(j.now).Milliseconds(),
		j.delivery.ProcessID, j.delivery.NoticeID, j.delivery.PersonID, j.delivery.ID, worker).Exec(ctx)
	if err != nil {
		return fmt.Errorf("collect a delivery for a digest: %w", err)
	}
	return nil
}
