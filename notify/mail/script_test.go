package mail_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/notify/mail"
)

// server is an SMTP server that says what its script says: a reply for each
// word (GREET, EHLO, MAIL, RCPT, DATA, DOT, RSET), "drop" to hang up, nothing
// for the usual answer. Later connections use later scripts, the last for ever.
type server struct {
	mu       sync.Mutex
	scripts  []map[string]string
	sessions int
	bodies   []string
	listener net.Listener
}

func start(t *testing.T, scripts ...map[string]string) (*server, mail.Relay) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{scripts: scripts, listener: l}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
	r, err := mail.ParseRelay("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.Timeout = 3 * time.Second
	return s, r
}

func (s *server) next() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := min(s.sessions, len(s.scripts)-1)
	s.sessions++
	if i < 0 {
		return nil
	}
	return s.scripts[i]
}

func (s *server) count() (sessions, bodies int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, len(s.bodies)
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	script := s.next()
	usual := map[string]string{
		"GREET": "220 ready", "EHLO": "250-hello\r\n250 ENHANCEDSTATUSCODES", "MAIL": "250 ok", "RCPT": "250 ok",
		"DATA": "354 go", "DOT": "250 2.0.0 taken as 1", "RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye",
	}
	say := func(word string) bool {
		reply, ok := script[word]
		if !ok {
			reply = usual[word]
		}
		if reply == "drop" {
			return false
		}
		fmt.Fprintf(conn, "%s\r\n", reply)
		return !strings.HasPrefix(reply, "421")
	}
	if !say("GREET") {
		return
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.TrimSpace(line))
		word, _, _ = strings.Cut(word, " ")
		if !say(word) || word == "QUIT" {
			return
		}
		if word == "DATA" && (script["DATA"] == "" || strings.HasPrefix(script["DATA"], "3")) {
			if !s.body(in) || !say("DOT") {
				return
			}
		}
	}
}

func (s *server) body(in *bufio.Reader) bool {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies = append(s.bodies, b.String())
	return true
}
