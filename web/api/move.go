package api

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow/civil"
)

// asked is the body of a call that moves something. Revision is the state's, as
// If-Match; nil skips the check. Tell, End, Exception and Act are of a move that
// reopens.
type asked struct {
	Event      string `json:"event"`
	Transition string `json:"transition"`
	Activity   string `json:"activity"`
	Reason     string `json:"reason"`
	Revision   *int64 `json:"revision"`

	Tell []string `json:"tell"`
	End  *string  `json:"end"`

	Exception bool   `json:"exception"`
	Act       string `json:"act"`
}

// move is what the body asks for; match is the header If-Match, zone that of a
// day without a time.
func (in asked) move(match string, zone *time.Location) (process.Move, error) {
	m := process.Move{Event: in.Event, Transition: in.Transition, Reason: strings.TrimSpace(in.Reason), Tell: slices.Clone(in.Tell), Exception: in.Exception, Act: in.Act}
	if (in.Event == "") == (in.Transition == "") {
		return m, fault.Field("event", "api.event_or_transition")
	}
	if utf8.RuneCountInString(m.Reason) > maxReason {
		return m, fault.Field("reason", "form.too_long", "max", maxReason)
	}
	if strings.ContainsRune(in.Event+in.Transition+in.Activity+in.Reason+in.Act, 0) {
		return m, fault.New(fault.Invalid, "api.json_bad")
	}
	if len(m.Tell) > mostTold {
		return m, fault.Field("tell", "api.tell_many", "max", mostTold)
	}
	if in.End != nil {
		end, err := endOf(*in.End, zone)
		if err != nil {
			return m, err
		}
		m.End = end
	}
	if in.Revision != nil {
		if m.Revision = *in.Revision; m.Revision < 1 {
			return m, fault.Field("revision", "api.revision_bad")
		}
	}
	if match == "" || match == "*" {
		return m, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(match, "W/"), `"`), 10, 64)
	if err != nil || n < 1 || m.Revision != 0 && m.Revision != n {
		return m, fault.Field("If-Match", "api.revision_bad")
	}
	m.Revision = n
	return m, nil
}

// endOf reads when what is reopened ends: the day that is its last, or the
// half-open instant itself.
func endOf(text string, zone *time.Location) (time.Time, error) {
	if day, err := civil.ParseDate(text); err == nil {
		return day.Add(1).Start(zone), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err == nil { // within the years that days may have
		_, err = civil.ParseDate(at.UTC().Format(time.DateOnly))
	}
	if err != nil {
		return at, fault.Field("end", "api.end_bad")
	}
	return at, nil
}
