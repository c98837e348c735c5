//go:build !testclock

package main

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/store"
)

// sweepEvery is how long a wake that was lost can cost.
const sweepEvery = 15 * time.Second

// virtualTime tells the queue to leave deadlines to sweeps.
const virtualTime = false

// openClock gives the database's clock, the only one that decides.
func openClock(context.Context, *bun.DB) (workflow.Clock, error) {
	return store.Clock{}, nil
}
