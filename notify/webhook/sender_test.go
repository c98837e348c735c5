package webhook_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/webhook"
	"arengo/process/processtest"
)

// world is an address with a server behind it that answers as it is told.
type world struct {
	t      *testing.T
	db     *bun.DB
	server *httptest.Server
	hook   webhook.Hook

	mu   sync.Mutex
	got  []got
	code int
	hold chan struct{} // answers wait for it, nil does not
}

type got struct{ delivery, event, signature, body string }

const body = `{"event":"process.transition"}`

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: processtest.Database(t), code: http.StatusNoContent}
	w.server = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.server.Close)
	w.exec(`INSERT INTO person (public_id, email, created_at) VALUES ('p', 'p@example.org', now())`)
	w.exec(`INSERT INTO organisation (public_id, name, kind, created_at) VALUES ('o', 'Comune', 'municipality', now())`)
	w.hook = w.add("h", w.server.URL)
	return w
}

func (w *world) answer(out http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.got = append(w.got, got{r.Header.Get("Arengo-Delivery"), r.Header.Get("Arengo-Event"), r.Header.Get("Arengo-Signature"), string(text)})
	code, hold := w.code, w.hold
	w.mu.Unlock()
	if hold != nil {
		<-hold
	}
	out.WriteHeader(code)
}

func (w *world) answers(code int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.code = code
}

// times is how often a delivery arrived.
func (w *world) times(delivery string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.got {
		if g.delivery == delivery {
			n++
		}
	}
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.db.NewRaw(sql, args...).Exec(w.t.Context())
	w.must(err)
}

func (w *world) add(publicID, url string) webhook.Hook {
	w.t.Helper()
	var person, organisation int64
	w.must(w.db.NewRaw(`SELECT id FROM person`).Scan(w.t.Context(), &person))
	w.must(w.db.NewRaw(`SELECT id FROM organisation`).Scan(w.t.Context(), &organisation))
	w.must(webhook.Insert(w.t.Context(), w.db, webhook.Hook{
		PublicID: publicID, OrganisationID: organisation, CreatedBy: person, URL: url, Events: webhook.Events, CreatedAt: time.Now(),
	}))
	h, err := webhook.Find(w.t.Context(), w.db, organisation, publicID)
	w.must(err)
	return h
}

// tell writes a delivery of an address.
func (w *world) tell(h webhook.Hook, id string, seq int64) {
	w.t.Helper()
	w.must(webhook.Add(w.t.Context(), w.db, h.ID, id, webhook.Telling{
		ProcessID: 7, Seq: seq, Event: webhook.ProcessTransition, At: time.Now(),
	}, body))
}

func (w *world) sender(change ...func(*webhook.Config)) *webhook.Sender {
	w.t.Helper()
	c := webhook.Config{
		DB: w.db, Secrets: func(webhook.Hook) []string { return []string{"whsec_test"} }, Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Loopback: true,
	}
	for _, f := range change {
		f(&c)
	}
	s, err := webhook.NewSender(c)
	w.must(err)
	return s
}

func (w *world) round() {
	w.t.Helper()
	w.must(w.sender().Round(w.t.Context()))
}

// due makes everything that waits due now, leases included.
func (w *world) due() {
	w.exec(`UPDATE webhook_delivery SET due_at = now() - interval '1 second' WHERE status = 'pending'`)
	w.exec(`UPDATE webhook_delivery SET lease_until = now() - interval '1 second' WHERE status = 'claimed'`)
}

func (w *world) one(id string) webhook.Delivery {
	w.t.Helper()
	list, err := webhook.Deliveries(w.t.Context(), w.db, w.hook.ID, 100)
	w.must(err)
	for _, d := range list {
		if d.PublicID == id {
			return d
		}
	}
	w.t.Fatalf("no delivery %s", id)
	return webhook.Delivery{}
}

