package notify

import "time"

// NewOutboxWithLease makes leases short enough to run out in a test.
func NewOutboxWithLease(source Source, lease time.Duration) *Outbox {
	return &Outbox{source: source, lease: lease}
}
