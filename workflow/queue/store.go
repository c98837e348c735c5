package queue

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Lead elects, by a lock of this package, who does what runs beside the queue: fn
// runs when no other node holds the lock at this moment, for a minute at most.
func Lead(ctx context.Context, db *bun.DB, lock int64, fn func()) (bool, error) {
	return lead(ctx, db, lock, fn)
}

// lead runs fn when no other node holds the lock at this moment, and reports
// whether it ran. The lock ends with its transaction, hence with the node: a
// node that was killed, or stands still for a minute, does not keep it.
func lead(ctx context.Context, db *bun.DB, lock int64, fn func()) (bool, error) {
	led := false
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = '60s'"); err != nil {
			return fmt.Errorf("elect: %w", err)
		}
		if err := tx.NewRaw("SELECT pg_try_advisory_xact_lock(?)", lock).Scan(ctx, &led); err != nil {
			return fmt.Errorf("elect: %w", err)
		}
		if led {
			fn()
		}
		return nil
	})
	return led, err
}
