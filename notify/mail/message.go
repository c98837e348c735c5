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

// check names what cannot be sent.
func (m Message) check() error {
	for _, a := range []struct{ who, address string }{
		{"sender", m.From}, {"recipient", m.To}, {"envelope sender", m.Envelope}, {"reply address", m.ReplyTo},
	} {
		optional := a.who == "envelope sender" || a.who == "reply address"
		if !(optional && a.address == "") && !isAddress(a.address) {
			return fmt.Errorf("%s: not a mail address", a.who)
		}
	}
	if m.Unsubscribe != "" && m.unsubscribe() == "" {
		return errors.New("the unsubscribe link is not a web address")
	}
	return nil
}

// build lets go-mail make the message.
func (m Message) build() (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: phrase(m.FromName), Address: m.From})
	msg.ToMailAddress(&netmail.Address{Name: phrase(m.ToName), Address: m.To})
	if m.ReplyTo != "" {
		msg.ReplyToMailAddress(&netmail.Address{Name: phrase(m.ReplyToName), Address: m.ReplyTo})
	}
	msg.Subject(Line(m.Subject))
	msg.SetMessageIDWithValue(token(m.MessageID))
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	m.listHeaders(msg)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, m.attachCalendar(msg)
}

func (m Message) listHeaders(msg *gomail.Msg) {
	if m.Thread != "" {
		msg.SetGenHeader("In-Reply-To", "<"+token(m.Thread)+">")
		msg.SetGenHeader("References", "<"+token(m.Thread)+">")
	}
	if m.ListID != "" {
		msg.SetGenHeaderPreformatted("List-Id", listID(m.ListName, token(m.ListID)))
	}
	if m.Unsubscribe != "" {
		msg.SetListUnsubscribe(m.unsubscribe())
	}
}

// unsubscribe is the link as it may stand in a header, or "" for one that is no
// address of the web.
func (m Message) unsubscribe() string {
	link, err := url.Parse(m.Unsubscribe)
	if err != nil || (link.Scheme != "https" && link.Scheme != "http") || link.Host == "" ||
		strings.ContainsAny(m.Unsubscribe, "<>, \t") {
		return ""
	}
	return link.String()
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

// isAddress reports a plain address, without a name.
func isAddress(plain string) bool {
	if len(plain) > 254 || strings.ContainsFunc(plain, unicode.IsControl) {
		return false
	}
	a, err := netmail.ParseAddress(plain)
	return err == nil && a.Address == plain && a.Name == ""
}

// phrase makes a name fit to stand before an address.
func phrase(name string) string {
	// net/mail writes a backslash into an encoded word that it cannot read back.
	return strings.ReplaceAll(Line(name), `\`, "/")
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
