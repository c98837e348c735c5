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
	for _, o := range list {
		finished, err := s.erase(ctx, o, now)
		if err != nil {
			all = append(all, fmt.Errorf("erase process %d: %w", o.ProcessID, err))
		}
		if finished {
			done++
		}
	}
	return done, errors.Join(all...)
}

// due are the processes that ended long enough ago, in a final state, besides
// an error for each that cannot be asked.
func (s *Service) due(ctx context.Context, now time.Time) ([]over, error) {
	list, err := ended(ctx, s.core.DB(), now)
	if err != nil {
		return nil, err
	}
	var out []over
	var all []error
	for _, e := range list {
		def, err := s.core.Engine().Resolve(ctx, s.core.DB(), e.Definition, e.Version)
		switch {
		case err != nil:
			all = append(all, fmt.Errorf("definition of process %d: %w", e.ProcessID, err))
		case def.Final(e.State):
			out = append(out, e)
		}
	}
	return out, errors.Join(all...)
}

// erase takes a process's names away in batches, the people's own last, since
// the lists say who they are; then it notes in the log that it did. It stops
// where it is, and gives false, when the process is reopened meanwhile or
// somebody else has finished.
func (s *Service) erase(ctx context.Context, o over, now time.Time) (bool, error) {
	counts := map[string]int{}
	for _, step := range steps {
		for n := batch; n == batch; {
			holds := false
			err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
				if holds, err = stillOver(ctx, tx, o); err != nil || !holds {
					return err
				}
				n, err = run(ctx, tx, step, o.ProcessID)
				return err
			})
			if err != nil {
				return false, fmt.Errorf("%s: %w", step.name, err)
			}
			if !holds {
				return false, nil
			}
			counts[step.name] += n
		}
	}
	return s.finish(ctx, o, now, counts)
}

// finish marks a process as done; false when somebody else did.
func (s *Service) finish(ctx context.Context, o over, now time.Time, counts map[string]int) (done bool, err error) {
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if done, err = stillOver(ctx, tx, o); err != nil || !done {
			return err
		}
		if err := mark(ctx, tx, o.ProcessID, now); err != nil {
			return err
		}
		return s.core.Engine().NoteErasure(ctx, tx, int64(o.ProcessID), counts)
	})
	return done && err == nil, err
}
