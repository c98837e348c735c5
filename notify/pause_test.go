package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/notify"
)

// noticeID is the one notice of a key.
func (b *bench) noticeID(key string) int64 {
	b.t.Helper()
	var id int64
	if err := b.db.NewRaw(`SELECT id FROM notice WHERE process_id = ? AND key = ?`, process, key).Scan(b.t.Context(), &id); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// stop is who pauses in these tests: nobody whom the database knows.
func (b *bench) stop(why string) notify.Stop { return notify.Stop{Why: why, At: b.clock.Time()} }

func (b *bench) pause(key string) bool {
	b.t.Helper()
	done, err := b.outbox.Pause(b.t.Context(), b.db, process, b.noticeID(key), b.stop("a wrong link"))
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

func (b *bench) resume(key string) bool {
	b.t.Helper()
	done, err := b.outbox.Resume(b.t.Context(), b.db, process, b.noticeID(key), b.stop(""))
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

func (b *bench) settle() int {
	b.t.Helper()
	n, err := b.outbox.Settle(b.t.Context(), b.db, 1_000_000)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) count(query string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.db.NewRaw(query, args...).Scan(b.t.Context(), &n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

const parkedRows = `SELECT count(*) FROM delivery WHERE due_at = 'infinity'`

// eachOnce fails unless every one of the crowd has exactly one message.
func (b *bench) eachOnce(people int) {
	b.t.Helper()
	seen := map[string]int{}
	for _, m := range b.sink.Messages() {
		seen[m.Recipients[0]]++
	}
	for n := range people {
		if to := fmt.Sprintf("p%d@example.net", n+1); seen[to] != 1 {
			b.t.Errorf("%s has %d messages", to, seen[to])
		}
	}
	if len(seen) != people {
		b.t.Errorf("%d recipients, want %d", len(seen), people)
	}
}

func TestPausedNoticeIsNotExpanded(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.add(reminder("r/1"), reminder("r/2"))
	if !b.pause("r/1") || b.pause("r/1") {
		t.Error("pausing says the wrong thing")
	}
	if notices, _ := b.expand(); notices != 1 {
		t.Errorf("%d notices expanded, want the other", notices)
	}
	if !b.resume("r/1") || b.resume("r/1") {
		t.Error("resuming says the wrong thing")
	}
	if notices, deliveries := b.expand(); notices != 1 || deliveries != 3 {
		t.Errorf("%d notices, %d deliveries", notices, deliveries)
	}
	if tally := b.drain(); tally != (notify.Tally{Sent: 6}) {
		t.Errorf("%+v", tally)
	}
}

func TestPausedNoticeIsParked(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	b.add(reminder("r/1"), reminder("r/2"))
	b.expand()
	b.pause("r/1")
	// Before anything is parked, nothing of it goes.
	if tally := b.drain(); tally != (notify.Tally{Sent: 5}) {
		t.Fatalf("while paused: %+v", tally)
	}
	if n := b.settle(); n != 5 || b.count(parkedRows) != 5 || b.settle() != 0 {
		t.Errorf("%d parked, %d rows", n, b.count(parkedRows))
	}
	if tally := b.drain(); tally != (notify.Tally{}) {
		t.Errorf("parked: %+v", tally)
	}
	b.resume("r/1")
	if n := b.settle(); n != 5 || b.count(parkedRows) != 0 {
		t.Errorf("%d made due, %d rows still parked", n, b.count(parkedRows))
	}
	b.settle()
	if n := b.count(`SELECT count(*) FROM notice_pause WHERE settled AND until IS NOT NULL AND why = 'a wrong link'`); n != 1 {
		t.Errorf("%d settled pauses in the history", n)
	}
	if tally := b.drain(); tally != (notify.Tally{Sent: 5}) {
		t.Errorf("resumed: %+v", tally)
	}
	if b.pause("r/1") || b.pause("r/2") {
		t.Error("what is over was paused")
	}
}

// A pause within a pause: who resumes first must not make due what is paused again.
func TestPausedAgainBeforeItIsSettled(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	b.add(reminder("r/1"))
	b.expand()
	b.pause("r/1")
	b.settle()
	b.resume("r/1")
	if !b.pause("r/1") {
		t.Fatal("what is parked could not be paused again")
	}
	if b.settle(); b.count(parkedRows) != 4 {
		t.Errorf("%d parked", b.count(parkedRows))
	}
	b.resume("r/1")
	b.settle()
	if tally := b.drain(); tally.Sent != 4 {
		t.Errorf("%+v", tally)
	}
}

// What ran out of time meanwhile expires, expanded or not.
func TestPauseOutlivesTheNotice(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.add(reminder("r/1"), reminder("r/2"))
	b.pause("r/2")
	b.expand()
	b.pause("r/1")
	b.settle()
	b.clock.Set(day1.AddDate(0, 0, 3))
	b.resume("r/1")
	b.resume("r/2")
	b.settle()
	b.expand()
	b.drain()
	if got := b.counts(); got[notify.Expired] != 6 || len(b.sink.Messages()) != 0 {
		t.Errorf("%v, %d messages", got, len(b.sink.Messages()))
	}
}

func TestPausedChannel(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.add(reminder("r/1"))
	b.expand()
	pause := func() bool {
		done, err := b.outbox.PauseChannel(t.Context(), b.db, "mail", b.stop("the relay is moved"))
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	if !pause() || pause() {
		t.Error("pausing says the wrong thing")
	}
	if tally := b.drain(); tally != (notify.Tally{}) {
		t.Errorf("paused: %+v", tally)
	}
	if done, err := b.outbox.ResumeChannel(t.Context(), b.db, "mail", b.stop("")); !done || err != nil {
		t.Errorf("%v %v", done, err)
	}
	if tally := b.drain(); tally.Sent != 3 {
		t.Errorf("resumed: %+v", tally)
	}
	if done, _ := b.outbox.ResumeChannel(t.Context(), b.db, "mail", b.stop("")); done {
		t.Error("it was resumed twice")
	}
}

// TestPauseRace pauses while two nodes send: after that goes at most what they had
// in hand, nothing is lost, and resuming sends exactly the rest.
func TestPauseRace(t *testing.T) {
	t.Parallel()
	const people, batch, nodes, feeders = 600, 10, 2, 2
	acts := map[string][2]func(*bench) error{
		"notice": {
			func(b *bench) error { b.pause("r/1"); return nil },
			func(b *bench) error { b.resume("r/1"); return nil },
		},
		"channel": {
			func(b *bench) error {
				_, err := b.outbox.PauseChannel(b.t.Context(), b.db, "mail", b.stop("x"))
				return err
			},
			func(b *bench) error {
				_, err := b.outbox.ResumeChannel(b.t.Context(), b.db, "mail", b.stop(""))
				return err
			},
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, people)
			b.add(reminder("r/1"))
			b.expand()
			b.sink.Delay(2 * time.Millisecond)
			var all sync.WaitGroup
			drain := func() {
				for range nodes {
					d := b.newDrainer(func(c *notify.DrainerConfig) { c.Batch, c.Workers = batch, 3 })
					all.Go(func() {
						if _, err := d.Drain(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
			}
			drain()
			b.sink.Wait(t, 100)
			if err := act[0](b); err != nil {
				t.Fatal(err)
			}
			before := len(b.sink.Messages())
			b.settle()
			all.Wait()
			after := len(b.sink.Messages())
			// Each feeder may have one batch, and its next may be claimed in the same instant.
			if after-before > nodes*feeders*batch || after == people {
				t.Errorf("%d messages went after the pause, %d in all", after-before, after)
			}
			if got := b.counts(); got[notify.Sent] != after || got[notify.Queued] != people-after {
				t.Errorf("%d messages, ledger %v", after, got)
			}
			drain()
			if all.Wait(); len(b.sink.Messages()) != after {
				t.Error("a drain sent what is paused")
			}
			if err := act[1](b); err != nil {
				t.Fatal(err)
			}
			b.settle()
			drain()
			all.Wait()
			b.eachOnce(people)
			if got := b.counts(); got[notify.Sent] != people {
				t.Errorf("ledger %v", got)
			}
		})
	}
}

// TestPauseAtRandom does everything in any order: no message of a paused notice
// goes, and in the end everybody has one of each.
func TestPauseAtRandom(t *testing.T) {
	t.Parallel()
	const people = 4
	b := setup(t, people)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		keys := []string{fmt.Sprintf("a/%d", run), fmt.Sprintf("b/%d", run)}
		paused, channel := map[string]bool{}, false
		b.sink.Clear()
		b.add(reminder(keys[0]), reminder(keys[1]))
		sent := func(key string) int {
			return b.count(`SELECT count(*) FROM delivery WHERE status = 'sent' AND notice_id = ?`, b.noticeID(key))
		}
		acts := map[string]func(){
			"pause": func() {
				key := rapid.SampledFrom(keys).Draw(r, "key")
				if b.pause(key) {
					paused[key] = true
				}
			},
			"resume": func() { key := rapid.SampledFrom(keys).Draw(r, "key"); b.resume(key); paused[key] = false },
			"stop": func() {
				_, err := b.outbox.PauseChannel(t.Context(), b.db, "mail", b.stop(""))
				if channel = true; err != nil {
					r.Fatal(err)
				}
			},
			"go": func() {
				_, err := b.outbox.ResumeChannel(t.Context(), b.db, "mail", b.stop(""))
				if channel = false; err != nil {
					r.Fatal(err)
				}
			},
			"settle": func() { b.settle() },
			"expand": func() { b.expand() },
			"crash": func() {
				if _, err := b.outbox.Claim(t.Context(), b.db, "mail", "somebody", 2); err != nil {
					r.Fatal(err)
				}
				b.due()
			},
			"drain": func() {
				before := map[string]int{keys[0]: sent(keys[0]), keys[1]: sent(keys[1])}
				b.drain()
				for _, key := range keys {
					if (paused[key] || channel) && sent(key) != before[key] {
						r.Fatalf("%s was sent while paused", key)
					}
				}
			},
		}
		var names []string
		for name := range acts {
			names = append(names, name)
		}
		slices.Sort(names)
		var did []string
		for i := range rapid.IntRange(1, 15).Draw(r, "acts") {
			name := rapid.SampledFrom(names).Draw(r, strconv.Itoa(i))
			did = append(did, name)
			acts[name]()
		}
		b.resume(keys[0])
		b.resume(keys[1])
		acts["go"]()
		paused = map[string]bool{}
		b.settle()
		b.expand()
		b.due()
		b.drain()
		for _, key := range keys {
			if n := sent(key); n != people {
				r.Fatalf("%s reached %d of %d after %s", key, n, people, strings.Join(did, " "))
			}
		}
		if n := len(b.sink.Messages()); n != 2*people {
			r.Fatalf("%d messages after %s", n, strings.Join(did, " "))
		}
	})
}

// actingClock does something when the drain reads it: between claiming and asking.
type actingClock struct {
	notify.Clock
	act func()
}

func (c actingClock) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	c.act()
	return c.Clock.Now(ctx, tx)
}

// What was claimed before a pause and not looked at yet is given back as it was.
func TestPauseBetweenClaimAndSending(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.add(reminder("r/1"))
	b.expand()
	b.drainer = b.newDrainer(func(c *notify.DrainerConfig) {
		c.Clock = actingClock{b.clock, func() { b.pause("r/1") }}
	})
	if tally := b.drain(); tally != (notify.Tally{Released: 3}) {
		t.Errorf("%+v", tally)
	}
	for _, d := range b.deliveries() {
		if d.Status != notify.Queued || d.Attempts != 0 {
			t.Errorf("%+v", d)
		}
	}
	if got := b.events(); len(got) != 0 || len(b.sink.Messages()) != 0 {
		t.Errorf("events %v, %d messages", got, len(b.sink.Messages()))
	}
}
