package foresight

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// countReached counts the distinct persons whom any of the queries yields and
// whose address was not refused for good.
func countReached(ctx context.Context, db bun.IDB, who []schema.QueryAppender) (int, error) {
	if len(who) == 0 {
		return 0, nil
	}
	all := db.NewSelect().TableExpr("(?) AS w0", who[0]).Column("person_id", "address")
	for _, one := range who[1:] {
		all = all.Union(db.NewSelect().TableExpr("(?) AS w0", one).Column("person_id", "address"))
	}
	var n int
	err := db.NewRaw(`SELECT count(DISTINCT w.person_id) FROM (?) AS w
		WHERE w.address <> '' AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address = lower(trim(w.address)))`, all).Scan(ctx, &n)
	return n, err
}
