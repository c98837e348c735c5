package processtest

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// Clock is a workflow clock that moves only when the test says so.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at the given instant.
func NewClock(at time.Time) *Clock { return &Clock{now: at.UTC()} }

// Now returns where the clock stands, in UTC. It never fails.
func (c *Clock) Now(context.Context, bun.IDB) (time.Time, error) { return c.Time(), nil }

// Time returns where the clock stands, in UTC.
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