func (w *world) fresh() webhook.Hook {
	w.t.Helper()
	h, err := webhook.Find(w.t.Context(), w.db, w.hook.OrganisationID, w.hook.PublicID)
	w.must(err)
	return h
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(w.hook, "d1", 1)
	w.tell(w.hook, "d1-again", 1) // the same entry of the log
	w.round()
	w.round()
	if len(w.got) != 1 || w.got[0].delivery != "d1" || w.got[0].event != webhook.ProcessTransition || w.got[0].body != body {
		t.Fatalf("%+v", w.got)
	}
	if !good("whsec_test", w.got[0].signature, body, time.Now()) {
		t.Errorf("signature %q", w.got[0].signature)
	}
	if d := w.one("d1"); d.Status != webhook.Sent || d.Attempts != 1 || d.LastCode != http.StatusNoContent || d.LastAt == nil {
		t.Errorf("%+v", d)
	}
}

func TestRefusedIsTriedAgainThenGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers(http.StatusInternalServerError)
	w.tell(w.hook, "d", 1)
	w.round()
	if d := w.one("d"); d.Status != webhook.Pending || d.LastCode != 500 || time.Until(d.DueAt) < 3*time.Second {
		t.Errorf("after the first: %+v", d)
	}
	w.round() // not due
	if n := w.times("d"); n != 1 {
		t.Fatalf("%d attempts before it was due", n)
	}
	if h := w.fresh(); h.FailingSince == nil || h.PausedAt != nil {
		t.Errorf("%+v", h)
	}
	w.exec(`UPDATE webhook SET failing_since = failing_since - interval '63 hours'`)
	for range webhook.Attempts - 1 {
		w.due()
		w.round()
	}
	d, h := w.one("d"), w.fresh()
	if d.Status != webhook.Failed || d.Attempts != webhook.Attempts || w.times("d") != webhook.Attempts || h.PausedWhy != webhook.Failing {
		t.Errorf("%+v, %+v", d, h)
	}
	w.tell(w.hook, "later", 2)
	w.due()
	w.round()
	if w.times("later") != 0 {
		t.Error("a paused address was told")
	}
	w.answers(http.StatusOK)
	w.must(webhook.Resume(t.Context(), w.db, h.ID))
	w.round()
	if h := w.fresh(); w.times("later") != 1 || h.PausedAt != nil || h.FailingSince != nil {
		t.Errorf("after it was resumed: %d, %+v", w.times("later"), h)
	}
	w.must(webhook.Again(t.Context(), w.db, h.ID, "d"))
	w.round()
	if d := w.one("d"); d.Status != webhook.Sent || d.Attempts != 1 {
		t.Errorf("again: %+v", d)
	}
}

// One body that is refused for good, among many that are taken, is given up and
// stops nobody: the address works.
func TestOnePoisonPausesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stopped := 0
	stop := func(c *webhook.Config) {
		c.Stopped = func(context.Context, bun.IDB, int64) error { stopped++; return nil }
	}
	w.tell(w.hook, "bad", 1)
	for i := range webhook.Attempts {
		w.answers(http.StatusUnprocessableEntity)
		w.due()
		w.must(w.sender(stop).Round(t.Context()))
		if i == webhook.Attempts-1 {
			break
		}
		w.answers(http.StatusNoContent)
		w.tell(w.hook, "good"+strconv.Itoa(i), int64(i+2))
		w.exec(`UPDATE webhook_delivery SET due_at = now() + interval '1 hour' WHERE public_id = 'bad'`)
		w.round()
	}
	if d, h := w.one("bad"), w.fresh(); d.Status != webhook.Failed || w.one("good3").Status != webhook.Sent || h.PausedAt != nil || stopped != 0 {
		t.Errorf("%+v, %+v, told %d times", d, h, stopped)
	}
	for range webhook.Attempts - 1 { // nothing is taken any more
		w.tell(w.hook, "last", 100)
		w.due()
		w.round()
	}
	w.exec(`UPDATE webhook SET failing_since = failing_since - interval '63 hours'`)
	w.due()
	w.must(w.sender(stop).Round(t.Context()))
	if h := w.fresh(); h.PausedWhy != webhook.Failing || stopped != 1 {
		t.Errorf("%+v, told %d times", h, stopped)
	}
}

