package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"

	"arengo/notify"
	"arengo/notify/bounce"
	"arengo/notify/bounce/mailbox"
)

const (
	user     = "rimbalzi@example.org"
	password = "p@ss/word"
)

// book writes reports down in memory, and fails for deliveries that it is told.
type book struct {
	failing map[int64]bool
	reports []bounce.Report
}

func (b *book) Mail(_ context.Context, reports []bounce.Report) (notify.Taken, error) {
	for _, r := range reports {
		if b.failing[r.DeliveryID] {
			return notify.Taken{}, errors.New("no book today")
		}
	}
	b.reports = append(b.reports, reports...)
	return notify.Taken{Recorded: len(reports)}, nil
}

// post is an IMAP server with one account, and a reader of it.
type post struct {
	t       *testing.T
	address string
	book    *book
	own     *bounce.Return
}

// bearing lets the account in by XOAUTH2 as well.
type bearing struct {
	imapserver.SessionIMAP4rev2
	token string
}

func (b bearing) AuthenticateMechanisms() []string { return []string{"XOAUTH2"} }

func (b bearing) Authenticate(string) (sasl.Server, error) { return &bearer{b, false}, nil }

type bearer struct {
	session bearing
	told    bool
}

func (b *bearer) Next(response []byte) ([]byte, bool, error) {
	if b.told {
		return nil, false, imapserver.ErrAuthFailed
	}
	if string(response) == "user="+user+"\x01auth=Bearer "+b.session.token+"\x01\x01" {
		return nil, true, b.session.Login(user, password)
	}
	b.told = true
	return []byte(`{"status":"400"}`), false, nil
}

func open(t *testing.T, caps ...imap.Cap) *post {
	t.Helper()
	able := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapSASLIR: {}}
	for _, c := range caps {
		able[c] = struct{}{}
	}
	account := imapmemserver.NewUser(user, password)
	if err := account.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(account)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return bearing{memory.NewSession().(imapserver.SessionIMAP4rev2), "a-token"}, nil, nil
		},
		Caps:         able,
		InsecureAuth: true, Logger: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); _ = l.Close(); <-ended })
	own, err := bounce.NewReturn("bounce@example.org", "a key of this test")
	if err != nil {
		t.Fatal(err)
	}
	return &post{t: t, address: l.Addr().String(), book: &book{failing: map[int64]bool{}}, own: own}
}

func (p *post) url(options string) string {
	return "imap://rimbalzi%40example.org:p%40ss%2Fword@" + p.address + "/INBOX" + options
}

