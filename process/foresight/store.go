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
	var n int
	err := db.NewRaw("SELECT count(DISTINCT person_id) FROM (?) AS r", reached(db, who)).Scan(ctx, &n)
	return n, err
}

// listReached gives those whom countReached counts.
func listReached(ctx context.Context, db bun.IDB, who schema.QueryAppender) ([]int64, error) {
	var out []int64
	err := db.NewRaw("SELECT DISTINCT person_id FROM (?) AS r", reached(db, []schema.QueryAppender{who})).Scan(ctx, &out)
	return out, err
}

func reached(db bun.IDB, who []schema.QueryAppender) schema.QueryAppender {
	all := db.NewSelect().TableExpr("(?) AS w0", who[0]).Column("person_id", "address")
	for _, one := range who[1:] {
		all = all.Union(db.NewSelect().TableExpr("(?) AS w0", one).Column("person_id", "address"))
	}
	return db.NewSelect().TableExpr("(?) AS w", all).Column("w.person_id").
		Where("w.address <> '' AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address = lower(trim(w.address)))")
}
