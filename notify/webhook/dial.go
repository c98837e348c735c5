package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Why a delivery was not taken, when there was no answer.
const (
	ReasonPrivate = "private" // the name leads into a network
	ReasonName    = "name"    // the name leads nowhere
	ReasonTLS     = "tls"     // the certificate is not good
	ReasonTimeout = "timeout" // no answer in time
	ReasonConnect = "connect" // nobody answers, or hung up
	ReasonLost    = "lost"    // each attempt was cut short by the end of its worker
)

// The limits of one attempt. timeout covers all of it, from the name to the
// answer's last byte.
const (
	timeout  = 10 * time.Second
	maxReply = 16 << 10
)

var errPrivate = errors.New("the address is not a public one")

// reserved are the blocks that are not for everybody to reach, beside those
// that netip knows (RFC 6890 and the registries that it made).
var reserved = func() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}()

// public reports whether an address may be dialled: a global unicast one that
// no block keeps for something else.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, block := range reserved {
		if block.Contains(a) {
			return false
		}
	}
	return true
}

// client dials public addresses alone, and loopback when that is allowed. The
// check is made on the address that is connected to, after the name was
// resolved, so that no answer of a name server gets around it. It follows no
// redirect, uses no proxy and keeps no connection.
func client(loopback bool) *http.Client {
	d := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errPrivate
		}
		if a := to.Addr().Unmap(); public(a) || loopback && a.IsLoopback() {
			return nil
		}
		return errPrivate
	}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: timeout,
			ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: maxReply,
		},
	}
}

// reason is the word for an error of the network.
func reason(err error) string {
	var (
		name    *net.DNSError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		slow    net.Error
	)
	switch {
	case errors.Is(err, errPrivate):
		return ReasonPrivate
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return ReasonTLS
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	case errors.As(err, &name):
		return ReasonName
	}
	return ReasonConnect
}
