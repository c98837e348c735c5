package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
)

const (
	// wakePause is the least time between two nudges of one client.
	wakePause = 200 * time.Millisecond
	// patience bounds one exchange with Redis.
	patience = 2 * time.Second
)

// Client asks workers to look. It is safe for concurrent use and survives a
// Redis that is away: requests are then dropped, and sweeps make up for them.
type Client struct {
	queue  *asynq.Client
	name   string // begins the identifiers of this client's tasks
	serial atomic.Int64
	nudge  chan struct{}
	stop   chan struct{}
	ended  chan struct{}
	away   *outage
}

// NewClient reads a Redis address, see Check, and does not connect.
func NewClient(address string, log *slog.Logger) (*Client, error) {
	options, err := parse(address)
	if err != nil {
		return nil, err
	}
	c := &Client{
		queue: asynq.NewClient(options), name: rand.Text()[:10],
		nudge: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{}),
		away: &outage{log: log, what: "wake the workers"},
	}
	go c.run()
	return c, nil
}

// Wake asks some worker, soon, to look for deliveries. It never blocks; calls
// within 200 ms of one another are one nudge.
func (c *Client) Wake() {
	select {
	case c.nudge <- struct{}{}:
	default: // one is waiting to go, which will do for us as well
	}
}

// run sends nudges. The first goes at once, and the last is never swallowed by
// the pause: it waits in the channel.
func (c *Client) run() {
	defer close(c.ended)
	for {
		select {
		case <-c.stop:
			c.flush()
			return
		case <-c.nudge:
			c.send(taskDrain)
		}
		select {
		case <-c.stop:
			c.flush()
			return
		case <-time.After(wakePause):
		}
	}
}

// flush sends the nudge that waits when the client closes.
func (c *Client) flush() {
	select {
	case <-c.nudge:
		c.send(taskDrain)
	default:
	}
}

func (c *Client) send(task string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.away.note(ctx, c.enqueue(ctx, task))
}

// enqueue adds a task of its own identity: while an earlier one runs, it may
// already be past the row that we mean.
func (c *Client) enqueue(ctx context.Context, task string) error {
	id := fmt.Sprintf("%s:%s:%d", task, c.name, c.serial.Add(1))
	_, err := c.queue.EnqueueContext(ctx, asynq.NewTask(task, nil), asynq.TaskID(id),
		asynq.MaxRetry(1), asynq.Timeout(drainTimeout))
	return err
}

// Sweep asks some worker to sweep now. The error says that Redis is away; the
// periodic sweep comes all the same.
func (c *Client) Sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.enqueue(ctx, taskSweep)
}

// sweepIn asks some worker to sweep when the last of many deadlines is due. One
// that is asked for already is left as it is.
func (c *Client) sweepIn(ctx context.Context, last Upcoming) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	id := fmt.Sprintf("%s:%d:%d:g%d", taskSweep, last.ProcessID, last.ID, last.Generation)
	_, err := c.queue.EnqueueContext(ctx, asynq.NewTask(taskSweep, nil), asynq.TaskID(id), asynq.ProcessIn(last.In+nearly),
		asynq.MaxRetry(1), asynq.Timeout(drainTimeout))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// Schedule enqueues deadlines for their time. One that is enqueued already is
// left as it is. It stops at the first trouble.
func (c *Client) Schedule(ctx context.Context, list []Upcoming) error {
	for _, u := range list {
		if err := c.schedule(ctx, payload{Deadline: u.Deadline}, u.In); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) schedule(ctx context.Context, p payload, in time.Duration) error {
	task, err := p.task()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = c.queue.EnqueueContext(ctx, task, asynq.TaskID(p.taskID()), asynq.ProcessIn(in),
		asynq.MaxRetry(3), asynq.Timeout(fireTimeout))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// Close sends the nudge that waits, if any, and closes the connections.
func (c *Client) Close() error {
	close(c.stop)
	<-c.ended
	return c.queue.Close()
}
