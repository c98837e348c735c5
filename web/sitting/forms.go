package sitting

import (
	"fmt"
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// Show answers with the workspace page of an activity; x is nil unless one of
// its forms was sent back.
type Show func(r *site.Request, a process.Activity, x *Refusal) error

// Forms are what the sections of a Desk post to.
type Forms struct {
	Kind     string
	Meetings *meeting.Service
	Show     Show
}

// Path is the workspace page of the kind's activities, as a route.
func (f Forms) Path() string { return "/gestione/:process/" + f.Kind + "/:activity" }

// Routes are the forms, below the activity's page.
func (f Forms) Routes() []site.Route {
	post := func(path string, act process.Act, h func(*site.Request, process.Activity) (done, error)) site.Route {
		return site.Post(f.Path()+path, act, f.Do(h))
	}
	return []site.Route{
		post("/incontri", process.ActActivityEdit, f.meetingAdd),
		post("/incontri/:meeting", process.ActActivityRun, f.meetingMove),
		post("/incontri/:meeting/disdici", process.ActActivityEnd, f.meetingCancel),
		post("/posti", process.ActActivityEdit, f.settingSave),
		post("/materiali", process.ActActivityEnd, f.materialAdd),
		post("/materiali/:material/togli", process.ActActivityEnd, f.materialRetract),
		post("/verbale", process.ActOutcomeEdit, f.minutesSave),
		post("/verbale/pubblica", process.ActActivityEnd, f.minutesPublish),
	}
}

// Done says where a form that was accepted leads: a fragment of the activity's
// page and the key of a message; or, with an error, which form was refused.
type Done struct{ Form, Fragment, Flash string }

type done = Done

// Do is the path of every form: find the activity, do it, go back to the page,
// or show the page with what was refused.
func (f Forms) Do(h func(*site.Request, process.Activity) (Done, error)) site.Handler {
	return func(r *site.Request) error {
		a, err := r.Activity(f.Kind)
		if err != nil {
			return err
		}
		d, err := h(r, a)
		if err != nil {
			x, err := Refuse(r, d.Form, err)
			if err != nil {
				return err
			}
			return f.Show(r, a, x)
		}
		return r.Redirect(gate.ActivityPath(r.Gate.Process.Slug, a)+"#"+d.Fragment, d.Flash)
	}
}

func draftOf(r *site.Request) meeting.Draft {
	return meeting.Draft{
		Title: r.Value("title"), Starts: r.Value("starts"), Ends: r.Value("ends"),
		Place: r.Value("place"), JoinURL: r.Value("join_url"), Agenda: r.Value("agenda"),
		FormKey: r.FormKey(),
	}
}

func (f Forms) meetingAdd(r *site.Request, a process.Activity) (done, error) {
	m, err := f.Meetings.Schedule(r.Context(), a.ProcessID, a.ID, r.Actor, draftOf(r))
	return done{formAdd, anchorMeetings, site.Once(m.Already, "sitting.flash.scheduled")}, err
}

func (f Forms) meetingMove(r *site.Request, a process.Activity) (done, error) {
	d := done{formMeeting + r.Param("meeting"), anchorMeetings, "sitting.flash.moved"}
	id, err := number(r.Param("meeting"), "meeting.not_found")
	if err != nil {
		return d, err
	}
	_, err = f.Meetings.Reschedule(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.Rescheduling{
		Meeting: meeting.ID(id), Revision: meetingRevision(r), Draft: draftOf(r),
	})
	return d, err
}

func (f Forms) meetingCancel(r *site.Request, a process.Activity) (done, error) {
	d := done{formCancel + r.Param("meeting"), anchorMeetings, "sitting.flash.cancelled"}
	id, err := number(r.Param("meeting"), "meeting.not_found")
	if err != nil {
		return d, err
	}
	return d, f.Meetings.Cancel(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.Cancellation{Meeting: meeting.ID(id), Reason: r.Value("reason")})
}

func (f Forms) settingSave(r *site.Request, a process.Activity) (done, error) {
	d := done{formSetting, anchorSetting, "sitting.flash.setting"}
	s, err := f.Meetings.Setting(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return d, err
	}
	capacity, err := strconv.Atoi(r.Value("capacity"))
	if err != nil && r.Value("capacity") != "" {
		capacity = -1 // refused with its own words
	}
	s.Capacity, s.Recorded, s.ConsentText, s.Revision = capacity, r.Value("recorded") != "", r.Value("consent_text"), Revision(r)
	if _, err = f.Meetings.SetSetting(r.Context(), a.ProcessID, a.ID, r.Actor, s); err != nil {
		return d, err
	}
	places, err := f.Meetings.Places(r.Context(), a.ProcessID, a.ID)
	if places.Over(s.Capacity) > 0 {
		d.Flash = site.Counted("sitting.flash.setting_over", places.Registered)
	}
	return d, err
}

func (f Forms) materialAdd(r *site.Request, a process.Activity) (done, error) {
	list, err := f.Meetings.Publish(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.Material{
		Kind: meeting.MaterialKind(r.Value("kind")), Title: r.Value("title"), URL: r.Value("url"), FormKey: r.FormKey(),
	})
	return done{formMaterial, AnchorMaterials, site.Once(list[0].Already, "sitting.flash.material")}, err
}

func (f Forms) materialRetract(r *site.Request, a process.Activity) (done, error) {
	id, err := number(r.Param("material"), "fault.code.not_found")
	if err != nil {
		return done{}, err
	}
	return done{formMaterial, AnchorMaterials, "sitting.flash.retracted"},
		f.Meetings.Retract(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.MaterialID(id))
}

func (f Forms) minutesSave(r *site.Request, a process.Activity) (done, error) {
	d := done{formMinutes, AnchorMinutes, "sitting.flash.minutes"}
	present, err := strconv.Atoi(r.Value("present"))
	if err != nil && r.Value("present") != "" {
		present = -1 // refused with its own words
	}
	_, err = f.Meetings.SaveMinutes(r.Context(), a.ProcessID, a.ID, r.Actor, meeting.Minutes{
		Body: r.Value("body"), Present: present, Revision: Revision(r),
	})
	return d, err
}

func (f Forms) minutesPublish(r *site.Request, a process.Activity) (done, error) {
	return done{formMinutes, AnchorMinutes, "sitting.flash.published"},
		f.Meetings.PublishMinutes(r.Context(), a.ProcessID, a.ID, r.Actor, Revision(r))
}

// Revision is the one that the form was made from; 0 when it names none.
func Revision(r *site.Request) int64 {
	n, err := strconv.ParseInt(r.Value("revision"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// meetingRevision is Revision for meetings, which begin at 0: a form that names
// none was made from no revision.
func meetingRevision(r *site.Request) int64 {
	if r.Value("revision") == "" {
		return -1
	}
	return Revision(r)
}

// Number reads an identifier of a path or a form; what is none is
// fault.NotFound with the key.
func Number(text, key string) (int64, error) { return number(text, key) }

func number(text, key string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.NotFound, key)
	}
	return n, nil
}

// ID writes an identifier for a path.
func ID[T ~int64](id T) string { return fmt.Sprint(int64(id)) }
