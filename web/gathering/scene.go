package gathering

import (
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

// scene is an activity with its meetings, as every page here begins.
type scene struct {
	process  process.Process
	activity process.Activity
	def      *definition.Compiled
	setting  meeting.Setting
	meetings []meeting.Meeting // cancelled ones included, by start
	places   meeting.Places
	now      time.Time
}

func (h *desk) scene(r *site.Request, p process.Process, a process.Activity) (*scene, error) {
	ctx, db := r.Context(), h.core.DB()
	s := &scene{process: p, activity: a, now: r.Now}
	inst, err := h.core.Engine().Instance(ctx, db, a.Ref())
	if err != nil {
		return nil, err
	}
	if s.def, err = h.core.Engine().Definition(ctx, db, inst); err != nil {
		return nil, err
	}
	if s.setting, err = h.meetings.Setting(ctx, a.ProcessID, a.ID); err != nil {
		return nil, err
	}
	if s.meetings, err = h.meetings.Meetings(ctx, a.ProcessID, a.ID); err != nil {
		return nil, err
	}
	s.places, err = h.meetings.Places(ctx, a.ProcessID, a.ID)
	return s, err
}

// of is the scene of the activity in the path.
func (h *desk) of(r *site.Request) (*scene, error) {
	a, err := r.Activity(h.Kind)
	if err != nil {
		return nil, err
	}
	return h.scene(r, r.Gate.Process, a)
}

// can reports whether state and clock grant a capability, as the use cases ask
// it again under their locks.
func (s *scene) can(capability string) bool {
	due := s.activity.DueAt
	if s.activity.Held() {
		return s.def.Allows(s.activity.State, capability) && !process.Rests(capability)
	}
	return s.def.Allows(s.activity.State, capability) && (due == nil || s.now.Before(*due))
}

// announced reports whether people outside have heard of the activity.
func (s *scene) announced() bool { return s.activity.State != s.def.Initial }

// off reports whether the activity was called off: it ended with no meeting.
func (s *scene) off() bool { return s.def.Final(s.activity.State) && len(s.live()) == 0 }

// clock is the instant by which meetings have begun or are over.
func (s *scene) clock() time.Time { return s.activity.Clock(s.now) }

// rests says since when the activity is suspended, in the words of key; "" when
// it is not.
func (s *scene) rests(r *site.Request, key string) string {
	if !s.activity.Held() {
		return ""
	}
	words := page.Words{Lang: r.Lang, Zone: s.process.Location(), Now: s.now}
	return r.T(key, "since", words.Date(*s.activity.HeldAt))
}

// live are the meetings that were not cancelled.
func (s *scene) live() []meeting.Meeting {
	return slices.DeleteFunc(slices.Clone(s.meetings), meeting.Meeting.Cancelled)
}

// coming are the live meetings that are not over.
func (s *scene) coming() []meeting.Meeting {
	return slices.DeleteFunc(s.live(), func(m meeting.Meeting) bool { return m.Over(s.clock()) })
}

// begun reports whether a live meeting has started.
func (s *scene) begun() bool {
	return slices.ContainsFunc(s.live(), func(m meeting.Meeting) bool { return m.Begun(s.clock()) })
}

// at finds a meeting by its number in the path.
func (s *scene) at(r *site.Request) (meeting.Meeting, error) {
	n, err := strconv.Atoi(r.Param("meeting"))
	i := slices.IndexFunc(s.meetings, func(m meeting.Meeting) bool { return m.Position == n })
	if err != nil || i < 0 {
		return meeting.Meeting{}, fault.New(fault.NotFound, "meeting.not_found")
	}
	return s.meetings[i], nil
}

// state is the name of the present state, in words.
func (s *scene) state(lang string) string {
	st, _ := s.def.State(s.activity.State)
	return st.Title.In(lang)
}

// track lays the states flat; nil once the activity has ended.
func (s *scene) track(r *site.Request) *page.Track {
	names := s.def.MainPath()
	now := slices.Index(names, s.activity.State)
	if now < 0 {
		return nil
	}
	t := &page.Track{Label: r.T("gathering.track"), Unit: "step"}
	for i, name := range names {
		st, _ := s.def.State(name)
		state := page.Next
		if i < now {
			state = page.Done
		} else if i == now {
			state = page.Current
		}
		t.Steps = append(t.Steps, page.Step{Name: st.Title.In(r.Lang), State: state})
	}
	return t
}

func (s *scene) root() string {
	return "/gestione/" + s.process.Slug + "/" + s.activity.Kind + "/" + s.activity.PublicID
}

func (s *scene) public() string {
	return "/percorsi/" + s.process.Slug + "/" + s.activity.Kind + "/" + s.activity.PublicID
}

// may reports whether the person in front may do an act, for what pages offer;
// the use cases ask again.
func may(r *site.Request, act process.Act) bool {
	return process.Allow(act, r.Gate.Standing, r.Gate.At) == nil
}

// refusal is what a form shows when it is sent back; ok is false when the error
// is none that a form can mend. prefix is that of the form's controls.
func refusal(r *site.Request, prefix string, err error) (refused, bool) {
	mendable := fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Closed)
	list := page.FieldErrors(r.Lang, err)
	if !mendable || list == nil {
		return refused{}, false
	}
	for i := range list {
		if list[i].Field != "" {
			list[i].Field = prefix + list[i].Field
		}
	}
	status := page.Status(err)
	if fault.Is(err, fault.Invalid) {
		status = 422
	}
	return refused{errors: list, status: status}, true
}

// refused is a form on its way back: its problems and the status of the answer.
type refused struct {
	errors []page.FieldError
	status int
}
