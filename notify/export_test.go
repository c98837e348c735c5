package notify

import "time"

// NewOutboxWithLease makes leases short enough to run out in a test.
func NewOutboxWithLease(source Source, lease time.Duration) *Outbox {
	o := NewOutbox(source)
	o.lease = lease
	return o
}
