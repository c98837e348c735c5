package gathering

import (
	"strconv"
	"time"

	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
)

// The controls of each form on a page begin with its own word.
const (
	inMeeting  = "incontro-"
	inSetting  = "posti-"
	inMaterial = "materiale-"
	inCallOff  = "annulla-"
	inMinutes  = "verbale-"
	inRequest  = "iscrizione-"
)

// meetingFields are the controls of a meeting; the times are wall times of the
// process's zone.
func (h *desk) meetingFields(r *site.Request, d meeting.Draft, zone *time.Location) []page.Field {
	words := page.Words{Lang: r.Lang, Zone: zone, Now: r.Now}
	low := r.Now.In(zone).Format("2006-01-02T15:04")
	fields := []page.Field{
		{
			Name: "starts", Label: r.T("gathering.field.starts"), Hint: words.ZoneName(), Type: "datetime-local",
			Value: d.Starts, Required: true, Low: low,
		},
		{
			Name: "ends", Label: r.T("gathering.field.ends"), Hint: words.ZoneName(), Type: "datetime-local",
			Value: d.Ends, Required: true, Low: low,
		},
		{Name: "place", Label: h.t(r, "field.place"), Hint: h.t(r, "field.place.hint"), Value: d.Place, Max: 300},
	}
	if h.Online {
		fields = append(fields, page.Field{
			Name: "join_url", Label: r.T("gathering.field.join"), Hint: r.T("gathering.field.join.hint"),
			Type: "url", Value: d.JoinURL, Max: 2000, Mode: "url",
		})
	}
	agenda := page.Field{
		Name: "agenda", Label: h.t(r, "field.agenda"), Hint: h.t(r, "field.agenda.hint"), Type: "textarea",
		Value: d.Agenda, Rows: 6, Max: 5000,
	}
	fields = append(fields, agenda, page.Field{
		Name: "title", Label: r.T("gathering.field.title"), Hint: r.T("gathering.field.title.hint"), Value: d.Title, Max: 200,
	})
	return prefixed(inMeeting, fields...)
}

func draftOf(r *site.Request) meeting.Draft {
	return meeting.Draft{
		Title: r.Value("title"), Starts: r.Value("starts"), Ends: r.Value("ends"),
		Place: r.Value("place"), JoinURL: r.Value("join_url"), Agenda: r.Value("agenda"),
		FormKey: r.FormKey(),
	}
}

// revision is the one that a form was made from; -1, which is nobody's, when it
// names none.
func revision(r *site.Request) int64 {
	n, err := strconv.ParseInt(r.Value("revision"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// settingForm is what was typed: numbers stay text until they are read.
type settingForm struct {
	Capacity, Opens string
	Recorded        bool
	Revision        int64
}

func settingOf(d meeting.Setting) settingForm {
	f := settingForm{Opens: strconv.Itoa(d.JoinOpensBefore), Recorded: d.Recorded, Revision: d.Revision}
	if d.Capacity > 0 {
		f.Capacity = strconv.Itoa(d.Capacity)
	}
	return f
}

func (h *desk) settingFields(r *site.Request, f settingForm, over int) []page.Field {
	hint := r.T("gathering.field.capacity.hint")
	if over > 0 {
		hint = r.T("gathering.field.capacity.over", "n", over)
	}
	fields := []page.Field{{
		Name: "capacity", Label: r.T("gathering.field.capacity"), Hint: hint,
		Type: "number", Value: f.Capacity, Low: "0", High: "1000000", Mode: "numeric",
	}}
	if h.Online {
		fields = append(fields, page.Field{
			Name: "join_opens_before", Label: r.T("gathering.field.opens"), Hint: r.T("gathering.field.opens.hint"),
			Type: "number", Value: f.Opens, Low: "0", High: "1440", Mode: "numeric", Required: true,
		})
	}
	return prefixed(inSetting, fields...)
}

func materialFields(r *site.Request, m meeting.Material) []page.Field {
	kind := page.Field{
		Name: "kind", Label: r.T("gathering.field.kind"), Type: "select", Required: true, Empty: r.T("gathering.field.kind.empty"),
	}
	for _, k := range []meeting.MaterialKind{meeting.MaterialRecording, meeting.MaterialSlides, meeting.MaterialDocument} {
		kind.Choices = append(kind.Choices, page.Choice{
			Value: string(k), Label: r.T("gathering.material." + string(k)), Selected: m.Kind == k,
		})
	}
	return prefixed(inMaterial,
		kind,
		page.Field{Name: "title", Label: r.T("gathering.field.material"), Hint: r.T("gathering.field.material.hint"), Value: m.Title, Max: 200, Required: true},
		page.Field{Name: "url", Label: r.T("gathering.field.url"), Hint: r.T("gathering.field.url.hint"), Type: "url", Value: m.URL, Max: 2000, Mode: "url", Required: true},
	)
}

func reasonField(r *site.Request, prefix, value string, required bool) page.Field {
	return prefixed(prefix, page.Field{
		Name: "reason", Label: r.T("gathering.field.reason"), Hint: r.T("gathering.field.reason.hint"),
		Type: "textarea", Rows: 3, Max: 1000, Value: value, Required: required,
	})[0]
}

func visitorFields(r *site.Request, v meeting.Visitor) []page.Field {
	return prefixed(inRequest,
		page.Field{
			Name: "email", Label: r.T("gathering.field.email"), Hint: r.T("gathering.field.email.hint"), Type: "email",
			Value: v.Email, Max: 254, Required: true, Complete: "email", Mode: "email",
		},
	)
}

// prefixed gives the controls their ids.
func prefixed(prefix string, fields ...page.Field) []page.Field {
	for i := range fields {
		fields[i].ID = prefix + fields[i].Name
	}
	return fields
}

// whole reads a number; an empty text is 0 and anything else -1, which the use
// cases refuse in their own words.
func whole(text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
