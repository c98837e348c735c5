package notify_test

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process/fault"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	kinds, named := notify.Kinds(), map[string]bool{}
	for _, name := range templates.Names() {
		named[name] = true
	}
	if len(kinds) != len(named) || len(kinds) < 37 {
		t.Fatalf("%d kinds, %d sources, want 37 of both", len(kinds), len(named))
	}
	for _, k := range kinds {
		if !named[k.Name] || k.TimeToLive <= 0 || k.Category == "" {
			t.Errorf("%+v", k)
		}
	}
	if _, ok := notify.KindNamed("no-such"); ok {
		t.Error("an unknown kind was found")
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	for name, spoil := range map[string]func(*notify.Notice){
		"kind":         func(n *notify.Notice) { n.Kind = "remindr" },
		"key":          func(n *notify.Notice) { n.Key = "" },
		"due":          func(n *notify.Notice) { n.DueAt = time.Time{} },
		"created":      func(n *notify.Notice) { n.CreatedAt = time.Time{} },
		"expires":      func(n *notify.Notice) { n.ExpiresAt = n.DueAt },
		"other person": func(n *notify.Notice) { n.PersonID = -1 },
	} {
		n := reminder("spoilt/" + name)
		spoil(&n)
		if err := b.outbox.Add(t.Context(), b.db, n); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.add()
	b.add(reminder("r/1"), reminder("r/1"), reminder("r/2"))
	b.add(reminder("r/1"))
	var rows []notify.Notice
	if err := b.db.NewSelect().Model(&rows).Column("key", "expires_at", "due_at", "payload").Order("key").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || !rows[0].ExpiresAt.Equal(day1.Add(48*time.Hour)) || string(rows[0].Payload) != "{}" {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
}

func TestExpandTwice(t *testing.T) {
	t.Parallel()
	b := setup(t, 20)
	b.exec(`UPDATE crowd SET answered = true WHERE person_id = 1`)
	b.exec(`UPDATE crowd SET address = '  ' WHERE person_id = 2`)
	b.exec(`INSERT INTO suppression VALUES ('p3@example.net', 'bounced', now())`)
	b.exec(`UPDATE crowd SET address = 'P3@Example.net' WHERE person_id = 3`)
	later := reminder("r/later")
	later.DueAt = day1.Add(time.Hour)
	b.add(reminder("r/1"), later)
	if notices, deliveries := b.expand(); notices != 1 || deliveries != 19 {
		t.Errorf("%d notices, %d deliveries, want 1 and 19", notices, deliveries)
	}
	if notices, deliveries := b.expand(); notices != 0 || deliveries != 0 {
		t.Errorf("again %d notices, %d deliveries", notices, deliveries)
	}
	b.exec(`UPDATE notice SET expanded_at = NULL`) // as if its commit had been lost
	if _, deliveries := b.expand(); deliveries != 0 {
		t.Errorf("%d deliveries twice", deliveries)
	}
	want := map[notify.Status]int{notify.Queued: 17, notify.Suppressed: 2}
	if got := b.counts(); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	why := map[int64]string{2: "no_address", 3: "suppressed"}
	for _, d := range b.deliveries() {
		if d.SuppressedWhy != why[d.PersonID] {
			t.Errorf("person %d suppressed %q", d.PersonID, d.SuppressedWhy)
		}
	}
}

func TestExpandOnTwoNodes(t *testing.T) {
	t.Parallel()
	b := setup(t, 50)
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		b.add(reminder(key))
	}
	total := make(chan int, 2)
	for range 2 {
		go func() {
			_, deliveries, err := b.outbox.Expand(context.WithoutCancel(t.Context()), b.db, day1, 100)
			if err != nil {
				t.Error(err)
			}
			total <- deliveries
		}()
	}
	if sum := <-total + <-total; sum != 300 {
		t.Errorf("%d deliveries, want 300", sum)
	}
}

func TestBrokenAudienceDoesNotStandBeforeOthers(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*crowd) *atomic.Bool{
		"failing":  func(c *crowd) *atomic.Bool { return &c.failing },
		"poisoned": func(c *crowd) *atomic.Bool { return &c.poisoned },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			brokenAudience(t, broken)
		})
	}
}

func brokenAudience(t *testing.T, broken func(*crowd) *atomic.Bool) {
	t.Helper()
	b := setup(t, 2)
	b.add(reminder("broken"))
	broken(b.crowd).Store(true)
	if _, _, err := b.outbox.Expand(t.Context(), b.db, day1, 100); err == nil {
		t.Fatal("no error")
	}
	broken(b.crowd).Store(false)
	other := reminder("other")
	other.DueAt = day1.Add(time.Second)
	b.add(other)
	b.clock.Advance(time.Second)
	if notices, deliveries := b.expand(); notices != 1 || deliveries != 2 {
		t.Errorf("%d notices, %d deliveries while one waits", notices, deliveries)
	}
	b.clock.Advance(2 * time.Minute)
	if notices, deliveries := b.expand(); notices != 1 || deliveries != 2 {
		t.Errorf("%d notices, %d deliveries at the retry", notices, deliveries)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	late := reminder("reminder/3/g1/-1d")
	late.DueAt = day1.Add(time.Hour)
	other := reminder("reminder/33/g1")
	elsewhere := reminder("reminder/3/g1")
	elsewhere.ProcessID = process + 1
	b.add(reminder("reminder/3/g1/-2d"), late, other, elsewhere)
	b.expand()
	n, err := b.outbox.Cancel(t.Context(), b.db, process, "reminder/3/g1", day1)
	if err != nil || n != 2 {
		t.Fatalf("cancelled %d, %v, want 2", n, err)
	}
	if n, err := b.outbox.Cancel(t.Context(), b.db, process, "reminder/3/g1", day1); err != nil || n != 0 {
		t.Errorf("again %d, %v", n, err)
	}
	if _, err := b.outbox.Cancel(t.Context(), b.db, process, "", day1); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty prefix cancels all: %v", err)
	}
	b.clock.Advance(2 * time.Hour)
	if notices, _ := b.expand(); notices != 0 {
		t.Errorf("%d cancelled notices were expanded", notices)
	}
	b.drain()
	if got, want := b.counts(), (map[notify.Status]int{notify.Suppressed: 3, notify.Sent: 6}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestAddRollsBackWithItsCause(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	tx, err := b.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = b.outbox.Add(t.Context(), tx, reminder("r/1"))
	if err := errors.Join(err, tx.Rollback()); err != nil {
		t.Fatal(err)
	}
	if notices, _ := b.expand(); notices != 0 {
		t.Error("a notice outlived its transaction")
	}
}

// TestExpandTenThousand has a generous limit, because other jobs share the
// machine; the log tells the time.
func TestExpandTenThousand(t *testing.T) {
	t.Parallel()
	b := setup(t, 10_000)
	b.add(reminder("r/1"))
	begin := time.Now()
	if _, deliveries := b.expand(); deliveries != 10_000 {
		t.Errorf("%d deliveries", deliveries)
	}
	took := time.Since(begin)
	t.Logf("10 000 deliveries in %s", took)
	if took > 5*time.Second {
		t.Errorf("10 000 deliveries took %s", took)
	}
}
