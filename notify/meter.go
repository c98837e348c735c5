package notify

import "arengo/notify/channel"

// Meter is told what a drainer does, as it does it, by several goroutines at once.
type Meter interface {
	// Sending is called before each letter; what it returns is called with how the
	// letter ended, or with the zero Result when it could not be written.
	Sending(channel string) (done func(channel.Result))
	// Expanded tells how many notices became how many deliveries.
	Expanded(notices, deliveries int)
	// Drained tells that a channel was drained until nothing was left, or until
	// something stood in the way.
	Drained(channel string, sum Tally, err error)
}

// unmetered is for a drainer that nobody watches.
type unmetered struct{}

func (unmetered) Sending(string) func(channel.Result) { return func(channel.Result) {} }
func (unmetered) Expanded(int, int)                   {}
func (unmetered) Drained(string, Tally, error)        {}
