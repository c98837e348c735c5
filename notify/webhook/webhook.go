// Package webhook tells other programs what happened: it keeps the addresses
// that an organisation registered, writes a delivery for each in the transaction
// of its cause, and sends it over HTTPS, signed, until it is taken or about three
// days have passed. Nothing is lost when a process dies: a lease that ran out is
// claimed again, and the delivery carries the same identifier.
//
// The package knows no domain: what is told comes in as text.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"arengo/process/fault"
)

// The events that an address can be told of. Ping is the test that somebody
// sends from the page, whatever the address asked for.
const (
	ProcessTransition  = "process.transition"
	ActivityTransition = "activity.transition"
	DeadlineMoved      = "deadline.moved"
	ProcessPublished   = "process.published"
	ProcessDocument    = "process.document" // one that the definition asks for was published or withdrawn
	Ping               = "ping"
)

// Events lists those that an address can ask for, in the order of a form.
var Events = []string{ProcessTransition, ActivityTransition, DeadlineMoved, ProcessPublished, ProcessDocument}

// Why an address is paused.
const (
	ByPerson = "person"
	Failing  = "failing" // nothing was taken for as long as a delivery is tried
	Gone     = "gone"    // it answered 410
)

// Status is where a delivery stands.
type Status string

// The statuses of a delivery; sent and failed are final, until somebody sends it
// again.
const (
	Pending Status = "pending"
	Claimed Status = "claimed"
	Sent    Status = "sent"
	Failed  Status = "failed"
)

// Hook is an address that is told. Generation is that of its secret.
type Hook struct {
	ID             int64
	PublicID       string
	OrganisationID int64
	CreatedBy      int64
	URL            string
	Events         []string
	Generation     int
	CreatedAt      time.Time
	PausedAt       *time.Time
	PausedWhy      string
	FailingSince   *time.Time
}

// SecretName is the text that the secret of a hook is derived from.
func (h Hook) SecretName() string { return h.PublicID + "." + strconv.Itoa(h.Generation) }

// Delivery is one thing told to one address, and what became of it. The times
// of machines are DueAt and LastAt; LastError is one of the words of Reason, ""
// when there was an answer. Process and Title are those of the process as it is
// now, "" for a test; only a list has them.
type Delivery struct {
	ProcessID int64
	ID        int64
	WebhookID int64
	PublicID  string
	Seq       int64 // of the log's entry, 0 for a test
	Event     string
	Body      string
	CreatedAt time.Time
	Status    Status
	Attempts  int // since it was to be sent, or sent again
	DueAt     time.Time
	LastAt    *time.Time
	LastCode  int
	LastMS    int
	LastError string
	Process   string // its public name
	Title     string
}

// prefix makes a secret recognisable. The key of the signature is the whole
// text, prefix included.
const prefix = "whsec_"

// Secret is the text that whoever receives keeps, from what was derived.
func Secret(derived string) string { return prefix + derived }

// Signature is the header of a body sent at an instant: the time in seconds, and
// for each secret HMAC-SHA256(secret, time + "." + body) in hexadecimal. There
// is more than one while the operator changes secrets.
func Signature(secrets []string, at time.Time, body string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	out := "t=" + t
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(t + "." + body))
		out += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return out
}

// maxURL bounds an address, in bytes.
const maxURL = 500

// CheckURL refuses what is no address to tell: fault.Invalid at "url",
// "connect.url_bad" for what is no https address or holds a password, and
// "connect.url_private" for one inside a network. Names are resolved only when
// something is sent, and checked there. Loopback, in development, is allowed by
// http too.
func CheckURL(text string, loopback bool) error {
	u, err := url.Parse(text)
	bad := fault.Field("url", "connect.url_bad")
	if err != nil || len(text) > maxURL || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" ||
		strings.ContainsAny(text, " \t\r\n") {
		return bad
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	addr, ip := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || ip == nil && addr.IsLoopback()
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Scheme == "http" && (!local || !loopback):
		return bad
	case local && loopback:
		return nil
	case local, ip == nil && !public(addr), ip != nil && !strings.Contains(host, "."):
		return fault.Field("url", "connect.url_private")
	}
	return nil
}
