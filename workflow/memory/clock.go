package memory

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// Clock is a workflow.Clock that moves only when it is told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is a clock that stands at an instant.
func NewClock(at time.Time) *Clock { return &Clock{now: at.UTC()} }

// Now is where the clock stands, in UTC, whatever the transaction. It never
// fails.
func (c *Clock) Now(context.Context, bun.IDB) (time.Time, error) { return c.Time(), nil }

// Time is where the clock stands, in UTC.
func (c *Clock) Time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, forwards or backwards.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at.UTC()
}

// Advance moves the clock by d and returns where it stands then.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}
