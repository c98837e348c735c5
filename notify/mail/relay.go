// Package mail hands messages to an SMTP relay over reused connections and
// says exactly what became of each. It knows nothing of notices.
package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TLS says how the connection to the relay is protected.
type TLS string

// The kinds of protection. None is only for loopback, or when asked for.
const (
	None     TLS = "none"
	StartTLS TLS = "starttls"
	Implicit TLS = "implicit"
)

// Relay is where mail is handed over, as read from an address.
type Relay struct {
	Host     string
	Port     int
	User     string
	Password string
	TLS      TLS
	// Timeout bounds each exchange with the relay: connecting, and one whole
	// message. Fifteen seconds when zero: both
	// must fit into what is left of a lease when a message is begun.
	Timeout time.Duration
}

// Sender is who all messages come from.
type Sender struct {
	Address string // ARENGO_MAIL_FROM; its domain names Message-IDs and lists
	Name    string // the product, for messages that belong to no process
	// Return gives the address to which reports about one delivery come back.
	// When nil they go to Address, where nobody reads them by machine.
	Return func(processID, deliveryID int64) string
}

// Domain is what follows the @ of the address.
func (s Sender) Domain() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }

// ParseRelay reads smtp://user:pass@host:587, smtps://host or, for a relay that
// cannot encrypt, smtp://host:25?tls=none. STARTTLS is required unless the host
// is loopback. The error never repeats the address, because it may hold a
// password.
func ParseRelay(address string) (Relay, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Relay{}, errors.New("mail relay: not a URL such as smtp://user:password@host:587")
	}
	r := Relay{Host: u.Hostname()}
	if r.Host == "" || (u.Path != "" && u.Path != "/") {
		return Relay{}, errors.New("mail relay: want smtp://host:port or smtps://host:port")
	}
	if r.User = u.User.Username(); r.User != "" {
		r.Password, _ = u.User.Password()
	}
	switch u.Scheme {
	case "smtp":
		r.TLS, r.Port = StartTLS, 587
		if loopback(r.Host) {
			r.TLS, r.Port = None, 25
		}
	case "smtps":
		r.TLS, r.Port = Implicit, 465
	default:
		return Relay{}, fmt.Errorf("mail relay: the scheme is %q, want smtp or smtps", u.Scheme)
	}
	if p := u.Port(); p != "" {
		if r.Port, err = strconv.Atoi(p); err != nil || r.Port < 1 || r.Port > 65535 {
			return Relay{}, fmt.Errorf("mail relay: %q is not a port", p)
		}
	}
	return r, r.options(u.Query())
}

// options reads what follows the question mark: tls=none or tls=starttls.
func (r *Relay) options(query url.Values) error {
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case name == "tls" && r.TLS == Implicit:
			return errors.New("mail relay: smtps encrypts already, leave out tls=")
		case name == "tls" && (value == string(None) || value == string(StartTLS)):
			r.TLS = TLS(value)
		case name == "tls":
			return fmt.Errorf("mail relay: tls=%s, want none or starttls", value)
		default:
			return fmt.Errorf("mail relay: unknown option %q", name)
		}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Error is a relay that could not be used. Step is "connect", "encrypt",
// "login", "greet" or "sender"; Code is the server's reply code, or 0.
type Error struct {
	Step string
	Host string
	Code int
	Err  error
}

// Error names the step that failed and the place.
func (e *Error) Error() string {
	what := map[string]string{
		"connect": "cannot connect to",
		"encrypt": "no encrypted connection with",
		"login":   "the login was refused by",
		"greet":   "no service from",
		"sender":  "the sender was refused by",
	}[e.Step]
	return fmt.Sprintf("mail relay: %s %s: %v", what, e.Host, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func (r Relay) timeout() time.Duration { return cmp.Or(r.Timeout, 15*time.Second) }

func (r Relay) address() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

// failed finds the step at which dialling went wrong.
func (r Relay) failed(connected bool, err error) *Error {
	e := &Error{Step: "greet", Host: r.address(), Err: err}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		e.Code = reply.Code
	}
	text := err.Error()
	switch {
	case !connected:
		e.Step = "connect"
	case e.Code == 530 || e.Code == 534 || e.Code == 535 || e.Code == 538 ||
		strings.Contains(text, "AUTH") || strings.Contains(text, "unencrypted connection"):
		e.Step = "login"
	case strings.Contains(text, "STARTTLS") || strings.Contains(text, "tls:") || strings.Contains(text, "x509:"):
		e.Step = "encrypt"
	}
	return e
}

// client makes go-mail's client; it does not connect.
func (r Relay) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(r.Port), gomail.WithTimeout(r.timeout())}
	switch r.TLS {
	case Implicit:
		// The library's own dialling, or it would not know that it is encrypted.
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithDialContextFunc(dial))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithDialContextFunc(dial))
	}
	if r.User != "" {
		method := gomail.SMTPAuthAutoDiscover
		if r.TLS == None && loopback(r.Host) {
			method = gomail.SMTPAuthPlainNoEnc
		}
		options = append(options, gomail.WithSMTPAuth(method),
			gomail.WithUsername(r.User), gomail.WithPassword(r.Password))
	}
	client, err := gomail.NewClient(r.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail relay: %w", err)
	}
	return client, nil
}

// Probe connects, signs in and says goodbye: for the doctor. The *Error names
// what was refused: the connection, the encryption or the login.
func (r Relay) Probe(ctx context.Context) error {
	c := &Conn{relay: r}
	defer c.Close()
	return c.Open(ctx)
}
