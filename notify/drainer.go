package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	netmail "net/mail"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/mail"
)

// DrainerConfig is what a drainer works with. DB, Outbox, Clock, Relay and
// Sender are required.
type DrainerConfig struct {
	DB      *bun.DB
	Outbox  *Outbox
	Clock   Clock
	Relay   mail.Relay
	Sender  mail.Sender
	Workers int           // connections to the relay; 8 when zero
	Batch   int           // deliveries claimed at once; 100 when zero
	Poll    time.Duration // how often Run looks without being woken; 1 s when zero
	Name    string        // names this node in claims; random when empty
	Log     *slog.Logger  // slog.Default when nil
}

// Drainer sends what the outbox holds. Several may run, on several nodes.
type Drainer struct {
	DrainerConfig
	pool *mail.Pool
	wake chan struct{}
}

// NewDrainer checks the configuration and makes a drainer; it does not connect.
func NewDrainer(c DrainerConfig) (*Drainer, error) {
	if c.DB == nil || c.Outbox == nil || c.Clock == nil || c.Relay.Host == "" {
		return nil, errors.New("drainer: database, outbox, clock and relay are required")
	}
	if a, err := netmail.ParseAddress(c.Sender.Address); err != nil || a.Address != c.Sender.Address {
		return nil, fmt.Errorf("drainer: the sender %q is not a mail address", c.Sender.Address)
	}
	c.Workers = cmp.Or(c.Workers, 8)
	c.Batch = cmp.Or(c.Batch, 100)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.Name = cmp.Or(c.Name, rand.Text()[:8])
	c.Log = cmp.Or(c.Log, slog.Default())
	return &Drainer{DrainerConfig: c, pool: mail.NewPool(c.Relay), wake: make(chan struct{}, 1)}, nil
}

// Wake tells a running drainer that there is something new, so that it need
// not wait for its next look. It never blocks.
func (d *Drainer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run expands and drains until the context ends, then finishes the messages in
// hand, records their results, gives the rest back and returns nil. Trouble is
// logged and survived: a relay that cannot be used is tried again after 1, 2,
// 4 … 60 seconds, and costs no delivery an attempt.
func (d *Drainer) Run(ctx context.Context) error {
	defer d.pool.Close()
	troubles := 0
	for ctx.Err() == nil {
		err := d.Round(ctx)
		wait, wake := d.Poll, d.wake
		if err != nil && ctx.Err() == nil {
			wait, wake = backoff(time.Second, time.Minute, troubles), nil
			troubles++
			d.Log.WarnContext(ctx, "deliveries are waiting", "error", err, "retry_in", wait)
		} else {
			troubles = 0
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// expansions is how many notices are turned into deliveries before these are
// sent: a large announcement is one, ten thousand late invitations are as many,
// and who is to sign in shall wait for neither.
const expansions = 100

// Round expands what is due and sends it, in turns, until nothing is left: the
// body of a sweep.
func (d *Drainer) Round(ctx context.Context) error {
	for {
		more, err := d.turn(ctx)
		if err != nil || !more || ctx.Err() != nil {
			return err
		}
	}
}

// turn expands at most so many notices and drains; more says that there were as
// many.
func (d *Drainer) turn(ctx context.Context) (more bool, err error) {
	now, err := d.Clock.Now(ctx, d.DB)
	if err != nil {
		return false, fmt.Errorf("read the clock: %w", err)
	}
	expanded, _, expandErr := d.Outbox.Expand(ctx, d.DB, now, expansions)
	if expandErr != nil && ctx.Err() == nil {
		d.Log.ErrorContext(ctx, "notices could not be expanded", "error", expandErr)
	}
	tally, err := d.Drain(ctx)
	if tally != (Tally{}) {
		d.Log.InfoContext(ctx, "deliveries drained", "sent", tally.Sent, "deferred", tally.Deferred,
			"bounced", tally.Bounced, "failed", tally.Failed, "skipped", tally.Skipped,
			"expired", tally.Expired, "released", tally.Released)
	}
	return expanded == expansions, err
}

// Drain sends until nothing is due, or the relay cannot be used, or the context
// ends. It is what a queue's job calls; running it twice is harmless. The error
// is a *mail.Error when the relay is the trouble.
func (d *Drainer) Drain(ctx context.Context) (Tally, error) {
	r := newRun(ctx, d)
	r.feeders.Go(r.feed)
	r.feeders.Go(r.feed)
	for range d.Workers {
		r.workers.Go(r.work)
	}
	r.feeders.Wait()
	close(r.jobs)
	r.workers.Wait()
	close(r.results)
	<-r.flushed
	if ctx.Err() != nil {
		return r.tally, nil //nolint:nilerr // being told to stop is no failure: the rest was given back
	}
	return r.tally, r.cause()
}

// backoff doubles from first to last with the number of failures so far, give
// or take a quarter, so that nodes and messages do not return all at once.
func backoff(first, last time.Duration, failures int) time.Duration {
	wait := last
	if failures < 20 && first<<failures < last {
		wait = first << failures
	}
	return wait*3/4 + mathrand.N(wait/2+1)
}
