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
	Present  bool // as noted
	Ticked   bool // as the form shows
}

// rollForm is the attendance of one meeting as it was sent.
type rollForm struct {
	meeting int
	present []string
}

// ticks says whether a person's box shows ticked: as sent, or as noted.
func (f *rollForm) ticks(n int, id meeting.RegistrationID, noted bool) bool {
	if f == nil || f.meeting != n {
		return noted
	}
	return slices.Contains(f.present, strconv.FormatInt(int64(id), 10))
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

func (h *desk) showPeople(r *site.Request, s *scene, form sent, p *staffPage) error {
	v := &peopleView{
		Places: s.places, Capacity: s.setting.Capacity, Names: may(r, process.ActActivityEnd),
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
	return h.showPresence(r, s, list, form.roll, p)
}

func (h *desk) showPresence(r *site.Request, s *scene, list []meeting.Registration, typed *rollForm, p *staffPage) error {
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
			form.People = append(form.People, personView{
				ID: reg.ID, Name: reg.Name, Email: reg.Email, Present: present, Ticked: typed.ticks(m.Position, reg.ID, present),
			})
		}
		form.Open = !v.Over || form.Here == 0 || typed != nil && typed.meeting == m.Position
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

// attendanceSave notes what the form changed and no more, all of it or nothing:
// the boxes that two people tick at two doors do not undo each other.
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
	roll := meeting.Roll{Meeting: s.meetings[i].ID}
	was, is := r.Values("was"), r.Values("present")
	if roll.Here, err = ticked(is, was); err != nil {
		return err
	}
	if roll.Gone, err = ticked(was, is); err != nil {
		return err
	}
	if err := h.meetings.CallRoll(r.Context(), s.process.ID, s.activity.ID, r.Actor, roll); err != nil {
		return h.staffBack(r, s, "", err, sent{roll: &rollForm{meeting: n, present: is}})
	}
	return r.Redirect(s.root()+"#attendance", "gathering.flash.attendance")
}

// ticked reads the registrations that are in one list of boxes and not in the
// other.
func ticked(in, out []string) ([]meeting.RegistrationID, error) {
	var ids []meeting.RegistrationID
	for _, text := range in {
		if slices.Contains(out, text) {
			continue
		}
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fault.New(fault.NotFound, "meeting.registration_not_found")
		}
		ids = append(ids, meeting.RegistrationID(id))
	}
	return ids, nil
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
