// Package roster is who is asked: the contact list of a process and its import
// from a file, the invitations to an activity, reminders to those who have not
// answered, the funnel from invitation to answer, and those who follow a
// process without being on any list.
//
// Every exported Service method is one use case. Those that change something
// on behalf of staff ask the policy under the lock of the process; those that
// only read expect the route to have asked it.
package roster

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

// Domain is what the roster needs of the process: *process.Service has it.
type Domain interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error
	Begin(ctx context.Context, tx bun.IDB, id process.ID, who process.Actor, act process.Act) (process.Process, time.Time, error)
	Now(ctx context.Context, db bun.IDB) (time.Time, error)
	LoadActivity(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (process.Activity, error)
	Allows(ctx context.Context, db bun.IDB, a process.Activity, capability string, now time.Time) (bool, error)
}

// Service holds the use cases of the roster.
type Service struct {
	domain Domain
	db     *bun.DB
	links  *process.Links
	outbox *notify.Outbox
}

// New makes the roster of a process service.
func New(s *process.Service) *Service {
	return &Service{domain: s, db: s.DB(), links: s.Links(), outbox: s.Outbox()}
}

// errBadLink is what every forged or meaningless link gets.
func errBadLink() error { return fault.New(fault.NotFound, "link.bad") }
