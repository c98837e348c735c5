package site

import "time"

// MachineTime is this machine's clock, with its monotonic reading: what
// durations of the web server itself run on, such as the life of a kept answer
// or a budget of requests. Nothing about processes may be decided by it; their
// time is Request.Now.
func MachineTime() time.Time {
	return time.Now() //nolint:forbidigo // the one place: budgets and kept answers run on real time, also when a test moves the clock
}
