// Package mail hands messages to an SMTP relay over reused connections and
// says exactly what became of each. It knows nothing of notices.
package mail

import (
	"context"
	"errors"
)

// Relay is where mail is handed over, as read from an address.
type Relay struct {
	Host     string
	Port     int
	User     string
	Password string
	TLS      TLS
}

// TLS says how the connection to the relay is protected.
type TLS string

// The kinds of protection. None is only for loopback, or when asked for.
const (
	None     TLS = "none"
	StartTLS TLS = "starttls"
	Implicit TLS = "implicit"
)

// Sender is who all messages come from.
type Sender struct {
	Address string // ARENGO_MAIL_FROM; its domain names Message-IDs and lists
	Name    string // the product, for messages that belong to no process
}

// ParseRelay reads smtp://user:pass@host:587, smtps://host or, for a relay that
// cannot encrypt, smtp://host:25?tls=none. STARTTLS is required unless the host
// is loopback. The error never repeats the password.
func ParseRelay(address string) (Relay, error) { return Relay{}, errors.New("mail: not built yet") }

// Probe connects, signs in and says goodbye: for the doctor. The error names
// what was refused: the connection, the encryption or the login.
func (r Relay) Probe(ctx context.Context) error { return errors.New("mail: not built yet") }
