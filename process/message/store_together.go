package message

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// sameAct gives the notices of some kinds that came of the act by which n came:
// what follows from one act has its instant, to the microsecond.
func sameAct(ctx context.Context, db bun.IDB, n notify.Notice, kinds []string) ([]notify.Notice, error) {
	var out []notify.Notice
	err := db.NewSelect().Model(&out).
		Where("n.process_id = ? AND n.created_at = ? AND n.person_id IS NULL AND n.cancelled_at IS NULL", n.ProcessID, n.CreatedAt).
		Where("n.kind IN (?) AND n.id <> ?", bun.List(kinds), n.ID).
		OrderExpr("n.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("notices of one act with %q: %w", n.Key, err)
	}
	return out, nil
}
