package queue_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"arengo/process/processtest"
	"arengo/workflow/queue"
)

// domain is a domain in memory: deadlines with a real due time, deliveries as
// a number.
type domain struct {
	mu        sync.Mutex
	due       map[queue.Deadline]time.Time
	early     map[queue.Deadline]time.Duration // what Fire says once
	fired     map[queue.Deadline]int
	deliver   int
	delivered int
	drains    int
	hurried   int // drains that had to end by some instant
	sweeps    int
	purges    int
	broken    error
	poisoned  bool
	hold      chan struct{} // Drain waits for it
}

func newDomain() *domain {
	return &domain{
		due: map[queue.Deadline]time.Time{}, early: map[queue.Deadline]time.Duration{}, fired: map[queue.Deadline]int{},
	}
}

func (d *domain) Upcoming(_ context.Context, within time.Duration, limit int) ([]queue.Upcoming, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []queue.Upcoming
	for k, at := range d.due {
		if in := time.Until(at); in > 0 && in < within {
			list = append(list, queue.Upcoming{Deadline: k, In: in})
		}
	}
	slices.SortFunc(list, func(a, b queue.Upcoming) int { return cmp.Compare(a.In, b.In) })
	return list[:min(len(list), limit)], nil
}

func (d *domain) Fire(_ context.Context, k queue.Deadline) (time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if early, ok := d.early[k]; ok {
		delete(d.early, k)
		return early, nil
	}
	at, open := d.due[k]
	if !open {
		return 0, nil
	}
	if early := time.Until(at); early > 0 {
		return early, nil
	}
	delete(d.due, k)
	d.fired[k]++
	return 0, nil
}

func (d *domain) Sweep(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweeps++
	if d.poisoned {
		panic("poison")
	}
	for k, at := range d.due {
		if time.Until(at) <= 0 {
			delete(d.due, k)
			d.fired[k]++
		}
	}
	return d.broken
}

func (d *domain) Drain(ctx context.Context) error {
	_, hurried := ctx.Deadline()
	d.mu.Lock()
	d.drains++
	if hurried {
		d.hurried++
	}
	d.delivered += d.deliver
	d.deliver = 0
	hold := d.hold
	d.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	return nil
}

func (d *domain) Purge(context.Context) error {
	d.set(func() { d.purges++ })
	return nil
}

func (d *domain) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *domain) is(ok func() bool) func() bool {
	return func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return ok()
	}
}

