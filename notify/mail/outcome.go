package mail

import (
	"regexp"
	"strings"
)

// Outcome classifies what became of a message handed to a relay.
type Outcome string

// The outcomes.
const (
	// Delivered: the relay took responsibility, whatever happened afterwards.
	Delivered Outcome = "delivered"
	// Deferred: refused for now (4xx), or the connection broke before the end
	// of the message.
	Deferred Outcome = "deferred"
	// Bounced: the recipient's address was refused for good.
	Bounced Outcome = "bounced"
	// Refused: this message was refused for good, not for its address.
	Refused Outcome = "refused"
	// Lost: the message went out whole, the answer never came. It may or may
	// not have been taken; sending it again with its Message-ID is right.
	Lost Outcome = "lost"
	// Unavailable: the relay itself cannot be used; the message was not tried.
	Unavailable Outcome = "unavailable"
)

// Result is the outcome of one message with the relay's reply. AddressGone
// tells that the reply blames the address itself, so that nothing should be
// sent there again; a full mailbox or a policy does not.
type Result struct {
	Outcome     Outcome
	Code        int
	Reply       string
	AddressGone bool
	Err         error // of an Unavailable relay, an *Error
}

// senderRefused judges a refusal at MAIL FROM, where the recipient has not been
// named yet: 4xx defers; a message too big is refused; everything else is about
// us or the connection, and must never burn a recipient.
func senderRefused(code int) Outcome {
	switch {
	case code == 421, code == 0:
		return Unavailable
	case code == 552:
		return Refused
	case code >= 500:
		return Unavailable
	}
	return Deferred
}

func byCode(code int, permanent Outcome) Outcome {
	if code >= 500 {
		return permanent
	}
	return Deferred
}

// addressGone reads RFC 3463: 5.1.x is a bad address and 5.2.1 a disabled
// mailbox; without such a code the old meaning of 550, 551 and 553 counts.
func addressGone(r reply, enhanced bool) bool {
	if enhanced {
		if code := enhancedCode.FindString(r.text); code != "" {
			return strings.HasPrefix(code, "5.1.") || code == "5.2.1"
		}
	}
	return r.code == 550 || r.code == 551 || r.code == 553
}

var enhancedCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
