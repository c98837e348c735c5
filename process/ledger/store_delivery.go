package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
)

// where is the condition of a filter over deliveries d and their notices n, but for
// the statuses.
func where(id process.ID, f Filter) schema.QueryAppender {
	sql, args := "d.process_id = ?0", []any{id, f.Notice, f.Kind, f.Activity, f.Person, f.Delivery, like(f.Text), f.Channel}
	switch {
	case f.Notice != 0:
		sql += " AND d.notice_id = ?1"
	case f.Kind != "":
		sql += " AND n.process_id = ?0 AND n.person_id IS NOT NULL AND n.kind = ?2 AND n.activity_id IS NOT DISTINCT FROM nullif(?3, 0)"
	case f.Person != 0:
		sql += " AND d.person_id = ?4"
	}
	if f.Delivery != 0 {
		sql += " AND d.id = ?5"
	}
	if strings.TrimSpace(f.Text) != "" {
		sql += " AND (d.name ILIKE ?6 OR d.address ILIKE ?6)"
	}
	if f.Channel != "" {
		sql += " AND d.channel = ?7"
	}
	return bun.SafeQuery(sql, args...)
}

// among narrows to statuses, if any.
func among(chosen []notify.Status) schema.QueryAppender {
	if len(chosen) == 0 {
		return bun.SafeQuery("TRUE")
	}
	return bun.SafeQuery("d.status IN (?)", bun.List(chosen))
}

// joined is a delivery with its notice.
const joined = `delivery d JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id`

// from is what a filter is asked of: only that of a series looks at the notices.
func from(f Filter) string {
	if f.Kind != "" && f.Notice == 0 {
		return joined
	}
	return "delivery d"
}

// columns are those of a Delivery, but for what only a page needs. What nobody may
// send has a due date of infinity, which is no time.
const columns = `d.id, d.notice_id AS notice, n.kind, coalesce(n.activity_id, 0) AS activity, d.person_id AS person, d.name, d.address,
	d.channel, d.status, d.attempts, d.queued_at, CASE WHEN isfinite(d.due_at) THEN d.due_at END AS due_at, d.sent_at, n.expires_at,
	coalesce(d.reply_code, 0) AS code, coalesce(d.reply, '') AS reply, coalesce(d.suppressed_why, '') AS why`

// order is by name, and whoever was erased last; of one person's the last first.
func order(f Filter) string {
	if f.Person != 0 {
		return "d.id DESC"
	}
	return "coalesce(nullif(d.name, ''), nullif(d.address, '')), d.id"
}

// row is a Delivery as it is read.
type row struct {
	ID, Notice    int64
	Kind          string
	Activity      process.ActivityID
	Person        process.PersonID
	PublicID      string
	Name, Address string
	Channel       string
	Status        notify.Status
	Attempts      int
	QueuedAt      time.Time
	DueAt, SentAt bun.NullTime
	ChangedAt     bun.NullTime
	ExpiresAt     time.Time
	Code          int
	Reply, Why    string
}

func (r row) delivery() Delivery {
	return Delivery{
		ID: r.ID, Notice: r.Notice, Kind: r.Kind, Activity: r.Activity, Person: r.Person, PublicID: r.PublicID,
		Name: r.Name, Address: r.Address, Channel: r.Channel, Status: r.Status, Attempts: r.Attempts,
		QueuedAt: r.QueuedAt, DueAt: r.DueAt.Time, SentAt: r.SentAt.Time, ChangedAt: r.ChangedAt.Time, ExpiresAt: r.ExpiresAt,
		Code: r.Code, Reply: r.Reply, Why: r.Why,
	}
}

