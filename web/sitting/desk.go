package sitting

import (
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// Fragments of the page, words of definition.Fixes among them.
const (
	anchorMeetings  = "meeting"
	anchorSetting   = "posti"
	AnchorMaterials = "recording"
	AnchorMinutes   = "minutes"
)

// Names of the forms; those of one meeting go on with its number.
const (
	formAdd      = "nuovo"
	formMeeting  = "incontro"
	formCancel   = "disdetta"
	formSetting  = "posti"
	formMaterial = "materiale"
	formMinutes  = "verbale"
)

// Desk is what the partials "sittings", "seating", "materials" and "minutes"
// take. Can says what the state allows.
type Desk struct {
	Base      string // address of the activity's page
	Many      bool   // several meetings: "giornate"
	Can       Can
	Sessions  []Session
	Add       []page.Field
	AddOpen   bool
	Setting   []page.Field
	Recorded  page.Option
	Revision  int64 // of the setting
	Version   int   // of the consent text
	Materials []meeting.Material
	Material  []page.Field
	Minutes   meeting.Minutes
	Writing   []page.Field
	Based     int64 // revision that the minutes' form was made from
}

// Can is what the state of the activity permits now.
type Can struct{ Convene, Publish, Minute bool }

// Session is one meeting with its forms.
type Session struct {
	meeting.Meeting
	Heading string
	Past    bool
	Form    []page.Field
	Reason  page.Field
	Open    bool // its forms were sent back
	// Based is the revision that Form was made from, or must be saved over.
	Based    int64
	Conflict *page.Conflict
}

// Load reads what the sections show. many says that the activity has several
// meetings.
func (f Forms) Load(r *site.Request, core *process.Service, a process.Activity, many bool, x *Refusal) (Desk, error) {
	d := Desk{Base: gate.ActivityPath(r.Gate.Process.Slug, a), Many: many}
	ctx := r.Context()
	for capability, into := range map[string]*bool{"convene": &d.Can.Convene, "publish": &d.Can.Publish, "minute": &d.Can.Minute} {
		ok, err := core.Allows(ctx, core.DB(), a, capability, r.Now)
		if err != nil {
			return d, err
		}
		*into = ok
	}
	meetings, err := f.Meetings.Meetings(ctx, a.ProcessID, a.ID)
	if err != nil {
		return d, err
	}
	d.sessions(r, a.Clock(r.Now), meetings, x)
	setting, err := f.Meetings.Setting(ctx, a.ProcessID, a.ID)
	if err != nil {
		return d, err
	}
	d.setting(r, setting, x)
	if d.Materials, err = f.Meetings.Materials(ctx, a.ProcessID, a.ID); err != nil {
		return d, err
	}
	d.Material = x.Keep(formMaterial,
		page.Field{Name: "title", Label: r.T("sitting.material.title"), Required: true, Max: 200},
		page.Field{Name: "url", Label: r.T("sitting.material.url"), Hint: r.T("sitting.url.hint"), Type: "url", Required: true},
		page.Field{Name: "kind", Label: r.T("sitting.material.kind"), Type: "select", Required: true, Choices: kinds(r)})
	if d.Minutes, err = f.Meetings.Minutes(ctx, a.ProcessID, a.ID); err != nil {
		return d, err
	}
	d.minutes(r, x)
	return d, nil
}

func kinds(r *site.Request) []page.Choice {
	var out []page.Choice
	for _, k := range []meeting.MaterialKind{meeting.MaterialDocument, meeting.MaterialSlides, meeting.MaterialRecording} {
		out = append(out, page.Choice{Value: string(k), Label: r.T("sitting.kind." + string(k))})
	}
	return out
}

func (d *Desk) sessions(r *site.Request, now time.Time, list []meeting.Meeting, x *Refusal) {
	zone := r.Gate.Process.Location()
	for i, m := range list {
		id := strconv.FormatInt(int64(m.ID), 10)
		s := Session{Meeting: m, Heading: m.Title, Past: m.Begun(now)}
		if s.Heading == "" && d.Many {
			s.Heading = r.T("sitting.session", "n", i+1)
		}
		s.Form = x.Keep(formMeeting+id, d.fields(r, meeting.DraftOf(m, zone))...)
		s.Reason = x.Keep(formCancel+id, page.Field{
			Name: "reason", Label: r.T("sitting.cancel.reason"), Hint: r.T("sitting.cancel.hint"), Max: 500,
		})[0]
		s.Open = x.Of(formMeeting+id) || x.Of(formCancel+id)
		s.Based = m.Revision
		if x.Of(formMeeting + id) {
			if fault.Is(x.Err, fault.Conflict) {
				s.Conflict = page.Compare(d.fields(r, meeting.DraftOf(m, zone)), s.Form)
			} else {
				s.Based = meetingRevision(r)
			}
		}
		d.Sessions = append(d.Sessions, s)
	}
	d.Add = x.Keep(formAdd, d.fields(r, meeting.Draft{})...)
	d.AddOpen = x.Of(formAdd) || len(list) == 0
}

func (d *Desk) fields(r *site.Request, m meeting.Draft) []page.Field {
	out := []page.Field{
		{Name: "starts", Label: r.T("sitting.starts"), Type: "datetime-local", Value: m.Starts, Required: true},
		{Name: "ends", Label: r.T("sitting.ends"), Type: "datetime-local", Value: m.Ends, Required: true},
		{Name: "place", Label: r.T("sitting.place"), Value: m.Place, Max: 300},
		{Name: "join_url", Label: r.T("sitting.join"), Hint: r.T("sitting.url.hint"), Type: "url", Value: m.JoinURL},
	}
	if d.Many {
		out = append([]page.Field{{Name: "title", Label: r.T("sitting.title"), Value: m.Title, Max: 200}}, out...)
		out = append(out, page.Field{Name: "agenda", Label: r.T("sitting.agenda"), Hint: r.T("sitting.agenda.hint"), Type: "textarea", Value: m.Agenda})
	}
	return out
}

func (d *Desk) setting(r *site.Request, s meeting.Setting, x *Refusal) {
	d.Revision, d.Version = s.Revision, s.ConsentVersion
	if x.Of(formSetting) {
		d.Revision = Revision(r)
	}
	capacity := ""
	if s.Capacity > 0 {
		capacity = strconv.Itoa(s.Capacity)
	}
	d.Setting = x.Keep(formSetting,
		page.Field{Name: "capacity", Label: r.T("sitting.capacity"), Hint: r.T("sitting.capacity.hint"), Type: "number", Low: "0", Value: capacity},
		page.Field{Name: "consent_text", Label: r.T("sitting.consent"), Hint: r.T("sitting.consent.hint"), Type: "textarea", Value: s.ConsentText, Max: 5000})
	d.Recorded = page.Option{
		ID: formSetting + "-recorded", Name: "recorded", Value: "1", Type: "checkbox",
		Label: r.T("sitting.recorded"), Checked: x.Ticked(formSetting, "recorded", s.Recorded),
	}
}

func (d *Desk) minutes(r *site.Request, x *Refusal) {
	present := ""
	if d.Minutes.Present > 0 {
		present = strconv.Itoa(d.Minutes.Present)
	}
	d.Based = d.Minutes.Revision
	d.Writing = x.Keep(formMinutes,
		page.Field{Name: "body", Label: r.T("sitting.minutes.body"), Hint: r.T("sitting.minutes.hint"), Type: "textarea", Rows: 12, Value: d.Minutes.Body, Required: true},
		page.Field{Name: "present", Label: r.T("sitting.minutes.present"), Type: "number", Low: "0", Value: present})
}

// Next is the first meeting that is not over; false when there is none.
func Next(list []meeting.Meeting, now time.Time) (meeting.Meeting, bool) {
	for _, m := range list {
		if !m.Cancelled() && !m.Over(now) {
			return m, true
		}
	}
	return meeting.Meeting{}, false
}

// Live leaves the cancelled ones out.
func Live(list []meeting.Meeting) []meeting.Meeting {
	var out []meeting.Meeting
	for _, m := range list {
		if !m.Cancelled() {
			out = append(out, m)
		}
	}
	return out
}
