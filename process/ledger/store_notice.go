package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

func listNotices(ctx context.Context, db bun.IDB, id process.ID, f NoticeFilter) ([]notify.Notice, int, error) {
	var rows []notify.Notice
	q := db.NewSelect().Model(&rows).Where("n.process_id = ? AND n.person_id IS NULL", id)
	if f.Kind != "" {
		q = q.Where("n.kind = ?", f.Kind)
	}
	if f.Activity != 0 {
		q = q.Where("n.activity_id = ?", f.Activity)
	}
	limit := min(f.Limit, 100)
	if limit <= 0 {
		limit = 20
	}
	total, err := q.OrderExpr("n.due_at DESC, n.id DESC").Offset(int64(f.Offset)).Limit(int64(limit)).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list notices: %w", err)
	}
	return rows, int(total), nil
}

func loadNotice(ctx context.Context, db bun.IDB, id process.ID, notice int64) (n notify.Notice, err error) {
	err = db.NewSelect().Model(&n).Where("n.process_id = ? AND n.id = ?", id, notice).Scan(ctx)
	if pg.NoRows(err) {
		return n, fault.New(fault.NotFound, "ledger.notice_gone")
	}
	if err != nil {
		return n, fmt.Errorf("load notice: %w", err)
	}
	return n, nil
}

// countNotices counts the deliveries of some notices by status, in one query. The
// unique key of deliveries leads to them; a hundred thousand take some 50 ms.
func countNotices(ctx context.Context, db bun.IDB, id process.ID, notices []int64) (map[int64]Counts, error) {
	out := make(map[int64]Counts, len(notices))
	if len(notices) == 0 {
		return out, nil
	}
	var rows []struct {
		NoticeID int64
		Status   notify.Status
		Count    int
	}
	err := db.NewRaw(`SELECT notice_id, status, count(*) AS count FROM delivery
		WHERE process_id = ? AND notice_id IN (?) GROUP BY notice_id, status`, id, bun.List(notices)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	for _, r := range rows {
		if out[r.NoticeID] == nil {
			out[r.NoticeID] = Counts{}
		}
		out[r.NoticeID][r.Status] = r.Count
	}
	return out, nil
}

// listStops gives those of the notices that are paused, and since when.
func listStops(ctx context.Context, db bun.IDB, id process.ID, notices []int64) (map[int64]time.Time, error) {
	out := map[int64]time.Time{}
	if len(notices) == 0 {
		return out, nil
	}
	var rows []struct {
		NoticeID int64
		Since    time.Time
	}
	err := db.NewRaw(`SELECT notice_id, since FROM notice_pause WHERE process_id = ? AND notice_id IN (?) AND until IS NULL`,
		id, bun.List(notices)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list paused notices: %w", err)
	}
	for _, r := range rows {
		out[r.NoticeID] = r.Since
	}
	return out, nil
}

func listSeries(ctx context.Context, db bun.IDB, id process.ID) ([]Series, error) {
	var rows []struct {
		Kind     string
		Activity process.ActivityID
		Status   notify.Status
		LastAt   time.Time
		Count    int
	}
	err := db.NewRaw(`SELECT n.kind, coalesce(n.activity_id, 0) AS activity, d.status, count(*) AS count,
			max(max(n.due_at)) OVER (PARTITION BY n.kind, n.activity_id) AS last_at
		FROM notice n JOIN delivery d ON d.process_id = n.process_id AND d.notice_id = n.id
		WHERE n.process_id = ? AND n.person_id IS NOT NULL
		GROUP BY n.kind, n.activity_id, d.status ORDER BY last_at DESC, n.kind, n.activity_id`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list series of notices: %w", err)
	}
	var out []Series
	for _, r := range rows {
		if last := len(out) - 1; last < 0 || out[last].Kind != r.Kind || out[last].Activity != r.Activity {
			out = append(out, Series{Kind: r.Kind, Activity: r.Activity, LastAt: r.LastAt, Counts: Counts{}})
		}
		out[len(out)-1].Counts[r.Status] = r.Count
	}
	return out, nil
}

// loadPerson finds somebody whom the process knows.
func loadPerson(ctx context.Context, db bun.IDB, id process.ID, publicID string) (p Person, err error) {
	err = db.NewRaw(`SELECT p.id, p.public_id, p.name, p.email,
			EXISTS (SELECT FROM contact c WHERE c.process_id = ?0 AND c.person_id = p.id) AS listed
		FROM person p WHERE p.public_id = ?1 AND (EXISTS (SELECT FROM contact c WHERE c.process_id = ?0 AND c.person_id = p.id)
			OR EXISTS (SELECT FROM invitation i WHERE i.process_id = ?0 AND i.person_id = p.id)
			OR EXISTS (SELECT FROM delivery d WHERE d.process_id = ?0 AND d.person_id = p.id))`, id, publicID).Scan(ctx, &p)
	if pg.NoRows(err) {
		return p, fault.New(fault.NotFound, "ledger.person_gone")
	}
	if err != nil {
		return p, fmt.Errorf("load person: %w", err)
	}
	return p, nil
}
