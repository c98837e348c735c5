package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/cmd/arengo/embedded"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/token"
)

// paced is a process that people turn and the timer ends, with a word to its
// promoter.
const paced = `
workflow: paced
version: 1
title: {it: A tempo, en: Paced}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: one
states:
  one: {title: {it: Uno, en: One}, term: {length: 30d}, allows: [extend], at_end: {event: finish}}
  two: {title: {it: Due, en: Two}, term: {length: 30d}, allows: [extend], at_end: {event: finish}}
  done: {title: {it: Fatto, en: Done}, on_enter: [{notice: phase-opened, to: promoter}]}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: turn, event: turn, from: [one], to: two, by: [promoter]}
  - {id: back, event: turn, from: [two], to: one, by: [promoter]}
  - {id: finish, event: finish, from: [one, two], to: done, by: [promoter, timer]}
  - {id: file, event: file, from: [done], to: over, by: [promoter]}
`

const (
	turners    = 4  // clients of the API, each with a process of its own
	senders    = 2  // clients that send questionnaires
	flow       = 4  // deadlines that fall due, and questionnaires that are sent
	motion     = 60 // seconds after which everything must be in motion again
	chaosPause = time.Second
	standstill = 50 * time.Second // of a worker, more than a lease
)

// chaos is an Arengo under load whose parts are killed.
type chaos struct {
	*world
	servers *embedded.Servers
	site    string
	web     *program
	workers [2]*program
	secrets []string // a token of the API for each client

	turned, timed []process.Process
	load          sync.WaitGroup
	end           chan struct{} // closed when the load shall stop

	mu       sync.Mutex
	acks     map[process.ID][]string // keys of acknowledged turns
	tried    map[process.ID]int      // turns asked for
	repeats  int                     // requests that had to be sent again
	extended map[process.ID]int      // acknowledged extensions
	asked    map[process.ID]int      // extensions asked for
	sent     int                     // acknowledged responses
	lastAck  time.Time
	strikes  int
	crashes  int // those after which messages may come twice
}

// BenchmarkChaos kills in turn a worker, the web server, Redis and PostgreSQL's
// parent, empties Redis and lets a worker stand still, while people act, deadlines fall due and messages
// go out; then it audits everything. `make chaos` runs it; ARENGO_CHAOS is the
// least length of the load, 90 s when it is not set. It prints the counts that
// docs/reliability.md holds.
func BenchmarkChaos(b *testing.B) {
	length := 90 * time.Second
	if asked := os.Getenv("ARENGO_CHAOS"); asked != "" {
		var err error
		if length, err = time.ParseDuration(asked); err != nil {
			b.Fatal(err)
		}
	}
	c := newChaos(b)
	c.prepare(int(length/time.Second) * flow)
	begun := time.Now()
	c.begin(length)
	lines := []string{"| Fault | In motion again after | Turns, extensions and responses acknowledged meanwhile |\n|---|---|---|"}
	for round := 0; round == 0 || time.Since(begun) < length; round++ {
		for _, f := range faults {
			lines = append(lines, c.suffer(f))
		}
	}
	close(c.end)
	c.load.Wait()
	lines = append(lines, c.audit(time.Since(begun))...)
	if _, err := os.Stdout.WriteString("\n" + strings.Join(lines, "\n") + "\n\n"); err != nil {
		b.Error(err)
	}
}

func newChaos(b *testing.B) *chaos {
	b.Helper()
	dir, err := os.MkdirTemp("", "arengo-chaos-")
	if err == nil {
		err = os.Chmod(dir, 0o711) // the servers' user passes through
	}
	if err != nil {
		b.Fatal(err)
	}
	servers, err := embedded.Start(b.Context(), embedded.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(servers.Stop(), os.RemoveAll(dir)); err != nil {
			b.Error(err)
		}
	})
	if err := migrateUp(b.Context(), servers.Postgres.URL()); err != nil {
		b.Fatal(err)
	}
	port, err := embedded.FreePort(0)
	if err != nil {
		b.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	c := &chaos{
		world: worldOn(b, servers.Postgres.URL(), servers.Redis, paced), servers: servers, site: "http://" + address, end: make(chan struct{}),
		acks: map[process.ID][]string{}, tried: map[process.ID]int{}, extended: map[process.ID]int{}, asked: map[process.ID]int{},
	}
	c.env = append(c.env, "ARENGO_ADDR="+address, "ARENGO_TRUSTED_PROXIES=127.0.0.1")
	return c
}

