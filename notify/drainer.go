package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/channel"
)

// DrainerConfig is what a drainer works with. DB, Outbox, Clock and at least one
// channel are required.
type DrainerConfig struct {
	DB       *bun.DB
	Outbox   *Outbox
	Clock    Clock
	Channels []channel.Channel
	Workers  int           // sessions on each channel; 8 when zero
	Batch    int           // deliveries claimed at once; 100 when zero
	Poll     time.Duration // how often Run looks without being woken; 1 s when zero
	Name     string        // names this node in claims; random when empty
	Log      *slog.Logger  // slog.Default when nil
	Meter    Meter         // nobody when nil
}

// Drainer sends what the outbox holds. Several may run, on several nodes.
type Drainer struct {
	DrainerConfig
	wake  chan struct{}
	pulse pulse
}

// NewDrainer checks the configuration and makes a drainer; it does not connect.
func NewDrainer(c DrainerConfig) (*Drainer, error) {
	if c.DB == nil || c.Outbox == nil || c.Clock == nil || len(c.Channels) == 0 {
		return nil, errors.New("drainer: database, outbox, clock and a channel are required")
	}
	c.Workers = cmp.Or(c.Workers, 8)
	c.Batch = cmp.Or(c.Batch, 100)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.Name = cmp.Or(c.Name, rand.Text()[:8])
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Meter == nil {
		c.Meter = unmetered{}
	}
	return &Drainer{DrainerConfig: c, wake: make(chan struct{}, 1)}, nil
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
	defer d.Close()
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

// turn expands at most so many notices and drains every channel; more says that
// there may be others.
func (d *Drainer) turn(ctx context.Context) (more bool, err error) {
	expanded, err := d.expand(ctx)
	if err != nil {
		return false, err
	}
	// What becomes due while ten thousand invitations are on their way is expanded
	// meanwhile: who asks for a link to sign in shall not wait for these.
	meanwhile, stop := context.WithCancel(ctx)
	defer stop()
	var others sync.WaitGroup
	var late atomic.Int64
	others.Go(func() { late.Store(d.expandMeanwhile(meanwhile)) })
	tally, err := d.Drain(ctx)
	stop()
	others.Wait()
	if tally != (Tally{}) {
		d.Log.InfoContext(ctx, "deliveries drained", "sent", tally.Sent, "deferred", tally.Deferred,
			"bounced", tally.Bounced, "failed", tally.Failed, "suppressed", tally.Suppressed,
			"expired", tally.Expired, "released", tally.Released)
	}
	return expanded == expansions || late.Load() > 0, err
}

// expand turns due notices into deliveries. What could not be is logged; the
// error is one of the clock.
func (d *Drainer) expand(ctx context.Context) (int, error) {
	now, err := d.Clock.Now(ctx, d.DB)
	if err != nil {
		return 0, fmt.Errorf("read the clock: %w", err)
	}
	expanded, deliveries, err := d.Outbox.Expand(ctx, d.DB, now, expansions)
	if expanded > 0 {
		d.Meter.Expanded(expanded, deliveries)
	}
	if err != nil && ctx.Err() == nil {
		d.Log.ErrorContext(ctx, "notices could not be expanded", "error", err)
	}
	return expanded, nil
}

// expandMeanwhile expands until it is stopped and returns how many notices.
func (d *Drainer) expandMeanwhile(ctx context.Context) (count int64) {
	tick := time.NewTicker(d.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return count
		case <-tick.C:
			expanded, err := d.expand(ctx)
			if err != nil {
				return count // the drain meets the same trouble, and tells it
			}
			count += int64(expanded)
		}
	}
}

// Drain sends until no channel has anything due, or none can be used, or the
// context ends. It is what a queue's job calls; running it twice is harmless. The
// error is a *mail.Error when the relay is the trouble.
func (d *Drainer) Drain(ctx context.Context) (Tally, error) {
	var all, first sync.WaitGroup
	tallies, failures := make([]Tally, len(d.Channels)), make([]error, len(d.Channels))
	first.Add(len(d.Channels))
	over := make(chan struct{})
	for i, ch := range d.Channels {
		all.Go(func() {
			tallies[i], failures[i] = d.drain(ctx, ch)
			first.Done()
			d.again(ctx, ch, over, &tallies[i])
		})
	}
	first.Wait()
	close(over)
	all.Wait()
	var sum Tally
	for _, t := range tallies {
		sum.add(t)
	}
	return sum, errors.Join(failures...)
}

// again drains a channel that is done every now and then until the others are, so
// that a fast one does not wait for a slow one.
func (d *Drainer) again(ctx context.Context, ch channel.Channel, over <-chan struct{}, sum *Tally) {
	tick := time.NewTicker(d.Poll)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			more, err := d.drain(ctx, ch)
			sum.add(more)
			if err != nil {
				return // the next round begins with it
			}
		}
	}
}

// drain sends what one channel has, and lets it be known how it went.
func (d *Drainer) drain(ctx context.Context, ch channel.Channel) (Tally, error) {
	stop := d.alive(ctx, ch.Name())
	defer stop()
	tally, err := d.deliver(ctx, ch)
	d.Meter.Drained(ch.Name(), tally, err)
	d.outcome(ctx, ch.Name(), err)
	return tally, err
}

// deliver sends what one channel has.
func (d *Drainer) deliver(ctx context.Context, ch channel.Channel) (Tally, error) {
	r := newRun(ctx, d, ch)
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

// Close gives up the connections that nobody uses; the drainer may be used again.
func (d *Drainer) Close() {
	for _, ch := range d.Channels {
		ch.Close()
	}
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
