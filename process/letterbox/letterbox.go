// Package letterbox is what people do with what they were told on the site: they list
// it, open it, follow where it leads, and say what they have read. Everybody sees their
// own and nothing else, so the person is all that is asked for.
package letterbox

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/channel/inbox"
	"arengo/process"
	"arengo/process/fault"
)

// keep is how long what belongs to no process stays.
const keep = 365 * 24 * time.Hour

// Service holds the use cases.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core} }

// Unread counts what somebody has not read, 0 for a visitor.
func (s *Service) Unread(ctx context.Context, who process.Actor) (int, error) {
	if !who.SignedIn() {
		return 0, nil
	}
	return inbox.Unread(ctx, s.core.DB(), int64(who.Person))
}

// List gives somebody's messages, the newest first, and how many there are in all.
func (s *Service) List(ctx context.Context, who process.Actor, limit, offset int) ([]inbox.Item, int, error) {
	return inbox.List(ctx, s.core.DB(), int64(who.Person), limit, offset)
}

// Open gives one message, which stays unread; fault.NotFound "inbox.not_found" for
// what is not theirs.
func (s *Service) Open(ctx context.Context, who process.Actor, ref string) (inbox.Item, error) {
	return inbox.Find(ctx, s.core.DB(), int64(who.Person), ref)
}

// Lead gives the address, on this site, that the button of a message leads to now; ""
// when it leads nowhere any more, as when an invitation was withdrawn. Refusals are
// those of Open.
func (s *Service) Lead(ctx context.Context, who process.Actor, ref string) (string, error) {
	item, err := s.Open(ctx, who, ref)
	if err != nil {
		return "", err
	}
	f, ok, err := s.core.Outbox().Facts(ctx, s.core.DB(), item.ProcessID, item.NoticeID, item.PersonID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil || !ok {
		return "", err
	}
	path, ours := strings.CutPrefix(f.Recipient.Link, s.core.BaseURL())
	if !ours || !strings.HasPrefix(path, "/") {
		return "", nil
	}
	return path, nil
}

// Mark says that somebody read a message of theirs, or with read false that it is to
// be read still. Saying so twice changes nothing.
func (s *Service) Mark(ctx context.Context, who process.Actor, ref string, read bool) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var at time.Time
		if read {
			now, err := s.core.Now(ctx, tx)
			if err != nil {
				return err
			}
			at = now
		}
		return inbox.Mark(ctx, tx, int64(who.Person), ref, at)
	})
}

// MarkAll says that somebody read all they had until an instant, so that what came
// after the list was shown stays unread. It gives how many messages it was.
func (s *Service) MarkAll(ctx context.Context, who process.Actor, until time.Time) (n int, err error) {
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.core.Now(ctx, tx)
		if err != nil {
			return err
		}
		n, err = inbox.MarkAll(ctx, tx, int64(who.Person), until, now)
		return err
	})
	return n, err
}

// Purge forgets messages of no process after a year, at most limit, and gives how
// many; those of a process go when its names do.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return 0, err
	}
	return inbox.Purge(ctx, s.core.DB(), now.Add(-keep), limit)
}
