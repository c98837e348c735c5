// Package operator is for whoever keeps the platform running: what waits to be
// sent and what stands in its way, read from the database alone, and the acts that
// stop a notice or a whole channel and let it go on.
package operator

import (
	"context"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/workflow"
)

// Service looks and acts.
type Service struct {
	db      *bun.DB
	outbox  *notify.Outbox
	clock   workflow.Clock
	log     *slog.Logger
	wake    func()
	patient time.Duration

	// core decides who may act; nil for who sits at the machine, and may all.
	core *process.Service
}

// New makes the service for people, whose acts the policy decides.
func New(core *process.Service) *Service {
	return &Service{
		db: core.DB(), outbox: core.Outbox(), clock: core.Engine(), log: core.Log(), wake: core.Wake,
		patient: core.Patience(), core: core,
	}
}

// Console makes the service for the command line: who holds the database needs no
// other right. Acts are noted without a person. A message may wait for patience
// before it counts as late.
func Console(db *bun.DB, clock workflow.Clock, log *slog.Logger, patience time.Duration) *Service {
	return &Service{
		db: db, outbox: notify.NewOutbox(nil), clock: clock, log: log, wake: func() {}, patient: patience,
	}
}

// now reads the process's clock.
func (s *Service) now(ctx context.Context) (time.Time, error) { return s.clock.Now(ctx, s.db) }
