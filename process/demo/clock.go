package demo

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// clock stands where the loader puts it.
type clock struct{ now time.Time }

// Now never fails.
func (c *clock) Now(context.Context, bun.IDB) (time.Time, error) { return c.now, nil }

func (c *clock) time() time.Time { return c.now }

func (c *clock) set(at time.Time) { c.now = at.UTC().Truncate(time.Microsecond) }
