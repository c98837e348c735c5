package mail

import (
	"context"
	"errors"
	"net"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

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
	offers offers
	series series
}

// offers is what the relay said that it can do.
type offers struct {
	pipelining bool // RFC 2920: it takes commands before it answered earlier ones
	enhanced   bool // RFC 2034: its replies carry codes of RFC 3463
	utf8       bool // RFC 6531: it takes addresses outside ASCII
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
	c.offers.pipelining, _ = session.Extension("PIPELINING")
	c.offers.enhanced, _ = session.Extension("ENHANCEDSTATUSCODES")
	c.offers.utf8, _ = session.Extension("SMTPUTF8")
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
	p, err := c.series.parcel(m)
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
		r, healthy := c.transact(p)
		c.sent++
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
