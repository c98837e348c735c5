// Package letter reads e-mail as far as a mailbox page and the tests need it:
// decoded headers and the decoded leaves of the MIME tree.
package letter

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// deepest is how far multiparts may nest; a message beyond it is an attack.
const deepest = 10

// Letter is a parsed message. Its zero value is an empty one.
type Letter struct {
	// Parts are the leaves of the MIME tree, in order.
	Parts  []Part
	header mail.Header
}

// Part is a leaf, decoded.
type Part struct {
	Kind   string            // media type in lower case, "text/plain"
	Params map[string]string // parameters of the media type, "charset", "method"
	Name   string            // file name of an attachment, or ""
	Body   string            // line ends are \n
}

// Parse reads a message of header and body. It never fails: what cannot be
// read is left out.
func Parse(raw []byte) Letter {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Letter{}
	}
	return Letter{header: m.Header, Parts: leaves(m.Header.Get, m.Body, 0)}
}

// Header returns a header decoded from RFC 2047, "" when it is absent.
func (l Letter) Header(name string) string {
	value := l.header.Get(name)
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// First is the first part of a media type; without one it is empty.
func (l Letter) First(kind string) Part {
	for _, p := range l.Parts {
		if p.Kind == kind {
			return p
		}
	}
	return Part{}
}

func leaves(header func(string) string, body io.Reader, depth int) []Part {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	if !strings.HasPrefix(kind, "multipart/") {
		content, err := io.ReadAll(decoded(header("Content-Transfer-Encoding"), body))
		if err != nil {
			return nil
		}
		_, place, _ := mime.ParseMediaType(header("Content-Disposition"))
		text := strings.ReplaceAll(string(content), "\r\n", "\n")
		return []Part{{Kind: kind, Params: params, Name: place["filename"], Body: text}}
	}
	if depth == deepest {
		return nil
	}
	var list []Part
	reader := multipart.NewReader(body, params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if err != nil {
			return list
		}
		list = append(list, leaves(p.Header.Get, p, depth+1)...)
	}
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}
