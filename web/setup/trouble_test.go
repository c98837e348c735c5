package setup_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"arengo/notify"
	"arengo/notify/bounce"
	"arengo/notify/bounce/door"
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/mail"
	"arengo/process"
	"arengo/process/processtest"
	"arengo/process/roster"
)

// correspondence is a world whose mail goes to a server that takes everything and
// whose reports come back to a door.
type correspondence struct {
	*world
	sink    *processtest.Sink
	drainer *notify.Drainer
	own     *bounce.Return
	door    string
}

func correspond(t *testing.T) *correspondence {
	t.Helper()
	c := &correspondence{world: newWorld(t), sink: processtest.SMTP(t)}
	var err error
	c.own, err = bounce.NewReturn("bounce@example.org", c.Core.Links().Derived("bounce", "return address")...)
	c.Must(err)
	relay, err := mail.ParseRelay(c.sink.URL())
	c.Must(err)
	post, err := email.New(relay, mail.Sender{Address: "partecipa@example.org", Name: "Arengo", Return: c.own.Address})
	c.Must(err)
	log := slog.New(slog.DiscardHandler)
	c.drainer, err = notify.NewDrainer(notify.DrainerConfig{DB: c.DB, Outbox: c.Core.Outbox(), Clock: c.Clock, Channels: []channel.Channel{post}, Log: log})
	c.Must(err)
	postmaster, err := notify.NewPostmaster(c.DB, c.Clock, roster.Readers{}, log)
	c.Must(err)
	d, err := door.New(door.Config{Place: door.Place{LMTP: true, Address: "x"}, Return: c.own, Taker: postmaster, Log: log})
	c.Must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	c.Must(err)
	c.door = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-ended })
	return c
}

// follow has somebody ask for news and gives the message that went out.
func (c *correspondence) follow(p process.Process, address string) *processtest.Message {
	c.T.Helper()
	c.sink.Clear()
	c.Must(roster.New(c.Core).Follow(c.T.Context(), p.ID, roster.Visitor{Email: address, Locale: "it"}))
	c.Must(c.drainer.Round(c.T.Context()))
	list := c.sink.Wait(c.T, 1)
	if len(list) != 1 {
		c.T.Fatalf("%d messages", len(list))
	}
	return list[0]
}

// report tells the door what a server says about a message, at the sender of its
// envelope, and gives the door's answer.
func (c *correspondence) report(to, recipient, status, words string) error {
	c.T.Helper()
	client, err := net.Dial("tcp", c.door)
	c.Must(err)
	lmtp := smtp.NewClientLMTP(client)
	defer lmtp.Close()
	text := fmt.Sprintf(`From: MAILER-DAEMON@mx.example.net
To: %s
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; %s
Action: failed
Status: %s
Diagnostic-Code: smtp; %s
--b--
`, to, recipient, status, words)
	return lmtp.SendMail("", []string{to}, strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
}

// The whole way: a message goes out under a return address of its own, is taken,
// and comes back later; the roster says why, and lets the promoter try again or
// write another address.
func TestAddressThatDoesNotWork(t *testing.T) {
	t.Parallel()
	c := correspond(t)
	p := c.draft()
	c.Exec(`UPDATE process SET published_at = ? WHERE id = ?`, monday, p.ID)
	b, list := c.lucia, "/gestione/"+p.Slug+"/contatti"
	b.Submit(b.Page(list+"/nuovo"), "main form", "email", "anna@example.org", "name", "Anna Verdi").To(list + "#cerca")
	edit := b.Page(list).Find("#cerca").Parent().Find("tbody a").AttrOr("href", "")
	if b.Page(edit).Find(".ar-panel--late").Length() != 0 {
		t.Fatal("an address that works is said not to")
	}
	first := c.follow(p, "anna@example.org")
	if _, _, ok := c.own.Read(strings.ToUpper(first.From)); !ok || !strings.Contains(first.Header("From"), "partecipa@example.org") {
		t.Fatalf("envelope %s, sender %s", first.From, first.Header("From"))
	}

	forged := strings.Replace(first.From, "+b-a", "+b-b", 1)
	if err := c.report(forged, "anna@example.org", "5.1.1", "550 5.1.1 unknown"); err == nil {
		t.Error("a forged address is taken")
	}
	if n := c.Count(`SELECT count(*) FROM suppression`); n != 0 {
		t.Fatal("a forged report suppresses an address")
	}
	for range 2 {
		c.Must(c.report(strings.ToLower(first.From), "anna@example.org", "5.1.1", "550 5.1.1 <anna@example.org>: user unknown"))
	}
	if n := c.Count(`SELECT count(*) FROM delivery d JOIN delivery_event e ON e.process_id = d.process_id AND e.delivery_id = d.id
		WHERE d.status = 'bounced' AND e.status = 'bounced' AND e.code = 550`); n != 1 {
		t.Errorf("%d events", n)
	}
	at := b.Page(list + "?stato=bounced")
	if text := at.Find("#cerca").Parent().Find("tbody").Text(); !strings.Contains(text, "L’indirizzo non funziona") || !strings.Contains(text, "La casella non esiste, dal ") {
		t.Errorf("the list says %s", text)
	}
	at = b.Page(edit)
	if text := at.Find(".ar-panel--late").Text(); !strings.Contains(text, "non esiste") || !strings.Contains(text, "user unknown") || !strings.Contains(text, "Riprova") {
		t.Errorf("the page says %s", text)
	}
	if w := c.marco.Submit(at, "form[action$='/riprova']"); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
		t.Errorf("somebody of elsewhere tries again: %d", w.Code)
	}
	moved(b, b.Submit(at, "form[action$='/riprova']"), edit)
	if n := c.Count(`SELECT count(*) FROM suppression`); n != 0 || b.Page(edit).Find(".ar-panel--late").Length() != 0 {
		t.Error("nothing is tried again")
	}
	b.Submit(at, "form[action$='/riprova']").To(edit) // twice is harmless
}

// Who called a message unwanted is written to no more, and nobody else undoes it.
func TestAddressOfWhoComplained(t *testing.T) {
	t.Parallel()
	c := correspond(t)
	p := c.draft()
	b, list := c.lucia, "/gestione/"+p.Slug+"/contatti"
	b.Submit(b.Page(list+"/nuovo"), "main form", "email", "anna@example.org", "name", "Anna Verdi").To(list + "#cerca")
	c.Exec(`INSERT INTO suppression (address, source, reason, since) VALUES ('anna@example.org', 'complaint', 'abuse', ?)`, monday)
	at := b.Page(list + "?stato=opted_out")
	edit := at.Find("#cerca").Parent().Find("tbody a").AttrOr("href", "")
	if text := at.Find("#cerca").Parent().Find("tbody").Text(); !strings.Contains(text, "Non vuole messaggi") || !strings.Contains(text, "indesiderato") {
		t.Errorf("the list says %s", text)
	}
	page := b.Page(edit)
	if page.Find("form[action$='/riprova']").Length() != 0 || !strings.Contains(page.Find(".ar-panel--late").Text(), "Solo questa persona") {
		t.Errorf("the page says %s", page.Find(".ar-panel--late").Text())
	}
	// A page that was opened before the complaint does not get around it.
	c.Exec(`UPDATE suppression SET source = 'report'`)
	page = b.Page(edit)
	c.Exec(`UPDATE suppression SET source = 'complaint'`)
	if got := b.Submit(page, "form[action$='/riprova']"); got.Code != http.StatusConflict || !strings.Contains(got.Text("main"), "indesiderato") {
		t.Errorf("%d: %s", got.Code, got.Text("main"))
	}
}
