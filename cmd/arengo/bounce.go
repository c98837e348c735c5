package main

import (
	"context"
	"fmt"

	"arengo/notify"
	"arengo/notify/bounce"
	"arengo/notify/bounce/door"
	imapbox "arengo/notify/bounce/mailbox"
	"arengo/process/roster"
	"arengo/workflow/queue"
)

// Bounce is how reports about mail come back. Without Address they go to the
// sender, where nobody reads them by machine.
type Bounce struct {
	Address string   // ARENGO_BOUNCE_ADDRESS, of which each message's own is made
	Listen  string   // ARENGO_BOUNCE_LISTEN, where a mail server hands them over
	IMAP    string   // ARENGO_BOUNCE_IMAP, a mailbox where they arrive
	Secrets []string // ARENGO_BOUNCE_SECRET, by commas: what a relay shows that reports over HTTP
}

// bounce checks how reports come back: an address that nobody reads would hide
// that mail does not arrive.
func (k *checker) bounce(b Bounce) {
	if b.Address != "" {
		err := bounce.CheckAddress(b.Address)
		k.want(err == nil, "ARENGO_BOUNCE_ADDRESS", fmt.Sprintf("%v; scrivi per esempio bounce@partecipa.example.it", err),
			fmt.Sprintf("%v; write for instance bounce@partecipa.example.it", err))
		k.want(b.Listen != "" || b.IMAP != "" || len(b.Secrets) > 0, "ARENGO_BOUNCE_ADDRESS",
			"nessuno leggerebbe i rapporti: imposta anche ARENGO_BOUNCE_LISTEN, ARENGO_BOUNCE_IMAP o ARENGO_BOUNCE_SECRET",
			"nobody would read the reports: set ARENGO_BOUNCE_LISTEN, ARENGO_BOUNCE_IMAP or ARENGO_BOUNCE_SECRET too")
	}
	for variable, value := range map[string]string{"ARENGO_BOUNCE_LISTEN": b.Listen, "ARENGO_BOUNCE_IMAP": b.IMAP} {
		k.want(value == "" || b.Address != "", variable, "non ha effetto senza ARENGO_BOUNCE_ADDRESS; imposta anche quello, o toglilo",
			"has no effect without ARENGO_BOUNCE_ADDRESS; set that too, or unset this")
	}
	if b.Listen != "" {
		_, err := door.ParsePlace(b.Listen)
		k.want(err == nil, "ARENGO_BOUNCE_LISTEN", "non è un posto dove ascoltare; scrivi per esempio lmtp://127.0.0.1:2424",
			"is no place to listen at; write for instance lmtp://127.0.0.1:2424")
	}
	if b.IMAP != "" {
		_, err := imapbox.ParseAccount(b.IMAP) // its error holds no password
		k.want(err == nil, "ARENGO_BOUNCE_IMAP", fmt.Sprintf("%v; scrivi per esempio imaps://utente:password@host/INBOX", err),
			fmt.Sprintf("%v; write for instance imaps://user:password@host/INBOX", err))
	}
	for i, s := range b.Secrets {
		k.want(len(s) >= minSecret, "ARENGO_BOUNCE_SECRET",
			fmt.Sprintf("il segreto %d ha %d caratteri, ne servono almeno %d; creane uno con: openssl rand -hex 24", i+1, len(s), minSecret),
			fmt.Sprintf("secret %d has %d characters, it needs at least %d; make one with: openssl rand -hex 24", i+1, len(s), minSecret))
	}
}

// returns reads and makes return addresses; nil when reports go to the sender.
func (a *app) returns() (*bounce.Return, error) {
	if a.config.Bounce.Address == "" {
		return nil, nil
	}
	return bounce.NewReturn(a.config.Bounce.Address, a.core.Links().Derived("bounce", "return address")...)
}

// mailroom is what a worker does about reports.
type mailroom struct {
	returns    *bounce.Return
	postmaster *notify.Postmaster
	intakes    []func(context.Context) error
}

// address gives the return address of each delivery; nil when there are none.
func (m *mailroom) address() func(processID, deliveryID int64) string {
	if m.returns == nil {
		return nil
	}
	return m.returns.Address
}

func (a *app) mailroom() (m *mailroom, err error) {
	m = &mailroom{}
	if m.postmaster, err = notify.NewPostmaster(a.db, a.clock, roster.Readers{}, a.log); err != nil {
		return nil, err
	}
	if m.returns, err = a.returns(); err != nil || m.returns == nil {
		return m, err
	}
	if a.config.Bounce.Listen != "" {
		place, err := door.ParsePlace(a.config.Bounce.Listen)
		if err != nil {
			return nil, err
		}
		d, err := door.New(door.Config{Place: place, Return: m.returns, Taker: m.postmaster, Log: a.log})
		if err != nil {
			return nil, err
		}
		m.intakes = append(m.intakes, d.Run)
	}
	if a.config.Bounce.IMAP != "" {
		account, err := imapbox.ParseAccount(a.config.Bounce.IMAP)
		if err != nil {
			return nil, err
		}
		r, err := imapbox.New(imapbox.Config{
			Account: account, Return: m.returns, Taker: m.postmaster, Log: a.log,
			Lead: func(ctx context.Context, fn func()) (bool, error) {
				return queue.Lead(ctx, a.db, queue.LockMailbox, fn)
			},
		})
		if err != nil {
			return nil, err
		}
		m.intakes = append(m.intakes, r.Run)
	}
	return m, nil
}
