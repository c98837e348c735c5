package foresight

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// countReached counts the distinct persons that a query yields whose address
// was not refused for good.
func countReached(ctx context.Context, db bun.IDB, who schema.QueryAppender) (int, error) {
	var n int
	err := db.NewRaw(`SELECT count(DISTINCT w.person_id) FROM (?) AS w
		WHERE w.address <> '' AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address = lower(trim(w.address)))`, who).Scan(ctx, &n)
	return n, err
}
