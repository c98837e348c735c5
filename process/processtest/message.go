package processtest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// Message is a mail as a sink received it.
type Message struct {
	From       string   // envelope sender
	Recipients []string // envelope recipients
	Raw        []byte   // header and body, CRLF
}

// part is one leaf of a message, decoded.
type part struct {
	kind   string            // media type, lower case
	params map[string]string // of the media type
	body   string
}

// Header returns a header decoded from RFC 2047, "" when it is absent.
func (m *Message) Header(name string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	value := parsed.Header.Get(name)
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// ID is the Message-ID with its angle brackets.
func (m *Message) ID() string { return m.Header("Message-ID") }

// Subject is the decoded subject.
func (m *Message) Subject() string { return m.Header("Subject") }

// Text is the first text/plain part, decoded.
func (m *Message) Text() string { return m.first("text/plain").body }

// HTML is the first text/html part, decoded.
func (m *Message) HTML() string { return m.first("text/html").body }

// Calendar is the first text/calendar part, decoded, and its method parameter
// ("REQUEST", "CANCEL"), both "" when there is none.
func (m *Message) Calendar() (ics, method string) {
	p := m.first("text/calendar")
	return p.body, p.params["method"]
}

// Kinds lists the media types of the leaves, in order.
func (m *Message) Kinds() []string {
	var list []string
	for _, p := range m.parts() {
		list = append(list, p.kind)
	}
	return list
}

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// Links lists the addresses in the text part, in order.
func (m *Message) Links() []string { return link.FindAllString(m.Text(), -1) }

// Link is the first address in the text part that contains fragment, or "".
func (m *Message) Link(fragment string) string {
	for _, l := range m.Links() {
		if strings.Contains(l, fragment) {
			return strings.TrimRight(l, ".,;)")
		}
	}
	return ""
}

func (m *Message) first(kind string) part {
	for _, p := range m.parts() {
		if p.kind == kind {
			return p
		}
	}
	return part{}
}

func (m *Message) parts() []part {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return nil
	}
	return leaves(parsed.Header.Get, parsed.Body)
}

// leaves walks a MIME tree; what does not parse is left out, and the test that
// wanted it fails.
func leaves(header func(string) string, body io.Reader) []part {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if !strings.HasPrefix(kind, "multipart/") {
		content, err := io.ReadAll(decoded(header("Content-Transfer-Encoding"), body))
		if err != nil {
			return nil
		}
		return []part{{kind: kind, params: params, body: strings.ReplaceAll(string(content), "\r\n", "\n")}}
	}
	var list []part
	reader := multipart.NewReader(body, params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if err != nil {
			return list
		}
		list = append(list, leaves(p.Header.Get, p)...)
	}
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}
