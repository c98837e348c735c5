package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"arengo/notify/channel"
	"arengo/process/fault"
)

// run is one drain: feeders claim and check, workers send, one flusher
// records. Two feeders, so that one claims while the other's batch is sent.
type run struct {
	*Drainer
	channel channel.Channel
	ctx     context.Context // ends when the feeding must stop
	stop    context.CancelCauseFunc
	name    string // of this run, in claims
	jobs    chan job
	results chan result
	flushed chan struct{}
	live    atomic.Int32          // workers that can still use the channel
	trouble atomic.Pointer[error] // what the last of the others met
	feeders sync.WaitGroup
	workers sync.WaitGroup
	tally   Tally // the flusher's until it has ended
}

func newRun(ctx context.Context, d *Drainer, ch channel.Channel) *run {
	r := &run{
		Drainer: d, channel: ch, name: d.Name + "/" + rand.Text()[:8],
		jobs: make(chan job), results: make(chan result, flushSize), flushed: make(chan struct{}),
	}
	r.ctx, r.stop = context.WithCancelCause(ctx)
	r.live.Store(int32(d.Workers))
	go r.flush()
	return r
}

// cause is why the run was stopped early, or why it could do nothing, or nil.
func (r *run) cause() error {
	err := context.Cause(r.ctx)
	r.stop(nil)
	answered := r.tally.Sent + r.tally.Deferred + r.tally.Bounced + r.tally.Failed
	if trouble := r.trouble.Load(); err == nil && trouble != nil && answered == 0 {
		return *trouble
	}
	return err
}

// feed claims batches and hands them to the workers until nothing is due. Before the
// first question is asked about those who are called, who waits for an answer has it.
func (r *run) feed() {
	for r.ctx.Err() == nil {
		// Not cut short by a stop: a claim that is made but not learned of would
		// keep its deliveries until the lease runs out.
		claimed, err := r.Outbox.Claim(context.WithoutCancel(r.ctx), r.DB, r.channel.Name(), r.name, r.Batch)
		if err != nil {
			r.stop(err)
			return
		}
		if len(claimed) == 0 {
			return
		}
		urgent, others := apart(claimed)
		r.hand(r.handFresh(r.prepare(urgent)))
		jobs := r.prepare(others)
		if len(urgent) == 0 {
			jobs = r.handFresh(jobs)
		}
		r.hand(jobs)
	}
}

// apart divides a batch into what answers somebody and the rest.
func apart(claimed []Delivery) (urgent, others []Delivery) {
	for _, d := range claimed {
		if d.Priority == urgently {
			urgent = append(urgent, d)
		} else {
			others = append(others, d)
		}
	}
	return urgent, others
}

// hand gives jobs whose leases are not young to workers as these become free.
// Leases are renewed in time, so that a slow relay never makes another node send
// the same messages.
func (r *run) hand(batch []job) {
	for ; len(batch) > 0; batch = r.handFresh(batch) {
		if r.ctx.Err() != nil {
			for _, j := range batch {
				r.release(j.delivery, "")
			}
			return
		}
		kept, err := r.Outbox.renew(r.ctx, r.DB, r.name, batch)
		if err != nil {
			r.stop(err) // our leases run out; whoever is well claims them
			return
		}
		batch = kept
	}
}

// handFresh hands jobs while their leases are young and returns the rest. A
// third of a lease may pass; what is left covers connecting and one message.
func (r *run) handFresh(batch []job) []job {
	fresh, cancel := context.WithTimeout(r.ctx, r.Outbox.lease/3)
	defer cancel()
	for len(batch) > 0 && fresh.Err() == nil {
		select {
		case r.jobs <- batch[0]:
			batch = batch[1:]
		case <-fresh.Done():
		}
	}
	return batch
}

// work sends jobs over one session. A worker that cannot use the channel gives
// its job back and ends; when all have ended, the run is over. A relay that grants
// fewer connections than we want thus slows us and no more.
func (r *run) work() {
	var session channel.Session
	defer func() {
		if session != nil {
			session.Close()
		}
	}()
	for j := range r.jobs {
		if session == nil {
			session = r.channel.Open()
		}
		done := r.Meter.Sending(r.channel.Name())
		sent, err := send(r.ctx, session, j)
		done(sent)
		if err != nil {
			r.Log.ErrorContext(r.ctx, "delivery could not be composed",
				"process_id", j.delivery.ProcessID, "delivery_id", j.delivery.ID, "notice_id", j.delivery.NoticeID, "error", err)
			r.results <- r.troubled(j.delivery)
			continue
		}
		if sent.Outcome == channel.Unavailable {
			r.trouble.Store(&sent.Err)
			r.release(j.delivery, sent.Reply)
			if r.live.Add(-1) == 0 {
				r.stop(sent.Err)
			}
			return
		}
		r.results <- r.judge(j.delivery, sent)
	}
}

