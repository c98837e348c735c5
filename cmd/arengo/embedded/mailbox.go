package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// largestMail is the size of message that the mailbox takes, in bytes.
const largestMail = 20 << 20

// envelope names the header that the mailbox puts before each message, with
// its true recipients.
const envelope = "X-Envelope-To"

// Mailbox is an SMTP server that delivers nothing: each message becomes a file
// that its pages show. For a first look and for development.
type Mailbox struct {
	dir    string
	addr   string
	listen net.Listener
	server *smtp.Server
	ended  chan struct{}

	mu   sync.Mutex
	last time.Time // of the newest file's name, so that names sort by arrival
}

// StartMailbox keeps mail as .eml files in dir and listens at addr, for
// instance "127.0.0.1:0"; port 0 means some free one below 32768. A nil logger
// discards.
func StartMailbox(dir, addr string, logger *slog.Logger) (*Mailbox, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if err := makeDir(dir, 0o700); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("mailbox address %q: %w", addr, err)
	}
	if port == "0" {
		n, err := FreePort(0)
		if err != nil {
			return nil, err
		}
		port = strconv.Itoa(n)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	m := &Mailbox{dir: dir, addr: l.Addr().String(), listen: l, ended: make(chan struct{})}
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &delivery{box: m}, nil
	}))
	m.server.Domain = "localhost"
	m.server.EnableSMTPUTF8 = true
	m.server.MaxMessageBytes = largestMail
	m.server.ReadTimeout, m.server.WriteTimeout = 5*time.Minute, time.Minute
	m.server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	go func() {
		defer close(m.ended)
		if err := m.server.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			logger.Error("the mailbox stopped", "error", err)
		}
	}()
	return m, nil
}

// URL is the mailbox's address as ARENGO_SMTP_URL wants it.
func (m *Mailbox) URL() string { return "smtp://" + m.addr }

// Stop finishes the messages that are arriving, for at most five seconds, and
// stops listening.
func (m *Mailbox) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := m.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		// Idle connections of a client that is gone: there is nothing to lose.
		err = nil
	}
	// A server that had not come to accept yet knows no listener to close.
	_ = m.listen.Close()
	<-m.ended
	return err
}

// keep writes a message under a name that sorts by arrival. The file appears
// whole or not at all.
func (m *Mailbox) keep(to []string, r io.Reader) error {
	draft, err := os.CreateTemp(m.dir, ".draft-")
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // fails once it has its name
	_, err = fmt.Fprintf(draft, "%s: %s\r\n", envelope, strings.Join(to, ", "))
	if err == nil {
		_, err = io.Copy(draft, r)
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	if err := os.Rename(draft.Name(), filepath.Join(m.dir, m.name())); err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	return nil
}

func (m *Mailbox) name() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UTC().Truncate(time.Microsecond)
	if !now.After(m.last) {
		now = m.last.Add(time.Microsecond)
	}
	m.last = now
	return now.Format("20060102T150405.000000") + "-" + strings.ToLower(rand.Text()[:8]) + ".eml"
}

type delivery struct {
	box *Mailbox
	to  []string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.ContainsAny(to, "\r\n") {
		return &smtp.SMTPError{Code: 501, EnhancedCode: smtp.EnhancedCode{5, 1, 3}, Message: "Bad address"}
	}
	d.to = append(d.to, to)
	return nil
}

func (d *delivery) Data(r io.Reader) error { return d.box.keep(d.to, r) }

func (d *delivery) Reset() { d.to = nil }

func (d *delivery) Logout() error { return nil }
