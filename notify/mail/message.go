package mail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Message is one message to one person, ready but for its MIME form. Strings
// may come from anybody: control characters are removed, so no header can be
// injected, and addresses and links are checked.
type Message struct {
	From, FromName       string
	Envelope             string // to whom reports about the delivery return; From when empty
	To, ToName           string
	ReplyTo, ReplyToName string // empty: answers go to From
	Subject              string
	MessageID            string // without angle brackets; stable, so that a repeat is recognised
	Thread               string // Message-ID of the conversation's imagined first message, or ""
	Date                 time.Time
	ListID, ListName     string // "p12.example.org", "Title"; empty for account mail
	Unsubscribe          string // an http(s) link, or ""
	Text, HTML           string
	Calendar             *Calendar
}

// Calendar is an iCalendar object sent beside the text and as an attachment.
// Method must be the object's own METHOD.
type Calendar struct {
	Method string // REQUEST or CANCEL
	Data   []byte
}

// WriteTo writes the message as it goes over the wire. The error names what
// cannot be sent.
func (m Message) WriteTo(w io.Writer) (int64, error) {
	msg, err := m.build()
	if err != nil {
		return 0, err
	}
	return msg.WriteTo(w)
}

func (m Message) build() (*gomail.Msg, error) {
	from, err := address(m.FromName, m.From)
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	to, err := address(m.ToName, m.To)
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	if m.Envelope != "" {
		envelope, err := address("", m.Envelope)
		if err != nil {
			return nil, fmt.Errorf("envelope sender: %w", err)
		}
		msg.EnvelopeFromMailAddress(envelope)
	}
	if m.ReplyTo != "" {
		reply, err := address(m.ReplyToName, m.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("reply address: %w", err)
		}
		msg.ReplyToMailAddress(reply)
	}
	msg.Subject(Line(m.Subject))
	msg.SetMessageIDWithValue(token(m.MessageID))
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if err := m.listHeaders(msg); err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, m.attachCalendar(msg)
}

func (m Message) listHeaders(msg *gomail.Msg) error {
	if m.Thread != "" {
		msg.SetGenHeader("In-Reply-To", "<"+token(m.Thread)+">")
		msg.SetGenHeader("References", "<"+token(m.Thread)+">")
	}
	if m.ListID != "" {
		msg.SetGenHeaderPreformatted("List-Id", listID(m.ListName, token(m.ListID)))
	}
	if m.Unsubscribe == "" {
		return nil
	}
	link, err := url.Parse(m.Unsubscribe)
	if err != nil || (link.Scheme != "https" && link.Scheme != "http") || link.Host == "" ||
		strings.ContainsAny(m.Unsubscribe, "<>, \t") {
		return errors.New("the unsubscribe link is not a web address")
	}
	msg.SetListUnsubscribe(link.String())
	return nil
}

// attachCalendar puts the object where Gmail and Outlook read it, beside the
// text, and where the others do, in an attachment.
func (m Message) attachCalendar(msg *gomail.Msg) error {
	if m.Calendar == nil {
		return nil
	}
	method := token(m.Calendar.Method)
	kind := gomail.ContentType("text/calendar; method=" + method)
	msg.AddAlternativeString(kind, string(m.Calendar.Data), gomail.WithPartEncoding(gomail.EncodingB64))
	return msg.AttachReader("invito.ics", bytes.NewReader(m.Calendar.Data),
		gomail.WithFileContentType(kind+"; charset=UTF-8"), gomail.WithFileEncoding(gomail.EncodingB64))
}

// address checks an address without its name and joins the two.
func address(name, plain string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(plain)
	if err != nil || a.Address != plain || a.Name != "" || len(plain) > 254 ||
		strings.ContainsFunc(plain, unicode.IsControl) {
		return nil, errors.New("not a mail address")
	}
	// net/mail writes a backslash into an encoded word that it cannot read back.
	return &netmail.Address{Name: strings.ReplaceAll(Line(name), `\`, "/"), Address: plain}, nil
}

// listID writes RFC 2919's header. The name is quoted when plain and left out
// when it is not, as encoded words are not worth a broken list identifier.
func listID(name, id string) string {
	name = Line(name)
	for _, r := range name {
		if r > unicode.MaxASCII || r == '"' || r == '\\' {
			return "<" + id + ">"
		}
	}
	if name == "" || len(name) > 60 {
		return "<" + id + ">"
	}
	return `"` + name + `" <` + id + ">"
}

// Line makes a string fit for one header line or one line of a page: control
// characters and line separators become spaces, runs of spaces one.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f':
			return -1 // direction overrides make a name read as another
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// token keeps what may stand in an identifier.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`<>()[]\,;:"`, r) {
			return -1
		}
		return r
	}, s)
}
