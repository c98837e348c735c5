package notify_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/mail"
	"arengo/notify/templates"
	"arengo/process/pg"
	"arengo/process/processtest"
)

func TestDrain(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.add(reminder("r/1"))
	b.expand()
	if tally := b.drain(); tally != (notify.Tally{Sent: 3}) {
		t.Fatalf("%+v", tally)
	}
	for _, d := range b.deliveries() {
		if d.Status != notify.Sent || d.SentAt.IsZero() || d.ClaimedBy != "" || d.ReplyCode != 250 || d.Attempts != 0 ||
			d.MessageID != email.MessageID(mail.Sender{Address: "partecipa@example.org"}, process, "r/1", d.PersonID) {
			t.Errorf("%+v", d)
		}
		got := b.sink.To(d.Address)
		if len(got) != 1 {
			t.Fatalf("%d messages to %s", len(got), d.Address)
		}
		m := got[0]
		if m.ID() != "<"+d.MessageID+">" || m.From != "partecipa@example.org" || len(m.Recipients) != 1 {
			t.Errorf("message %s from %s to %v", m.ID(), m.From, m.Recipients)
		}
		if m.Header("From") != `"Next Generation Siena" <partecipa@example.org>` ||
			m.Header("Reply-To") != `"Marta Bindi, facilitatrice" <ascolto@example.org>` || m.Header("List-Unsubscribe") == "" {
			t.Errorf("headers of\n%s", m.Raw)
		}
		if !strings.Contains(m.Text(), "Buongiorno "+d.Name) || m.Link("/q/") != fmt.Sprintf("https://example.org/q/%d", d.PersonID) {
			t.Errorf("text %s", m.Text())
		}
	}
	if tally := b.drain(); tally != (notify.Tally{}) {
		t.Errorf("again %+v", tally)
	}
}

func TestEveryKindIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	for _, k := range notify.Kinds() {
		n := reminder(k.Name)
		n.Kind = k.Name
		b.add(n)
	}
	b.expand()
	if tally := b.drain(); tally.Sent != len(notify.Kinds()) {
		t.Fatalf("%+v", tally)
	}
	for _, m := range b.sink.Messages() {
		kinds := strings.Join(m.Kinds(), " ")
		ics, method := m.Calendar()
		if !strings.HasPrefix(kinds, "text/plain text/html") || strings.Contains(ics, "METHOD:"+method+"\n") != (ics != "") {
			t.Errorf("%s: %s, calendar method %q", m.Subject(), kinds, method)
		}
	}
	calendars := map[string]int{}
	for _, m := range b.sink.Messages() {
		_, method := m.Calendar()
		calendars[method]++
	}
	if want := map[string]int{"": len(notify.Kinds()) - 6, "REQUEST": 4, "CANCEL": 2}; !maps.Equal(calendars, want) {
		t.Errorf("calendars %v, want %v", calendars, want)
	}
}

