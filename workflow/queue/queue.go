// Package queue wakes workers through Redis, by asynq, and runs the periodic
// work that makes Redis dispensable.
//
// PostgreSQL is the truth: a task carries an identity and no state, its handler
// reads the row again, and running it twice is harmless. What Redis loses, or
// delivers twice, late or a second early, a sweep over the tables finds within
// seconds, so every task here is only a way to be sooner.
//
// The queue knows no domain; Jobs does the work. It never sees virtual time:
// delays are durations that the domain's clock measured.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// The tasks. No name is the prefix of another, because asynq's mux falls back
// to prefixes.
const (
	taskFire  = "deadline.fire"
	taskDrain = "outbox.drain"
	taskSweep = "sweep.run"
)

// Deadline is the identity of a deadline's row. A row that was extended has a
// higher generation, and tasks of the old one do nothing.
type Deadline struct {
	ProcessID  int64 `json:"process_id"`
	ID         int64 `json:"id"`
	Generation int   `json:"generation"`
}

// Upcoming is a deadline that is due In from now.
type Upcoming struct {
	Deadline
	In time.Duration
}

// Jobs is what a server runs. Every method may be called at any time, by many
// servers at once, and again after it was interrupted.
type Jobs interface {
	// Upcoming lists open deadlines that are due within a span from now, those
	// already due apart, the earliest first and at most limit. A domain whose
	// clock is not the real one gives none: its deadlines are found by Sweep.
	Upcoming(ctx context.Context, within time.Duration, limit int) ([]Upcoming, error)

	// Fire carries out one deadline; an obsolete one is no error. early is how
	// long it still has, when the task came before its time.
	Fire(ctx context.Context, d Deadline) (early time.Duration, err error)

	// Sweep does everything that is due and not done, deliveries apart.
	Sweep(ctx context.Context) error

	// Drain hands over what waits for delivery.
	Drain(ctx context.Context) error

	// Purge forgets what nobody needs any more.
	Purge(ctx context.Context) error
}

// payload is what a task to fire a deadline carries. Attempt makes the task's
// identifier another one: that of a running or archived task stays taken.
type payload struct {
	Deadline
	Attempt int `json:"attempt,omitempty"`
}

func (p payload) taskID() string {
	return fmt.Sprintf("%s:%d:%d:g%d:a%d", taskFire, p.ProcessID, p.ID, p.Generation, p.Attempt)
}

func (p payload) task() (*asynq.Task, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return asynq.NewTask(taskFire, body), nil
}
