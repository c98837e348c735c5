package door

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Place is where reports are taken in, as read from an address.
type Place struct {
	LMTP    bool
	Network string // tcp or unix
	Address string // host:port, or the path of a socket
}

// ParsePlace reads lmtp://127.0.0.1:2424, smtp://:2525 or, for a socket of this
// machine, lmtp:///run/arengo/bounce.sock.
func ParsePlace(address string) (Place, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "lmtp" && u.Scheme != "smtp" {
		return Place{}, errors.New("want lmtp://host:port, lmtp:///path/of/a.sock or smtp://host:port")
	}
	p := Place{LMTP: u.Scheme == "lmtp", Network: "tcp", Address: u.Host}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Place{}, errors.New("the address has a scheme, a host and a port, and nothing else")
	}
	if u.Host == "" && strings.HasPrefix(u.Path, "/") {
		p.Network, p.Address = "unix", u.Path
		return p, nil
	}
	if _, port, err := net.SplitHostPort(u.Host); err != nil || port == "" || strings.Trim(u.Path, "/") != "" {
		return Place{}, fmt.Errorf("%q is not host:port", u.Host)
	}
	return p, nil
}