// TestLedger: what the relay does, and what the row says afterwards.
func TestLedger(t *testing.T) {
	t.Parallel()
	t.Run("4xx defers, then sends", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.sink.Answer("p1@example.net", 451)
		if tally := b.drain(); tally.Deferred != 1 {
			t.Fatalf("%+v", tally)
		}
		d := b.one()
		var wait float64
		if err := b.db.NewRaw("SELECT extract(epoch FROM due_at - clock_timestamp()) FROM delivery").Scan(t.Context(), &wait); err != nil {
			t.Fatal(err)
		}
		if d.Status != notify.Deferred || d.Attempts != 1 || d.ReplyCode != 451 || !strings.Contains(d.Reply, "As the test told me") || wait < 40 || wait > 76 {
			t.Errorf("after %g s: %+v", wait, d)
		}
		if tally := b.drain(); tally != (notify.Tally{}) {
			t.Errorf("too early: %+v", tally)
		}
		b.sink.Answer("p1@example.net", 0)
		b.due()
		b.drain()
		if d := b.one(); d.Status != notify.Sent || d.Attempts != 1 {
			t.Errorf("%+v", d)
		}
		if got := b.events(); len(got) != 1 || !strings.HasPrefix(got[0], "1 deferred 451 ") || !strings.Contains(got[0], "As the test told me") {
			t.Errorf("events %q", got)
		}
	})
	t.Run("4xx for ever fails in the end", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.sink.Answer("p1@example.net", 451)
		for range 10 {
			b.drain()
			b.due()
		}
		if d := b.one(); d.Status != notify.Failed || d.Attempts != 10 {
			t.Errorf("%+v", d)
		}
	})
	t.Run("5xx bounces and suppresses", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 2)
		b.add(reminder("r/1"), reminder("r/2"))
		b.expand()
		b.sink.Answer("p1@example.net", 550)
		b.drain()
		b.add(reminder("r/3"))
		b.expand()
		b.drain()
		count := map[string]int{}
		for _, d := range b.deliveries() {
			if d.PersonID == 1 {
				count[string(d.Status)+d.SuppressedWhy]++
			} else if d.Status != notify.Sent {
				t.Errorf("%+v", d)
			}
		}
		// Both of the first batch may have been under way together.
		if count["bounced"] < 1 || count["bounced"]+count["suppressedsuppressed"] != 3 || count["suppressedsuppressed"] < 1 {
			t.Errorf("%v", count)
		}
		// What answers a person is tried all the same: the address may live again.
		b.sink.Answer("p1@example.net", 0)
		n := reminder("sign-in/1")
		n.Kind, n.PersonID, n.ProcessID = "sign-in", 1, notify.Account
		b.add(n)
		b.expand()
		if tally := b.drain(); tally.Sent != 1 {
			t.Errorf("%+v", tally)
		}
	})
	t.Run("lost acknowledgement repeats with the same Message-ID", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.sink.DropAfterData(1)
		if tally := b.drain(); tally.Deferred != 1 {
			t.Fatalf("%+v", tally)
		}
		b.due()
		b.drain()
		if d, ids := b.one(), b.sink.CountByID(); d.Status != notify.Sent || len(ids) != 1 || ids["<"+d.MessageID+">"] != 2 {
			t.Errorf("%+v, received %v", d, ids)
		}
	})
	t.Run("unreachable relay costs nothing", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 20)
		b.add(reminder("r/1"))
		b.expand()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		d := b.newDrainer(func(c *notify.DrainerConfig) { c.Channels = b.post("smtp://" + address) })
		tally, err := d.Drain(t.Context())
		var relay *mail.Error
		if !errors.As(err, &relay) || relay.Step != "connect" || tally.Sent != 0 {
			t.Fatalf("%+v, %v", tally, err)
		}
		for _, d := range b.deliveries() {
			if d.Status != notify.Queued || d.Attempts != 0 || d.ClaimedBy != "" {
				t.Fatalf("%+v", d)
			}
		}
		if tally := b.drain(); tally.Sent != 20 {
			t.Errorf("afterwards %+v", tally)
		}
	})
	t.Run("refused login says so", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.sink.RefuseAuth()
		d := b.newDrainer(func(c *notify.DrainerConfig) { c.Channels = b.post("smtp://arengo:s3cret@" + b.sink.Addr()) })
		_, err := d.Drain(t.Context())
		if err == nil || !strings.Contains(err.Error(), "login was refused") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
		if d := b.one(); d.Status != notify.Queued || strings.Contains(d.Reply, "s3cret") {
			t.Errorf("%+v", d)
		}
	})
	t.Run("too late expires", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.clock.Advance(48 * time.Hour)
		b.add(reminder("r/2")) // due long ago, and worth nothing any more
		b.expand()
		b.drain()
		if got := b.counts(); got[notify.Expired] != 2 || len(b.sink.Messages()) != 0 {
			t.Errorf("%v, %d messages", got, len(b.sink.Messages()))
		}
	})
	t.Run("a bad address fails alone", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 2)
		b.exec(`UPDATE crowd SET address = ? WHERE person_id = 1`, "a@example.net\r\nBcc: b@example.net")
		b.add(reminder("r/1"))
		b.expand()
		if tally := b.drain(); tally != (notify.Tally{Sent: 1, Failed: 1}) {
			t.Errorf("%+v", tally)
		}
	})
	t.Run("a database that went away costs no attempt", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 3)
		b.add(reminder("r/1"))
		b.expand()
		b.crowd.lost.Store(true)
		if tally, err := b.drainer.Drain(t.Context()); !pg.Lost(err) || tally != (notify.Tally{Released: 3}) {
			t.Errorf("%+v, %v", tally, err)
		}
		b.crowd.lost.Store(false)
		for _, d := range b.deliveries() {
			if d.Status != notify.Queued || d.Attempts != 0 {
				t.Errorf("%+v", d)
			}
		}
		if tally := b.drain(); tally != (notify.Tally{Sent: 3}) {
			t.Errorf("%+v", tally)
		}
	})
	t.Run("a panic of the domain defers one notice", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.crowd.panics.Store(true)
		if tally := b.drain(); tally != (notify.Tally{Deferred: 1}) {
			t.Errorf("%+v", tally)
		}
		b.crowd.panics.Store(false)
		b.due()
		if tally := b.drain(); tally != (notify.Tally{Sent: 1}) {
			t.Errorf("%+v", tally)
		}
	})
}

