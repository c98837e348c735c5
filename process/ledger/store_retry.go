package ledger

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
)

// stopped are deliveries of one notice that stand still.
type stopped struct {
	NoticeID   int64
	Deliveries []int64 `bun:",array"`
}

// listStopped gives what a filter means and notify may try again, by notice, the
// first first. Whether it does is for notify to say.
func listStopped(ctx context.Context, db bun.IDB, id process.ID, f Filter) ([]stopped, error) {
	var rows []stopped
	err := db.NewRaw(`SELECT d.notice_id, array_agg(d.id ORDER BY d.id) AS deliveries FROM `+from(f)+`
		WHERE ? AND ? AND d.status IN ('failed', 'bounced', 'expired', 'suppressed')
		GROUP BY d.notice_id ORDER BY d.notice_id`, where(id, f), among(f.Statuses)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what stands still: %w", err)
	}
	return rows, nil
}