// prepare makes the people, the processes and their deadlines, of which none is
// due yet.
func (c *chaos) prepare(n int) {
	c.t.Helper()
	c.settle(n)
	for range turners {
		secret, _, err := token.New(c.core).Make(c.t.Context(), c.org, c.who, token.Draft{Name: "Prova", Advance: true, Days: 30})
		c.must(err)
		c.secrets = append(c.secrets, secret)
		c.turned = append(c.turned, c.world.begin("paced"))
	}
	for range n {
		c.timed = append(c.timed, c.world.begin("paced"))
	}
	c.invite()
	c.exec(`INSERT INTO draft (process_id, activity_id, invitation_id, version, answers, position, started_at, updated_at)
		SELECT process_id, activity_id, id, 1, ?::jsonb, 'more', clock_timestamp(), clock_timestamp() FROM invitation`, wholeAnswers(c.t, 1)[0])
	c.exec(`UPDATE invitation SET opened_at = clock_timestamp(), drafted_at = clock_timestamp()`)
}

// begin starts the programs and the load.
func (c *chaos) begin(length time.Duration) {
	c.t.Helper()
	c.web = start(c.t, c.env, "serve")
	answers(c.t, c.web, c.site+"/readyz")
	for i := range c.workers {
		c.workers[i] = start(c.t, c.env, "work")
	}
	c.exec(`WITH o AS (SELECT process_id, id, row_number() OVER (ORDER BY process_id) AS nth FROM deadline WHERE process_id IN (?0)),
		d AS (UPDATE deadline d SET due_at = clock_timestamp() + make_interval(secs => ?1 * o.nth / ?2::float) FROM o
			WHERE d.process_id = o.process_id AND d.id = o.id RETURNING d.process_id, d.due_at)
		UPDATE workflow_instance i SET due_at = d.due_at FROM d WHERE i.process_id = d.process_id`,
		bun.List(idsOf(c.timed)), length.Seconds(), len(c.timed))
	for i, p := range c.turned {
		c.load.Go(func() { c.turn(i, p) })
	}
	c.load.Go(func() { c.extendAll() })
	var ids []int64
	c.must(c.db.NewRaw("SELECT id FROM invitation ORDER BY id").Scan(c.t.Context(), &ids))
	for i := range senders {
		c.load.Go(func() { c.respond(i, ids) })
	}
}

func idsOf(list []process.Process) (ids []process.ID) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

// running waits a little between two acts, until the load shall stop.
func (c *chaos) running(pause time.Duration) bool {
	select {
	case <-c.end:
		return false
	case <-time.After(pause):
		return true
	}
}

// turn turns one process to and fro over the API. What is not acknowledged is
// asked again under the same key until it is.
func (c *chaos) turn(client int, p process.Process) {
	for i := 0; c.running(150 * time.Millisecond); i++ {
		key := fmt.Sprintf("c%d-%d", client, i)
		c.note(func() { c.tried[p.ID]++ })
		for !c.call(client, key) {
			c.note(func() { c.repeats++ })
			<-time.After(100 * time.Millisecond)
		}
		c.note(func() {
			c.acks[p.ID] = append(c.acks[p.ID], key)
			c.lastAck = time.Now()
		})
	}
}

func (c *chaos) note(fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fn()
}

// patient does not wait for a server that is gone without a word.
var patient = &http.Client{Timeout: 10 * time.Second}

func (c *chaos) call(client int, key string) bool {
	p := c.turned[client]
	r, err := http.NewRequest(http.MethodPost, c.site+"/api/v1/processes/"+p.Slug+"/transitions", strings.NewReader(`{"event": "turn"}`))
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+c.secrets[client])
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	res, err := patient.Do(r)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	if res.StatusCode/100 == 4 && res.StatusCode != http.StatusTooManyRequests {
		c.t.Errorf("turn of %d, %s: %s", p.ID, key, res.Status)
		return true
	}
	return res.StatusCode == http.StatusCreated
}

// extendAll extends the terms of the turned processes, one after another. An
// extension carries no key: one whose answer is lost may have happened.
func (c *chaos) extendAll() {
	end := time.Now().AddDate(0, 0, 40)
	for i := 0; c.running(100 * time.Millisecond); i++ {
		p := c.turned[i%len(c.turned)]
		end = end.Add(time.Second)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), 10*time.Second)
		c.note(func() { c.asked[p.ID]++ })
		_, err := c.core.Extend(ctx, p.ID, c.who, process.NewEnd{End: end, Reason: fmt.Sprintf("proroga %d", i)})
		cancel()
		if e, refused := fault.As(err); refused {
			c.t.Errorf("extension: %v", e)
		}
		if err == nil {
			c.note(func() { c.extended[p.ID]++ })
		}
	}
}

