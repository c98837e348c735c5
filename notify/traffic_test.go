package notify_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"arengo/notify"
	"arengo/notify/channel"
)

// ledger counts what a meter is told.
type ledger struct {
	mu                             sync.Mutex
	begun, ended, expanded, drains int
	outcomes                       map[channel.Outcome]int
	trouble                        error
}

func (l *ledger) Sending(string) func(channel.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun++
	return func(r channel.Result) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ended++
		l.outcomes[r.Outcome]++
	}
}

func (l *ledger) Expanded(notices, deliveries int) { l.expanded += notices*1000 + deliveries }

func (l *ledger) Drained(_ string, _ notify.Tally, err error) { l.drains++; l.trouble = err }

// minutes are the node's figures, "status count" each.
func (b *bench) minutes() string {
	b.t.Helper()
	var list []string
	err := b.db.NewRaw(`SELECT status || ' ' || sum(deliveries) FROM channel_minute WHERE channel = 'mail' AND node = ?
		AND minute > clock_timestamp() - interval '2 minutes' GROUP BY status ORDER BY status`, b.drainer.Name).Scan(b.t.Context(), &list)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// The figures of the minutes are those of the ledger, and the meter hears the rest.
func TestTraffic(t *testing.T) {
	t.Parallel()
	b := setup(t, 250)
	l := &ledger{outcomes: map[channel.Outcome]int{}}
	b.drainer = b.newDrainer(func(c *notify.DrainerConfig) { c.Meter = l })
	b.sink.Answer("p3@example.net", 451)
	b.sink.Answer("p4@example.net", 550)
	b.add(reminder("r/1"))
	if err := b.drainer.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.minutes(); got != "bounced 1, deferred 1, sent 248" {
		t.Errorf("minutes: %s", got)
	}
	if l.begun != 250 || l.ended != 250 || l.outcomes[channel.Delivered] != 248 || l.expanded != 1250 || l.drains == 0 || l.trouble != nil {
		t.Errorf("the meter was told %+v", l)
	}
	b.sink.Answer("p3@example.net", 0)
	b.due()
	b.drain()
	if got := b.minutes(); got != "bounced 1, deferred 1, sent 249" {
		t.Errorf("minutes: %s", got)
	}
	b.exec(`UPDATE channel_minute SET minute = minute - interval '9 days' WHERE status = 'deferred'`)
	if n, err := b.outbox.PurgeTraffic(t.Context(), b.db, 100); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
}

// What was only put off is no result, and neither is what was given back.
func TestTrafficCountsNoPatience(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.crowd.puttingOff.Store(true)
	b.add(reminder("r/1"))
	b.expand()
	b.drain()
	if got := b.minutes(); got != "" {
		t.Errorf("minutes: %s", got)
	}
}

// A node says what stands in its way, since when, and that it is over.
func TestNodeSigns(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.add(reminder("r/1"))
	b.expand()
	read := func() (trouble string, since bool) {
		var row struct {
			Trouble string
			Since   bool
		}
		err := b.db.NewRaw(`SELECT trouble, trouble_since IS NOT NULL AS since FROM channel_node WHERE channel = 'mail' AND node = ?`,
			b.drainer.Name).Scan(t.Context(), &row)
		if err != nil {
			t.Fatal(err)
		}
		return row.Trouble, row.Since
	}
	good := b.drainer.Channels
	b.drainer.Channels = b.post("smtp://127.0.0.1:1")
	if _, err := b.drainer.Drain(t.Context()); err == nil {
		t.Fatal("a relay that is not there was used")
	}
	if trouble, since := read(); !strings.Contains(trouble, "cannot connect") || !since {
		t.Errorf("%q %v", trouble, since)
	}
	b.drainer.Channels = good
	b.drain()
	if trouble, since := read(); trouble != "" || since {
		t.Errorf("%q %v", trouble, since)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := b.drainer.Drain(stopped); err != nil {
		t.Error(err)
	}
	if n, err := b.outbox.PurgeTraffic(t.Context(), b.db, 100); n != 0 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	b.exec(`UPDATE channel_node SET seen_at = seen_at - interval '2 days'`)
	if n, err := b.outbox.PurgeTraffic(t.Context(), b.db, 100); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
}