func listDeliveries(ctx context.Context, db bun.IDB, id process.ID, f Filter) ([]Delivery, error) {
	limit := min(f.Limit, 500)
	if limit <= 0 {
		limit = 50
	}
	var rows []row
	// What is sorted is as narrow as can be: there may be a hundred thousand.
	err := db.NewRaw(`SELECT `+columns+`, coalesce(p.public_id, '') AS public_id, greatest(d.queued_at, d.sent_at,
			(SELECT max(e.at) FROM delivery_event e WHERE e.process_id = d.process_id AND e.delivery_id = d.id)) AS changed_at
		FROM (SELECT d.process_id, d.id FROM `+from(f)+` WHERE ? AND ? ORDER BY `+order(f)+` LIMIT ? OFFSET ?) AS x
		JOIN delivery d ON d.process_id = x.process_id AND d.id = x.id
		JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
		LEFT JOIN person p ON p.id = d.person_id ORDER BY `+order(f),
		where(id, f), among(f.Statuses), limit, f.Offset).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = r.delivery()
	}
	return out, nil
}

// countDeliveries counts by status what a filter leaves, whatever its statuses.
func countDeliveries(ctx context.Context, db bun.IDB, id process.ID, f Filter) (DeliveryPage, error) {
	var rows []struct {
		Channel string
		Status  notify.Status
		Count   int
		Mended  int
	}
	err := db.NewRaw(`SELECT d.channel, d.status, count(*) AS count,
			count(*) FILTER (WHERE d.suppressed_why IN ('no_address', 'suppressed')) AS mended
		FROM `+from(f)+` WHERE ? GROUP BY d.channel, d.status`, where(id, f)).Scan(ctx, &rows)
	if err != nil {
		return DeliveryPage{}, fmt.Errorf("count deliveries: %w", err)
	}
	out := DeliveryPage{Counts: Counts{}}
	for _, r := range rows {
		out.Counts[r.Status] += r.Count
		switch {
		case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, r.Status):
		case (Delivery{Status: r.Status}).Retriable():
			out.Stopped += r.Count
		default:
			out.Stopped += r.Mended
		}
		if !slices.Contains(out.Channels, r.Channel) {
			out.Channels = append(out.Channels, r.Channel)
		}
	}
	slices.Sort(out.Channels)
	return out, nil
}

func eachDelivery(ctx context.Context, db *bun.DB, id process.ID, f Filter, do func(Delivery) error) error {
	rows, err := db.QueryContext(ctx, `SELECT `+columns+`, greatest(d.queued_at, d.sent_at, e.at) AS changed_at FROM `+joined+`
		LEFT JOIN LATERAL (SELECT max(e.at) AS at FROM delivery_event e WHERE e.process_id = d.process_id AND e.delivery_id = d.id) e ON TRUE
		WHERE ? AND ? ORDER BY `+order(f), where(id, f), among(f.Statuses))
	if err != nil {
		return fmt.Errorf("read deliveries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := db.ScanRow(ctx, rows, &r); err != nil {
			return fmt.Errorf("read delivery: %w", err)
		}
		if err := do(r.delivery()); err != nil {
			return err
		}
	}
	return rows.Err()
}

func listEvents(ctx context.Context, db bun.IDB, id process.ID, delivery int64) ([]Event, error) {
	var out []Event
	err := db.NewRaw(`SELECT at, status, coalesce(code, 0) AS code, coalesce(reply, '') AS reply FROM delivery_event
		WHERE process_id = ? AND delivery_id = ? ORDER BY at, id`, id, delivery).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("history of delivery: %w", err)
	}
	return out, nil
}

// like makes a contains-pattern in which the person's own % and _ mean themselves.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text)) + "%"
}

// whoGot is somebody to whom a notice was sent, 0 when it was to nobody.
func whoGot(ctx context.Context, db bun.IDB, id process.ID, notice int64) (int64, error) {
	var ids []int64
	err := db.NewRaw(`SELECT person_id FROM delivery WHERE process_id = ? AND notice_id = ? AND status = 'sent' LIMIT 1`, id, notice).Scan(ctx, &ids)
	if err != nil {
		return 0, fmt.Errorf("find who got notice %d: %w", notice, err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return ids[0], nil
}
