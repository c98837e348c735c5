package notify_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	"arengo/process/processtest"
)

// day1 is where the tests' clocks begin.
var day1 = time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)

const process = 12

// crowd is a domain of one table: who is invited and who has answered.
type crowd struct {
	failing    atomic.Bool           // Audience cannot be found
	poisoned   atomic.Bool           // Audience panics
	panics     atomic.Bool           // Facts panics
	lost       atomic.Bool           // Facts cannot reach the database
	puttingOff atomic.Bool           // Check cannot tell yet
	checking   func(n notify.Notice) // called by Check
}

func (c *crowd) Audience(_ context.Context, db bun.IDB, n notify.Notice) (schema.QueryAppender, error) {
	if c.poisoned.Load() {
		panic("no roster today")
	}
	if c.failing.Load() {
		return nil, errors.New("the roster is not at home")
	}
	q := db.NewSelect().TableExpr("crowd").Column("person_id", "address", "name", "locale").Where("NOT answered")
	if n.PersonID != 0 {
		q.Where("person_id = ?", n.PersonID)
	}
	return q, nil
}

func (c *crowd) Check(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Verdict, error) {
	if c.checking != nil {
		c.checking(n)
	}
	var answered []int64
	err := db.NewRaw("SELECT person_id FROM crowd WHERE answered AND person_id IN (?)", bun.List(persons)).Scan(ctx, &answered)
	verdicts := map[int64]notify.Verdict{}
	for _, id := range answered {
		verdicts[id] = notify.Verdict{Reason: "answered"}
	}
	if c.puttingOff.Load() {
		for _, id := range persons {
			verdicts[id] = notify.Verdict{Reason: "not_decided", Until: day1.Add(time.Hour)}
		}
	}
	return verdicts, err
}

func (c *crowd) Facts(_ context.Context, _ bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Facts, error) {
	if c.panics.Load() {
		panic("no facts today")
	}
	if c.lost.Load() {
		return nil, fmt.Errorf("facts: %w", driver.ErrBadConn)
	}
	facts := map[int64]notify.Facts{}
	for _, id := range persons {
		f := templates.Preview(n.Kind, "")
		f.Process.ID, f.Recipient.Name = n.ProcessID, ""
		f.Recipient.Link = fmt.Sprintf("https://example.org/q/%d", id)
		facts[id] = f
	}
	return facts, nil
}

// bench is one test's own world.
type bench struct {
	t       testing.TB
	db      *bun.DB
	sink    *processtest.Sink
	clock   *processtest.Clock
	crowd   *crowd
	outbox  *notify.Outbox
	drainer *notify.Drainer
}

func setup(t testing.TB, people int) *bench {
	t.Helper()
	b := &bench{t: t, db: processtest.Database(t), sink: processtest.SMTP(t), clock: processtest.NewClock(day1), crowd: &crowd{}}
	b.exec(`CREATE TABLE crowd (person_id bigint PRIMARY KEY, address text, name text, locale text, answered boolean NOT NULL DEFAULT false)`)
	b.exec(`INSERT INTO crowd SELECT n, 'p' || n || '@example.net', 'Persona ' || n, 'it' FROM generate_series(1, ?) AS n`, people)
	b.exec(`ANALYZE crowd`)
	b.outbox = notify.NewOutbox(b.crowd)
	b.drainer = b.newDrainer(nil)
	return b
}

// newDrainer makes a drainer over mail; change may want another.
func (b *bench) newDrainer(change func(*notify.DrainerConfig)) *notify.Drainer {
	b.t.Helper()
	c := notify.DrainerConfig{
		DB: b.db, Outbox: b.outbox, Clock: b.clock, Channels: b.post(b.sink.URL()),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&c)
	}
	d, err := notify.NewDrainer(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// post is the channel of mail to a relay.
func (b *bench) post(url string) []channel.Channel {
	b.t.Helper()
	relay, err := mail.ParseRelay(url)
	if err != nil {
		b.t.Fatal(err)
	}
	post, err := email.New(relay, mail.Sender{Address: "partecipa@example.org", Name: "Arengo"})
	if err != nil {
		b.t.Fatal(err)
	}
	return []channel.Channel{post}
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) scan(into any, sql string, args ...any) {
	b.t.Helper()
	if err := b.db.NewRaw(sql, args...).Scan(b.t.Context(), into); err != nil {
		b.t.Fatal(err)
	}
}

// reminder is a notice to the whole crowd, due now.
func reminder(key string) notify.Notice {
	return notify.Notice{ProcessID: process, ActivityID: 3, Key: key, Kind: "reminder", Audience: "silent", DueAt: day1, CreatedAt: day1}
}

func (b *bench) add(notices ...notify.Notice) {
	b.t.Helper()
	if err := b.outbox.Add(b.t.Context(), b.db, notices...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) expand() (notices, deliveries int) {
	b.t.Helper()
	notices, deliveries, err := b.outbox.Expand(b.t.Context(), b.db, b.clock.Time(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return notices, deliveries
}

func (b *bench) drain() notify.Tally {
	b.t.Helper()
	tally, err := b.drainer.Drain(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return tally
}

// due makes deferred deliveries and leases due at once.
func (b *bench) due() {
	b.t.Helper()
	b.exec(`UPDATE delivery SET due_at = clock_timestamp() - interval '1 second' WHERE status = 'deferred'`)
	b.exec(`UPDATE delivery SET lease_until = clock_timestamp() - interval '1 second' WHERE status = 'sending'`)
}

func (b *bench) deliveries() []notify.Delivery {
	b.t.Helper()
	var list []notify.Delivery
	if err := b.db.NewSelect().Model(&list).OrderExpr("person_id, id").Scan(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return list
}

// one is the delivery of a test that has one.
func (b *bench) one() notify.Delivery {
	b.t.Helper()
	list := b.deliveries()
	if len(list) != 1 {
		b.t.Fatalf("%d deliveries, want one", len(list))
	}
	return list[0]
}

// counts says how many deliveries stand where.
func (b *bench) counts() map[notify.Status]int {
	b.t.Helper()
	var rows []struct {
		Status notify.Status
		N      int
	}
	if err := b.db.NewRaw(`SELECT status, count(*) AS n FROM delivery GROUP BY status`).Scan(b.t.Context(), &rows); err != nil {
		b.t.Fatal(err)
	}
	count := map[notify.Status]int{}
	for _, r := range rows {
		count[r.Status] = r.N
	}
	return count
}

// events is what the ledger keeps of outcomes, "person status code reply" each.
func (b *bench) events() []string {
	b.t.Helper()
	var list []string
	err := b.db.NewRaw(`SELECT concat_ws(' ', d.person_id, e.status, e.code, e.reply) FROM delivery_event AS e
		JOIN delivery AS d ON d.process_id = e.process_id AND d.id = e.delivery_id ORDER BY d.person_id, e.id`).Scan(b.t.Context(), &list)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}
