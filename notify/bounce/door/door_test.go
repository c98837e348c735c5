package door_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"arengo/notify"
	"arengo/notify/bounce"
	"arengo/notify/bounce/door"
)

// book writes reports down in memory; it fails as long as it is told to.
type book struct {
	mu      sync.Mutex
	failing bool
	reports []bounce.Report
}

func (b *book) Mail(_ context.Context, reports []bounce.Report) (notify.Taken, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failing {
		return notify.Taken{}, errors.New("no book today")
	}
	b.reports = append(b.reports, reports...)
	return notify.Taken{Recorded: len(reports)}, nil
}

func (b *book) fail(failing bool) { b.mu.Lock(); b.failing = failing; b.mu.Unlock() }

func (b *book) list() []bounce.Report { b.mu.Lock(); defer b.mu.Unlock(); return b.reports }

type house struct {
	t     *testing.T
	book  *book
	own   *bounce.Return
	door  *door.Door
	place door.Place
}

func open(t *testing.T, place door.Place) *house {
	t.Helper()
	own, err := bounce.NewReturn("bounce@example.org", "a key of this test")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, book: &book{}, own: own, place: place}
	h.door, err = door.New(door.Config{
		Place: place, Return: own, Taker: h.book, Log: slog.New(slog.DiscardHandler), Timeout: 5 * time.Second, Again: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// listen opens the door at a free port and gives its address.
func (h *house) listen() string {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.run(func(ctx context.Context) error { return h.door.Serve(ctx, l) })
	return l.Addr().String()
}

func (h *house) run(serve func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
}

func (h *house) client(conn net.Conn, err error) *smtp.Client {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	c := smtp.NewClient(conn)
	if h.place.LMTP {
		c = smtp.NewClientLMTP(conn)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (h *house) dial(address string) *smtp.Client {
	h.t.Helper()
	return h.client(net.Dial("tcp", address))
}

// code is the reply of a server, 250 for none.
func code(err error) int {
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		return reply.Code
	}
	var lmtp smtp.LMTPDataError
	if errors.As(err, &lmtp) {
		for _, e := range lmtp {
			return e.Code
		}
	}
	if err != nil {
		return -1
	}
	return 250
}

// send gives the codes of RCPT and of the end of a message.
func send(c *smtp.Client, to, text string) (rcpt, dot int) {
	if err := c.Mail("", nil); err != nil {
		return code(err), 0
	}
	if err := c.Rcpt(to, nil); err != nil {
		defer func() { _ = c.Reset() }()
		return code(err), 0
	}
	w, err := c.Data()
	if err != nil {
		return 250, code(err)
	}
	if _, err := w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		return 250, code(err)
	}
	return 250, code(w.Close())
}

const failed = `From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ada@example.net
Action: failed
Status: 5.1.1
--b--
`

func TestDoor(t *testing.T) {
	t.Parallel()
	for _, place := range []door.Place{{LMTP: true, Address: "x"}, {Address: "x"}} {
		t.Run(fmt.Sprintf("LMTP %v", place.LMTP), func(t *testing.T) {
			t.Parallel()
			h := open(t, place)
			c := h.dial(h.listen())
			own := h.own.Address(7, 42)
			for _, tt := range []struct {
				name, to, text string
				rcpt, dot      int
			}{
				{"a report", strings.ToUpper(own), failed, 250, 250},
				{"a person's answer", own, "From: ada@example.net\n\nGrazie.\n", 250, 250},
				{"a forged address", "bounce+b-aeaqcaibaeaqcaibaeaqcaib@example.org", failed, 550, 0},
				{"somebody else", "info@example.org", failed, 550, 0},
				{"the plain address, about nothing of ours", "bounce@example.org", failed, 250, 550},
				{"the plain address, about a message of ours", "bounce@example.org", "To: " + own + "\n" + failed, 250, 250},
			} {
				if rcpt, dot := send(c, tt.to, tt.text); rcpt != tt.rcpt || dot != tt.dot {
					t.Errorf("%s: %d, %d, want %d, %d", tt.name, rcpt, dot, tt.rcpt, tt.dot)
				}
			}
			list := h.book.list()
			if len(list) != 3 || list[0].Kind != bounce.Permanent || list[1].Kind != bounce.Ignored || list[2].DeliveryID != 42 {
				t.Errorf("%+v", list)
			}
			h.book.fail(true)
			if _, dot := send(c, own, failed); dot != 451 {
				t.Errorf("%d for what is not written down", dot)
			}
			h.book.fail(false)
			if _, dot := send(c, own, failed); dot != 250 || len(h.book.list()) != 4 {
				t.Errorf("%d, %d reports when it comes again", dot, len(h.book.list()))
			}
		})
	}
}

// Who guesses addresses is hung up on; who sends without end too.
func TestDoorIsNotForEverybody(t *testing.T) {
	t.Parallel()
	h := open(t, door.Place{Address: "x"})
	address := h.listen()
	c := h.dial(address)
	refused := 0
	for range 10 {
		if rcpt, _ := send(c, "bounce+b-aeaqcaibaeaqcaibaeaqcaib@example.org", failed); rcpt == 550 {
			refused++
		}
	}
	if refused > 5 {
		t.Errorf("%d guesses over one connection", refused)
	}
	if _, dot := send(h.dial(address), h.own.Address(1, 2), strings.Repeat("A long line of nothing much.\n", 900_000)); dot == 250 {
		t.Error("25 MB were taken")
	}
	if _, dot := send(h.dial(address), h.own.Address(1, 2), failed+strings.Repeat("A long line.\n", 100_000)); dot != 250 || len(h.book.list()) != 1 {
		t.Errorf("a report with a large message gets %d, %d reports", dot, len(h.book.list()))
	}
}

// A socket that a killed program left is taken over; one in use is waited for.
func TestDoorAtASocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "b.sock")
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	place, err := door.ParsePlace("lmtp://" + path)
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, place)
	h.run(h.door.Run)
	if got, err := os.Stat(path); err != nil || got.Mode().Perm() == 0o666 {
		t.Fatalf("%v, %v: it belongs to another program still", got.Mode(), err)
	}
	_ = left.Close()
	deadline := time.Now().Add(10 * time.Second)
	for {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm() == 0o666 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the socket was not taken over")
		}
		<-time.After(5 * time.Millisecond)
	}
	if _, dot := send(h.client(net.Dial("unix", path)), h.own.Address(1, 2), failed); dot != 250 {
		t.Errorf("%d", dot)
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]door.Place{
		"lmtp://127.0.0.1:2424":          {LMTP: true, Network: "tcp", Address: "127.0.0.1:2424"},
		"smtp://:2525":                   {Network: "tcp", Address: ":2525"},
		"smtp://[::1]:2525/":             {Network: "tcp", Address: "[::1]:2525"},
		"lmtp:///run/arengo/bounce.sock": {LMTP: true, Network: "unix", Address: "/run/arengo/bounce.sock"},
	} {
		if got, err := door.ParsePlace(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "lmtp://", "127.0.0.1:2424", "http://127.0.0.1:1", "lmtp://127.0.0.1", "smtp://u:p@h:1", "smtp://h:1/x", "smtp://h:1?tls=none"} {
		if got, err := door.ParsePlace(in); err == nil {
			t.Errorf("%q is %+v", in, got)
		}
	}
}
