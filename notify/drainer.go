package notify

import (
	"context"
	"log/slog"

	"github.com/uptrace/bun"

	"arengo/notify/mail"
)

// DrainerConfig is what a drainer works with. DB, Outbox, Relay, Sender and
// Clock are required.
type DrainerConfig struct {
	DB      *bun.DB
	Outbox  *Outbox
	Clock   Clock
	Relay   mail.Relay
	Sender  mail.Sender
	Workers int    // connections to the relay; 8 when zero
	Batch   int    // deliveries a worker claims at once; 50 when zero
	Name    string // names this node in claims; random when empty
	Log     *slog.Logger
}

// Drainer sends what the outbox holds. Several may run, on several nodes.
type Drainer struct {
	config DrainerConfig
	wake   chan struct{}
}

// NewDrainer checks the configuration and makes a drainer; it does not connect.
func NewDrainer(c DrainerConfig) (*Drainer, error) {
	return &Drainer{config: c, wake: make(chan struct{}, 1)}, nil
}

// Run expands and drains until the context ends, then finishes the messages in
// hand, records their results, gives the rest back and returns nil.
func (d *Drainer) Run(ctx context.Context) error { return errUnbuilt }

// Drain sends until nothing is due, or the relay cannot be reached, or the
// context ends. It is what a queue's job calls; running it twice is harmless.
func (d *Drainer) Drain(ctx context.Context) (Tally, error) { return Tally{}, errUnbuilt }

// Wake tells a running drainer that there is something new, so that it need
// not wait for its next look. It never blocks.
func (d *Drainer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
