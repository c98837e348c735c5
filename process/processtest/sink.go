package processtest

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"arengo/cmd/arengo/embedded"
)

// Sink is an SMTP server that keeps what it receives and fails as it is told.
// All its methods may be called while mail arrives.
type Sink struct {
	addr string

	mu       sync.Mutex
	messages []*Message
	delay    time.Duration
	answers  map[string]int // recipient, lower case → code
	drops    int            // messages to take and then not acknowledge
	drop     func(*Message) bool
	user     string // sign-in demanded when not ""
	password string
	refuse   bool
	sessions int
	changed  chan struct{} // closed and replaced at every message
}

// SMTP starts a sink on a loopback port; it stops when the test ends.
func SMTP(t testing.TB) *Sink {
	t.Helper()
	port, err := embedded.FreePort(0)
	if err != nil {
		t.Fatalf("port for mail: %v", err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatalf("listen for mail: %v", err)
	}
	s := &Sink{addr: l.Addr().String(), answers: map[string]int{}, changed: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		return &session{sink: s, conn: c.Conn()}, nil
	}))
	server.Domain = "sink.example.org"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // a server that had not come to accept yet knows no listener
		<-ended
	})
	return s
}

// Addr is the sink's host and port.
func (s *Sink) Addr() string { return s.addr }

// URL is the sink's address as ARENGO_SMTP_URL wants it.
func (s *Sink) URL() string { return "smtp://" + s.addr }

// Delay makes each message take at least d before it is acknowledged.
func (s *Sink) Delay(d time.Duration) { s.set(func() { s.delay = d }) }

// Answer makes the sink answer code (4xx or 5xx) to a recipient; 0 accepts the
// recipient again.
func (s *Sink) Answer(recipient string, code int) {
	s.set(func() { s.answers[strings.ToLower(recipient)] = code })
}

// DropAfterData makes the sink keep the next n messages and then close the
// connection without an answer, the case in which no sender can know.
func (s *Sink) DropAfterData(n int) { s.set(func() { s.drops = n }) }

// DropWhen is DropAfterData for the messages that match; nil ends it.
func (s *Sink) DropWhen(match func(*Message) bool) { s.set(func() { s.drop = match }) }

// RequireAuth makes the sink demand this sign-in (AUTH PLAIN).
func (s *Sink) RequireAuth(user, password string) {
	s.set(func() { s.user, s.password, s.refuse = user, password, false })
}

// RefuseAuth makes the sink refuse every sign-in, and mail without one.
func (s *Sink) RefuseAuth() { s.set(func() { s.user, s.refuse = "nobody", true }) }

// Sessions counts the connections so far.
func (s *Sink) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Messages returns what arrived so far, in order, with what was dropped after
// its DATA.
func (s *Sink) Messages() []*Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Message(nil), s.messages...)
}

// To returns the messages of one recipient (any letter case), in order.
func (s *Sink) To(recipient string) []*Message {
	var list []*Message
	for _, m := range s.Messages() {
		for _, to := range m.Recipients {
			if strings.EqualFold(to, recipient) {
				list = append(list, m)
			}
		}
	}
	return list
}

// CountByID counts the arrivals of each Message-ID: one message handed over
// twice counts 2.
func (s *Sink) CountByID() map[string]int {
	count := map[string]int{}
	for _, m := range s.Messages() {
		count[m.ID()]++
	}
	return count
}

// Clear forgets what arrived.
func (s *Sink) Clear() { s.set(func() { s.messages = nil }) }

// Wait waits until at least n messages have arrived and returns all of them; it
// fails the test after 20 s.
func (s *Sink) Wait(t testing.TB, n int) []*Message {
	t.Helper()
	end := time.After(patience)
	for {
		s.mu.Lock()
		list, changed := append([]*Message(nil), s.messages...), s.changed
		s.mu.Unlock()
		if len(list) >= n {
			return list
		}
		select {
		case <-changed:
		case <-end:
			t.Fatalf("%d messages after %s, want %d", len(list), patience, n)
		}
	}
}

func (s *Sink) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// keep stores m and reports how long to wait and whether to drop the
// connection.
func (s *Sink) keep(m *Message) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.changed)
	s.changed = make(chan struct{})
	dropped := s.drops > 0 || (s.drop != nil && s.drop(m))
	if s.drops > 0 {
		s.drops--
	}
	return s.delay, dropped
}

type session struct {
	sink     *Sink
	conn     net.Conn
	signedIn bool
	from     string
	to       []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		if s.sink.refuse || user != s.sink.user || password != s.sink.password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if s.sink.user != "" && !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if code := s.sink.answers[strings.ToLower(to)]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "As the test told me"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	wait, dropped := s.sink.keep(&Message{From: s.from, Recipients: s.to, Raw: raw})
	if wait > 0 {
		<-time.After(wait)
	}
	if dropped {
		return errors.Join(errors.New("dropped"), s.conn.Close())
	}
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