func TestSubmissionBetweenAudienceAndSend(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	b.add(reminder("r/1"))
	b.expand()
	b.exec(`UPDATE crowd SET answered = true WHERE person_id IN (2, 3)`)
	if tally := b.drain(); tally != (notify.Tally{Sent: 2, Suppressed: 2}) {
		t.Errorf("%+v", tally)
	}
	if len(b.sink.To("p2@example.net"))+len(b.sink.To("p3@example.net")) != 0 {
		t.Error("a reminder went to somebody who had answered")
	}
	if d := b.deliveries()[1]; d.Status != notify.Suppressed || d.SuppressedWhy != "answered" {
		t.Errorf("%+v", d)
	}
}

// What is put off is asked about again, however often, and sent or suppressed in the end.
func TestPutOff(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.add(reminder("r/1"))
	b.expand()
	b.crowd.puttingOff.Store(true)
	for range 12 {
		if tally := b.drain(); tally != (notify.Tally{Deferred: 2}) {
			t.Fatalf("%+v", tally)
		}
		if tally := b.drain(); tally != (notify.Tally{}) {
			t.Fatalf("at once again: %+v", tally)
		}
		b.due()
	}
	b.crowd.puttingOff.Store(false)
	b.exec(`UPDATE crowd SET answered = true WHERE person_id = 2`)
	if tally := b.drain(); tally != (notify.Tally{Sent: 1, Suppressed: 1}) {
		t.Errorf("%+v", tally)
	}
	for _, d := range b.deliveries() {
		if d.Attempts != 0 {
			t.Errorf("waiting cost person %d %d attempts", d.PersonID, d.Attempts)
		}
	}
	if got := b.events(); len(got) != 2*12+1 || got[0] != "1 deferred not_decided" {
		t.Errorf("the ledger says %q", got)
	}
}

// A delivery that is put off comes back at the instant that the source names, by
// the process's clock, and not at once where that has passed.
func TestPutOffUntil(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.add(reminder("r/1"))
	b.expand()
	b.crowd.puttingOff.Store(true)
	for _, wait := range []time.Duration{time.Hour, 5 * time.Second} {
		b.clock.Set(day1.Add(time.Hour - wait))
		b.drain()
		var left float64
		b.scan(&left, `SELECT extract(epoch FROM due_at - clock_timestamp()) FROM delivery`)
		if left > wait.Seconds() || left < wait.Seconds()-30 {
			t.Errorf("comes back in %v s, want %v", left, wait)
		}
		b.due()
	}
}

