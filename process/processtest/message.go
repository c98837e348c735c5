package processtest

import (
	"regexp"
	"strings"

	"arengo/cmd/arengo/embedded/letter"
)

// Message is a mail as a sink received it.
type Message struct {
	From       string   // envelope sender
	Recipients []string // envelope recipients
	Raw        []byte   // header and body, CRLF
}

// Header returns a header decoded from RFC 2047, "" when it is absent.
func (m *Message) Header(name string) string { return m.parsed().Header(name) }

// ID is the Message-ID with its angle brackets.
func (m *Message) ID() string { return m.Header("Message-ID") }

// Subject is the decoded subject.
func (m *Message) Subject() string { return m.Header("Subject") }

// Text is the first text/plain part, decoded.
func (m *Message) Text() string { return m.parsed().First("text/plain").Body }

// HTML is the first text/html part, decoded.
func (m *Message) HTML() string { return m.parsed().First("text/html").Body }

// Calendar is the first text/calendar part, decoded, and its method parameter
// ("REQUEST", "CANCEL"), both "" when there is none.
func (m *Message) Calendar() (ics, method string) {
	p := m.parsed().First("text/calendar")
	return p.Body, p.Params["method"]
}

// Kinds lists the media types of the leaves of the MIME tree, in order.
func (m *Message) Kinds() []string {
	var list []string
	for _, p := range m.parsed().Parts {
		list = append(list, p.Kind)
	}
	return list
}

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// Links lists the addresses in the text part, in order, without the full stop
// or bracket that may follow them.
func (m *Message) Links() []string {
	list := link.FindAllString(m.Text(), -1)
	for i := range list {
		list[i] = strings.TrimRight(list[i], ".,;)")
	}
	return list
}

// Link is the first address in the text part that contains fragment, or "".
func (m *Message) Link(fragment string) string {
	for _, l := range m.Links() {
		if strings.Contains(l, fragment) {
			return l
		}
	}
	return ""
}

func (m *Message) parsed() letter.Letter { return letter.Parse(m.Raw) }
