package bounce

import (
	"strings"
)

// statuses reads a delivery status notification (RFC 3464 and RFC 6533): a block
// of fields about the message, then one for each recipient.
func (m message) statuses() []Report {
	body, found := m.body("message/delivery-status", "message/global-delivery-status")
	if !found {
		// Some gateways rename the part, or put it into the text.
		text := m.text()
		if _, _, ok := strings.Cut(text, "\nFinal-Recipient:"); !ok || !m.fromServer() {
			return nil
		}
		body = text
	}
	var out []Report
	for body = strings.TrimLeft(body, "\r\n"); body != "" && len(out) < maxParts; {
		var h header
		h, body = split(body)
		if r, ok := h.recipient(); ok {
			out = append(out, r)
		}
		body = strings.TrimLeft(body, "\r\n \t")
	}
	return out
}

// recipient reads one recipient's block; false for another block.
func (h header) recipient() (Report, bool) {
	final, action := typed(h.get("final-recipient")), strings.ToLower(h.get("action"))
	if final == "" {
		final = typed(h.get("original-recipient"))
	}
	if final == "" && action == "" {
		return Report{}, false
	}
	words := h.words("diagnostic-code")
	if kind, rest, ok := strings.Cut(words, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " \t") {
		words = strings.TrimSpace(rest)
	}
	r := Report{Recipient: address(final), Diagnostic: words}
	r.Code, r.Status = codes(words)
	// The reporter's own code is often a general one beside the server's.
	if own := firstWord(h.get("status")); isStatus(own) && (r.Status == "" || !generic(own)) {
		r.Status = own
	}
	r.judge(firstWord(action))
	return r, true
}

// judge decides what a report says by its action, and by its code when there is
// no action that RFC 3464 knows.
func (r *Report) judge(action string) {
	switch action {
	case "failed":
		r.Kind = Permanent
	case "delayed":
		r.Kind = Temporary
	case "delivered", "relayed", "expanded":
		r.Kind = Ignored
	default:
		r.Kind = byCode(r.Status, r.Code)
	}
	r.Gone = r.Kind == Permanent && gone(r.Status, r.Code, r.Diagnostic)
}

// byCode judges by the class alone.
func byCode(status string, code int) Kind {
	switch {
	case strings.HasPrefix(status, "5."), status == "" && code >= 500:
		return Permanent
	case strings.HasPrefix(status, "4."), status == "" && code >= 400:
		return Temporary
	}
	return Ignored
}

// typed is the value of a field such as "rfc822; name@example.org".
func typed(value string) string {
	if _, after, ok := strings.Cut(value, ";"); ok {
		return strings.TrimSpace(after)
	}
	return value
}

// address is a mail address without its brackets, in lower case, or "".
func address(value string) string {
	value = strings.ToLower(strings.Trim(identifier(value), `<>"'`))
	if at := strings.LastIndexByte(value, '@'); at < 1 || at == len(value)-1 {
		return ""
	}
	return value
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return strings.Trim(f[0], "();,")
	}
	return ""
}
