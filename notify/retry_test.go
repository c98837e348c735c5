package notify_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process/pg"
	"arengo/process/processtest"
)

// notice reads the one notice of a test.
func (b *bench) notice() notify.Notice {
	b.t.Helper()
	var n notify.Notice
	if err := b.db.NewSelect().Model(&n).Scan(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) ids() []int64 {
	b.t.Helper()
	var ids []int64
	for _, d := range b.deliveries() {
		ids = append(ids, d.ID)
	}
	return ids
}

// retry tries all deliveries once more. What would have been said of it before is
// held against what was done.
func (b *bench) retry() notify.Again {
	b.t.Helper()
	foreseen, err := b.outbox.MayRetry(b.t.Context(), b.db, b.notice(), b.ids(), b.clock.Time())
	if err != nil {
		b.t.Fatal(err)
	}
	var again notify.Again
	err = pg.InTx(b.t.Context(), b.db, func(ctx context.Context, tx bun.Tx) (err error) {
		again, err = b.outbox.Retry(ctx, tx, b.notice(), b.ids(), b.clock.Time())
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(again.Ready)
	slices.Sort(foreseen.Ready)
	if !slices.Equal(again.Ready, foreseen.Ready) || !maps.Equal(again.Refused, foreseen.Refused) {
		b.t.Errorf("foreseen %+v, done %+v", foreseen, again)
	}
	return again
}

func TestRetry(t *testing.T) {
	t.Parallel()
	b := setup(t, 9)
	b.add(reminder("r/1"))
	b.expand()
	for i, set := range []string{
		"status = 'failed', attempts = 10, reply_code = 554, reply = 'no'",
		"status = 'expired'",
		"status = 'bounced', sent_at = now() - interval '1 hour', reply_code = 550, reply = '5.1.1 unknown'", // refused still
		"status = 'bounced', reply_code = 550, reply = '5.1.1 unknown'",                                      // at an old address
		"status = 'suppressed', suppressed_why = 'no_address', address = ''",                                 // has one by now
		"status = 'suppressed', suppressed_why = 'closed'",                                                   // the domain's decision
		"status = 'failed'",                // has answered since
		"status = 'sent', sent_at = now()", // got it
		"status = 'complained', sent_at = now()",
	} {
		b.exec(fmt.Sprintf(`UPDATE delivery SET %s WHERE person_id = %d`, set, i+1))
	}
	b.exec(`INSERT INTO suppression VALUES ('p3@example.net', 'refused', now())`)
	b.exec(`UPDATE crowd SET address = 'new@example.net', name = 'Nuovo Nome' WHERE person_id = 4`)
	b.exec(`UPDATE crowd SET answered = true WHERE person_id = 7`)
	again := b.retry()
	if want := map[string]int{"suppressed": 1, "left_audience": 1}; len(again.Ready) != 4 || !maps.Equal(again.Refused, want) {
		t.Fatalf("%+v, want 4 and %v", again, want)
	}
	queued := map[int64]notify.Delivery{}
	for _, d := range b.deliveries() {
		if d.Status == notify.Queued {
			queued[d.PersonID] = d
		}
	}
	if d := queued[4]; d.Address != "new@example.net" || d.Name != "Nuovo Nome" {
		t.Errorf("%+v", d)
	}
	if d := queued[1]; d.Attempts != 0 || d.ReplyCode != 0 || d.Reply != "" {
		t.Errorf("%+v", d)
	}
	if again := b.retry(); len(again.Ready) != 0 {
		t.Errorf("again %+v", again)
	}
	if tally := b.drain(); tally.Sent != 4 {
		t.Errorf("%+v", tally)
	}
	if again := b.retry(); len(again.Ready) != 0 {
		t.Errorf("who got it would get it twice: %+v", again)
	}
	if got := b.events(); !slices.Equal(got, []string{"1 queued retry", "2 queued retry", "4 queued retry", "5 queued retry"}) {
		t.Errorf("events %q", got)
	}
}

// What came back had been sent, which its row told alone.
func TestRetryKeepsThatItWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.add(reminder("r/1"))
	b.expand()
	b.exec(`UPDATE delivery SET status = 'bounced', sent_at = now(), reply_code = 550`)
	b.retry()
	if got := b.events(); !slices.Equal(got, []string{"1 sent", "1 queued retry"}) {
		t.Errorf("events %q", got)
	}
	if d := b.one(); d.Status != notify.Queued || !d.SentAt.IsZero() {
		t.Errorf("%+v", d)
	}
}

func TestRetryOfWhatIsLate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  string
		ready int
	}{{"reminder", 2}, {"sign-in", 0}} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 2)
			n := reminder("r/1")
			n.Kind = c.kind
			b.add(n)
			b.expand()
			b.clock.Set(day1.AddDate(0, 0, 30))
			if tally := b.drain(); tally.Expired != 2 {
				t.Fatalf("%+v", tally)
			}
			again := b.retry()
			if len(again.Ready) != c.ready || again.Refused[notify.Past] != 2-c.ready {
				t.Fatalf("%+v", again)
			}
			kind, _ := notify.KindNamed(c.kind)
			if got := b.notice().ExpiresAt; c.ready > 0 && !got.Equal(b.clock.Time().Add(kind.TimeToLive)) {
				t.Errorf("expires at %s", got)
			}
			if tally := b.drain(); tally.Sent != c.ready {
				t.Errorf("%+v", tally)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.add(reminder("r/1"))
		b.expand()
		b.exec(`UPDATE delivery SET status = 'failed'`)
		b.exec(`UPDATE notice SET cancelled_at = now()`)
		if again := b.retry(); len(again.Ready) != 0 || again.Refused["cancelled"] != 1 {
			t.Errorf("%+v", again)
		}
	})
}

