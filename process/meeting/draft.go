package meeting

import (
	"net/url"
	"strings"
	"time"

	"arengo/process/fault"
	"arengo/workflow/civil"
)

// Draft is what a form says of a meeting. Starts and Ends are wall times of
// the process's zone, written "2026-03-24T18:00"; one that occurs twice, when
// clocks go back, is the first. JoinURL may be empty.
type Draft struct {
	Title   string
	Starts  string
	Ends    string
	Place   string
	JoinURL string
	Agenda  string

	FormKey string // of the form that adds it, see package once
}

// DraftOf writes a meeting as a form shows it, in the process's zone.
func DraftOf(m Meeting, zone *time.Location) Draft {
	return Draft{
		Title: m.Title, Starts: m.StartsAt.In(zone).Format(wallLayout), Ends: m.EndsAt.In(zone).Format(wallLayout),
		Place: m.Place, JoinURL: m.JoinURL, Agenda: m.Agenda,
	}
}

const (
	wallLayout = "2006-01-02T15:04"

	maxTitle    = 200
	maxPlace    = 300
	maxAgenda   = 5000
	maxURL      = 2000
	maxDuration = 24 * time.Hour
)

// apply checks a draft and writes it into m. The refusals are fault.Invalid at
// "starts", "ends", "title", "place", "join_url" and "agenda", all at once.
func (d Draft) apply(m *Meeting, zone *time.Location, now time.Time) error {
	var bad fault.List
	starts, err := instant("starts", d.Starts, zone)
	if err != nil {
		bad = append(bad, err)
	}
	ends, err := instant("ends", d.Ends, zone)
	if err != nil {
		bad = append(bad, err)
	}
	if len(bad) == 0 {
		bad = append(bad, order(starts, ends, now)...)
	}
	m.StartsAt, m.EndsAt = starts, ends
	m.Title, m.Place = strings.TrimSpace(d.Title), strings.TrimSpace(d.Place)
	m.JoinURL, m.Agenda = strings.TrimSpace(d.JoinURL), strings.TrimSpace(d.Agenda)
	bad = append(bad, short("title", m.Title, maxTitle)...)
	bad = append(bad, short("place", m.Place, maxPlace)...)
	bad = append(bad, short("agenda", m.Agenda, maxAgenda)...)
	if m.JoinURL != "" && !secure(m.JoinURL) {
		bad = append(bad, fault.Field("join_url", "meeting.url_bad"))
	}
	return bad.Err()
}

func order(starts, ends, now time.Time) fault.List {
	switch {
	case !starts.After(now):
		return fault.List{fault.Field("starts", "meeting.starts_past")}
	case !ends.After(starts):
		return fault.List{fault.Field("ends", "meeting.ends_before")}
	case ends.Sub(starts) > maxDuration:
		return fault.List{fault.Field("ends", "meeting.too_long", "hours", int(maxDuration.Hours()))}
	}
	return nil
}

// instant reads a wall time; one that clocks skip is refused rather than moved.
func instant(field, text string, zone *time.Location) (time.Time, *fault.Error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, fault.Field(field, "meeting.time_missing")
	}
	wall, err := time.Parse(wallLayout, text)
	if err != nil {
		return time.Time{}, fault.Field(field, "meeting.time_bad", "value", text)
	}
	at := civil.Resolve(wall, zone)
	if at.In(zone).Format(wallLayout) != text {
		return time.Time{}, fault.Field(field, "meeting.time_skipped", "time", wall.Format("15:04"))
	}
	return at, nil
}

func short(field, text string, limit int) fault.List {
	if len([]rune(text)) > limit {
		return fault.List{fault.Field(field, "meeting.too_many_characters", "max", limit)}
	}
	return nil
}

// secure reports whether an address is whole and encrypted.
func secure(address string) bool {
	if len(address) > maxURL || strings.ContainsAny(address, " \t\r\n\"<>") {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}
