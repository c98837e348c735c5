package email

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"arengo/notify/channel"
	"arengo/notify/ical"
	"arengo/notify/mail"
	"arengo/notify/templates"
)

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
	return identifier("message", processID, "\n", key, "\n", personID, "\n", Name) + "@" + sender.Domain()
}

// compose writes the message of one letter.
func compose(l channel.Letter, sender mail.Sender, series *templates.Series) (mail.Message, error) {
	f := l.Facts
	if l.Owed {
		f.Recipient.UnsubscribeURL = ""
	}
	page, err := series.Render(cmp.Or(f.Kind, l.Kind), f)
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		From: sender.Address, FromName: cmp.Or(f.Process.Title, sender.Name),
		To: l.Address, ToName: l.Name,
		ReplyTo: f.Process.ContactEmail, ReplyToName: f.Process.ContactName,
		Subject: page.Subject, Text: page.Text, HTML: page.HTML,
		MessageID:   MessageID(sender, l.ProcessID, l.Key, l.PersonID),
		Date:        l.Now,
		Unsubscribe: f.Recipient.UnsubscribeURL,
	}
	if sender.Return != nil {
		m.Envelope = sender.Return(l.ProcessID, l.DeliveryID)
	}
	if l.ProcessID != 0 { // what belongs to no process is no list
		m.ListName = f.Process.Title
		m.ListID = fmt.Sprintf("p%d.%s", l.ProcessID, sender.Domain())
		m.Thread = identifier("thread", l.ProcessID) + "@" + sender.Domain()
	}
	m.Calendar, err = calendar(l, sender)
	return m, err
}

// calendar makes the calendar file of kinds that carry one, when there is a
// meeting to carry.
func calendar(l channel.Letter, sender mail.Sender) (*mail.Calendar, error) {
	f := l.Facts
	if l.Calendar == "" || f.Meeting.UID == "" {
		return nil, nil
	}
	event := ical.Event{
		Method: l.Calendar, UID: f.Meeting.UID, Sequence: f.Meeting.Sequence,
		Stamp: l.Now, Start: f.Meeting.Start, End: f.Meeting.End, Zone: f.Process.Zone,
		Summary: f.Meeting.Title, Location: f.Meeting.Place, URL: f.Meeting.URL,
		Cancelled: f.Meeting.Cancelled,
		Organizer: ical.Person{Name: f.Process.Title, Address: f.Process.ContactEmail},
		Attendee:  ical.Person{Name: l.Name, Address: l.Address},
	}
	if f.Meeting.Cancelled {
		event.Method = "CANCEL"
	}
	if event.Organizer.Address == "" {
		event.Organizer.Address = sender.Address
	}
	if event.Location == "" {
		event.Location = f.Meeting.URL
	}
	data, err := ical.Encode(event)
	if err != nil {
		return nil, fmt.Errorf("calendar of %s: %w", l.Kind, err)
	}
	return &mail.Calendar{Method: event.Method, Data: data}, nil
}
