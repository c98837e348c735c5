package mail_test

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/notify/mail"
)

// server is an SMTP server that says what its script says: a reply for each
// word (GREET, EHLO, MAIL, RCPT, DATA, DOT, RSET; NODATA for a DATA without
// recipient), "drop" to hang up, nothing for the usual answer. Later connections use
// later scripts, the last for ever.
type server struct {
	mu         sync.Mutex
	scripts    []map[string]string
	sessions   int
	bodies     []string // those taken, or dropped after their end
	listener   net.Listener
	pipelining bool // offered
}

func (s *server) offerPipelining(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pipelining = yes
}

func (s *server) offersPipelining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pipelining
}

// script replaces what is said from now on, also on open connections.
func (s *server) script(words map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, old := range s.scripts {
		clear(old)
		maps.Copy(old, words)
	}
}

// word is what a script says to a word.
func (s *server) word(script map[string]string, word string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, ok := script[word]
	return reply, ok
}

func start(t *testing.T, scripts ...map[string]string) (*server, mail.Relay) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener: l}
	for _, words := range scripts {
		s.scripts = append(s.scripts, maps.Clone(words))
	}
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
		"DATA": "354 go", "NODATA": "554 5.5.1 no valid recipients", "DOT": "250 2.0.0 taken as 1", "NODOT": "554 5.5.1 nobody",
		"RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye", "OUT OF PLACE": "503 5.5.1 who?",
	}
	if s.offersPipelining() {
		usual["EHLO"] = "250-hello\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
	}
	said := ""
	say := func(word string) bool {
		reply, ok := s.word(script, word)
		if !ok {
			reply = usual[word]
		}
		if said = reply; reply == "drop" {
			return false
		}
		fmt.Fprintf(conn, "%s\r\n", reply)
		return !strings.HasPrefix(reply, "421")
	}
	if !say("GREET") {
		return
	}
	in := bufio.NewReader(conn)
	sender, recipient := false, false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.TrimSpace(line))
		word, _, _ = strings.Cut(word, " ")
		switch {
		case word == "RCPT" && !sender:
			word = "OUT OF PLACE"
		case word == "DATA" && !recipient:
			word = "NODATA"
		}
		if !say(word) || word == "QUIT" {
			return
		}
		switch taken := strings.HasPrefix(said, "25"); word {
		case "MAIL":
			sender = taken
		case "RCPT":
			recipient = taken
		case "RSET", "EHLO":
			sender, recipient = false, false
		case "DATA", "NODATA":
			if !strings.HasPrefix(said, "3") {
				continue
			}
			body, whole := s.body(in)
			if !whole {
				return
			}
			end := map[bool]string{true: "DOT", false: "NODOT"}[recipient]
			if reply, told := s.word(script, end); recipient && (!told || reply == "drop" || strings.HasPrefix(reply, "250")) {
				s.keep(body)
			}
			if !say(end) {
				return
			}
			sender, recipient = false, false
		}
	}
}

func (s *server) keep(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies = append(s.bodies, body)
}

func (s *server) body(in *bufio.Reader) (string, bool) {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", false
		}
		if line == ".\r\n" {
			return b.String(), true
		}
		b.WriteString(line)
	}
}
