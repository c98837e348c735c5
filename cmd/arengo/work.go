package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"arengo/notify"
	"arengo/notify/digest"
	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/retention"
	"arengo/workflow"
	"arengo/workflow/queue"
)

// work is a worker node: it fires deadlines and delivers messages until it is
// told to stop. Any number may run.
func work(ctx context.Context, c Config, log *slog.Logger, _ io.Writer) (err error) {
	if c.DatabaseURL == "" {
		return errors.New(c.Lang.say(
			"ARENGO_DATABASE_URL: non è impostato; impostalo, o usa arengo serve, che senza database porta con sé anche il suo worker",
			"ARENGO_DATABASE_URL: is not set; set it, or use arengo serve, which without a database brings its own worker along"))
	}
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.lookForRedis(ctx)
	worker, err := a.worker()
	if err != nil {
		return err
	}
	log.Info("working")
	return worker.Run(ctx)
}

// jobs is what the domain does for the queue.
type jobs struct {
	core    *process.Service
	names   *retention.Service
	drainer *notify.Drainer
	sender  *webhook.Sender
	digests *digest.Runner
	purges  []purge
}

// purge forgets at most so many rows of one sort, and returns how many.
type purge func(ctx context.Context, limit int) (int, error)

// Upcoming lists the open deadlines of the next span; none under virtual time,
// of which Redis knows nothing.
func (j *jobs) Upcoming(ctx context.Context, within time.Duration, limit int) ([]queue.Upcoming, error) {
	if virtualTime {
		return nil, nil
	}
	now, err := j.core.Now(ctx, j.core.DB())
	if err != nil {
		return nil, err
	}
	soon, err := j.core.Engine().Soon(ctx, j.core.DB(), now, now.Add(within), limit)
	if err != nil {
		return nil, err
	}
	list := make([]queue.Upcoming, len(soon))
	for i, d := range soon {
		list[i] = queue.Upcoming{
			Deadline: queue.Deadline{ProcessID: d.ProcessID, ID: d.ID, Generation: d.Generation},
			In:       d.DueAt.Sub(now),
		}
	}
	return list, nil
}

// Fire carries out one deadline by the same path as a person's move.
func (j *jobs) Fire(ctx context.Context, d queue.Deadline) (time.Duration, error) {
	res, err := j.core.FireDeadline(ctx, workflow.DeadlineRef{ProcessID: d.ProcessID, ID: d.ID, Generation: d.Generation})
	if fault.Is(err, fault.NotFound) {
		return 0, nil // the process is gone, and its deadlines with it
	}
	if err != nil || !res.Early {
		return 0, err
	}
	return j.early(ctx, d)
}

// early is how long a deadline still has; one further away than the next few
// seconds is found again by the next tick.
func (j *jobs) early(ctx context.Context, d queue.Deadline) (time.Duration, error) {
	const span = 5 * time.Second
	now, err := j.core.Now(ctx, j.core.DB())
	if err != nil {
		return 0, err
	}
	due, stands, err := j.core.Engine().Standing(ctx, j.core.DB(), workflow.DeadlineRef{ProcessID: d.ProcessID, ID: d.ID, Generation: d.Generation})
	if err != nil || !stands || virtualTime {
		return span, err
	}
	return min(max(0, due.Sub(now)), span), nil
}

// Sweep fires what is due, brings deliveries to where the pauses of their notices
// want them, and sees to the digests.
func (j *jobs) Sweep(ctx context.Context) error {
	_, err := j.core.Sweep(ctx)
	_, alone := j.core.Outbox().Settle(ctx, j.core.DB(), settled)
	return errors.Join(err, alone, j.digests.Run(ctx))
}

// settled is how many deliveries a sweep brings there at most: a few seconds' work.
const settled = 50_000

// Drain expands what is due into deliveries and hands them to the relay. Other
// programs are told beside it.
func (j *jobs) Drain(ctx context.Context) error {
	j.sender.Wake()
	return j.drainer.Round(ctx)
}

const purgeBatch = 1000

// Purge forgets sessions and sign-in links that ended, the keys of forms that
// nobody will send again, the names of those who took part in processes that
// ended long enough ago, and addresses that nobody confirmed.
func (j *jobs) Purge(ctx context.Context) error {
	now, err := j.core.Now(ctx, j.core.DB())
	if err == nil {
		_, err = j.names.Sweep(ctx, now)
		_, alone := j.names.Purge(ctx, now)
		err = errors.Join(err, alone)
	}
	for _, p := range j.purges {
		err = errors.Join(err, purgeAll(ctx, p))
	}
	return err
}

// purgeAll goes on in batches until one is not full.
func purgeAll(ctx context.Context, forget purge) error {
	for {
		n, err := forget(ctx, purgeBatch)
		if err != nil || n < purgeBatch {
			return err
		}
	}
}