// respond sends the questionnaires of one client's share.
func (c *chaos) respond(client int, ids []int64) {
	for i := client; i < len(ids) && c.running(senders*time.Second/flow); i += senders {
		t := c.core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: c.process.ID, Subject: ids[i], Version: 1})
		for !c.submit(t) {
			c.note(func() { c.repeats++ })
			<-time.After(100 * time.Millisecond)
		}
		c.note(func() { c.sent++; c.lastAck = time.Now() })
	}
}

func (c *chaos) submit(token string) bool {
	res, err := send(c.site, c.core.Links(), token)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusSeeOther
}

// peril is one fault: what breaks, and what somebody who looks after servers
// does a second later.
type peril struct {
	name         string
	crash        bool // messages in hand may come twice
	strike, mend func(c *chaos)
	calm         func(c *chaos, struck time.Time) // once everything is in motion again; may be nil
}

var faults = []peril{
	{"`kill -9` of one worker of two", true, func(c *chaos) { c.workers[0].kill() }, func(c *chaos) { c.workers[0] = start(c.t, c.env, "work") }, nil},
	{"`kill -9` of the web server", false, func(c *chaos) { c.web.kill() }, func(c *chaos) { c.web = start(c.t, c.env, "serve") }, nil},
	{"`kill -9` of Redis", false, func(c *chaos) { c.must(killed(c.servers.Redis.Kill())) }, func(c *chaos) { c.must(c.servers.Redis.Start(c.t.Context())) }, nil},
	{"`kill -9` of PostgreSQL's postmaster", true, func(c *chaos) { c.must(killed(c.servers.Postgres.Kill())) }, func(c *chaos) { c.must(c.servers.Postgres.Start(c.t.Context())) }, nil},
	{"`FLUSHALL`", false, func(c *chaos) { c.must(c.client().FlushAll(c.t.Context()).Err()) }, func(*chaos) {}, nil},
	{"`kill -9` of both workers", true, func(c *chaos) {
		for _, w := range c.workers {
			_ = w.cmd.Process.Signal(syscall.SIGKILL)
		}
	}, func(c *chaos) {
		for i := range c.workers {
			c.workers[i].kill()
			c.workers[i] = start(c.t, c.env, "work")
		}
	}, nil},
	{fmt.Sprintf("One worker of two stands still (`SIGSTOP`) for %.0f s, longer than its leases, and goes on", standstill.Seconds()), true, func(c *chaos) {
		c.must(c.workers[0].cmd.Process.Signal(syscall.SIGSTOP))
	}, func(*chaos) {}, func(c *chaos, struck time.Time) {
		<-time.After(standstill - time.Since(struck))
		c.must(c.workers[0].cmd.Process.Signal(syscall.SIGCONT))
	}},
}

// killed forgives that a killed process did not end well.
func killed(error) error { return nil }

// suffer lets one fault happen and measures until an act is acknowledged again
// and all that was due at its time is done.
func (c *chaos) suffer(f peril) string {
	c.t.Helper()
	before, now := 0, 0
	c.note(func() { before = c.acknowledged() })
	at := time.Now()
	f.strike(c)
	c.strikes++
	if f.crash {
		c.crashes++
	}
	<-time.After(chaosPause)
	f.mend(c)
	again := c.inMotion(at)
	if f.calm != nil {
		f.calm(c, at)
	}
	c.note(func() { now = c.acknowledged() })
	if again > motion*time.Second {
		c.t.Errorf("%s: in motion again after %s", f.name, again)
	}
	return fmt.Sprintf("| %s | %.1f s | %d |", f.name, again.Seconds(), now-before)
}

func (c *chaos) acknowledged() (n int) {
	for _, keys := range c.acks {
		n += len(keys)
	}
	for _, k := range c.extended {
		n += k
	}
	return n + c.sent
}

// inMotion waits until somebody's act is acknowledged after the fault and
// nothing is left that was due before it.
func (c *chaos) inMotion(at time.Time) time.Duration {
	c.t.Helper()
	for deadline := at.Add(2 * motion * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		acted := false
		c.note(func() { acted = c.lastAck.After(at) })
		if left, err := c.left(at); acted && err == nil && left == 0 {
			return time.Since(at)
		}
	}
	c.t.Fatal("it is not in motion again")
	return 0
}

// left counts what was due at an instant and is not done.
func (c *chaos) left(at time.Time) (n int, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	err = c.db.NewRaw(`SELECT (SELECT count(*) FROM deadline WHERE fired_at IS NULL AND cancelled_at IS NULL AND due_at <= ?0)
		+ (SELECT count(*) FROM notice WHERE expanded_at IS NULL AND cancelled_at IS NULL AND due_at <= ?0)
		+ (SELECT count(*) FROM delivery WHERE status IN ('queued', 'sending', 'deferred') AND due_at <= ?0)`, at).Scan(ctx, &n)
	return n, err
}
