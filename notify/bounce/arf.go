package bounce

import "strings"

// complaints reads a feedback report (RFC 5965): a provider tells that a reader
// called a message unwanted. The other types of feedback are about servers.
func (m message) complaints() []Report {
	body, found := m.body("message/feedback-report")
	if !found {
		return nil
	}
	h, _ := split(strings.TrimLeft(body, "\r\n"))
	kind := strings.ToLower(firstWord(h.get("feedback-type")))
	switch kind {
	case "abuse", "fraud", "opt-out", "opt-out-list", "miscategorized":
	default:
		return []Report{{Kind: Ignored, Diagnostic: "feedback: " + kind}}
	}
	r := Report{Kind: Complaint, Diagnostic: kind}
	if who := h.get("original-rcpt-to"); who != "" {
		r.Recipient = address(who)
	}
	if agent := h.get("user-agent"); agent != "" {
		r.Diagnostic += ", " + agent
	}
	return []Report{r}
}
