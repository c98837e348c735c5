package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/cmd/arengo/embedded"
	"arengo/process"
	"arengo/process/message"
	"arengo/process/pg"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/process/roster"
	"arengo/process/subscription"
	"arengo/workflow/civil"
	"arengo/workflow/store"
)

var buildDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	os.Exit(code)
}

// binary builds this program, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "arengo-binary-")
	if err != nil {
		return "", err
	}
	buildDir = dir
	path := filepath.Join(dir, "arengo")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// program is this program as a process of its own.
type program struct {
	t     testing.TB
	cmd   *exec.Cmd
	ended chan struct{}
	err   error

	mu  sync.Mutex
	log bytes.Buffer
}

// Write collects what the program prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *program) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs a command; it is killed at the end of the test at the latest.
func start(t testing.TB, env []string, args ...string) *program {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%s printed:\n%s", strings.Join(args, " "), p.printed())
		}
	})
	return p
}

// kill ends the program as a crash would.
func (p *program) kill() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the program to end and fails the test unless it ends well.
func (p *program) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatal("the program does not stop")
	}
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		p.t.Errorf("the program ended with %v", p.err)
	}
}

// world is a process with contacts, on servers that programs are started
// beside; no worker runs yet.
type world struct {
	t       testing.TB
	db      *bun.DB
	redis   *embedded.Redis
	sink    *processtest.Sink
	env     []string
	core    *process.Service
	org     process.OrganisationID
	begun   atomic.Int64 // processes
	process process.Process
	who     process.Actor
}

func newWorld(t *testing.T, contacts int) *world {
	t.Helper()
	w := worldOn(t, processtest.DatabaseURL(t), processtest.RedisServer(t, true))
	w.settle(contacts)
	return w
}

// worldOn is a world on a migrated database, with templates of its own besides
// those of the program, and nobody in it yet.
func worldOn(t testing.TB, address string, redis *embedded.Redis, templates ...string) *world {
	t.Helper()
	if _, err := binary(); err != nil { // before any clock of the test runs
		t.Fatal(err)
	}
	w := &world{t: t, sink: processtest.SMTP(t), redis: redis}
	secret := strings.Repeat("crash-test-", 4)
	w.env = []string{
		"ARENGO_DATABASE_URL=" + address, "ARENGO_REDIS_URL=" + w.redis.URL(), "ARENGO_SMTP_URL=" + w.sink.URL(),
		"ARENGO_QUIET_FROM=00:00", "ARENGO_QUIET_UNTIL=00:00", "ARENGO_MAILS_A_DAY=0", // whatever the hour
		"ARENGO_BASE_URL=http://127.0.0.1:8080", "ARENGO_SECRET=" + secret, "ARENGO_MAIL_FROM=arengo@example.org",
	}
	var err error
	if w.db, err = pg.Open(address, 4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	links, err := process.NewLinks(secret)
	w.must(err)
	registry := kinds()
	definitions, err := library(registry)
	w.must(err)
	for _, source := range templates {
		_, err := definitions.Add("template.yaml", []byte(source))
		w.must(err)
	}
	w.core = process.New(process.Config{
		DB: w.db, Definitions: definitions, Clock: store.Clock{}, Kinds: registry, Links: links,
		BaseURL: "http://127.0.0.1:8080", Source: message.New, Log: slog.New(slog.DiscardHandler),
		Witness: subscription.Witness, Ahead: subscription.Ahead, Loopback: true,
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// enter makes the organisation and its promoter.
func (w *world) enter() {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		now := time.Now()
		if w.org, err = place.FindOrAdd(ctx, tx, place.Organisation{Name: "Comune di Prova", Kind: "municipality"}, now); err != nil {
			return err
		}
		id, err := process.FindOrAddPerson(ctx, tx, process.Person{Email: "promotrice@example.org", Name: "Ada Prova"}, now)
		if err != nil {
			return err
		}
		if err := place.AddPromoter(ctx, tx, w.org, id, now); err != nil {
			return err
		}
		w.who, err = process.LoadActor(ctx, tx, id)
		return err
	}))
}

// settle makes the organisation, its promoter, a process and its contacts.
func (w *world) settle(contacts int) {
	w.t.Helper()
	w.enter()
	w.process = w.begin("area-path")
	var sheet strings.Builder
	sheet.WriteString("email;nome\n")
	for i := range contacts {
		fmt.Fprintf(&sheet, "persona.%03d@example.org;Persona %d\n", i, i)
	}
	file := roster.File{Name: "contatti.csv", Data: []byte(sheet.String())}
	file.Sum = roster.Sum(file.Data)
	report, err := roster.New(w.core).Import(w.t.Context(), w.process.ID, w.who, file)
	w.must(err)
	if report.Loaded() != contacts {
		w.t.Fatalf("%d contacts loaded, want %d", report.Loaded(), contacts)
	}
}

// begin begins a process by a template, which is public at once.
func (w *world) begin(template string) process.Process {
	w.t.Helper()
	p, err := w.core.Create(w.t.Context(), w.who, process.NewProcess{
		Template: template, Title: fmt.Sprintf("Percorso di prova %d", w.begun.Add(1)), OrganisationID: w.org, StartsOn: today(),
	})
	w.must(err)
	w.exec("UPDATE process SET published_at = created_at WHERE id = ?", p.ID)
	return p
}

// invite invites every contact to a questionnaire and opens it, which begins
// the sending of the invitations.
func (w *world) invite() {
	w.t.Helper()
	a := readyQuestionnaire(w.t, w.core, w.process.ID, w.who)
	_, err := roster.New(w.core).Invite(w.t.Context(), w.process.ID, a.ID, w.who, roster.Selection{All: true})
	w.must(err)
	_, err = w.core.Advance(w.t.Context(), w.process.ID, w.who, process.Move{Activity: a.ID, Transition: "open"})
	w.must(err)
}

// count runs a query that gives one number.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.db.NewRaw(sql, args...).Scan(w.t.Context(), &n))
	return n
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.db.NewRaw(sql, args...).Exec(w.t.Context())
	w.must(err)
}

// allSent waits until the ledger says that n messages went and none waits.
func (w *world) allSent(n int) {
	w.t.Helper()
	processtest.Eventually(w.t, "the ledger is complete", func() bool {
		return w.count("SELECT count(*) FROM delivery WHERE status = 'sent'") == n &&
			w.count("SELECT count(*) FROM delivery WHERE status IN ('queued', 'sending', 'deferred')") == 0
	})
}

// distinct audits the sink: n recipients, one Message-ID each. It returns how
// many messages came more than once.
func (w *world) distinct(n int) (repeated int) {
	w.t.Helper()
	byID := map[string]string{}
	to := map[string]string{}
	for _, m := range w.sink.Messages() {
		r := m.Recipients[0]
		if other, ok := byID[m.ID()]; ok && other != r {
			w.t.Errorf("message %s went to %s and to %s", m.ID(), other, r)
		}
		if other, ok := to[r]; ok && other != m.ID() {
			w.t.Errorf("%s got two messages: %s and %s", r, other, m.ID())
		}
		byID[m.ID()], to[r] = r, m.ID()
	}
	if len(byID) != n || len(to) != n {
		w.t.Errorf("%d messages to %d people, want %d to each of as many", len(byID), len(to), n)
	}
	return len(w.sink.Messages()) - len(byID)
}

// today is the day where processes begin: an hour before midnight in UTC it is
// tomorrow there, and what begins yesterday has to be confirmed.
func today() civil.Date {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return civil.DateOf(time.Now(), rome)
}