// TestExtensionBetweenQueueAndSend: the reminders of the old deadline stand in
// the queue when it is extended; nobody gets them, everybody gets the new ones.
func TestExtensionBetweenQueueAndSend(t *testing.T) {
	t.Parallel()
	b := setup(t, 30)
	old := reminder("last-days/3/g1")
	old.Kind = "last-days"
	b.add(old)
	b.expand()
	b.exec(`UPDATE delivery SET status = 'deferred' WHERE person_id = 7`)
	if _, err := b.outbox.Claim(t.Context(), b.db, email.Name, "dead", 5); err != nil {
		t.Fatal(err)
	}
	if _, err := b.outbox.Cancel(t.Context(), b.db, process, "last-days/3/", day1); err != nil {
		t.Fatal(err)
	}
	extended := reminder("deadline-extended/3/g2")
	extended.Kind = "deadline-extended"
	b.add(extended)
	b.expand()
	b.due()
	b.drain()
	if got := b.counts(); got[notify.Sent] != 30 || got[notify.Suppressed] != 30 {
		t.Errorf("%v", got)
	}
	for _, m := range b.sink.Messages() {
		if !strings.HasPrefix(m.Subject(), "C’è più tempo") {
			t.Fatalf("sent %q", m.Subject())
		}
	}
}

