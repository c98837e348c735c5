package meeting

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Attendance is a person's presence at one meeting. Already tells that it had
// been noted before, at NotedAt.
type Attendance struct {
	ProcessID process.ID
	Meeting   ID               `bun:"meeting_id"`
	Person    process.PersonID `bun:"person_id"`
	NotedAt   time.Time
	NotedBy   process.PersonID
	Already   bool `bun:"-"`
}

// Presence is a person at a meeting.
type Presence struct {
	Meeting ID
	Person  process.PersonID
}

// Note records that a person is there; doing it twice keeps the first time.
// Refusals: those of the policy, fault.NotFound "meeting.not_found",
// fault.Closed "meeting.closed_attend" and "meeting.attend_early" (before the
// doors open), fault.Conflict "meeting.attend_unregistered" for who neither
// registered nor waits.
func (s *Service) Note(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, p Presence) (Attendance, error) {
	var a Attendance
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		a, err = s.NoteIn(ctx, tx, id, activity, who, p)
		return err
	})
	return a, err
}

// NoteIn is Note in the transaction of a caller that holds no lock yet; from
// then on it holds the process.
func (s *Service) NoteIn(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor, p Presence) (Attendance, error) {
	f, err := s.attending(ctx, tx, target{id, activity, who}, p.Meeting)
	if err != nil {
		return Attendance{}, err
	}
	r, found, err := personRegistration(ctx, tx, f.activity, p.Person)
	if err != nil {
		return Attendance{}, err
	}
	if !found || !r.Live() {
		return Attendance{}, fault.New(fault.Conflict, "meeting.attend_unregistered")
	}
	return noteAttendance(ctx, tx, Attendance{
		ProcessID: id, Meeting: p.Meeting, Person: p.Person, NotedAt: f.now, NotedBy: who.Person,
	})
}

// Unnote takes a presence back; one that was never noted is no error.
// Refusals: those of Note.
func (s *Service) Unnote(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, p Presence) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.attending(ctx, tx, target{id, activity, who}, p.Meeting); err != nil {
			return err
		}
		return deleteAttendance(ctx, tx, id, p.Meeting, p.Person)
	})
}

// Roll is what one page says of who is at a meeting: those who are, and those
// whose presence is taken back. Who is in neither stays as noted.
type Roll struct {
	Meeting    ID
	Here, Gone []RegistrationID
}

// CallRoll notes a whole page, or nothing of it; calling it twice keeps the
// first times. Refusals: those of the policy, fault.NotFound "meeting.not_found" and
// "meeting.registration_not_found" (of another activity, or of none),
// fault.Closed "meeting.closed_attend" and "meeting.attend_early", and
// fault.Conflict "meeting.roll_changed" when one who is here has left the list.
func (s *Service) CallRoll(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, r Roll) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.attending(ctx, tx, target{id, activity, who}, r.Meeting)
		if err != nil {
			return err
		}
		live, err := registrationsLive(ctx, tx, f.activity, slices.Concat(r.Here, r.Gone))
		if err != nil {
			return err
		}
		for _, named := range slices.Concat(r.Here, r.Gone) {
			if _, found := live[named]; !found {
				return fault.New(fault.NotFound, "meeting.registration_not_found")
			}
		}
		for _, here := range r.Here {
			if !live[here] {
				return fault.New(fault.Conflict, "meeting.roll_changed")
			}
		}
		return noteRoll(ctx, tx, f, who.Person, r)
	})
}

func (s *Service) attending(ctx context.Context, tx bun.IDB, on target, meeting ID) (*floor, error) {
	_, f, err := s.staff(ctx, tx, on, process.ActActivityEnd, "attend")
	if err != nil {
		return nil, err
	}
	m, err := f.find(meeting)
	if err != nil {
		return nil, err
	}
	if f.now.Before(f.setting.opens(m)) {
		return nil, fault.New(fault.Closed, "meeting.attend_early")
	}
	return f, nil
}

// Attendances lists the presences at an activity's meetings, by time of noting.
func (s *Service) Attendances(ctx context.Context, id process.ID, activity process.ActivityID) ([]Attendance, error) {
	return listAttendance(ctx, s.domain.DB(), id, activity)
}
