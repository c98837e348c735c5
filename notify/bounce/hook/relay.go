package hook

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"arengo/notify/bounce"
)

// mailgun reads an event of Mailgun's webhooks, see its manual, "Events". Its
// signature is not looked at: our own secret says who is asking, and the same
// event twice has no effect.
func mailgun(r *bounce.Return, body []byte) (Told, error) {
	list, err := many[struct {
		Data struct {
			Event     string `json:"event"`
			Severity  string `json:"severity"`
			Reason    string `json:"reason"`
			Recipient string `json:"recipient"`
			Envelope  struct {
				Sender string `json:"sender"`
			} `json:"envelope"`
			Status struct {
				Code        int    `json:"code"`
				Enhanced    string `json:"enhanced-code"`
				Message     string `json:"message"`
				Description string `json:"description"`
			} `json:"delivery-status"`
			Message struct {
				Headers struct {
					ID string `json:"message-id"`
				} `json:"headers"`
			} `json:"message"`
		} `json:"event-data"`
	}](body)
	if err != nil {
		return Told{}, err
	}
	var t Told
	for _, one := range list {
		d := one.Data
		said := claim{
			sender: d.Envelope.Sender, messageID: d.Message.Headers.ID, recipient: d.Recipient,
			status: d.Status.Enhanced, code: d.Status.Code, words: strings.TrimSpace(d.Status.Message + " " + d.Status.Description),
			hard: d.Reason == "suppress-bounce",
		}
		switch {
		case d.Event == "complained":
			said.kind = bounce.Complaint
		case d.Event == "failed" && d.Severity == "permanent":
			said.kind = bounce.Permanent
		case d.Event == "failed":
			said.kind = bounce.Temporary
		}
		t.Reports = append(t.Reports, said.report(r))
	}
	return t, nil
}

// postmarkTypes are the types of Postmark's bounces that concern an address, see
// its documentation, "Bounce types", and whether they blame it.
var postmarkTypes = map[string]struct {
	kind bounce.Kind
	hard bool
}{
	"HardBounce": {bounce.Permanent, true}, "BadEmailAddress": {bounce.Permanent, true},
	"SoftBounce": {bounce.Permanent, false}, "Blocked": {bounce.Permanent, false}, "DnsError": {bounce.Permanent, false},
	"SpamNotification": {bounce.Permanent, false}, "DMARCPolicy": {bounce.Permanent, false}, "Undeliverable": {bounce.Permanent, false},
	"Transient": {bounce.Temporary, false}, "SpamComplaint": {bounce.Complaint, false},
}

// postmark reads a bounce or a complaint. Postmark has identifiers of its own, so
// that it can name no message of ours, only an address.
func postmark(r *bounce.Return, body []byte) (Told, error) {
	list, err := many[struct {
		RecordType, Type, Email, Details, Description string
	}](body)
	if err != nil {
		return Told{}, err
	}
	var t Told
	for _, b := range list {
		kind := b.Type
		if b.RecordType == "SpamComplaint" {
			kind = b.RecordType
		} else if b.RecordType != "Bounce" {
			kind = ""
		}
		known := postmarkTypes[kind]
		words := b.Details
		if words == "" {
			words = b.Description
		}
		t.Reports = append(t.Reports, claim{kind: known.kind, hard: known.hard, recipient: b.Email, words: words}.report(r))
	}
	return t, nil
}

// brevoEvents are the events of Brevo's transactional webhooks that are bad news.
var brevoEvents = map[string]struct {
	kind bounce.Kind
	hard bool
}{
	"hard_bounce": {bounce.Permanent, true}, "invalid_email": {bounce.Permanent, true},
	"soft_bounce": {bounce.Permanent, false}, "blocked": {bounce.Permanent, false},
	"deferred": {bounce.Temporary, false}, "spam": {bounce.Complaint, false},
}

func brevo(r *bounce.Return, body []byte) (Told, error) {
	list, err := many[struct {
		Event  string `json:"event"`
		Email  string `json:"email"`
		ID     string `json:"message-id"`
		Reason string `json:"reason"`
	}](body)
	if err != nil {
		return Told{}, err
	}
	var t Told
	for _, e := range list {
		known := brevoEvents[e.Event]
		t.Reports = append(t.Reports, claim{kind: known.kind, hard: known.hard, messageID: e.ID, recipient: e.Email, words: e.Reason}.report(r))
	}
	return t, nil
}

// sns is a message of Amazon SNS. With raw delivery there is none, and the news of
// SES stand by themselves.
type sns struct {
	Type         string
	Message      string
	SubscribeURL string
}

// sesNews is what SES publishes, see its manual, "Amazon SNS notification contents".
type sesNews struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Mail             struct {
		Source        string `json:"source"`
		CommonHeaders struct {
			MessageID string `json:"messageId"`
		} `json:"commonHeaders"`
	} `json:"mail"`
	Bounce struct {
		Type       string         `json:"bounceType"`
		SubType    string         `json:"bounceSubType"`
		Recipients []sesRecipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Feedback   string         `json:"complaintFeedbackType"`
		Recipients []sesRecipient `json:"complainedRecipients"`
	} `json:"complaint"`
	Delay struct {
		Recipients []sesRecipient `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
}

type sesRecipient struct {
	Address    string `json:"emailAddress"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

// ses reads news of Amazon SES as SNS brings them. The address that confirms a
// subscription is handed on and never fetched.
func ses(r *bounce.Return, body []byte) (Told, error) {
	var envelope sns
	if err := json.Unmarshal(body, &envelope); err != nil {
		return Told{}, err
	}
	switch envelope.Type {
	case "SubscriptionConfirmation":
		if u, err := url.Parse(envelope.SubscribeURL); err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Hostname(), ".amazonaws.com") {
			return Told{}, errors.New("the address that confirms is not Amazon's")
		}
		return Told{Confirm: envelope.SubscribeURL}, nil
	case "Notification":
		body = []byte(envelope.Message)
	case "UnsubscribeConfirmation":
		return Told{}, nil
	}
	var n sesNews
	if err := json.Unmarshal(body, &n); err != nil {
		return Told{}, err
	}
	return Told{Reports: n.reports(r)}, nil
}

func (n sesNews) reports(r *bounce.Return) []bounce.Report {
	base := claim{sender: n.Mail.Source, messageID: n.Mail.CommonHeaders.MessageID}
	var recipients []sesRecipient
	switch n.NotificationType + n.EventType {
	case "Bounce":
		base.kind, recipients = bounce.Permanent, n.Bounce.Recipients
		base.hard = n.Bounce.Type == "Permanent"
		base.words = strings.TrimSpace(n.Bounce.Type + " " + n.Bounce.SubType)
	case "Complaint":
		recipients, base.words = n.Complaint.Recipients, n.Complaint.Feedback
		if n.Complaint.Feedback != "not-spam" {
			base.kind = bounce.Complaint
		}
	case "DeliveryDelay":
		base.kind, recipients = bounce.Temporary, n.Delay.Recipients
	}
	var out []bounce.Report
	for _, one := range recipients {
		said := base
		said.recipient, said.status = one.Address, one.Status
		if one.Diagnostic != "" {
			said.words = strings.TrimSpace(strings.TrimPrefix(one.Diagnostic, "smtp;"))
		}
		out = append(out, said.report(r))
	}
	if len(out) == 0 {
		return []bounce.Report{{Kind: bounce.Ignored}}
	}
	return out
}