func (p *post) reader(options string) *mailbox.Reader {
	p.t.Helper()
	account, err := mailbox.ParseAccount(p.url(options))
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := mailbox.New(mailbox.Config{
		Account: account, Return: p.own, Taker: p.book, Log: slog.New(slog.DiscardHandler),
		Lead: func(_ context.Context, fn func()) (bool, error) { fn(); return true, nil },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *post) client() *imapclient.Client {
	p.t.Helper()
	c, err := imapclient.DialInsecure(p.address, nil)
	if err == nil {
		err = c.Login(user, password).Wait()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// arrive puts reports about deliveries into the mailbox.
func (p *post) arrive(deliveries ...int64) {
	p.t.Helper()
	c := p.client()
	for _, id := range deliveries {
		text := strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mx.example.net
To: %s
Subject: failure notice
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ada@example.net
Action: failed
Status: 5.1.1
--b--
`, p.own.Address(7, id)), "\n", "\r\n")
		w := c.Append("INBOX", int64(len(text)), nil)
		if _, err := w.Write([]byte(text)); err != nil {
			p.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			p.t.Fatal(err)
		}
		if _, err := w.Wait(); err != nil {
			p.t.Fatal(err)
		}
	}
}

// count says how many messages a folder has, and how many of them nobody read.
func (p *post) count(folder string) (all, unread uint32) {
	p.t.Helper()
	s, err := p.client().Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true}).Wait()
	if err != nil {
		p.t.Fatal(err)
	}
	return *s.NumMessages, *s.NumUnseen
}

func (p *post) look(r *mailbox.Reader, want int) {
	p.t.Helper()
	if n, err := r.Look(p.t.Context()); n != want || err != nil {
		p.t.Errorf("%d handled, %v, want %d", n, err, want)
	}
}

func (p *post) stands(folder string, all, unread uint32) {
	p.t.Helper()
	if a, u := p.count(folder); a != all || u != unread {
		p.t.Errorf("%s: %d messages, %d unread, want %d, %d", folder, a, u, all, unread)
	}
}

func TestMarked(t *testing.T) {
	t.Parallel()
	p := open(t)
	r := p.reader("")
	p.look(r, 0)
	p.arrive(1, 2)
	p.look(r, 2)
	p.look(r, 0)
	p.stands("INBOX", 2, 0)
	p.arrive(3)
	p.look(r, 1)
	if len(p.book.reports) != 3 || p.book.reports[2].DeliveryID != 3 || !p.book.reports[0].Gone {
		t.Errorf("%+v", p.book.reports)
	}
}

// More than are put away at once, into a folder that is not there yet, on servers
// of all abilities.
func TestMoved(t *testing.T) {
	t.Parallel()
	for name, able := range map[string]struct {
		caps []imap.Cap
		left uint32 // marked as deleted, where only that can be done
	}{
		"MOVE":    {[]imap.Cap{imap.CapMove}, 0},
		"UIDPLUS": {[]imap.Cap{imap.CapUIDPlus}, 0},
		"neither": {nil, 45},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, able.caps...)
			var many []int64
			for i := range int64(45) {
				many = append(many, i+1)
			}
			p.arrive(many...)
			r := p.reader("?move=Letti")
			p.look(r, 45)
			p.stands("INBOX", able.left, 0)
			p.stands("Letti", 45, 45)
			p.look(r, 0)
			if len(p.book.reports) != 45 {
				t.Errorf("%d reports", len(p.book.reports))
			}
		})
	}
}

// What cannot be written down stays, and keeps nothing else for long.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, options := range []string{"", "?move=Letti"} {
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			p.arrive(1, 2, 3)
			p.book.failing[2] = true
			r := p.reader(options)
			if n, err := r.Look(t.Context()); n != 2 || err == nil {
				t.Errorf("%d, %v", n, err)
			}
			if _, unread := p.count("INBOX"); unread != 1 {
				t.Errorf("%d are left", unread)
			}
			p.book.failing[2] = false
			p.look(r, 1)
			if len(p.book.reports) != 3 || p.book.reports[2].DeliveryID != 2 {
				t.Errorf("%+v", p.book.reports)
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.arrive(1)
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id == "" {
			id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
		}
		w.Header().Set("Content-Type", "application/json")
		if id != "app-1" || secret != password || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "https://outlook.example/.default" {
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client", "error_description": "not " + secret})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600})
	}))
	t.Cleanup(tokens.Close)
	p.look(p.reader("?oauth="+tokens.URL+"&client=app-1&scope=https://outlook.example/.default"), 1)
	for options, step := range map[string]string{
		"?oauth=" + tokens.URL + "&client=app-2&scope=x": "login",
		"?move=Letti&tls=none":                           "",
	} {
		account, err := mailbox.ParseAccount(p.url(options))
		if err != nil {
			t.Fatal(err)
		}
		wantStep(t, account.Probe(t.Context()), step)
	}
	for change, step := range map[string]string{"p%40ss%2Fword>wrong": "login", "INBOX>Altrove": "folder", p.address + ">127.0.0.1:1": "connect"} {
		old, replacement, _ := strings.Cut(change, ">")
		account, err := mailbox.ParseAccount(strings.Replace(p.url(""), old, replacement, 1))
		if err != nil {
			t.Fatal(err)
		}
		wantStep(t, account.Probe(t.Context()), step)
	}
}

func wantStep(t *testing.T, err error, step string) {
	t.Helper()
	var failed *mailbox.Error
	if errors.As(err, &failed) {
		if failed.Step != step || strings.Contains(err.Error(), password) {
			t.Errorf("%v, want %s", err, step)
		}
		return
	}
	if err != nil || step != "" {
		t.Errorf("%v, want %q", err, step)
	}
}

func TestParseAccount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mailbox.Account{
		"imaps://b%40example.org:s@imap.example.org": {
			Address: "imap.example.org:993", Host: "imap.example.org", TLS: true, User: "b@example.org", Password: "s", Folder: "INBOX",
		},
		"imap://b@example.org:s@imap.example.org/Ritorni?move=Letti": {
			Address: "imap.example.org:143", Host: "imap.example.org", User: "b@example.org", Password: "s", Folder: "Ritorni", Move: "Letti",
		},
		"imap://b:s@localhost:1143": {Address: "localhost:1143", Host: "localhost", Plain: true, User: "b", Password: "s", Folder: "INBOX"},
		"imaps://b:s@h/INBOX?oauth=https://login.example/token&client=c&scope=w": {
			Address: "h:993", Host: "h", TLS: true, User: "b", Password: "s", Folder: "INBOX", Token: "https://login.example/token", Client: "c", Scope: "w",
		},
	} {
		if got, err := mailbox.ParseAccount(in); err != nil || got != want {
			t.Errorf("%s:\n%+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "imap.example.org", "smtp://u:secret@h", "imaps://h/INBOX", "imaps://u@h", "imaps://u:secret@", "imaps://u:secret@h?x=1",
		"imaps://u:secret@h?tls=none", "imap://u:secret@h?tls=maybe", "imaps://u:secret@h/A?move=A", "imaps://u:secret@h?oauth=https://x/y",
		"imaps://u:secret@h?oauth=http://x/y&client=c", "imaps://u:secret@h:x", "imaps://u:sec ret@h\x00",
	} {
		if _, err := mailbox.ParseAccount(in); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec ret") {
			t.Errorf("%q: error %v", in, err)
		}
	}
}
