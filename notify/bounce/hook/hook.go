// Package hook reads what relays report over HTTP: our own documented form, which
// any relay or a small script can be brought to send, and those of a few relays.
// It looks at nothing but its arguments and follows no link.
package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"arengo/notify/bounce"
)

// MaxEvents is how many events one request may carry.
const MaxEvents = 1000

// ErrForm tells that a request is not of the form that it was said to be.
var ErrForm = errors.New("not of this form")

// Told is what a request says. Confirm is an address that the operator has to open
// for the relay to go on reporting, or "".
type Told struct {
	Reports []bounce.Report
	Confirm string
}

// forms are the forms by name; "" is ours.
var forms = map[string]func(*bounce.Return, []byte) (Told, error){
	"": own, "ses": ses, "mailgun": mailgun, "postmark": postmark, "brevo": brevo,
}

// Read reads a request of a form: "" for ours, or the name of a relay: ses,
// mailgun, postmark, brevo. What is no news about a message that failed is
// Ignored. The error is ErrForm, or wraps it.
func Read(form string, r *bounce.Return, body []byte) (Told, error) {
	read, known := forms[form]
	if !known {
		return Told{}, fmt.Errorf("%w: %q is not known", ErrForm, form)
	}
	told, err := read(r, body)
	if err != nil {
		return Told{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if len(told.Reports) > MaxEvents {
		return Told{}, fmt.Errorf("%w: more than %d events", ErrForm, MaxEvents)
	}
	return told, nil
}

// event is one of our own form; see docs/operator.md.
type event struct {
	Event      string `json:"event"`
	Permanent  bool   `json:"permanent"`
	MessageID  string `json:"message_id"`
	Sender     string `json:"sender"`
	Recipient  string `json:"recipient"`
	Status     string `json:"status"`
	Code       int    `json:"code"`
	Diagnostic string `json:"diagnostic"`
}

func own(r *bounce.Return, body []byte) (Told, error) {
	list, err := many[event](body)
	if err != nil {
		return Told{}, err
	}
	var t Told
	for _, e := range list {
		said := claim{
			sender: e.Sender, messageID: e.MessageID, recipient: e.Recipient,
			status: e.Status, code: e.Code, words: e.Diagnostic, hard: e.Permanent,
		}
		switch e.Event {
		case "bounce":
			said.kind = bounce.Permanent
		case "deferred":
			said.kind = bounce.Temporary
		case "complaint":
			said.kind = bounce.Complaint
		}
		t.Reports = append(t.Reports, said.report(r))
	}
	return t, nil
}

// many reads one object or a list of them.
func many[T any](body []byte) ([]T, error) {
	var list []T
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		err := json.Unmarshal(body, &list)
		return list, err
	}
	var one T
	if err := json.Unmarshal(body, &one); err != nil {
		return nil, err
	}
	return []T{one}, nil
}

// claim is what a relay says about one recipient. Hard means that the relay calls
// the failure one of the address; its codes, where it gives any, are believed
// first.
type claim struct {
	kind                         bounce.Kind
	sender, messageID, recipient string
	status                       string
	code                         int
	words                        string
	hard                         bool
}

func (c claim) report(r *bounce.Return) bounce.Report {
	out := bounce.Judged(bounce.Report{
		Kind: c.kind, Recipient: c.recipient, Status: c.status, Code: c.code, Diagnostic: c.words,
		MessageID: strings.Trim(strings.TrimSpace(c.messageID), "<>"),
	}, c.hard)
	if r != nil {
		if process, delivery, ok := r.Read(strings.Trim(strings.TrimSpace(c.sender), "<>")); ok {
			out.ProcessID, out.DeliveryID = process, delivery
		}
	}
	return out
}
