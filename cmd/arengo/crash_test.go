package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"arengo/cmd/arengo/embedded"
	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/processtest"
)

// What a killed worker may have handed over without writing it down: one
// message on each of its 8 connections, and the results of the last 50 ms, in
// which this sink takes another 8. The rest is for a machine that is busy.
const window = 40

func TestWorkerKilledWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	w.invite()
	w.sink.Delay(50 * time.Millisecond)
	first := start(t, w.env, "work")
	w.sink.Wait(t, 100)
	first.kill()
	if sent := w.count("SELECT count(*) FROM delivery WHERE status = 'sent'"); sent >= 300 {
		t.Fatalf("the worker had finished: %d", sent)
	}
	w.sink.Delay(0)
	// The lease of what was in hand runs out: half a minute that we do not wait.
	w.exec("UPDATE delivery SET lease_until = clock_timestamp() WHERE status = 'sending'")
	second := start(t, w.env, "work")
	w.allSent(300)
	second.stop()
	if repeated := w.distinct(300); repeated > window {
		t.Errorf("%d messages came twice, want at most %d", repeated, window)
	}
}

func TestTwoWorkersSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	w.sink.Delay(5 * time.Millisecond)
	one, two := start(t, w.env, "work"), start(t, w.env, "work")
	w.invite()
	// Nothing wakes them but their sweeps; and one is stopped on the way.
	w.sink.Wait(t, 50)
	one.stop()
	w.allSent(300)
	two.stop()
	if repeated := w.distinct(300); repeated != 0 {
		t.Errorf("%d messages came twice though nothing crashed", repeated)
	}
}

func TestFlushedRedisLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.deadline("5 minutes") // within the horizon, and never before the flush
	worker := start(t, w.env, "work")
	client := w.client()
	processtest.Eventually(t, "the deadline waits in Redis", func() bool {
		return client.ZCard(t.Context(), "asynq:{default}:scheduled").Val() == 1
	})
	w.sink.Delay(500 * time.Millisecond)
	w.invite()
	w.sink.Wait(t, 8)
	if n := w.count("SELECT count(*) FROM deadline WHERE event = 'hold' AND fired_at IS NULL AND cancelled_at IS NULL"); n != 1 {
		t.Fatalf("%d deadlines are open at the flush, want the one", n)
	}
	w.must(client.FlushAll(t.Context()).Err())
	w.exec("UPDATE deadline SET due_at = clock_timestamp() WHERE event = 'hold'")
	w.sink.Delay(0)
	w.allSent(100)
	w.fired()
	worker.stop()
	if repeated := w.distinct(100); repeated != 0 {
		t.Errorf("%d messages came twice", repeated)
	}
}

func TestRedisDeadFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.must(w.redis.Kill())
	w.invite()
	w.deadline("0 seconds")
	worker := start(t, w.env, "work")
	w.allSent(20)
	w.fired()
	worker.stop()
	w.distinct(20)
}

// deadline arms one, the end of a webinar's registration, due after a span.
func (w *world) deadline(span string) {
	w.t.Helper()
	ctx := w.t.Context()
	a, err := w.core.CreateActivity(ctx, w.process.ID, w.who, process.NewActivity{Kind: "webinar", Title: "Prova", Phase: "preparation"})
	w.must(err)
	begins := time.Now().In(w.process.Location()).Add(26 * time.Hour)
	_, err = meeting.New(w.core).Schedule(ctx, w.process.ID, a.ID, w.who, meeting.Draft{
		Starts: begins.Format("2006-01-02T15:04"), Ends: begins.Add(time.Hour).Format("2006-01-02T15:04"),
	})
	w.must(err)
	_, err = w.core.Advance(ctx, w.process.ID, w.who, process.Move{Activity: a.ID, Transition: "open"})
	w.must(err)
	// A day goes by, for this row alone; the reminders before it are not armed
	// to be sent to nobody.
	w.exec("UPDATE deadline SET due_at = clock_timestamp() + ?::interval WHERE activity_id = ? AND event = 'hold'", span, a.ID)
}

// fired waits for the deadline and checks that it moved the webinar once.
func (w *world) fired() {
	w.t.Helper()
	moved := "SELECT count(*) FROM transition_log WHERE transition = 'hold'"
	processtest.Eventually(w.t, "the deadline fired", func() bool { return w.count(moved) > 0 })
	if n := w.count(moved); n != 1 {
		w.t.Errorf("the deadline moved the webinar %d times", n)
	}
}

func (w *world) client() *redis.Client {
	w.t.Helper()
	options, err := redis.ParseURL(w.redis.URL())
	w.must(err)
	c := redis.NewClient(options)
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// The embedded default, killed at work and started again in the same folder,
// then stopped: worker, web, servers, in this order, and nothing left.
func TestServeKilledAndStopped(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "arengo-serve-")
	if err == nil {
		err = os.Chmod(dir, 0o711) // the servers' user passes through
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port, err := embedded.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	site := "127.0.0.1:" + strconv.Itoa(port)
	env := []string{"ARENGO_DATA_DIR=" + filepath.Join(dir, "data"), "ARENGO_ADDR=" + site}
	first := start(t, env, "serve")
	answers(t, first, "http://"+site+"/readyz")
	secret, err := os.ReadFile(filepath.Join(dir, "data", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	first.kill()
	second := start(t, env, "serve")
	answers(t, second, "http://"+site+"/readyz")
	if again, err := os.ReadFile(filepath.Join(dir, "data", "secret")); err != nil || string(again) != string(secret) {
		t.Errorf("the secret changed: %v", err)
	}
	if strings.Contains(second.printed(), "loading the demonstration") {
		t.Error("the second start loaded the demonstration again")
	}
	second.stop()
	printed, last := second.printed(), 0
	for _, line := range []string{"worker stopped", "web stopped", "servers stopped"} {
		at := strings.Index(printed, line)
		if at < last {
			t.Errorf("%q is missing or out of order", line)
		}
		last = at
	}
	if n := len(living(t, dir)); n > 0 {
		t.Errorf("%d processes are left", n)
	}
}

// answers waits until an address answers 200.
func answers(t testing.TB, p *program, address string) {
	t.Helper()
	processtest.Eventually(t, address+" answers", func() bool {
		select {
		case <-p.ended:
			t.Fatalf("the program ended:\n%s", p.printed())
		default:
		}
		res, err := http.Get(address) // the test ends it
		if err != nil {
			return false
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode == http.StatusOK
	})
}

// living lists the processes whose command line names a folder.
func living(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), dir) {
			out = append(out, f)
		}
	}
	return out
}
