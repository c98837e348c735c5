package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/process/fault"
	"arengo/process/pg"
)

// Outbox writes notices and deliveries. It holds no state but its settings, so
// one serves a whole process and any number of nodes may have one.
type Outbox struct {
	source Source
	ways   []channel.Reach
	lease  time.Duration
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
			more, err := expandTo(ctx, tx, n, now, way.Name(), way.Recipients(n.occasion(), audience))
			if err != nil {
				return 0, err
			}
			count += more
		}
	}
	_, err = tx.NewRaw(`UPDATE notice SET expanded_at = ? WHERE process_id = ? AND id = ?`,
		now, n.ProcessID, n.ID).Exec(ctx)
	return count, err
}

// expandTo writes the deliveries of one channel.
func expandTo(ctx context.Context, tx bun.Tx, n Notice, now time.Time, way string, recipients schema.QueryAppender) (int, error) {
	if recipients == nil {
		return 0, nil
	}
	kind, _ := KindNamed(n.Kind)
	first := Queued
	if !now.Before(n.ExpiresAt) {
		first = Expired
	}
	res, err := tx.NewRaw(`
		INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale,
			channel, priority, status, attempts, queued_at, due_at, suppressed_why)
		SELECT ?, ?, r.person_id, r.address, coalesce(r.name, ''), coalesce(r.locale, ''),
			?, ?, CASE WHEN r.why IS NULL THEN ? ELSE 'suppressed' END, 0, t.at, t.at, r.why
		FROM (?) AS r CROSS JOIN (SELECT clock_timestamp()) AS t (at)
		ON CONFLICT (process_id, notice_id, person_id, channel) DO NOTHING`,
		n.ProcessID, n.ID, way, kind.Priority, first, recipients).Exec(ctx)
	if err != nil {
		return 0, err
	}
	count, err := res.RowsAffected()
	return int(count), err
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
