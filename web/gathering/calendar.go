package gathering

import (
	"io"
	"net/url"

	"arengo/notify/ical"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/site"
)

// publicCalendar is the appointment as a file, for everybody.
func (h *desk) publicCalendar(r *site.Request) error {
	s, err := h.outside(r)
	if err != nil {
		return err
	}
	return h.calendar(r, s, s.public())
}

// bearerCalendar is the same file; its address is the personal page, where the
// way in appears.
func (h *desk) bearerCalendar(r *site.Request) error {
	s, reg, err := h.bearer(r)
	if err != nil {
		return err
	}
	if reg.Status != meeting.Registered {
		return fault.New(fault.NotFound, "meeting.not_found")
	}
	return h.calendar(r, s, "/r/"+h.Kind+"/"+r.Param("token"))
}

// calendar writes a meeting with the identifier and the sequence that mails
// use, so that a calendar keeps one appointment whatever it learns it from.
func (h *desk) calendar(r *site.Request, s *scene, path string) error {
	m, err := s.at(r)
	if err != nil {
		return err
	}
	if m.Cancelled() {
		return fault.New(fault.NotFound, "meeting.not_found")
	}
	summary, address := s.activity.Title, h.core.BaseURL()+path
	if m.Title != "" {
		summary += ": " + m.Title
	}
	event := ical.Event{
		Method: "PUBLISH", UID: m.UID, Sequence: m.Sequence, Stamp: r.Now, Start: m.StartsAt, End: m.EndsAt,
		Zone: s.process.Zone, Summary: summary, Details: m.Agenda, Location: m.Place, URL: address,
		Organizer: ical.Person{Name: s.process.Title, Address: h.organiser(s)},
	}
	data, err := ical.Encode(event)
	if err != nil {
		return err
	}
	return r.Download(h.Kind+"-"+s.activity.PublicID+".ics", "text/calendar; charset=utf-8", func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// organiser is the process's contact; a calendar needs an address, so before
// one is named the site answers for it.
func (h *desk) organiser(s *scene) string {
	if s.process.ContactEmail != "" {
		return s.process.ContactEmail
	}
	u, err := url.Parse(h.core.BaseURL())
	if err != nil || u.Hostname() == "" {
		return "noreply@localhost"
	}
	return "noreply@" + u.Hostname()
}
