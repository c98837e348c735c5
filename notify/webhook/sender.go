package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

// Config is what a sender works with; DB, Secrets, Now and Log are required.
type Config struct {
	DB      *bun.DB
	Secrets func(h Hook) []string // of an address: the first is the newest
	Now     func() time.Time      // real time, which signatures carry
	Log     *slog.Logger

	// Stopped, if any, is told in the same transaction of an address that nobody
	// is told at any more, because of what it answers.
	Stopped func(ctx context.Context, tx bun.IDB, hook int64) error

	Loopback bool          // also to this machine, in development
	Workers  int           // at once; 8 when zero
	Poll     time.Duration // how often Run looks without being woken; 5 s when zero
	Lease    time.Duration // on what was claimed; a minute when zero
}

// Sender sends what was written. Several may run, on several nodes.
type Sender struct {
	Config
	name   string
	client *http.Client
	wake   chan struct{}
}

// NewSender checks the configuration and makes a sender.
func NewSender(c Config) (*Sender, error) {
	if c.DB == nil || c.Secrets == nil || c.Now == nil || c.Log == nil {
		return nil, errors.New("webhook: database, secrets, clock and log are required")
	}
	c.Workers, c.Poll, c.Lease = cmp.Or(c.Workers, 8), cmp.Or(c.Poll, 5*time.Second), cmp.Or(c.Lease, time.Minute)
	return &Sender{Config: c, name: rand.Text()[:12], client: client(c.Loopback), wake: make(chan struct{}, 1)}, nil
}

// Wake tells a running sender that there may be something new. It never blocks.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends until the context ends, then lets what is in hand finish and returns
// nil. Each worker goes on by itself, so that an address which hangs keeps no
// other. Trouble with the database is logged and survived.
func (s *Sender) Run(ctx context.Context) error {
	s.all(func() {
		for ctx.Err() == nil {
			found, err := s.step(ctx)
			if err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "webhooks are waiting", "error", err)
			}
			if !found {
				s.rest(ctx)
			}
		}
	})
	return nil
}

// rest waits for the next look.
func (s *Sender) rest(ctx context.Context) {
	timer := time.NewTimer(s.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-s.wake:
	case <-timer.C:
	}
}

// Round sends what is due, until nothing is.
func (s *Sender) Round(ctx context.Context) error {
	var mu sync.Mutex
	var all error
	s.all(func() {
		for ctx.Err() == nil {
			found, err := s.step(ctx)
			if err != nil {
				mu.Lock()
				all = errors.Join(all, err)
				mu.Unlock()
			}
			if err != nil || !found {
				return
			}
		}
	})
	return all
}

// all runs every worker and waits for them.
func (s *Sender) all(worker func()) {
	var work sync.WaitGroup
	for range s.Workers {
		work.Go(worker)
	}
	work.Wait()
}

// step sends one delivery; found is false when none is due. Where there is one
// there may be another, for which it wakes another worker.
func (s *Sender) step(ctx context.Context) (found bool, err error) {
	err = fault.Caught(func() error {
		c, ok, err := claim(ctx, s.DB, s.name, s.Lease)
		if err != nil || !ok {
			return err
		}
		found = true
		s.Wake()
		return s.one(ctx, c)
	})
	return found, err
}

// one sends a delivery and writes down what became of it, even while the node
// is being stopped: what is not written down is sent again.
func (s *Sender) one(ctx context.Context, c claimed) error {
	ctx = context.WithoutCancel(ctx)
	begun := s.Now()
	var code int
	why := ReasonLost
	if c.Attempts <= Attempts {
		code, why = s.post(ctx, c)
	}
	took := s.Now().Sub(begun)
	r := result{claimed: c, worker: s.name, code: code, why: why, ms: int(took.Milliseconds()), status: Pending}
	switch {
	case why == ReasonLost:
		r.status = Failed
	case code >= 200 && code < 300:
		r.status = Sent
	case code == http.StatusGone:
		r.status, r.pause = Failed, Gone
	default:
		r.delay = pause(c.Attempts)
		if r.delay == 0 {
			r.status, r.pause = Failed, Failing
		}
	}
	s.Log.InfoContext(ctx, "webhook", "process_id", c.ProcessID, "delivery_id", c.ID, "webhook", c.Hook.PublicID, "event", c.Event,
		"attempt", c.Attempts, "status", string(r.status), "code", code, "reason", why, "took", took)
	if r.pause == "" || s.Stopped == nil {
		return record(ctx, s.DB, r)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		running, err := hold(ctx, tx, c.Hook.ID)
		if err == nil {
			err = record(ctx, tx, r)
		}
		if err != nil || !running {
			return err
		}
		stopped, err := paused(ctx, tx, c.Hook.ID)
		if err != nil || !stopped { // the delivery is somebody else's by now
			return err
		}
		return s.Stopped(ctx, tx, c.Hook.ID)
	})
}

// post makes one attempt and gives the code of the answer, or why there was
// none. The answer is read, to an end, and not kept: it could be of use only to
// somebody who had us ask where they cannot.
func (s *Sender) post(ctx context.Context, c claimed) (code int, why string) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Hook.URL, strings.NewReader(c.Body))
	if err != nil {
		return 0, ReasonConnect
	}
	h := r.Header
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("User-Agent", "Arengo-Webhook/1")
	h.Set("Arengo-Delivery", c.PublicID)
	h.Set("Arengo-Event", c.Event)
	h.Set("Arengo-Signature", Signature(s.Secrets(c.Hook), s.Now(), c.Body))
	res, err := s.client.Do(r)
	if err != nil {
		return 0, reason(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, maxReply) // the code was said already
	return res.StatusCode, ""
}

// pauses are those between attempts: in all about three days.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
	6 * time.Hour, 8 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

// Attempts is how often a delivery is tried.
var Attempts = len(pauses) + 1

// span is the shortest time from the first attempt to the last.
var span = func() (d time.Duration) {
	for _, p := range pauses {
		d += p * 9 / 10
	}
	return d
}()

// pause is how long to wait after so many attempts, give or take a tenth; 0
// gives up.
func pause(attempts int) time.Duration {
	if attempts > len(pauses) {
		return 0
	}
	wait := pauses[attempts-1]
	return wait*9/10 + mathrand.N(wait/5)
}
