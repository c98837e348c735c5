package bounce

import (
	"encoding/base64"
	"html"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// The limits within which a message is taken apart.
const (
	// MaxSize is how many bytes of a message are looked at. What a report says
	// stands before the message that it returns.
	MaxSize  = 512 << 10
	maxDepth = 6
	maxParts = 40
)

// part is a leaf of a message: its body is decoded, and in UTF-8 when it is text.
type part struct {
	kind string // media type, lower case
	body string
}

// leaves takes a message apart. A multipart without its own delimiters is text.
func leaves(h header, body string) []part {
	var out []part
	collect(h, body, 0, &out)
	return out
}

func collect(h header, body string, depth int, out *[]part) {
	kind, params := h.media()
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < maxDepth {
		if list := pieces(body, params["boundary"]); len(list) > 0 {
			for _, p := range list {
				inner, rest := split(p)
				collect(inner, rest, depth+1, out)
			}
			return
		}
	}
	if len(*out) >= maxParts {
		return
	}
	if body = decoded(body, h.get("content-transfer-encoding")); strings.HasPrefix(kind, "text/") {
		body = unicoded(body, params["charset"])
	}
	if kind == "text/html" {
		body = untagged(body)
	}
	*out = append(*out, part{kind, body})
}

// pieces are what stands between the delimiters of a multipart body. A missing
// end is forgiven: a message may have been cut.
func pieces(body, boundary string) []string {
	delimiter := "--" + boundary
	var out []string
	var open bool
	var begin int
	for at := 0; at < len(body) && len(out) < maxParts; {
		next := len(body)
		if i := strings.IndexByte(body[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		if rest, found := strings.CutPrefix(strings.TrimRight(body[at:next], " \t\r\n"), delimiter); found && (rest == "" || rest == "--") {
			if open {
				out = append(out, body[begin:at])
			}
			open, begin = rest == "", next
		}
		at = next
	}
	if open && begin < len(body) && len(out) < maxParts {
		out = append(out, body[begin:])
	}
	return out
}

// decoded undoes a transfer encoding as far as it goes.
func decoded(body, encoding string) string {
	var from io.Reader
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		from = base64.NewDecoder(base64.StdEncoding, strings.NewReader(strings.Join(strings.Fields(body), "")))
	case "quoted-printable":
		from = quotedprintable.NewReader(strings.NewReader(body))
	default:
		return body
	}
	out, err := io.ReadAll(from)
	if err != nil && len(out) == 0 {
		return body
	}
	return string(out)
}

func unicoded(body, charset string) string {
	if e, err := htmlindex.Get(charset); err == nil {
		if text, err := e.NewDecoder().String(body); err == nil {
			return text
		}
	}
	return strings.ToValidUTF8(body, "?")
}

// tags are those of HTML; what has an @ in it is an address in angle brackets.
var tags = regexp.MustCompile(`</?[a-zA-Z!][^<>@]*>`)

func untagged(body string) string { return html.UnescapeString(tags.ReplaceAllString(body, "\n")) }

// line makes anybody's words one printable line of at most so many bytes.
func line(s string, limit int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r <= 0xa0 || r == 0x2028 || r == 0x2029
	}), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}
