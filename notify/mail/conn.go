package mail

import (
	"context"
	"errors"
	"net"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Outcome classifies what became of a message handed to a relay.
type Outcome string

// The outcomes.
const (
	// Delivered: the relay took responsibility, whatever happened afterwards.
	Delivered Outcome = "delivered"
	// Deferred: refused for now (4xx), or the connection broke before the end
	// of the message.
	Deferred Outcome = "deferred"
	// Bounced: the recipient's address was refused for good.
	Bounced Outcome = "bounced"
	// Refused: this message was refused for good, not for its address.
	Refused Outcome = "refused"
	// Lost: the message went out whole, the answer never came. It may or may
	// not have been taken; sending it again with its Message-ID is right.
	Lost Outcome = "lost"
	// Unavailable: the relay itself cannot be used; the message was not tried.
	Unavailable Outcome = "unavailable"
)

// Result is the outcome of one message with the relay's reply. AddressGone
// tells that the reply blames the address itself, so that nothing should be
// sent there again; a full mailbox or a policy does not.
type Result struct {
	Outcome     Outcome
	Code        int
	Reply       string
	AddressGone bool
	Err         error // of an Unavailable relay, an *Error
}

// maxPerConnection bounds the messages of one connection: relays count them,
// and a balancer behind one address gets its turn.
const maxPerConnection = 200

// Conn is one connection to the relay, opened when needed and reused. It is
// for one goroutine at a time.
type Conn struct {
	relay  Relay
	client *gomail.Client
	smtp   *smtp.Client
	raw    net.Conn
	sent   int
}

// Open connects and signs in unless that is done. The error is an *Error.
func (c *Conn) Open(ctx context.Context) error {
	if c.smtp != nil {
		return nil
	}
	if c.client == nil {
		client, err := c.relay.client(c.dial)
		if err != nil {
			return c.relay.failed(false, err)
		}
		c.client = client
	}
	c.raw, c.sent = nil, 0
	session, err := c.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if c.raw != nil {
			_ = c.raw.Close() // the library leaves it open when the greeting or the login fails
		}
		connected := c.raw != nil || (c.relay.TLS == Implicit && !dialError(err))
		return c.relay.failed(connected, err)
	}
	c.smtp = session
	return nil
}

func (c *Conn) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	c.raw = conn
	return conn, err
}

func dialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// Close says goodbye and hangs up; the Conn may be opened again.
func (c *Conn) Close() {
	if c.smtp == nil {
		return
	}
	_ = c.client.CloseWithSMTPClient(c.smtp) // a relay that hung up first is no news
	c.hangUp()
}

func (c *Conn) hangUp() {
	if c.smtp != nil {
		_ = c.smtp.Close()
		c.smtp = nil
	}
}

// Send hands over one message. A reused connection that the relay had dropped
// meanwhile is replaced once, unnoticed. The context bounds connecting only:
// a message that has begun is finished within the relay's timeout.
func (c *Conn) Send(ctx context.Context, m Message) Result {
	msg, err := m.build()
	if err != nil {
		return Result{Outcome: Refused, Reply: err.Error()}
	}
	if c.sent >= maxPerConnection {
		c.Close()
	}
	for {
		if err := c.Open(ctx); err != nil {
			return c.unavailable(err)
		}
		reused := c.sent > 0
		err := c.client.SendWithSMTPClient(c.smtp, msg)
		c.sent++
		r, healthy := classify(msg, err)
		if !healthy {
			c.hangUp()
		}
		if r.Outcome != Unavailable {
			return r
		}
		if !reused {
			return c.unavailable(&Error{Step: "sender", Host: c.relay.address(), Code: r.Code, Err: errors.New(r.Reply)})
		}
		// The relay had hung up meanwhile. Open begins a new count, so this
		// happens once.
	}
}

func (c *Conn) unavailable(err error) Result {
	r := Result{Outcome: Unavailable, Reply: err.Error(), Err: err}
	var relay *Error
	if errors.As(err, &relay) {
		r.Code = relay.Code
	}
	return r
}

// classify reads go-mail's error for one message with one recipient. healthy
// tells whether the connection may carry another one.
func classify(msg *gomail.Msg, err error) (r Result, healthy bool) {
	if err == nil {
		return Result{Outcome: Delivered, Code: 250, Reply: msg.ServerResponse()}, true
	}
	if msg.IsDelivered() { // the relay said 250, then something else broke
		return Result{Outcome: Delivered, Code: 250, Reply: msg.ServerResponse()}, false
	}
	var send *gomail.SendError
	if !errors.As(err, &send) {
		return Result{Outcome: Unavailable, Reply: err.Error()}, false
	}
	r = Result{Code: send.ErrorCode(), Reply: reply(send)}
	switch send.Reason {
	case gomail.ErrConnCheck:
		r.Outcome = Unavailable
	case gomail.ErrSMTPMailFrom:
		r.Outcome = senderRefused(r.Code)
	case gomail.ErrSMTPRcptTo:
		r.Outcome = byCode(r.Code, Bounced)
		r.AddressGone = r.Outcome == Bounced && addressGone(r.Code, send.EnhancedStatusCode())
		// Its RSET may have been refused as well: then MAIL FROM fails on the
		// reused connection, which is replaced.
		return r, r.Code != 0 && r.Code != 421
	case gomail.ErrSMTPDataClose:
		if r.Code == 0 {
			return Result{Outcome: Lost, Reply: "the connection broke before the relay answered"}, false
		}
		r.Outcome = byCode(r.Code, Refused)
		return r, r.Code != 421
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		r.Outcome = Refused
		return r, true
	default: // DATA refused, or the connection broke while writing
		r.Outcome = byCode(r.Code, Refused)
	}
	return r, false
}

// senderRefused judges a refusal at MAIL FROM, where the recipient has not been
// named yet: 4xx defers; a message too big is refused; everything else is about
// us or the connection, and must never burn a recipient.
func senderRefused(code int) Outcome {
	switch {
	case code == 421, code == 0:
		return Unavailable
	case code == 552:
		return Refused
	case code >= 500:
		return Unavailable
	}
	return Deferred
}

func byCode(code int, permanent Outcome) Outcome {
	if code >= 500 {
		return permanent
	}
	return Deferred
}

// addressGone reads RFC 3463: 5.1.x is a bad address and 5.2.1 a disabled
// mailbox; without such a code the old meaning of 550, 551 and 553 counts.
func addressGone(code int, enhanced string) bool {
	if enhanced != "" {
		return strings.HasPrefix(enhanced, "5.1.") || enhanced == "5.2.1"
	}
	return code == 550 || code == 551 || code == 553
}

// reply cuts the library's sentence down to the relay's own words.
func reply(e *gomail.SendError) string {
	text := strings.TrimPrefix(e.Error(), e.Reason.String()+": ")
	for _, tail := range []string{", affected recipient", ", affected message ID"} {
		if i := strings.Index(text, tail); i >= 0 {
			text = text[:i]
		}
	}
	return text
}
