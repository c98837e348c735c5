package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"arengo/notify/ical"
	"arengo/notify/mail"
	"arengo/notify/templates"
)

// job is a delivery that passed every check, with what it says.
type job struct {
	delivery Delivery
	notice   Notice
	facts    Facts
	now      time.Time
}

// notice identifies the notice of a delivery.
func (d Delivery) notice() [2]int64 { return [2]int64{d.ProcessID, d.NoticeID} }

// identifier derives a name from parts, the same at every attempt and on every
// node. It is not secret.
func identifier(parts ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, parts...))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
}

// MessageID is the Message-ID, without angle brackets, of what a notice says to
// a person. It depends on nothing but its arguments, so that a message handed
// over twice can be recognised.
func MessageID(sender mail.Sender, processID int64, key string, personID int64) string {
	return identifier("message", processID, "\n", key, "\n", personID, "\n", Mail) + "@" + sender.Domain()
}

// compose writes the letter of one job.
func compose(j job, sender mail.Sender) (mail.Message, error) {
	kind, ok := KindNamed(j.notice.Kind)
	if !ok {
		return mail.Message{}, fmt.Errorf("compose: unknown kind %q", j.notice.Kind)
	}
	f := j.facts
	if kind.Category == Transactional {
		f.Recipient.UnsubscribeURL = ""
	}
	page, err := templates.Render(cmp.Or(f.Kind, kind.Name), f)
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		From: sender.Address, FromName: f.Process.Title,
		To: j.delivery.Address, ToName: j.delivery.Name,
		ReplyTo: f.Process.ContactEmail, ReplyToName: f.Process.ContactName,
		Subject: page.Subject, Text: page.Text, HTML: page.HTML,
		MessageID:   MessageID(sender, j.notice.ProcessID, j.notice.Key, j.delivery.PersonID),
		Date:        j.now,
		Unsubscribe: f.Recipient.UnsubscribeURL,
	}
	if m.FromName == "" {
		m.FromName = sender.Name
	}
	if j.notice.ProcessID != Account {
		m.ListName = f.Process.Title
		m.ListID = fmt.Sprintf("p%d.%s", j.notice.ProcessID, sender.Domain())
		m.Thread = identifier("thread", j.notice.ProcessID) + "@" + sender.Domain()
	}
	m.Calendar, err = calendar(kind, f, j, sender)
	return m, err
}

// calendar makes the calendar file of kinds that carry one, when there is a
// meeting to carry.
func calendar(kind Kind, f Facts, j job, sender mail.Sender) (*mail.Calendar, error) {
	if kind.Calendar == NoCalendar || f.Meeting.UID == "" {
		return nil, nil
	}
	event := ical.Event{
		Method: string(kind.Calendar), UID: f.Meeting.UID, Sequence: f.Meeting.Sequence,
		Stamp: j.now, Start: f.Meeting.Start, End: f.Meeting.End, Zone: f.Process.Zone,
		Summary: f.Meeting.Title, Location: f.Meeting.Place, URL: f.Meeting.URL,
		Cancelled: f.Meeting.Cancelled,
		Organizer: ical.Person{Name: f.Process.Title, Address: f.Process.ContactEmail},
		Attendee:  ical.Person{Name: j.delivery.Name, Address: j.delivery.Address},
	}
	if f.Meeting.Cancelled {
		event.Method = string(Cancel)
	}
	if event.Organizer.Address == "" {
		event.Organizer.Address = sender.Address
	}
	if event.Location == "" {
		event.Location = f.Meeting.URL
	}
	data, err := ical.Encode(event)
	if err != nil {
		return nil, fmt.Errorf("calendar of %s: %w", kind.Name, err)
	}
	return &mail.Calendar{Method: event.Method, Data: data}, nil
}