// TestRetryBesideADrain has several people press the button, over and over, while
// two drainers send: each message arrives once.
func TestRetryBesideADrain(t *testing.T) {
	t.Parallel()
	const people = 60
	b := setup(t, people)
	b.add(reminder("r/1"))
	b.expand()
	for i := range people {
		b.sink.Answer(fmt.Sprintf("p%d@example.net", i+1), 550)
	}
	if tally := b.drain(); tally.Bounced != people {
		t.Fatalf("%+v", tally)
	}
	for i := range people {
		if i%3 != 0 { // every third goes on being refused
			b.sink.Answer(fmt.Sprintf("p%d@example.net", i+1), 0)
		}
	}
	n, ids := b.notice(), b.ids()
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for range 2 {
		drainer := b.newDrainer(nil)
		busy.Go(func() {
			for ctx.Err() == nil {
				_, _ = drainer.Drain(ctx)
			}
		})
	}
	var pressing sync.WaitGroup
	for range 4 {
		pressing.Go(func() {
			for range 12 {
				_, _ = b.db.ExecContext(t.Context(), `DELETE FROM suppression`)
				err := pg.InTx(t.Context(), b.db, func(ctx context.Context, tx bun.Tx) error {
					_, err := b.outbox.Retry(ctx, tx, n, ids, b.clock.Time())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	pressing.Wait()
	processtest.Eventually(t, "everything was tried", func() bool { c := b.counts(); return c[notify.Queued]+c[notify.Sending] == 0 })
	stop()
	busy.Wait()
	if got := b.counts(); got[notify.Sent] != people*2/3 || got[notify.Bounced]+got[notify.Suppressed] != people/3 {
		t.Errorf("%v", got)
	}
	for id, count := range b.sink.CountByID() {
		if count != 1 {
			t.Errorf("%s arrived %d times", id, count)
		}
	}
}

// A result that was late to be written down counts, even of what somebody else
// gave up meanwhile: it would be tried again, and arrive twice.
func TestSentIsSentHoweverLate(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.add(reminder("r/1"))
	b.expand()
	b.sink.Delay(time.Second)
	var slow sync.WaitGroup
	slow.Go(func() { b.drain() })
	b.sink.Wait(t, 1)
	b.exec(`UPDATE delivery SET status = 'failed', claimed_by = NULL, lease_until = NULL, attempts = 10`)
	slow.Wait()
	if d := b.one(); d.Status != notify.Sent {
		t.Errorf("%+v", d)
	}
	if again := b.retry(); len(again.Ready) != 0 {
		t.Errorf("%+v", again)
	}
}