// A delivery that kills each worker which takes it is given up in the end, and
// says nothing against its address.
func TestWhatKillsItsWorkerIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(w.hook, "d", 1)
	w.exec(`UPDATE webhook_delivery SET status = 'claimed', claimed_by = 'dead', attempts = ?, lease_until = now() - interval '1 second'`, webhook.Attempts)
	w.round()
	d, h := w.one("d"), w.fresh()
	if d.Status != webhook.Failed || d.LastError != webhook.ReasonLost || w.times("d") != 0 || h.FailingSince != nil || h.PausedAt != nil {
		t.Errorf("%+v, %+v, sent %d times", d, h, w.times("d"))
	}
	w.must(webhook.Again(t.Context(), w.db, h.ID, "d"))
	w.round()
	if d := w.one("d"); d.Status != webhook.Sent {
		t.Errorf("again: %+v", d)
	}
}

func TestGoneIsPaused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers(http.StatusGone)
	w.tell(w.hook, "d", 1)
	w.round()
	if d, h := w.one("d"), w.fresh(); d.Status != webhook.Failed || h.PausedWhy != webhook.Gone {
		t.Errorf("%+v, %+v", d, h)
	}
}

// The node dies after the address took the delivery and before it was written
// down: it goes out once more, under the same identifier.
func TestKilledBetweenSendingAndRecording(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(w.hook, "d", 1)
	w.exec(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF OLD.status = 'claimed' AND NEW.status <> 'claimed' THEN RAISE EXCEPTION 'killed'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER die BEFORE UPDATE ON webhook_delivery FOR EACH ROW EXECUTE FUNCTION die()`)
	if err := w.sender().Round(t.Context()); err == nil {
		t.Fatal("it was recorded")
	}
	w.exec(`DROP TRIGGER die ON webhook_delivery`)
	w.round()
	if w.times("d") != 1 {
		t.Fatal("the lease did not hold")
	}
	w.due()
	w.round()
	if d := w.one("d"); w.times("d") != 2 || d.Status != webhook.Sent || d.Attempts != 2 {
		t.Errorf("%d times, %+v", w.times("d"), d)
	}
}

// A worker whose lease ran out does not write over what another has done.
func TestLateWorkerIsNotHeard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hold = make(chan struct{})
	w.tell(w.hook, "d", 1)
	ended := make(chan error, 1)
	slow := w.sender(func(c *webhook.Config) { c.Lease, c.Workers = time.Millisecond, 1 })
	go func() { ended <- slow.Round(context.WithoutCancel(t.Context())) }()
	processtest.Eventually(t, "the address is asked", func() bool { return w.times("d") == 1 })
	w.mu.Lock()
	hold := w.hold
	w.hold, w.code = nil, http.StatusOK
	w.mu.Unlock()
	w.due()
	w.round()
	w.answers(http.StatusInternalServerError)
	close(hold)
	w.must(<-ended)
	if d := w.one("d"); d.Status != webhook.Sent {
		t.Errorf("%+v", d)
	}
}

// Four nodes send two hundred deliveries once each, and one that hangs keeps
// nobody else.
func TestSeveralSenders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hung.Close()
	slow := w.add("slow", hung.URL)
	for i := range 20 {
		w.tell(slow, "slow-"+string(rune('a'+i)), int64(i+1))
	}
	ids := map[string]bool{}
	for i := range 200 {
		id := "d" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		ids[id] = true
		w.tell(w.hook, id, int64(1000+i))
	}
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() { _ = w.sender().Run(ctx) })
	}
	processtest.Eventually(t, "the others are told", func() bool {
		var n int
		err := w.db.NewRaw(`SELECT count(*) FROM webhook_delivery WHERE status = 'sent'`).Scan(t.Context(), &n)
		return err == nil && n == 200
	})
	stop()
	close(release)
	work.Wait()
	for id := range ids {
		if n := w.times(id); n != 1 {
			t.Errorf("%s arrived %d times", id, n)
		}
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(w.hook, "done", 1)
	w.round()
	w.tell(w.hook, "held", 2)
	w.exec(`UPDATE webhook_delivery SET created_at = now() - interval '40 days'`)
	w.tell(w.hook, "new", 3)
	for _, want := range []int{1, 1, 0} {
		if n, err := webhook.Purge(t.Context(), w.db, time.Now().AddDate(0, 0, -30), 1); err != nil || n != want {
			t.Errorf("%d, %v, want %d", n, err, want)
		}
	}
	w.one("new")
}
