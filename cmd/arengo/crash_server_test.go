package main

import (
	"bufio"
	wire "encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"arengo/cmd/arengo/embedded"
	"arengo/process"
	"arengo/process/processtest"
)

// TestDatabaseGoneWhileSending breaks all connections of a worker again and
// again: it goes on by itself, and nobody misses a message.
func TestDatabaseGoneWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	w.invite()
	w.sink.Delay(20 * time.Millisecond)
	worker := start(t, w.env, "work")
	broken := 0
	for i := range 4 {
		w.sink.Wait(t, 50*(i+1))
		broken += w.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	}
	if broken < 2 {
		t.Errorf("%d connections were broken", broken)
	}
	w.sink.Delay(0)
	processtest.Eventually(t, "the worker goes on", func() bool {
		return w.count("SELECT count(*) FROM delivery WHERE status IN ('queued', 'deferred')") == 0
	})
	worker.stop()
	// A claim that was made and not learned of waits for its lease to run out.
	w.exec("UPDATE delivery SET lease_until = clock_timestamp() WHERE status = 'sending'")
	start(t, w.env, "work")
	w.allSent(300)
	// At most what was handed over while its result could not be written down.
	if repeated := w.distinct(300); repeated > window {
		t.Errorf("%d messages came twice, want at most %d", repeated, window)
	}
}

// TestWebKilledBetweenCommitAndAnswer kills the web server when PostgreSQL has
// stored a response and the server has not heard of it. Whoever presses "send"
// again, on another node, finds it sent: one response, one receipt.
func TestWebKilledBetweenCommitAndAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.invite()
	token := w.draft()
	first := w.env[0]
	address := strings.TrimPrefix(first, "ARENGO_DATABASE_URL=")
	between, err := newCommitGate(t, address)
	w.must(err)

	web, site := w.serve("ARENGO_DATABASE_URL=" + between.url)
	between.dead = func() { _ = web.cmd.Process.Kill() }
	between.armed.Store(true)
	if res, err := send(site, w.core.Links(), token); err == nil {
		_ = res.Body.Close()
		t.Fatalf("the killed server answered %s", res.Status)
	}
	<-web.ended
	if !between.held.Load() {
		t.Fatal("the server died before PostgreSQL had committed")
	}
	if n := w.count("SELECT count(*) FROM response"); n != 1 {
		t.Fatalf("%d responses are stored", n)
	}

	_, site = w.serve(first)
	res, err := send(site, w.core.Links(), token)
	w.must(err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("sent again: %s", res.Status)
	}
	if responses, receipts := w.count("SELECT count(*) FROM response"), w.count("SELECT count(*) FROM notice WHERE kind = 'receipt'"); responses != 1 || receipts != 1 {
		t.Errorf("%d responses and %d receipts", responses, receipts)
	}
}

// draft gives the only invitation a draft that can be sent, and its token.
func (w *world) draft() string {
	w.t.Helper()
	w.exec(`INSERT INTO draft (process_id, activity_id, invitation_id, version, answers, position, started_at, updated_at)
		SELECT process_id, activity_id, id, 1, ?::jsonb, 'more', clock_timestamp(), clock_timestamp() FROM invitation`, wholeAnswers(w.t, 1)[0])
	w.exec(`UPDATE invitation SET opened_at = clock_timestamp(), drafted_at = clock_timestamp()`)
	var id int64
	w.must(w.db.NewRaw("SELECT id FROM invitation").Scan(w.t.Context(), &id))
	return w.core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: w.process.ID, Subject: id, Version: 1})
}

// serve starts a web server on a port of its own, over a database.
func (w *world) serve(database string) (web *program, site string) {
	w.t.Helper()
	port, err := embedded.FreePort(0)
	w.must(err)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	env := append([]string{database, "ARENGO_ADDR=" + address}, w.env[1:]...)
	web = start(w.t, env, "serve")
	answers(w.t, web, "http://"+address+"/readyz")
	return web, "http://" + address
}

// send presses "send" on the last page of a questionnaire.
func send(site string, links *process.Links, token string) (*http.Response, error) {
	form := url.Values{"csrf": {links.Sign("csrf", "token:"+token)}}
	r, err := http.NewRequest(http.MethodPost, site+"/i/questionnaire/"+token+"/rileggi-e-invia", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return http.DefaultTransport.RoundTrip(r)
}

// commitGate stands between a program and PostgreSQL. Once armed, it keeps the
// news of the first commit to itself and calls dead.
type commitGate struct {
	url   string
	armed atomic.Bool
	held  atomic.Bool
	dead  func()
}

func newCommitGate(t *testing.T, database string) (*commitGate, error) {
	t.Helper()
	config, err := pgconn.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(database)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = l.Close() })
	u.Host, u.RawQuery = l.Addr().String(), "sslmode=disable"
	g := &commitGate{url: u.String()}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(client, config)
		}
	}()
	return g, nil
}

// pass carries one connection. What the server says is a sequence of messages:
// a letter, a length that counts itself, the rest.
func (g *commitGate) pass(client net.Conn, server *pgconn.Config) {
	defer client.Close()
	network, address := pgconn.NetworkAddress(server.Host, server.Port)
	back, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer back.Close()
	go func() {
		_, _ = io.Copy(back, client)
		_ = back.Close()
	}()
	in := bufio.NewReader(back)
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(in, head); err != nil {
			return
		}
		body := make([]byte, wire.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if head[0] == 'C' && strings.HasPrefix(string(body), "COMMIT") && g.armed.CompareAndSwap(true, false) {
			g.held.Store(true)
			g.dead()
			return
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}
