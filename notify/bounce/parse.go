package bounce

import (
	"strings"
)

// Parse reads one message that came back. The recipients are those of its
// envelope, where they are known. There is at least one report: what is none is
// AutoReply or Ignored. No input makes it fail, and what is beyond MaxSize is not
// looked at.
func (r *Return) Parse(raw []byte, recipients ...string) []Report {
	h, body := split(string(raw[:min(len(raw), MaxSize)]))
	m := message{head: h, parts: leaves(h, body)}
	reports := m.reports()
	process, delivery := r.origin(m, recipients)
	id := m.original().messageID
	for i := range reports {
		reports[i].ProcessID, reports[i].DeliveryID = process, delivery
		if reports[i].MessageID == "" {
			reports[i].MessageID = id
		}
		reports[i].Diagnostic = line(reports[i].Diagnostic, 500)
	}
	return reports
}

// message is one that came back, taken apart.
type message struct {
	head  header
	parts []part
}

// readers understand one form of report each; the first that returns something
// has understood. The exact forms come before the plain ones, because Exim and
// others mark their reports as automatic answers, which an absent person's are.
var readers = []func(message) []Report{
	message.complaints, message.statuses, message.receipt, message.disposition, message.answer, message.plain,
}

func (m message) reports() []Report {
	for _, read := range readers {
		if out := read(m); len(out) > 0 {
			return out
		}
	}
	return []Report{{Kind: Ignored}}
}

// body is that of the first part of one of the kinds.
func (m message) body(kinds ...string) (string, bool) {
	for _, p := range m.parts {
		for _, k := range kinds {
			if p.kind == k {
				return p.body, true
			}
		}
	}
	return "", false
}

// text is what a reader of the report sees, as far as it can be of interest.
func (m message) text() string {
	var b strings.Builder
	for _, p := range m.parts {
		if (p.kind == "text/plain" || p.kind == "text/html") && b.Len() < maxText {
			b.WriteString(p.body[:min(len(p.body), maxText)])
			b.WriteByte('\n')
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(b.String(), "?"), "\r\n", "\n")
}

const maxText = 16 << 10

// original is what a report returns of the message that it is about.
type original struct {
	messageID, sender string
}

func (m message) original() original {
	body, found := m.body("text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global", "message/rfc822-headers")
	if !found {
		_, body, found = returned(m.text())
	}
	o := original{messageID: identifier(m.head.get("x-riferimento-message-id"))}
	if found {
		h, _ := split(strings.TrimLeft(body, "\r\n"))
		o.sender = identifier(h.get("return-path"))
		if id := identifier(h.get("message-id")); id != "" {
			o.messageID = id
		}
	}
	return o
}

// origin finds the delivery that a report is about: by the address at which it
// arrived, as the envelope or a server on the way wrote it down, and for those
// that arrive elsewhere by the sender of the message that they return.
func (r *Return) origin(m message, recipients []string) (process, delivery int64) {
	found := append(recipients[:len(recipients):len(recipients)],
		m.head.addresses("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "to", "cc")...)
	feedback, _ := m.body("message/feedback-report")
	h, _ := split(feedback)
	found = append(found, identifier(h.get("original-mail-from")), m.original().sender)
	for _, address := range found {
		if process, delivery, ok := r.Read(address); ok {
			return process, delivery
		}
	}
	return 0, 0
}

// disposition recognises that a program or a person tells us of the reading of a
// message (RFC 8098).
func (m message) disposition() []Report {
	if _, found := m.body("message/disposition-notification"); found {
		return []Report{{Kind: Ignored, Diagnostic: "disposition notification"}}
	}
	return nil
}
