package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/pace"
	"arengo/process/fault"
	"arengo/process/pg"
)

// Outbox writes notices and deliveries. It holds no state but its settings, so
// one serves a whole process and any number of nodes may have one.
type Outbox struct {
	source Source
	ways   []channel.Reach
	lease  time.Duration
	rules  pace.Rules
}

// NewOutbox makes an outbox that asks the source for its audiences and reaches
// them by the channels given, by e-mail when there are none. The lease on claimed
// deliveries is 45 seconds.
func NewOutbox(source Source, ways ...channel.Reach) *Outbox {
	if len(ways) == 0 {
		ways = []channel.Reach{email.Reach{}}
	}
	return &Outbox{source: source, ways: ways, lease: 45 * time.Second}
}

// Channels names the ways to people.
func (o *Outbox) Channels() []string {
	names := make([]string, len(o.ways))
	for i, way := range o.ways {
		names[i] = way.Name()
	}
	return names
}

// Keep makes the outbox keep to the customs of a site; without it there are no
// quiet hours and no limit. It is called before the outbox is used.
func (o *Outbox) Keep(rules pace.Rules) { o.rules = rules }

// Rules are the customs that it keeps to.
func (o *Outbox) Rules() pace.Rules { return o.rules }

// Add writes notices in the caller's transaction. A notice whose key exists
// already in its process is left as it is, cancelled or not: a restart never
// duplicates. It returns a fault Invalid for an unknown kind, an empty key, a
// missing time or an end that is not after the beginning.
func (o *Outbox) Add(ctx context.Context, tx bun.IDB, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	if len(notices) == 1 {
		step, err := o.Adds(notices[0])
		if err != nil {
			return err
		}
		return pg.Later(ctx, tx, step)
	}
	rows := make([]Notice, len(notices))
	for i, n := range notices {
		row, err := complete(n)
		if err != nil {
			return err
		}
		rows[i] = row
	}
	_, err := tx.NewInsert().Model(&rows).
		On("CONFLICT (process_id, key) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("add notice %q: %w", rows[0].Key, err)
	}
	return nil
}

// Adds is Add of one notice as a step, to be sent together with what caused it.
func (*Outbox) Adds(n Notice) (pg.Step, error) {
	n, err := complete(n)
	return pg.Step{
		Query: addition, Args: []any{
			n.ProcessID, n.ActivityID, n.Key, n.Kind, n.Audience, n.PersonID, string(n.Payload), n.DueAt, n.ExpiresAt, n.CreatedAt,
			pg.Null(n.ExpandedAt), pg.Null(n.CancelledAt),
		},
		Because: func(err error) error { return fmt.Errorf("add notice %q: %w", n.Key, err) },
	}, err
}

// addition is the way of nearly all notices, a receipt for each response among
// them: it is planned once a connection.
const addition = `INSERT INTO notice
			(process_id, activity_id, key, kind, audience, person_id, payload, due_at, expires_at, created_at, expanded_at, cancelled_at)
		VALUES ($1, nullif($2::bigint, 0), $3, $4, $5, nullif($6::bigint, 0), $7::jsonb, $8, $9, $10, $11, $12)
		ON CONFLICT (process_id, key) DO NOTHING`

// complete fills what a caller may leave out and refuses what he may not.
func complete(n Notice) (Notice, error) {
	kind, ok := KindNamed(n.Kind)
	switch {
	case !ok:
		return n, fault.New(fault.Invalid, "fault.notice_kind", "kind", n.Kind)
	case n.Key == "" || len(n.Key) > 200:
		return n, fault.New(fault.Invalid, "fault.notice_key", "kind", n.Kind)
	case n.DueAt.IsZero() || n.CreatedAt.IsZero():
		return n, fault.New(fault.Invalid, "fault.notice_time", "kind", n.Kind)
	}
	if n.ExpiresAt.IsZero() {
		n.ExpiresAt = n.DueAt.Add(kind.TimeToLive)
	}
	if !n.ExpiresAt.After(n.DueAt) {
		return n, fault.New(fault.Invalid, "fault.notice_time", "kind", n.Kind)
	}
	if len(n.Payload) == 0 {
		n.Payload = json.RawMessage("{}")
	}
	if n.PersonID < 0 || n.ProcessID < 0 {
		return n, fault.New(fault.Invalid, "fault.notice_key", "kind", n.Kind)
	}
	return n, nil
}

// Cancel withdraws, in the caller's transaction, the notices of a process whose
// key starts with the prefix, together with their deliveries that nobody has
// sent yet. It returns how many notices it withdrew. A message that a worker
// has in hand at this very moment may still go.
func (o *Outbox) Cancel(ctx context.Context, tx bun.IDB, processID int64, keyPrefix string, now time.Time) (int, error) {
	if keyPrefix == "" {
		return 0, fault.New(fault.Invalid, "fault.notice_key")
	}
	var count int
	err := tx.NewRaw(`
		WITH gone AS (
			UPDATE notice SET cancelled_at = ?
			WHERE process_id = ? AND starts_with(key, ?) AND cancelled_at IS NULL
			RETURNING id
		), unsent AS (
			UPDATE delivery AS d SET status = 'suppressed', suppressed_why = 'cancelled'
			FROM gone WHERE d.process_id = ? AND d.notice_id = gone.id
				AND d.status IN ('queued', 'deferred')
		)
		SELECT count(*) FROM gone`, now, processID, keyPrefix, processID).Scan(ctx, &count)
	if err != nil {
		return 0, fmt.Errorf("cancel notices %q: %w", keyPrefix, err)
	}
	return count, nil
}

// Readdress sends what nobody has sent yet to a person's new address, in the
// caller's transaction. A message that a worker has in hand at this very moment
// still goes to the old one.
func (o *Outbox) Readdress(ctx context.Context, tx bun.IDB, processID, personID int64, address string) error {
	_, err := tx.NewRaw(`UPDATE delivery SET address = ? WHERE process_id = ? AND person_id = ? AND status IN ('queued', 'deferred')`,
		address, processID, personID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("readdress deliveries: %w", err)
	}
	return nil
}

// Expand turns at most limit due notices into deliveries, each in a transaction
// of its own, and returns the numbers of notices and of deliveries. What answers
// somebody, such as a sign-in link, goes before what calls many. Running it
// twice, or on two nodes at once, adds nothing. A notice whose audience cannot
// be found is put off and reported in the error; the others go on.
func (o *Outbox) Expand(ctx context.Context, db *bun.DB, now time.Time, limit int) (notices, deliveries int, err error) {
	notices, deliveries, err = o.expandAll(ctx, db, urgent(), now, limit)
	more, further, failed := o.expandAll(ctx, db, nil, now, limit-notices)
	return notices + more, deliveries + further, errors.Join(err, failed)
}
