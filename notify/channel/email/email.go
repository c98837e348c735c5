// Package email is the channel of e-mail: it writes letters as messages and hands
// them to a relay.
package email

import (
	"context"
	"fmt"
	netmail "net/mail"
	"sync"

	"arengo/notify/channel"
	"arengo/notify/mail"
	"arengo/notify/templates"
)

// Name is the word for e-mail in the ledger.
const Name = "mail"

// Channel writes to mail addresses. It keeps connections to its relay between
// sessions.
type Channel struct {
	Reach
	sender mail.Sender
	pool   *mail.Pool
	series sync.Pool // of *templates.Series
}

// New checks the sender and makes the channel; it does not connect.
func New(relay mail.Relay, sender mail.Sender) (*Channel, error) {
	if relay.Host == "" {
		return nil, fmt.Errorf("mail channel: a relay is required")
	}
	if a, err := netmail.ParseAddress(sender.Address); err != nil || a.Address != sender.Address {
		return nil, fmt.Errorf("mail channel: the sender %q is not a mail address", sender.Address)
	}
	return &Channel{sender: sender, pool: mail.NewPool(relay)}, nil
}

// Open takes a connection out of the pool.
func (c *Channel) Open() channel.Session {
	known, ok := c.series.Get().(*templates.Series)
	if !ok {
		known = new(templates.Series)
	}
	return &session{channel: c, conn: c.pool.Get(), series: known}
}

// Close hangs up the connections that nobody uses.
func (c *Channel) Close() { c.pool.Close() }

// session is one connection to the relay, and what its last messages had in common.
type session struct {
	channel *Channel
	conn    *mail.Conn
	series  *templates.Series
}

// Send writes one message and hands it over.
func (s *session) Send(ctx context.Context, l channel.Letter) (channel.Result, error) {
	m, err := compose(l, s.channel.sender, s.series)
	if err != nil {
		return channel.Result{}, err
	}
	sent := s.conn.Send(ctx, m)
	return channel.Result{
		Outcome: channel.Outcome(sent.Outcome), Reference: m.MessageID,
		Code: sent.Code, Reply: sent.Reply, AddressGone: sent.AddressGone, Err: sent.Err,
	}, nil
}

// Close gives the connection back.
func (s *session) Close() {
	s.channel.pool.Put(s.conn)
	s.channel.series.Put(s.series)
}
