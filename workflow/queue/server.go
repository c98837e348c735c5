package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/uptrace/bun"

	"arengo/process/fault"
)

const (
	fireTimeout  = time.Minute
	drainTimeout = 30 * time.Minute

	// horizon is how far ahead deadlines are put into Redis.
	horizon = 10 * time.Minute

	// nearly is how early a task may come for its handler to wait: asynq cuts
	// times to whole seconds. Earlier ones are scheduled again.
	nearly   = 1500 * time.Millisecond
	attempts = 5
)

// Config is what a server works with. Redis, DB, Jobs and Log are required; DB
// serves only to elect who sweeps.
type Config struct {
	Redis       string
	DB          *bun.DB
	Jobs        Jobs
	Log         *slog.Logger
	Concurrency int           // tasks at once; 4 when zero
	SweepEvery  time.Duration // 15 s when zero
	PurgeEvery  time.Duration // an hour when zero
}

// Server runs tasks and sweeps. Any number may run beside one database.
type Server struct {
	Config
	client   *Client
	redis    asynq.RedisConnOpt
	delivery single
	waiting  *outage // deliveries
	sweeping *outage
	electing *outage
	ahead    *outage // deadlines into Redis
}

// NewServer checks the configuration; it does not connect.
func NewServer(c Config) (*Server, error) {
	if c.DB == nil || c.Jobs == nil || c.Log == nil {
		return nil, errors.New("queue: database, jobs and log are required")
	}
	options, err := parse(c.Redis)
	if err != nil {
		return nil, err
	}
	c.Concurrency = cmp.Or(c.Concurrency, 4)
	c.SweepEvery = cmp.Or(c.SweepEvery, 15*time.Second)
	c.PurgeEvery = cmp.Or(c.PurgeEvery, time.Hour)
	return &Server{
		Config: c, redis: options,
		waiting:  &outage{log: c.Log, what: "deliver"},
		sweeping: &outage{log: c.Log, what: "sweep"},
		electing: &outage{log: c.Log, what: "elect who sweeps"},
		ahead:    &outage{log: c.Log, what: "put deadlines into Redis"},
	}, nil
}

// Run works until the context ends, then lets what is in hand finish and
// returns nil. It needs no Redis: without one it sweeps, and it takes tasks
// again when Redis is back.
func (s *Server) Run(ctx context.Context) error {
	client, err := NewClient(s.Redis, s.Log)
	if err != nil {
		return err
	}
	s.client = client
	defer func() { _ = client.Close() }()
	server := s.start(ctx)
	var work sync.WaitGroup
	// A task has a minute, a large announcement takes what it takes: delivering
	// belongs to the server and not to the task that found something to deliver.
	deliver := func() { work.Go(func() { s.drain(ctx) }) }
	if err := server.Start(s.mux(deliver)); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	work.Go(func() { s.every(ctx, s.SweepEvery, func() { s.tick(ctx, &work) }) })
	work.Go(func() { s.every(ctx, s.PurgeEvery, func() { s.purge(ctx) }) })
	<-ctx.Done()
	server.Shutdown()
	work.Wait()
	return nil
}

func (s *Server) start(ctx context.Context) *asynq.Server {
	away := &outage{log: s.Log, what: "reach Redis"}
	return asynq.NewServer(s.redis, asynq.Config{
		Concurrency:              s.Concurrency,
		BaseContext:              func() context.Context { return ctx },
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		HealthCheckInterval:      5 * time.Second,
		HealthCheckFunc:          func(err error) { away.note(ctx, err) },
		ShutdownTimeout:          20 * time.Second,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return 5 * time.Second },
		Logger:                   asynqLog{s.Log, away},
		LogLevel:                 asynq.WarnLevel,
	})
}

func (s *Server) mux(deliver func()) *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(taskFire, func(ctx context.Context, t *asynq.Task) error {
		err := s.fire(ctx, t)
		if err == nil {
			deliver() // it may have announced something
		}
		return err
	})
	mux.HandleFunc(taskDrain, func(context.Context, *asynq.Task) error {
		deliver()
		return nil // the sweep tries again; a retry in Redis would add nothing
	})
	mux.HandleFunc(taskSweep, func(ctx context.Context, _ *asynq.Task) error {
		s.sweep(ctx)
		deliver()
		return nil
	})
	return mux
}

// fire runs the task of one deadline. What fails is tried again by asynq a few
// times and by the sweep for ever.
func (s *Server) fire(ctx context.Context, t *asynq.Task) (err error) {
	var p payload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return fmt.Errorf("read task %s: %w: %w", taskFire, err, asynq.SkipRetry)
	}
	for range 2 {
		early, err := s.fireOnce(ctx, p.Deadline)
		if err != nil {
			s.Log.WarnContext(ctx, "deadline failed", "process_id", p.ProcessID, "deadline_id", p.ID, "error", err)
			return err
		}
		if early <= 0 {
			return nil
		}
		if early > nearly {
			return s.later(ctx, p, early)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(early):
		}
	}
	return s.later(ctx, p, nearly)
}

func (s *Server) fireOnce(ctx context.Context, d Deadline) (early time.Duration, err error) {
	err = fault.Caught(func() error {
		early, err = s.Jobs.Fire(ctx, d)
		return err
	})
	return early, err
}

// later schedules a task that came too early under another identifier, since
// its own is taken while it runs.
func (s *Server) later(ctx context.Context, p payload, in time.Duration) error {
	if p.Attempt++; p.Attempt > attempts {
		return nil // some node's clock is far off; the sweep has it
	}
	return s.client.schedule(ctx, p, in)
}

// drain delivers, on this node once at a time: who comes meanwhile makes it
// look once more.
func (s *Server) drain(ctx context.Context) {
	s.delivery.do(func() {
		s.waiting.note(ctx, fault.Caught(func() error { return s.Jobs.Drain(ctx) }))
	})
}

func (s *Server) sweep(ctx context.Context) {
	s.sweeping.note(ctx, fault.Caught(func() error { return s.Jobs.Sweep(ctx) }))
}

// single runs one thing at a time.
type single struct {
	mu          sync.Mutex
	busy, again bool
}

// do runs fn, unless it is running: then that run is followed by another, and
// do returns at once.
func (s *single) do(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		s.again = true
		return
	}
	s.busy = true
	for s.again = true; s.again; {
		s.again = false
		s.mu.Unlock()
		fn()
		s.mu.Lock()
	}
	s.busy = false
}
