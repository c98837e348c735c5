package mail

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"
	"time"
)

// series writes messages of which many differ only in what is personal. go-mail
// writes the first ones whole; once two in a row had the rest in common, that rest
// is kept and only the personal places are filled in. It is for one goroutine at a
// time.
type series struct {
	common Message // of the last message
	sheet  *sheet  // made of it, or nil
	buffer []byte
	body   []byte
}

// sheet is what the messages of a series have in common.
type sheet struct {
	header []field
	// What stands before the text, between it and the HTML, and after that.
	before, between, after []byte
}

// field is one field of the header as it was written, with its line end. In those
// that are personal stands something else in each message.
type field struct {
	name     string
	raw      []byte
	personal bool
}

// common is a message without what is personal in it.
func (m Message) common() Message {
	m.Envelope, m.To, m.ToName, m.MessageID, m.Subject, m.Text, m.HTML = "", "", "", "", "", "", ""
	if m.Unsubscribe != "" {
		m.Unsubscribe = "https://example.org"
	}
	m.Date = time.Time{}
	return m
}

// parcel writes a message. What it returns is good until the next one. The error
// names what cannot be sent.
func (s *series) parcel(m Message) (parcel, error) {
	if err := m.check(); err != nil {
		return parcel{}, err
	}
	p := parcel{sender: m.From, recipient: m.To}
	if m.Envelope != "" {
		p.sender = m.Envelope
	}
	written, err := s.write(m)
	if err != nil {
		return parcel{}, err
	}
	s.buffer = stuff(s.buffer[:0], written)
	p.data = s.buffer
	return p, nil
}

// write gives the message as go-mail would have written it, but for the boundary
// between its parts, which a series keeps.
func (s *series) write(m Message) ([]byte, error) {
	common := m.common()
	if m.Calendar != nil || common != s.common {
		s.common, s.sheet = common, nil
		return s.whole(m)
	}
	if s.sheet == nil {
		sheet, err := newSheet(m)
		if err != nil {
			return s.whole(m)
		}
		s.sheet = sheet
	}
	s.body = s.sheet.fill(s.body[:0], m)
	return s.body, nil
}

func (s *series) whole(m Message) ([]byte, error) {
	b := bytes.NewBuffer(s.body[:0])
	if _, err := m.WriteTo(b); err != nil {
		return nil, err
	}
	s.body = b.Bytes()
	return s.body, nil
}

// newSheet lets go-mail write a message and finds the places in it.
func newSheet(m Message) (*sheet, error) {
	text, html := rand.Text(), rand.Text()
	m.Text, m.HTML = text, html
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, err
	}
	header, body, ok := bytes.Cut(b.Bytes(), []byte("\r\n\r\n"))
	before, rest, first := bytes.Cut(body, []byte(text))
	between, after, second := bytes.Cut(rest, []byte(html))
	if !ok || !first || !second {
		return nil, errors.New("the parts of the message were not found")
	}
	return &sheet{header: fields(header), before: before, between: between, after: after}, nil
}

// fields takes a header apart, with what is folded together.
func fields(header []byte) (out []field) {
	for line := range bytes.SplitAfterSeq(append(header[:len(header):len(header)], '\r', '\n'), []byte("\r\n")) {
		switch {
		case len(line) == 0:
		case line[0] == ' ' || line[0] == '\t':
			last := &out[len(out)-1]
			last.raw = append(last.raw, line...)
		default:
			name, _, _ := bytes.Cut(line, []byte(":"))
			_, personal := personal[string(name)]
			out = append(out, field{name: string(name), raw: bytes.Clone(line), personal: personal})
		}
	}
	return out
}

// personal gives what stands in the fields that differ, as go-mail writes it.
var personal = map[string]func(b []byte, m Message) []byte{
	"Date":       func(b []byte, m Message) []byte { return folded(b, "Date", m.Date.Format(time.RFC1123Z)) },
	"Message-ID": func(b []byte, m Message) []byte { return folded(b, "Message-ID", "<"+token(m.MessageID)+">") },
	"Subject": func(b []byte, m Message) []byte {
		return folded(b, "Subject", mime.QEncoding.Encode("UTF-8", Line(m.Subject)))
	},
	"To": func(b []byte, m Message) []byte {
		return folded(b, "To", (&netmail.Address{Name: phrase(m.ToName), Address: m.To}).String())
	},
	"List-Unsubscribe": func(b []byte, m Message) []byte {
		return fmt.Appendf(b, "List-Unsubscribe: <%s>\r\n", m.unsubscribe())
	},
}

// fill appends the message to b.
func (s *sheet) fill(b []byte, m Message) []byte {
	for _, f := range s.header {
		if f.personal {
			b = personal[f.name](b, m)
		} else {
			b = append(b, f.raw...)
		}
	}
	b = append(b, '\r', '\n')
	b = append(b, s.before...)
	b = quoted(b, m.Text)
	b = append(b, s.between...)
	b = quoted(b, m.HTML)
	return append(b, s.after...)
}

// width is how long go-mail lets a line of the header become.
const width = 76

// folded appends a field of the header, broken between words where it is too long:
// as go-mail does it, so that both ways of writing give the same message.
func folded(b []byte, name, value string) []byte {
	b = append(append(b, name...), ": "...)
	left := width - 2 - len(name) - 2
	for i, word := range strings.Split(value, " ") {
		if i > 0 {
			b, left = append(b, ' '), left-1
		}
		if left-len(word) <= 1 {
			b = append(bytes.TrimSuffix(b, []byte(" ")), "\r\n "...)
			left = width - 3
		}
		b, left = append(b, word...), left-len(word)
	}
	return append(b, '\r', '\n')
}
