// Package retention keeps the promise of how long names are kept: some time
// after a process ended it erases who took part, and leaves answers, counts and
// the log's chain.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

// batch is how many rows one transaction changes at most.
const batch = 1000

// Service sweeps.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Sweep erases what is due at now, and gives how many processes it finished.
// It may stop at any moment and be called again: what is erased stays so, and
// the log has one row for each process. A process that fails is reported and
// does not hold up the others.
func (s *Service) Sweep(ctx context.Context, now time.Time) (int, error) {
	list, err := s.due(ctx, now)
	done, all := 0, []error{err}
	for _, id := range list {
		if err := s.erase(ctx, id, now); err != nil {
			all = append(all, fmt.Errorf("erase process %d: %w", id, err))
			continue
		}
		done++
	}
	return done, errors.Join(all...)
}

// due are the processes that ended long enough ago, in a final state, besides
// an error for each that cannot be asked.
func (s *Service) due(ctx context.Context, now time.Time) ([]process.ID, error) {
	list, err := ended(ctx, s.core.DB(), now)
	if err != nil {
		return nil, err
	}
	var out []process.ID
	var all []error
	for _, e := range list {
		def, err := s.core.Engine().Resolve(ctx, s.core.DB(), e.Definition, e.Version)
		switch {
		case err != nil:
			all = append(all, fmt.Errorf("definition of process %d: %w", e.ProcessID, err))
		case def.Final(e.State):
			out = append(out, e.ProcessID)
		}
	}
	return out, errors.Join(all...)
}

// erase takes a process's names away in batches, the people's own last, since
// the lists say who they are; then it notes in the log that it did.
func (s *Service) erase(ctx context.Context, id process.ID, now time.Time) error {
	counts := map[string]int{}
	for _, step := range steps {
		for {
			n := 0
			err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
				n, err = run(ctx, tx, step, id)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
			counts[step.name] += n
			if n < batch {
				break
			}
		}
	}
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		first, err := mark(ctx, tx, id, now)
		if err != nil || !first {
			return err
		}
		return s.core.Engine().NoteErasure(ctx, tx, int64(id), counts)
	})
}
