package queue

import (
	"context"
	"sync"
	"time"

	"arengo/process/fault"
)

// The numbers of the advisory locks that elect who does periodic work: 64-bit
// ones, apart from the pairs that activities lock.
const (
	lockSweep int64 = 0x6172656e676f01 // "arengo" and a number
	lockPurge int64 = 0x6172656e676f02

	// LockMailbox elects who reads the mailbox of reports, see Lead.
	LockMailbox int64 = 0x6172656e676f03
)

// crowd is how many deadlines go into Redis at a tick.
const crowd = 1000

// every runs fn now and then, until the context ends.
func (s *Server) every(ctx context.Context, span time.Duration, fn func()) {
	beat := time.NewTicker(span)
	defer beat.Stop()
	for ctx.Err() == nil {
		fn()
		select {
		case <-ctx.Done():
		case <-beat.C:
		}
	}
}

// tick does what is due, on one node of all, and looks for deliveries on every
// node. Delivering may take long, so nothing waits for it.
func (s *Server) tick(ctx context.Context, work *sync.WaitGroup) {
	_, err := lead(ctx, s.DB, lockSweep, func() {
		s.sweep(ctx)
		s.ahead.note(ctx, s.lookAhead(ctx))
	})
	s.electing.note(ctx, err)
	work.Go(func() { s.drain(ctx) })
}

// lookAhead puts the deadlines of the next minutes into Redis. Twice is
// harmless, and after a loss of Redis they are back at the next tick.
func (s *Server) lookAhead(ctx context.Context) error {
	list, err := s.Jobs.Upcoming(ctx, horizon, crowd)
	if err != nil {
		return err
	}
	if err := s.client.Schedule(ctx, list); err != nil || len(list) < crowd {
		return err
	}
	// The rest is not worth a task each: a sweep finds it at its time.
	return s.client.sweepIn(ctx, list[crowd-1])
}

func (s *Server) purge(ctx context.Context) {
	_, err := lead(ctx, s.DB, lockPurge, func() {
		if err := fault.Caught(func() error { return s.Jobs.Purge(ctx) }); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "purge failed", "error", err)
		}
	})
	s.electing.note(ctx, err)
}
