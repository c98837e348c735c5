// Package mailbox reads reports about mail out of a mailbox, over IMAP, for those
// who have no mail server of their own.
package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/emersion/go-imap/v2"

	"arengo/notify"
	"arengo/notify/bounce"
	"arengo/process/fault"
)

// Taker writes reports down: *notify.Postmaster.
type Taker interface {
	Mail(ctx context.Context, reports []bounce.Report) (notify.Taken, error)
}

// Config is what a reader works with; all but the times are required.
type Config struct {
	Account Account
	Return  *bounce.Return
	Taker   Taker
	Log     *slog.Logger
	// Lead runs fn unless another node does at this moment, and reports whether
	// it ran.
	Lead func(ctx context.Context, fn func()) (bool, error)

	Every time.Duration // between looks; a minute when zero
}

// Reader looks into a mailbox now and then.
type Reader struct{ Config }

// The limits of one look. The election ends by itself after a minute, so that a
// look does not take as long; what is left is for the next one.
const (
	lookFor  = 50 * time.Second
	putAway  = 20 // messages at once
	mostOnce = 2000
	patience = 3 // messages that fail
)

// New checks the configuration; it does not connect.
func New(c Config) (*Reader, error) {
	if c.Account.Host == "" || c.Return == nil || c.Taker == nil || c.Log == nil || c.Lead == nil {
		return nil, errors.New("mailbox: account, return address, taker, log and election are required")
	}
	c.Every = cmp.Or(c.Every, time.Minute)
	return &Reader{c}, nil
}

// Run looks until the context ends and returns nil. Trouble is logged, the same
// once, and survived.
func (r *Reader) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.Every)
	defer ticker.Stop()
	said := ""
	for {
		err := r.tick(ctx)
		if text := fmt.Sprint(err); ctx.Err() == nil && text != said {
			if err != nil {
				r.Log.WarnContext(ctx, "reports about mail are waiting", "error", err)
			} else if said != "" {
				r.Log.InfoContext(ctx, "the mailbox of reports can be read")
			}
			said = text
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (r *Reader) tick(ctx context.Context) (err error) {
	_, lost := r.Lead(ctx, func() {
		err = fault.Caught(func() error {
			_, err := r.Look(ctx)
			return err
		})
	})
	return errors.Join(err, lost)
}

// Look handles what waits in the mailbox, and returns how many messages. A message
// is put away only when what it says is written down; one that is handled twice,
// because we were cut short between, has no effect again.
func (r *Reader) Look(ctx context.Context) (handled int, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	s, err := dial(ctx, r.Account)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }() // what was to be said was said
	uids, err := s.waiting()
	if err != nil {
		return 0, err
	}
	var read []imap.UID
	failed := 0
	for _, uid := range uids[:min(len(uids), mostOnce)] {
		if e := r.handle(ctx, s, uid); e != nil {
			// One that cannot be recorded must not stand before the others for
			// ever; several tell that nothing can.
			err = errors.Join(err, e)
			if failed++; failed == patience || ctx.Err() != nil {
				break
			}
			continue
		}
		if read = append(read, uid); len(read) == putAway {
			if err := s.done(read); err != nil {
				return handled, err
			}
			handled, read = handled+len(read), read[:0]
		}
	}
	if gone := s.done(read); gone != nil {
		return handled, errors.Join(err, gone)
	}
	if err == nil {
		_ = s.Logout().Wait() // politeness
	}
	return handled + len(read), err
}

func (r *Reader) handle(ctx context.Context, s *session, uid imap.UID) error {
	raw, there, err := s.read(uid)
	if err != nil || !there {
		return err
	}
	_, err = r.Taker.Mail(ctx, r.Return.Parse(raw))
	return err
}

// Probe signs in and opens the folder, for the doctor. The *Error names what was
// refused.
func (a Account) Probe(ctx context.Context) error {
	s, err := dial(ctx, a)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // nothing was changed
	_, err = s.waiting()
	return err
}