// send carries a letter; a panic in a template is an error like any other.
func send(ctx context.Context, session channel.Session, j job) (sent channel.Result, err error) {
	err = fault.Caught(func() (err error) {
		sent, err = session.Send(ctx, j.letter())
		return err
	})
	return sent, err
}

// maxAttempts is how often a delivery is refused or crashes before it fails:
// about five hours of trying.
const maxAttempts = 10

// judge turns the other side's answer into what the ledger says.
func (r *run) judge(d Delivery, sent channel.Result) result {
	out := result{
		delivery: d, worker: r.name, messageID: sent.Reference,
		code: sent.Code, reply: sent.Reply, blame: sent.AddressGone, doubtful: sent.Outcome == channel.Lost,
	}
	switch sent.Outcome {
	case channel.Delivered:
		out.status = Sent
	case channel.Bounced:
		out.status, out.tries = Bounced, 1
	case channel.Refused:
		out.status, out.tries = Failed, 1
	default:
		first := time.Minute
		if sent.Code == 0 { // the connection broke: nobody asked us to wait
			first = 5 * time.Second
		}
		r.again(&out, first)
	}
	return out
}

// again defers a delivery, or gives it up after too many attempts.
func (r *run) again(out *result, first time.Duration) {
	out.status, out.tries = Deferred, 1
	out.delay = backoff(first, time.Hour, out.delivery.Attempts)
	if out.delivery.Attempts+1 >= maxAttempts {
		out.status, out.delay = Failed, 0
	}
}

// troubled defers a delivery that failed for a reason of ours.
func (r *run) troubled(d Delivery) result {
	out := result{delivery: d, worker: r.name, reply: "internal error, see the log"}
	r.again(&out, time.Minute)
	return out
}

// release gives a claimed delivery back as it was.
func (r *run) release(d Delivery, why string) {
	status := Queued
	if d.Attempts > 0 {
		status = Deferred
	}
	r.results <- result{delivery: d, worker: r.name, status: status, reply: why, released: true}
}

const (
	flushSize  = 100
	flushAfter = 50 * time.Millisecond
)

// flush records results in batches of at most a hundred and no older than
// 50 ms: what a crash may repeat is what was sent in that time.
func (r *run) flush() {
	defer close(r.flushed)
	var batch []result
	var due <-chan time.Time
	for {
		select {
		case out, open := <-r.results:
			if open {
				batch = append(batch, out)
				if due == nil {
					due = time.After(flushAfter)
				}
				if len(batch) < flushSize {
					continue
				}
			}
			r.save(batch)
			if !open {
				return
			}
		case <-due:
			r.save(batch)
		}
		batch, due = batch[:0], nil
	}
}

// save writes results down even while the drain is being stopped. It insists,
// because each lost result is a message sent twice.
func (r *run) save(batch []result) {
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), r.Outbox.lease)
	defer cancel()
	for try := 0; ; try++ {
		err := r.Outbox.record(ctx, r.DB, batch)
		if err == nil {
			break
		}
		r.Log.ErrorContext(ctx, "deliveries could not be recorded", "count", len(batch), "error", err)
		select {
		case <-ctx.Done():
			r.stop(errors.Join(errors.New("deliveries were sent but not recorded"), err))
			return
		case <-time.After(backoff(50*time.Millisecond, 5*time.Second, try)):
		}
	}
	for _, out := range batch {
		r.tally.count(out)
	}
}

func (t *Tally) count(out result) {
	switch {
	case out.released:
		t.Released++
	case out.status == Sent:
		t.Sent++
	case out.status == Deferred:
		t.Deferred++
	case out.status == Bounced:
		t.Bounced++
	case out.status == Failed:
		t.Failed++
	case out.status == Suppressed:
		t.Suppressed++
	case out.status == Expired:
		t.Expired++
	}
}
