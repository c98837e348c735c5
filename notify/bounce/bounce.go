// Package bounce reads what comes back: reports that a message could not be
// delivered, or that its reader calls it unwanted.
//
// Every message leaves with an envelope sender of its own (see Return), so that
// whatever comes back names the delivery it is about and cannot be forged. Parse
// reads one message that arrived there; it looks at nothing but its arguments.
package bounce

// Kind is what a report says.
type Kind string

// The kinds of reports. Only the first three are recorded.
const (
	// Permanent: the message will not arrive. Report.Gone tells whether the
	// address is to blame.
	Permanent Kind = "permanent"
	// Temporary: the message is late and still tried; or it was refused in words
	// that ask to try again.
	Temporary Kind = "temporary"
	// Complaint: the reader called the message unwanted.
	Complaint Kind = "complaint"
	// AutoReply: a program answered for the reader, who is away; no report at all.
	AutoReply Kind = "auto-reply"
	// Ignored: anything else, such as good news or a person's answer.
	Ignored Kind = "ignored"
)

// Report is what one recipient's part of a report says.
//
// ProcessID and DeliveryID come from a genuine return address, and both are 0
// when the report bears none. Everything else is the reporter's word, and may be
// empty. Status is as in RFC 3463 ("5.1.1"), Code the reply of an SMTP server.
// Diagnostic is one printable line of at most 500 bytes. MessageID, without angle
// brackets, is that of the message reported on. Gone says that the address itself
// is refused for good, as far as the reporter's codes and words can be trusted.
type Report struct {
	Kind       Kind
	ProcessID  int64
	DeliveryID int64
	Recipient  string
	Status     string
	Code       int
	Diagnostic string
	MessageID  string
	Gone       bool
}

// Recorded tells whether the ledger wants the report.
func (r Report) Recorded() bool {
	return r.Kind == Permanent || r.Kind == Temporary || r.Kind == Complaint
}
