package gathering

import (
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/site"
)

// peopleView is who takes part. Names is false for those who may only know how
// many they are.
type peopleView struct {
	meeting.Places
	Capacity               int
	Names, Remove          bool
	In, Queue, Left        []personView
	Registrable, Announced bool
}

type personView struct {
	ID       meeting.RegistrationID
	Name     string
	Email    string
	Since    time.Time
	Position int
	Present  bool
}

// presenceForm is the attendance of one meeting; it is there once its doors
// are open.
type presenceForm struct {
	Meeting meetingView
	Number  int
	People  []personView
	Here    int
	Open    bool // while the meeting goes on, and until somebody is noted
}

func (h *desk) showPeople(r *site.Request, s *scene, _ sent, p *staffPage) error {
	v := &peopleView{
		Places: s.places, Capacity: s.setting.Capacity, Names: may(r, process.ActActivityRun),
		Registrable: s.can("register"), Announced: s.announced(),
	}
	v.Remove = v.Names && s.can("withdraw")
	p.People = v
	if !v.Names {
		return nil
	}
	list, err := h.meetings.Registrations(r.Context(), s.process.ID, s.activity.ID)
	if err != nil {
		return err
	}
	for _, reg := range list {
		one := personView{ID: reg.ID, Name: reg.Name, Email: reg.Email, Since: reg.ChangedAt, Position: reg.Position}
		switch reg.Status {
		case meeting.Registered:
			v.In = append(v.In, one)
		case meeting.Waiting:
			v.Queue = append(v.Queue, one)
		case meeting.Cancelled:
			v.Left = append(v.Left, one)
		}
	}
	if !h.Names || !s.can("attend") {
		return nil
	}
	return h.showPresence(r, s, list, p)
}

func (h *desk) showPresence(r *site.Request, s *scene, list []meeting.Registration, p *staffPage) error {
	noted, err := h.attendances(r, s)
	if err != nil {
		return err
	}
	for _, m := range s.live() {
		v := h.meetingView(r, s, m, "")
		if s.now.Before(v.Opens) {
			continue
		}
		form := presenceForm{Meeting: v, Number: m.Position}
		for _, reg := range list {
			present := noted[meeting.Presence{Meeting: m.ID, Person: reg.Person}]
			if !reg.Live() && !present {
				continue
			}
			if present {
				form.Here++
			}
			form.People = append(form.People, personView{ID: reg.ID, Name: reg.Name, Email: reg.Email, Present: present})
		}
		form.Open = !v.Over || form.Here == 0
		p.Present = append(p.Present, form)
	}
	return nil
}

func (h *desk) attendances(r *site.Request, s *scene) (map[meeting.Presence]bool, error) {
	list, err := h.meetings.Attendances(r.Context(), s.process.ID, s.activity.ID)
	out := make(map[meeting.Presence]bool, len(list))
	for _, a := range list {
		out[meeting.Presence{Meeting: a.Meeting, Person: a.Person}] = true
	}
	return out, err
}

// attendanceSave notes what the form changed and no more: the boxes that two
// people tick at two doors do not undo each other.
func (h *desk) attendanceSave(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	n := whole(r.Value("meeting"))
	i := slices.IndexFunc(s.meetings, func(m meeting.Meeting) bool { return m.Position == n })
	if i < 0 {
		return fault.New(fault.NotFound, "meeting.not_found")
	}
	list, err := h.meetings.Registrations(r.Context(), s.process.ID, s.activity.ID)
	if err != nil {
		return err
	}
	for _, reg := range list {
		id := strconv.FormatInt(int64(reg.ID), 10)
		was, is := slices.Contains(r.Values("was"), id), slices.Contains(r.Values("present"), id)
		presence := meeting.Presence{Meeting: s.meetings[i].ID, Person: reg.Person}
		switch {
		case is && !was:
			_, err = h.meetings.Note(r.Context(), s.process.ID, s.activity.ID, r.Actor, presence)
		case was && !is:
			err = h.meetings.Unnote(r.Context(), s.process.ID, s.activity.ID, r.Actor, presence)
		}
		if err != nil {
			return h.staffBack(r, s, "", err, sent{})
		}
	}
	return r.Redirect(s.root()+"#attendance", "gathering.flash.attendance")
}

// registrationRemove takes somebody off the list: the person is told, and the
// first who waits gets the place.
func (h *desk) registrationRemove(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	list, err := h.meetings.Registrations(r.Context(), s.process.ID, s.activity.ID)
	if err != nil {
		return err
	}
	id := meeting.RegistrationID(whole(r.Value("registration")))
	i := slices.IndexFunc(list, func(reg meeting.Registration) bool { return reg.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "meeting.registration_not_found")
	}
	if err := h.meetings.Withdraw(r.Context(), s.process.ID, s.activity.ID, r.Actor, list[i].Person); err != nil {
		return h.staffBack(r, s, "", err, sent{})
	}
	return r.Redirect(s.root()+"#registrations", "gathering.flash.removed")
}