func TestTwoDrainers(t *testing.T) {
	t.Parallel()
	b := setup(t, 300)
	b.add(reminder("r/1"))
	b.expand()
	var both sync.WaitGroup
	for range 2 {
		d := b.newDrainer(func(c *notify.DrainerConfig) { c.Workers, c.Batch = 3, 20 })
		both.Go(func() {
			if _, err := d.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	ids := b.sink.CountByID()
	if len(ids) != 300 || len(b.sink.Messages()) != 300 || b.counts()[notify.Sent] != 300 {
		t.Errorf("%d identifiers in %d messages, %v", len(ids), len(b.sink.Messages()), b.counts())
	}
}

// TestKilledDrainer: one drainer claims and dies, another sends what the relay
// had already taken from the first once more, with the same Message-ID.
func TestKilledDrainer(t *testing.T) {
	t.Parallel()
	b := setup(t, 40)
	b.add(reminder("r/1"))
	b.expand()
	claimed, err := b.outbox.Claim(t.Context(), b.db, email.Name, "dead", 15)
	if err != nil || len(claimed) != 15 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	var lease float64
	if err := b.db.NewRaw("SELECT max(extract(epoch FROM lease_until - clock_timestamp())) FROM delivery").Scan(t.Context(), &lease); err != nil {
		t.Fatal(err)
	}
	if lease > 60 || lease < 30 {
		t.Errorf("a lease of %g s", lease)
	}
	if tally := b.drain(); tally.Sent != 25 {
		t.Errorf("%+v while the lease lasts", tally)
	}
	b.due()
	if tally := b.drain(); tally.Sent != 15 {
		t.Errorf("%+v afterwards", tally)
	}
	if ids := b.sink.CountByID(); len(ids) != 40 {
		t.Errorf("%d identifiers", len(ids))
	}
	for _, d := range b.deliveries() {
		if d.Status != notify.Sent || d.Attempts > 1 {
			t.Errorf("%+v", d)
		}
	}
}

func TestStopFinishesAndGivesBack(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	b.sink.Delay(20 * time.Millisecond)
	b.add(reminder("r/1"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.drainer.Run(ctx) }()
	b.sink.Wait(t, 10)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	got := b.counts()
	if got[notify.Sent] != len(b.sink.Messages()) || got[notify.Sent] == 200 || got[notify.Sent]+got[notify.Queued] != 200 {
		t.Errorf("%v after %d messages", got, len(b.sink.Messages()))
	}
	b.sink.Delay(0)
	b.drain()
	if ids := b.sink.CountByID(); len(ids) != 200 || len(b.sink.Messages()) != 200 {
		t.Errorf("%d identifiers in %d messages", len(ids), len(b.sink.Messages()))
	}
}

func TestRunIsWoken(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	d := b.newDrainer(func(c *notify.DrainerConfig) { c.Poll = time.Hour })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	for i := range 3 {
		b.add(reminder(fmt.Sprint("r/", i)))
		d.Wake()
		b.sink.Wait(t, i+1)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestSignInOvertakes(t *testing.T) {
	t.Parallel()
	b := setup(t, 100)
	b.add(reminder("r/1"))
	b.expand()
	n := reminder("sign-in/1")
	n.Kind, n.PersonID, n.ProcessID = "sign-in", 5, notify.Account
	b.add(n)
	b.expand()
	claimed, err := b.outbox.Claim(t.Context(), b.db, email.Name, "test", 1)
	if err != nil || len(claimed) != 1 || claimed[0].ProcessID != notify.Account {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
}

// A sign-in link asked for while a long campaign is on its way is expanded and sent
// before this has ended.
func TestSignInDoesNotWaitForACampaign(t *testing.T) {
	t.Parallel()
	b := setup(t, 60)
	b.sink.Delay(50 * time.Millisecond)
	b.drainer = b.newDrainer(func(c *notify.DrainerConfig) { c.Workers, c.Batch, c.Poll = 1, 10, 20*time.Millisecond })
	b.add(reminder("r/1"))
	ended := make(chan error)
	go func() { ended <- b.drainer.Round(t.Context()) }()
	b.sink.Wait(t, 3)
	n := reminder("sign-in/1")
	n.Kind, n.PersonID, n.ProcessID = "sign-in", 5, notify.Account
	b.add(n)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	all := b.sink.Messages()
	at := slices.IndexFunc(all, func(m *processtest.Message) bool { return m.Header("List-Id") == "" })
	if len(all) != 61 || at < 3 || at > 50 {
		t.Errorf("%d messages, the link is number %d", len(all), at)
	}
}

// A channel that cannot be used keeps no other waiting, and what comes for this one
// meanwhile goes.
func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.outbox = notify.NewOutbox(b.crowd, email.Reach{}, board{})
	pinned := &pinboard{}
	b.drainer = b.newDrainer(func(c *notify.DrainerConfig) {
		c.Channels, c.Poll = append(b.post("smtp://127.0.0.1:1"), pinned), 20*time.Millisecond
	})
	b.add(reminder("r/1"))
	b.expand()
	tally, err := b.drainer.Drain(t.Context())
	var relay *mail.Error
	if !errors.As(err, &relay) || tally.Sent != 2 || pinned.count.Load() != 2 {
		t.Fatalf("%+v, %d pinned, %v", tally, pinned.count.Load(), err)
	}
	var open []string
	if err := b.db.NewRaw(`SELECT channel || ' ' || status FROM delivery ORDER BY 1`).Scan(t.Context(), &open); err != nil {
		t.Fatal(err)
	}
	if want := []string{"board sent", "board sent", "mail queued", "mail queued"}; !slices.Equal(open, want) {
		t.Errorf("%q, want %q", open, want)
	}
}

// board is a channel that pins up a note for each.
type board struct{}

func (board) Name() string { return "board" }

func (board) Recipients(_ channel.Occasion, who schema.QueryAppender) schema.QueryAppender {
	return bun.SafeQuery("SELECT a.*, NULL::text AS why FROM (?) AS a", who)
}

func (board) Blocked(context.Context, bun.IDB, channel.Occasion, []string) (map[string]string, error) {
	return nil, nil
}

type pinboard struct {
	board
	count atomic.Int64
}

func (p *pinboard) Open() channel.Session { return p }
func (p *pinboard) Close()                {}

func (p *pinboard) Send(context.Context, channel.Letter) (channel.Result, error) {
	p.count.Add(1)
	return channel.Result{Outcome: channel.Delivered}, nil
}

// callsEach adds a call of its own to each of so many people.
func (b *bench) callsEach(people int) {
	for i := range people {
		n := reminder(fmt.Sprintf("late/%d", i))
		n.PersonID = int64(i + 1)
		b.add(n)
	}
}

// Who is to sign in gets the link before the first question is answered about those
// who are called with them.
func TestSignInWaitsForNoQuestions(t *testing.T) {
	t.Parallel()
	b := setup(t, 30)
	b.callsEach(30)
	link := reminder("sign-in/1")
	link.Kind, link.PersonID = "sign-in", 7
	b.add(link)
	b.expand()
	sent := make(chan struct{})
	b.crowd.checking = func(n notify.Notice) {
		if n.Kind == "reminder" {
			<-sent
		}
	}
	ended := make(chan error)
	go func() {
		_, err := b.drainer.Drain(context.WithoutCancel(t.Context()))
		ended <- err
	}()
	answer := sync.OnceFunc(func() { close(sent) })
	defer answer()
	if first := b.sink.Wait(t, 1)[0].Subject(); !strings.Contains(first, "per entrare") {
		t.Errorf("first %q", first)
	}
	answer()
	if err := <-ended; err != nil || b.counts()[notify.Sent] != 31 {
		t.Errorf("%v, %v", b.counts(), err)
	}
}

func TestNewDrainerRefuses(t *testing.T) {
	t.Parallel()
	if _, err := notify.NewDrainer(notify.DrainerConfig{}); err == nil {
		t.Error("an empty configuration was accepted")
	}
	if err := templates.Load(); err != nil {
		t.Error(err)
	}
}

// TestSlowRelayKeepsLeases has the lease run down while a batch is being sent:
// another drainer must not get a message that waits in the first.
func TestSlowRelayKeepsLeases(t *testing.T) {
	t.Parallel()
	b := setup(t, 30)
	b.outbox = notify.NewOutboxWithLease(b.crowd, 900*time.Millisecond)
	b.sink.Delay(100 * time.Millisecond)
	b.add(reminder("r/1"))
	b.expand()
	one := b.newDrainer(func(c *notify.DrainerConfig) { c.Workers = 2 })
	two := b.newDrainer(func(c *notify.DrainerConfig) { c.Workers, c.Poll = 1, 50*time.Millisecond })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- one.Run(ctx) }()
	b.sink.Wait(t, 1)
	go func() { ended <- two.Run(ctx) }()
	processtest.Eventually(t, "all are sent", func() bool { return b.counts()[notify.Sent] == 30 })
	stop()
	if err := errors.Join(<-ended, <-ended); err != nil {
		t.Fatal(err)
	}
	if n := len(b.sink.Messages()); n != 30 {
		t.Errorf("%d messages to 30 people", n)
	}
}

// A round goes on until nothing is due, and who is to sign in does not wait
// behind those who are called.
func TestRoundTakesEverything(t *testing.T) {
	t.Parallel()
	b := setup(t, 350)
	b.callsEach(350)
	link := reminder("sign-in/1")
	link.Kind, link.PersonID, link.DueAt = "sign-in", 7, link.DueAt.Add(time.Second)
	b.add(link)
	b.clock.Set(link.DueAt)
	if err := b.drainer.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.counts(); got[notify.Sent] != 351 {
		t.Fatalf("%v", got)
	}
	at := slices.IndexFunc(b.sink.Messages(), func(m *processtest.Message) bool { return strings.Contains(m.Subject(), "per entrare") })
	if at < 0 || at > 20 {
		t.Errorf("the link to sign in is message %d", at+1)
	}
}
