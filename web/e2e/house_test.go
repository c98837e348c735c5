// Package e2e drives Arengo through its pages as a person would: the real
// program in processes of its own, real PostgreSQL, Redis and SMTP, and a
// headless Chromium at the widths of a phone and of a desk.
package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/process/processtest"
)

// house is one running Arengo with demonstration data: web, worker, mailbox.
type house struct {
	t    *testing.T
	base string
	db   *bun.DB
	mail *processtest.Sink
	env  []string
	said map[string]*safeBuffer // what each command has printed
}

var (
	buildDir string
	secret   = strings.Repeat("e", 40)
)

func TestMain(m *testing.M) {
	code := m.Run()
	leave()
	if err := demonstration.Drop(); err != nil {
		fmt.Fprintln(os.Stderr, "drop the demonstration:", err)
		code = 1
	}
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	os.Exit(code)
}

// binary builds the program with a clock that tests can move, once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "arengo-e2e-")
	if err != nil {
		return "", err
	}
	buildDir = dir
	path := filepath.Join(dir, "arengo")
	cmd := exec.Command("go", "build", "-tags", "testclock", "-o", path, "./cmd/arengo")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// demonstration is what every house begins with.
var demonstration = processtest.Sample{Fill: func(t testing.TB, database string) {
	cmd := program(t, "seed")
	cmd.Env = environment(t, database, processtest.SMTP(t), freeAddr(t))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("arengo seed: %v\n%s", err, out)
	}
}}

// open starts a house with the demonstration in it.
func open(t *testing.T) *house {
	t.Helper()
	url, sink, addr := demonstration.URL(t), processtest.SMTP(t), freeAddr(t)
	h := &house{t: t, base: "http://" + addr, mail: sink, said: map[string]*safeBuffer{}}
	h.env = environment(t, url, sink, addr)
	var err error
	if h.db, err = pg.Open(url, 2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	h.start("work")
	h.start("serve")
	processtest.Eventually(t, "the site answers", func() bool {
		res, err := http.Get(h.base + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return h
}

// environment is all that a program of a house knows.
func environment(t testing.TB, database string, sink *processtest.Sink, addr string) []string {
	t.Helper()
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(),
		"ARENGO_DATABASE_URL=" + database, "ARENGO_REDIS_URL=" + processtest.Redis(t), "ARENGO_SMTP_URL=" + sink.URL(),
		"ARENGO_QUIET_FROM=00:00", "ARENGO_QUIET_UNTIL=00:00", "ARENGO_MAILS_A_DAY=0", // the story takes days in minutes
		"ARENGO_BASE_URL=http://" + addr, "ARENGO_ADDR=" + addr, "ARENGO_SECRET=" + secret,
		"ARENGO_MAIL_FROM=arengo@example.org",
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// start leaves a command running until the end of the test; what it printed is
// shown when the test failed.
func (h *house) start(args ...string) {
	h.t.Helper()
	out := new(safeBuffer)
	h.said[args[0]] = out
	cmd := program(h.t, args...)
	cmd.Env = h.env
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		late.Stop()
		if h.t.Failed() {
			h.t.Logf("arengo %s printed:\n%s", strings.Join(args, " "), out.tail(6000))
		}
	})
}

// printed is the end of what a command has printed so far.
func (h *house) printed(command string) string {
	h.t.Helper()
	return h.said[command].tail(20000)
}

// ahead moves everybody's clock to d after real time.
func (h *house) ahead(d time.Duration) {
	h.t.Helper()
	if _, err := h.db.Exec("UPDATE test_clock SET ahead = make_interval(secs => ?)", d.Seconds()); err != nil {
		h.t.Fatal(err)
	}
}

// letter waits for a message to an address whose subject holds a text, and
// gives the newest.
func (h *house) letter(to, subject string) *processtest.Message {
	h.t.Helper()
	var found *processtest.Message
	processtest.Eventually(h.t, "a message to "+to+" about "+subject, func() bool {
		for _, m := range h.mail.To(to) {
			if strings.Contains(m.Subject(), subject) {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// link waits for a message to an address, after the first so many, that links
// to a page.
func (h *house) link(to, fragment string, after int) string {
	h.t.Helper()
	found := ""
	processtest.Eventually(h.t, "a message to "+to+" with a link to "+fragment, func() bool {
		for _, m := range h.mail.To(to)[after:] {
			if link := m.Link(fragment); link != "" {
				found = link
			}
		}
		return found != ""
	})
	return found
}

// count asks the database for a number.
func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.db.NewRaw(query, args...).Scan(h.t.Context(), &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) tail(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.b.String()
	return out[max(0, len(out)-n):]
}

// day is the date some months and days from today where processes begin: an
// hour before midnight in UTC it is tomorrow there.
func day(months, days int) string {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return time.Now().In(rome).AddDate(0, months, days).Format(time.DateOnly)
}
