package processtest

import (
	"time"

	"arengo/workflow/memory"
)

// Clock is a workflow clock that moves only when the test says so.
type Clock = memory.Clock

// NewClock returns a clock that stands at the given instant.
func NewClock(at time.Time) *Clock { return memory.NewClock(at) }
