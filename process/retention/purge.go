package retention

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

const (
	// expired is how long a request that can no longer be confirmed says so.
	expired = 7 * 24 * time.Hour
	// alone is how long a person whom nothing refers to is kept.
	alone = 24 * time.Hour
)

// Purge forgets what strangers typed and nobody confirmed: requests a week
// after they were made or their link expired, then addresses that nothing
// refers to any more. It gives how many rows it deleted, may stop at any moment
// and be called again.
func (s *Service) Purge(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, forget := range []func(context.Context, bun.Tx) (int, error){
		func(ctx context.Context, tx bun.Tx) (int, error) {
			return forgetExpired(ctx, tx, now.Add(-expired), batch)
		},
		func(ctx context.Context, tx bun.Tx) (int, error) {
			return forgetPeople(ctx, tx, now.Add(-alone), batch)
		},
	} {
		for {
			n := 0
			err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
				n, err = forget(ctx, tx)
				return err
			})
			total += n
			if err != nil {
				return total, err
			}
			if n < batch {
				break
			}
		}
	}
	return total, nil
}