// run starts a server and stops it at the end of the test, or when the
// returned function is called.
func run(t *testing.T, c queue.Config) (stop func()) {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.DB == nil {
		c.DB = processtest.Database(t)
	}
	s, err := queue.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("server: %v", err)
			}
		case <-time.After(25 * time.Second):
			t.Error("the server does not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

func client(t *testing.T, address string) *queue.Client {
	t.Helper()
	c, err := queue.NewClient(address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func redisOf(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(options)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestWakeDeliversAtOnce(t *testing.T) {
	t.Parallel()
	address, d := processtest.Redis(t), newDomain()
	run(t, queue.Config{Redis: address, Jobs: d, SweepEvery: time.Hour})
	processtest.Eventually(t, "the first sweep", d.is(func() bool { return d.drains > 0 }))
	c := client(t, address)
	d.set(func() { d.deliver = 7 })
	c.Wake()
	processtest.Eventually(t, "the delivery", d.is(func() bool { return d.delivered == 7 }))
}

func TestWakeIsDebouncedAndTheLastOneCounts(t *testing.T) {
	t.Parallel()
	address := processtest.Redis(t)
	c := client(t, address)
	inspector := asynq.NewInspector(must(t)(asynq.ParseRedisURI(address)))
	t.Cleanup(func() { _ = inspector.Close() })
	pending := func(n int) func() bool {
		return func() bool {
			list, err := inspector.ListPendingTasks("default")
			return err == nil && len(list) == n
		}
	}
	c.Wake()
	processtest.Eventually(t, "the first goes at once", pending(1))
	for range 1000 {
		c.Wake()
	}
	processtest.Eventually(t, "a thousand in the pause are one", pending(2))
	c.Wake()
	processtest.Eventually(t, "and the next is the third", pending(3))
}

func must(t *testing.T) func(asynq.RedisConnOpt, error) asynq.RedisConnOpt {
	return func(o asynq.RedisConnOpt, err error) asynq.RedisConnOpt {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
}

// A wake that comes while deliveries run is for rows that the run may already
// have passed: it must make the run look once more.
func TestWakeDuringADrainIsNotSwallowed(t *testing.T) {
	t.Parallel()
	address, d := processtest.Redis(t), newDomain()
	d.hold = make(chan struct{})
	run(t, queue.Config{Redis: address, Jobs: d, SweepEvery: time.Hour})
	processtest.Eventually(t, "a drain in hand", d.is(func() bool { return d.drains == 1 }))
	d.set(func() { d.deliver = 3 })
	client(t, address).Wake()
	r := redisOf(t, address)
	processtest.Eventually(t, "the task was taken", func() bool {
		n, err := r.Exists(t.Context(), "asynq:{default}:processed").Result()
		return err == nil && n == 1
	})
	close(d.hold)
	processtest.Eventually(t, "the second look", d.is(func() bool { return d.delivered == 3 }))
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	address, d := processtest.Redis(t), newDomain()
	k := queue.Deadline{ProcessID: 1, ID: 2, Generation: 1}
	d.due[k] = time.Now().Add(1800 * time.Millisecond)
	c := client(t, address)
	list := []queue.Upcoming{{Deadline: k, In: time.Until(d.due[k])}}
	for range 3 { // the same identifier again is success
		if err := c.Schedule(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	run(t, queue.Config{Redis: address, Jobs: d, SweepEvery: time.Hour})
	processtest.Eventually(t, "the deadline fired", d.is(func() bool { return d.fired[k] == 1 }))
	// The task has a minute, what it announced takes what it takes.
	processtest.Eventually(t, "a drain after it", d.is(func() bool { return d.drains > 1 }))
	d.set(func() {
		if d.hurried > 0 {
			t.Errorf("%d of %d drains end with a task", d.hurried, d.drains)
		}
	})
}

// More deadlines than go into Redis fall due together: those beyond do not wait
// for the next tick.
func TestCrowdIsSweptAtItsTime(t *testing.T) {
	t.Parallel()
	address, d := processtest.Redis(t), newDomain()
	at := time.Now().Add(3 * time.Second)
	for id := range int64(1050) {
		d.due[queue.Deadline{ProcessID: 1, ID: 1 + id, Generation: 1}] = at
	}
	run(t, queue.Config{Redis: address, Jobs: d, SweepEvery: time.Hour})
	processtest.Eventually(t, "all fired", d.is(func() bool { return len(d.fired) == 1050 }))
	d.set(func() {
		for k, n := range d.fired {
			if n != 1 {
				t.Errorf("%+v fired %d times", k, n)
			}
		}
	})
}

// Far too early, as from a node whose clock is ahead: the task comes again
// although its own identifier is taken while it runs.
func TestEarlyTaskComesAgain(t *testing.T) {
	t.Parallel()
	address, d := processtest.Redis(t), newDomain()
	k := queue.Deadline{ProcessID: 1, ID: 3, Generation: 2}
	d.due[k], d.early[k] = time.Now(), 2*time.Second
	run(t, queue.Config{Redis: address, Jobs: d, SweepEvery: time.Hour})
	processtest.Eventually(t, "swept once", d.is(func() bool { return d.sweeps == 1 }))
	d.set(func() { d.due[k] = time.Now() })
	if err := client(t, address).Schedule(t.Context(), []queue.Upcoming{{Deadline: k}}); err != nil {
		t.Fatal(err)
	}
	processtest.Eventually(t, "the deadline fired", d.is(func() bool { return d.fired[k] == 1 }))
}

func TestFlushedRedisCostsOnlyTime(t *testing.T) {
	t.Parallel()
	server, d := processtest.RedisServer(t, false), newDomain()
	k := queue.Deadline{ProcessID: 1, ID: 4, Generation: 1}
	run(t, queue.Config{Redis: server.URL(), Jobs: d, SweepEvery: 200 * time.Millisecond})
	r := redisOf(t, server.URL())
	processtest.Eventually(t, "the first sweep", d.is(func() bool { return d.sweeps > 0 }))
	d.set(func() { d.due[k] = time.Now().Add(4 * time.Second) })
	processtest.Eventually(t, "the deadline is in Redis", func() bool {
		n, err := r.ZCard(t.Context(), "asynq:{default}:scheduled").Result()
		return err == nil && n == 1
	})
	if err := r.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	d.set(func() { d.deliver = 100 })
	processtest.Eventually(t, "all is done", d.is(func() bool { return d.fired[k] == 1 && d.delivered == 100 }))
}

func TestRedisAwayAtTheStartAndLater(t *testing.T) {
	t.Parallel()
	server, d := processtest.RedisServer(t, true), newDomain()
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	var log lines
	stop := run(t, queue.Config{
		Redis: server.URL(), Jobs: d, SweepEvery: 200 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	d.set(func() { d.deliver = 5 })
	c := client(t, server.URL())
	begun := time.Now()
	for range 100 {
		c.Wake()
	}
	if spent := time.Since(begun); spent > 100*time.Millisecond {
		t.Errorf("waking without Redis blocked for %s", spent)
	}
	processtest.Eventually(t, "delivered without Redis", d.is(func() bool { return d.delivered == 5 }))
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := redisOf(t, server.URL())
	processtest.Eventually(t, "tasks are taken again", func() bool {
		c.Wake()
		n, err := r.Exists(t.Context(), "asynq:{default}:processed").Result()
		return err == nil && n == 1
	})
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	d.set(func() { d.deliver = 6 })
	processtest.Eventually(t, "delivered although Redis went", d.is(func() bool { return d.delivered == 11 }))
	stop() // must not hang on a dead Redis
	if n := log.count("level=WARN"); n == 0 || n > 8 {
		t.Errorf("%d warnings for two outages:\n%s", n, log.text())
	}
}

type lines struct {
	mu   sync.Mutex
	kept strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(b)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

func (l *lines) count(part string) int { return strings.Count(l.text(), part) }

func TestTwoServersShareTheTick(t *testing.T) {
	t.Parallel()
	address, db, d := processtest.Redis(t), processtest.Database(t), newDomain()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody else leads: nobody sweeps, everybody delivers.
	if _, err := tx.ExecContext(t.Context(), "SELECT pg_advisory_xact_lock(?)", queue.LockSweep); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		run(t, queue.Config{Redis: address, DB: db, Jobs: d, SweepEvery: 50 * time.Millisecond})
	}
	processtest.Eventually(t, "both deliver", d.is(func() bool { return d.drains > 6 }))
	d.is(func() bool {
		if d.sweeps != 0 || d.purges == 0 {
			t.Errorf("%d sweeps without the lock, %d purges", d.sweeps, d.purges)
		}
		return true
	})()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	processtest.Eventually(t, "one leads", d.is(func() bool { return d.sweeps > 1 }))
}

func TestTroubleInASweepEndsNothing(t *testing.T) {
	t.Parallel()
	d := newDomain()
	d.poisoned, d.broken = true, errors.New("broken")
	run(t, queue.Config{Redis: processtest.Redis(t), Jobs: d, SweepEvery: 50 * time.Millisecond})
	processtest.Eventually(t, "sweeps go on", d.is(func() bool { return d.sweeps > 2 }))
	d.set(func() { d.poisoned = false })
	processtest.Eventually(t, "deliveries too", d.is(func() bool { return d.sweeps > 4 && d.drains > 2 }))
}

func TestAddressIsChecked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "http://x", "redis://:secret-word@h:port", "redis://h/zero", "redis://h?max_retries=3", "redis-socket://", "unix://",
		"redis-sentinel://:secret-word@a:26379", "redis-sentinel://a?master=m", "redis-sentinel://a:1,b?master=m", "redis-sentinel://a:1/2?master=m",
	} {
		_, err := queue.NewClient(address, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%q: %v", address, err)
		}
		if _, probe := queue.Probe(address); !errors.Is(probe, err) || !errors.Is(queue.Check(address), err) {
			t.Errorf("%q: one refuses what another takes", address)
		}
	}
	for _, address := range []string{
		"redis://h", "rediss://user:word@h:6380/1", "redis://h?db=2", "unix:///run/redis.sock?db=1", "redis-socket:///run/redis.sock?db=1",
		"redis-sentinel://:word@a:26379,b:26379?master=m",
	} {
		c, err := queue.NewClient(address, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		t.Cleanup(func() { _ = c.Close() })
		probe, err := queue.Probe(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		t.Cleanup(func() { _ = probe.Close() })
	}
}
