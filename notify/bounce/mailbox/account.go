package mailbox

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Account is a mailbox on a server, as read from an address.
type Account struct {
	Address  string // host:port
	Host     string
	TLS      bool // from the first byte; otherwise STARTTLS, unless Plain
	Plain    bool // no encryption: this machine, or asked for
	User     string
	Password string // or the client's secret, when Token is set
	Folder   string
	// Move is the folder that handled messages are moved to; when "" they are
	// marked as read.
	Move string
	// Token, when not "", is the address that gives an access token for the
	// client (OAuth 2.0, client credentials), as Microsoft 365 wants it.
	Token, Client, Scope string
}

// ParseAccount reads imaps://user:password@host/INBOX. The user may hold an @.
// Options follow a question mark: move=FOLDER; tls=none, for a server that cannot
// encrypt; oauth=URL with client=ID and scope=WORD, and then the password is the
// client's secret. The error never repeats the address, which holds a password.
func ParseAccount(address string) (Account, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "imaps" && u.Scheme != "imap" {
		return Account{}, errors.New("mailbox: want imaps://user:password@host/INBOX")
	}
	a := Account{Host: u.Hostname(), TLS: u.Scheme == "imaps", Folder: cmp.Or(strings.Trim(u.Path, "/"), "INBOX")}
	a.User = u.User.Username()
	a.Password, _ = u.User.Password()
	if a.Host == "" || a.User == "" || a.Password == "" {
		return Account{}, errors.New("mailbox: user, password and host are needed: imaps://user:password@host/INBOX")
	}
	port := "143"
	if a.TLS {
		port = "993"
	}
	a.Address = net.JoinHostPort(a.Host, cmp.Or(u.Port(), port))
	a.Plain = !a.TLS && loopback(a.Host)
	return a, a.options(u.Query())
}

func (a *Account) options(query url.Values) error {
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "move":
			a.Move = value
		case "oauth":
			a.Token = value
		case "client":
			a.Client = value
		case "scope":
			a.Scope = value
		case "tls":
			if value != "none" || a.TLS {
				return errors.New("mailbox: tls=none is for imap:// alone, and there is no other")
			}
			a.Plain = true
		default:
			return fmt.Errorf("mailbox: unknown option %q", name)
		}
	}
	if a.Move == a.Folder {
		return errors.New("mailbox: move= must name another folder")
	}
	if (a.Token != "") != (a.Client != "") {
		return errors.New("mailbox: oauth= and client= belong together")
	}
	if u, err := url.Parse(a.Token); a.Token != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u.Hostname())) {
		return errors.New("mailbox: oauth= is not an https address")
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
