package doctor

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"

	"arengo/notify/bounce"
	"arengo/notify/bounce/door"
	"arengo/notify/bounce/mailbox"
)

// Bounce is how reports about mail come back, as the environment has it.
type Bounce struct {
	Address, Listen, IMAP string
	HTTP                  bool // a relay may report
	MailFrom              string
	// LookupMX finds the mail servers of a domain; net.DefaultResolver's when nil.
	LookupMX func(ctx context.Context, domain string) ([]*net.MX, error)
}

// bounces tells whether reports come back and are read. Of two faults the worse
// is told.
func (e *examiner) bounces(ctx context.Context) Line {
	b := e.Bounce
	if b.Address == "" {
		if b.HTTP || e.SMTPURL == "" {
			return Line{"bounces", OK, e.Say("solo dal server di posta, via HTTP", "from the mail relay alone, over HTTP")}
		}
		return Line{"bounces", Warn, e.Say(
			"nessuno legge i rapporti sui messaggi non arrivati; imposta ARENGO_BOUNCE_ADDRESS",
			"nobody reads reports about mail that did not arrive; set ARENGO_BOUNCE_ADDRESS")}
	}
	worst := Line{"bounces", OK, b.Address}
	for _, check := range []func(context.Context) Line{e.account, e.listener, e.domain} {
		if l := check(ctx); l.Level == Fail || l.Level == Warn && worst.Level == OK {
			worst = l
		}
		if worst.Level == Fail {
			break
		}
	}
	return worst
}

func fine() Line { return Line{"bounces", OK, ""} }

// account signs in to the mailbox.
func (e *examiner) account(ctx context.Context) Line {
	if e.Bounce.IMAP == "" {
		return fine()
	}
	a, err := mailbox.ParseAccount(e.Bounce.IMAP)
	if err == nil {
		err = a.Probe(ctx)
	}
	if err == nil {
		return fine()
	}
	return Line{"bounces", Fail, NoMailbox(err, e.Say)}
}

// NoMailbox is NoDatabase for ARENGO_BOUNCE_IMAP.
func NoMailbox(err error, say Say) string {
	failed := new(mailbox.Error)
	if !errors.As(err, &failed) {
		failed = &mailbox.Error{Err: err}
	}
	what, remedy := say("la casella non risponde", "the mailbox does not answer"), say("controlla host e porta", "check host and port")
	switch failed.Step {
	case "encrypt":
		what = say("nessuna connessione cifrata con la casella", "no encrypted connection with the mailbox")
		remedy = say("controlla il certificato, o usa imaps://", "check the certificate, or use imaps://")
	case "login":
		what = say("la casella rifiuta l’accesso", "the mailbox refuses the login")
		remedy = say("correggi utente e password; Microsoft 365 vuole oauth=", "correct user and password; Microsoft 365 wants oauth=")
	case "folder":
		what = say("la cartella non si apre", "the folder cannot be opened")
		remedy = say("correggi il nome dopo l’host", "correct the name after the host")
	}
	return fmt.Sprintf("ARENGO_BOUNCE_IMAP: %s (%s); %s", what, cause(failed.Err, say), remedy)
}

// listener knocks at the door of a worker, which may be on another machine.
func (e *examiner) listener(ctx context.Context) Line {
	if e.Bounce.Listen == "" {
		return fine()
	}
	place, err := door.ParsePlace(e.Bounce.Listen)
	if err != nil {
		return Line{"bounces", Fail, "ARENGO_BOUNCE_LISTEN: " + err.Error()}
	}
	if err := greeted(ctx, place); err != nil {
		return Line{"bounces", Warn, fmt.Sprintf(e.Say(
			"ARENGO_BOUNCE_LISTEN: nessuno risponde (%s); è acceso un worker su questa macchina?",
			"ARENGO_BOUNCE_LISTEN: nobody answers (%s); does a worker run on this machine?"), cause(err, e.Say))}
	}
	return fine()
}

// greeted reads the first line of a server.
func greeted(ctx context.Context, place door.Place) error {
	address := place.Address
	if host, port, err := net.SplitHostPort(address); err == nil && place.Network == "tcp" && (host == "" || host == "0.0.0.0" || host == "::") {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	conn, err := new(net.Dialer).DialContext(ctx, place.Network, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it was only to see who is there
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return err
		}
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "220") {
		err = errors.New(strings.TrimSpace(line))
	}
	return err
}

// domain looks whether reports can arrive, and whether the sender of the envelope
// speaks for the one that readers see (RFC 7489, 3.1.2).
func (e *examiner) domain(ctx context.Context) Line {
	if err := bounce.CheckAddress(e.Bounce.Address); err != nil {
		return Line{"bounces", Fail, "ARENGO_BOUNCE_ADDRESS: " + err.Error()}
	}
	_, own, _ := strings.Cut(e.Bounce.Address, "@")
	lookup := e.Bounce.LookupMX
	if lookup == nil {
		lookup = net.DefaultResolver.LookupMX
	}
	var missing *net.DNSError
	if _, err := lookup(ctx, own); errors.As(err, &missing) && missing.IsNotFound && !e.Bounce.HTTP {
		return Line{"bounces", Warn, fmt.Sprintf(e.Say(
			"il dominio %s non ha server di posta: pubblica un record MX, o i rapporti non tornano",
			"the domain %s has no mail server: publish an MX record, or reports do not come back"), own)}
	}
	_, shown, _ := strings.Cut(e.Bounce.MailFrom, "@")
	if shown != "" && organisational(own) != organisational(shown) {
		return Line{"bounces", Warn, fmt.Sprintf(e.Say(
			"ARENGO_BOUNCE_ADDRESS è di %s, il mittente di %s: con un altro dominio SPF non vale per DMARC; usa lo stesso o un suo sottodominio",
			"ARENGO_BOUNCE_ADDRESS is of %s, the sender of %s: with another domain SPF does not count for DMARC; use the same or one below it"), own, shown)}
	}
	return fine()
}

func organisational(domain string) string {
	domain = strings.ToLower(domain)
	name, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return cmp.Or(name, domain)
}
