// Package ical writes the calendar files of meeting mails and reads those that
// come back. The model and the parser are emersion's go-ical, behind a size cap
// and a recover; folding and time zones are ours, because it has neither.
// Rules: RFC 5545 (syntax), RFC 5546 (what a REQUEST and a CANCEL hold).
package ical

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	goical "github.com/emersion/go-ical"
)

// Person is an organiser or an attendee.
type Person struct {
	Name    string
	Address string
}

// Event is one meeting as one person is told of it. UID never changes in the
// life of a meeting; Sequence grows with each change of time or status, and on
// cancelling; Stamp is the instant of sending. Method is REQUEST, CANCEL, or
// PUBLISH for a file that a page offers to anybody, which names no attendee
// (RFC 5546, 3.2.1). The only attendee is the reader: others' names are not his
// business. Zone is an IANA name, Europe/Rome when empty. Cancelled says that
// the whole meeting is off, not only this person's place.
type Event struct {
	Method    string
	UID       string
	Sequence  int
	Stamp     time.Time
	Start     time.Time
	End       time.Time
	Zone      string
	Summary   string
	Details   string
	Location  string
	URL       string
	Cancelled bool
	Organizer Person
	Attendee  Person
}

// Encode writes the event as one VCALENDAR with CRLF line ends, folded at 75
// octets. The error names what is missing or cannot be written.
func Encode(e Event) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	name := e.Zone
	if name == "" {
		name = Rome
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	calendar := goical.NewCalendar()
	calendar.Props.SetText(goical.PropProductID, "-//Arengo//Arengo//IT")
	calendar.Props.SetText(goical.PropVersion, "2.0")
	calendar.Props.SetText(goical.PropCalendarScale, "GREGORIAN")
	calendar.Props.SetText(goical.PropMethod, e.Method)
	if block := timezone(name, zone, e.Start); block != nil {
		calendar.Children = append(calendar.Children, block)
	} else {
		zone = time.UTC // a zone we cannot describe must not be named
	}
	calendar.Children = append(calendar.Children, e.component(zone))
	var flat bytes.Buffer
	if err := goical.NewEncoder(&flat).Encode(calendar); err != nil {
		return nil, fmt.Errorf("encode calendar: %w", err)
	}
	return fold(flat.Bytes()), nil
}

func (e Event) check() error {
	switch {
	case e.Method != "REQUEST" && e.Method != "CANCEL" && e.Method != "PUBLISH":
		return fmt.Errorf("method %q, want REQUEST, CANCEL or PUBLISH", e.Method)
	case e.UID == "" || e.Stamp.IsZero() || e.Start.IsZero():
		return errors.New("an event needs UID, stamp and start")
	case !e.End.After(e.Start):
		return errors.New("an event must end after it starts")
	case e.Sequence < 0:
		return errors.New("a sequence is never negative")
	case !address(e.Organizer.Address) || e.Method != "PUBLISH" && !address(e.Attendee.Address):
		return errors.New("organiser and attendee need a mail address")
	case strings.TrimSpace(e.Summary) == "":
		return errors.New("an event needs a summary")
	}
	return nil
}

func address(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || r == '"' || r == '<' || r == '>'
	})
}

func (e Event) component(zone *time.Location) *goical.Component {
	event := goical.NewEvent()
	text := func(name, value string) {
		if value = clean(value); value != "" {
			event.Props.SetText(name, value)
		}
	}
	text(goical.PropUID, e.UID)
	event.Props.SetDateTime(goical.PropDateTimeStamp, e.Stamp.UTC())
	event.Props.SetDateTime(goical.PropDateTimeStart, e.Start.In(zone))
	event.Props.SetDateTime(goical.PropDateTimeEnd, e.End.In(zone))
	raw(event.Component, goical.PropSequence, strconv.Itoa(e.Sequence))
	text(goical.PropSummary, e.Summary)
	text(goical.PropDescription, e.Details)
	text(goical.PropLocation, e.Location)
	if e.URL != "" && !strings.ContainsFunc(e.URL, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		raw(event.Component, goical.PropURL, e.URL)
	}
	switch {
	case e.Cancelled:
		text(goical.PropStatus, "CANCELLED")
	case e.Method != "CANCEL":
		text(goical.PropStatus, "CONFIRMED")
	}
	organizer := raw(event.Component, goical.PropOrganizer, "mailto:"+e.Organizer.Address)
	named(organizer, e.Organizer.Name)
	event.Props.Set(organizer)
	if e.Method == "PUBLISH" {
		return event.Component
	}
	attendee := raw(event.Component, goical.PropAttendee, "mailto:"+e.Attendee.Address)
	named(attendee, e.Attendee.Name)
	attendee.Params.Set(goical.ParamRole, "REQ-PARTICIPANT")
	if e.Method == "REQUEST" {
		attendee.Params.Set(goical.ParamParticipationStatus, "NEEDS-ACTION")
		attendee.Params.Set(goical.ParamRSVP, "TRUE")
	}
	event.Props.Set(attendee)
	return event.Component
}

// raw sets a property whose value is not text, and returns it.
func raw(c *goical.Component, name, value string) *goical.Prop {
	p := goical.NewProp(name)
	p.Value = value
	c.Props.Set(p)
	return p
}

// named adds a display name: parameters know no escapes, so what would end one
// is taken out.
func named(p *goical.Prop, name string) {
	name = strings.ReplaceAll(clean(name), "\n", " ")
	name = strings.TrimSpace(strings.ReplaceAll(name, `"`, "'"))
	if name != "" {
		p.Params.Set(goical.ParamCommonName, name)
	}
}

// clean removes control characters, among them the carriage return that would
// begin a property of a participant's own; line feeds stay, escaped as \n.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, s)
}

// MaxSize is the largest calendar file that Decode reads, in bytes.
const MaxSize = 256 << 10

// Decode reads one calendar from somebody else. It never panics: the parser
// does, on a parameter without a colon, and that is an error here.
func Decode(r io.Reader) (calendar *goical.Calendar, err error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("calendar larger than %d bytes", MaxSize)
	}
	defer func() {
		if p := recover(); p != nil {
			calendar, err = nil, fmt.Errorf("malformed calendar: %v", p)
		}
	}()
	calendar, err = goical.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		return nil, fmt.Errorf("malformed calendar: %w", err)
	}
	return calendar, nil
}
