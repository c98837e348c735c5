package meeting

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// RegistrationID identifies a registration within its process.
type RegistrationID int64

// Status is where a registration stands.
type Status string

// The statuses of a registration.
const (
	Registered Status = "registered" // has a place
	Waiting    Status = "waiting"    // is in the queue
	Cancelled  Status = "cancelled"  // left, or was withdrawn
)

// Registration is one person's part in an activity's meetings. QueuedAt orders
// the queue and is later than that of everyone before. Position is the place
// in the queue, from 1, of those who wait, else 0. Version is that of the
// personal link. Already tells that registering changed nothing.
type Registration struct {
	ProcessID process.ID
	ID        RegistrationID
	Activity  process.ActivityID `bun:"activity_id"`
	Person    process.PersonID   `bun:"person_id"`
	Name      string
	Email     string
	Status    Status
	Version   int
	QueuedAt  time.Time
	ChangedAt time.Time
	ConsentAt *time.Time
	Position  int
	Already   bool `bun:"-"`
}

// Live reports whether the person has a place or waits for one.
func (r Registration) Live() bool { return r.Status != Cancelled }

// Register gives a person a place, or the last one in the queue, and confirms
// it by mail; who is registered already stays as they are. Refusals:
// fault.NotFound "activity.not_found", fault.Closed "meeting.closed_register",
// "meeting.none" and "meeting.full_begun", fault.Forbidden
// "meeting.invited_only".
func (s *Service) Register(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (Registration, error) {
	var r Registration
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		r, err = s.RegisterIn(ctx, tx, id, activity, person)
		return err
	})
	return r, err
}

// RegisterIn is Register in the transaction of a caller that holds no lock but
// the process or a share of the activity.
func (s *Service) RegisterIn(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) (Registration, error) {
	f, err := s.lock(ctx, tx, id, activity)
	if err != nil {
		return Registration{}, err
	}
	if err := s.may(ctx, tx, f, "register"); err != nil {
		return Registration{}, err
	}
	return s.register(ctx, tx, f, person)
}

func (s *Service) register(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) (Registration, error) {
	old, found, err := personRegistration(ctx, tx, f.activity, person)
	if err != nil {
		return old, err
	}
	if found && old.Live() {
		old.Already = true
		return old, nil
	}
	if err := s.door(ctx, tx, f); err != nil {
		return old, err
	}
	if f.setting.InvitedOnly {
		if err := invited(ctx, tx, f.activity, person); err != nil {
			return old, err
		}
	}
	id, err := enqueue(ctx, tx, f, person)
	if err != nil {
		return old, err
	}
	if err := s.promote(ctx, tx, f, id); err != nil {
		return old, err
	}
	r, err := loadRegistration(ctx, tx, f.activity.ProcessID, id)
	if err != nil || r.Status == Registered {
		return r, err
	}
	return r, s.tellPerson(ctx, tx, f, r, "waiting-list")
}

// door says whether a newcomer can be let in at all, whoever it is.
func (s *Service) door(ctx context.Context, tx bun.IDB, f *floor) error {
	if len(f.unfinished()) == 0 {
		return fault.New(fault.Closed, "meeting.none")
	}
	if len(f.upcoming()) > 0 {
		return nil
	}
	n, err := countPlaces(ctx, tx, f.activity)
	if err != nil {
		return err
	}
	if n.Waiting > 0 || n.full(f.setting.Capacity) {
		return fault.New(fault.Closed, "meeting.full_begun")
	}
	return nil
}

// promote gives the free places to those who wait, in their order. Nobody is
// promoted once the last meeting has begun; newcomer, who is at the door then,
// is let in all the same (see door) and is confirmed rather than called. While
// the activity is suspended the queue rests: see Resumed.
func (s *Service) promote(ctx context.Context, tx bun.IDB, f *floor, newcomer RegistrationID) error {
	if f.activity.Held() || len(f.upcoming()) == 0 && newcomer == 0 {
		return nil
	}
	n, err := countPlaces(ctx, tx, f.activity)
	if err != nil {
		return err
	}
	free := n.Waiting
	if f.setting.Capacity > 0 {
		free = min(free, f.setting.Capacity-n.Registered)
	}
	if free <= 0 {
		return nil
	}
	lucky, err := promoteFirst(ctx, tx, f, free)
	if err != nil {
		return err
	}
	for _, r := range lucky {
		kind := "place-available"
		if r.ID == newcomer {
			kind = "registration-confirmed"
		}
		if err := s.tellPerson(ctx, tx, f, r, kind); err != nil {
			return err
		}
	}
	return nil
}

// Resumed gives the places that became free during a suspension, now over, to
// those who wait. A kind calls it from its own Resumed.
func Resumed(ctx context.Context, tx bun.IDB, d *process.Service, a process.Activity) error {
	s := New(d)
	f, err := s.hold(ctx, tx, a.ProcessID, a.ID, process.ExcludeActivity)
	if err != nil {
		return err
	}
	ok, err := d.Allows(ctx, tx, f.activity, "register", f.now)
	if err != nil || !ok {
		return err
	}
	return s.promote(ctx, tx, f, 0)
}

// Unregister takes a person's registration back; the first who waits gets the
// place, at once or when a suspension ends. Who has none, or left before, is no error. The refusal is
// fault.Closed "meeting.closed_withdraw".
func (s *Service) Unregister(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.UnregisterIn(ctx, tx, id, activity, person)
	})
}

// UnregisterIn is Unregister in the transaction of a caller, as RegisterIn is.
func (s *Service) UnregisterIn(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) error {
	f, err := s.lock(ctx, tx, id, activity)
	if err != nil {
		return err
	}
	if err := s.may(ctx, tx, f, "withdraw"); err != nil {
		return err
	}
	return s.leave(ctx, tx, f, person)
}

// Withdraw is Unregister by those who run the activity. Refusals: those of
// the policy and fault.Closed "meeting.closed_withdraw".
func (s *Service) Withdraw(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, person process.PersonID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "withdraw")
		if err != nil {
			return err
		}
		return s.leave(ctx, tx, f, person)
	})
}

func (s *Service) leave(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) error {
	r, found, err := personRegistration(ctx, tx, f.activity, person)
	if err != nil || !found || !r.Live() {
		return err
	}
	if err := cancelRegistration(ctx, tx, r, f.now); err != nil {
		return err
	}
	// Told as it was: who leaves the queue has no file to take back.
	if err := s.tellPerson(ctx, tx, f, r, "registration-cancelled"); err != nil {
		return err
	}
	return s.promote(ctx, tx, f, 0)
}

// Places counts the registrations of an activity.
type Places struct{ Registered, Waiting int }

func (p Places) full(capacity int) bool { return capacity > 0 && p.Registered >= capacity }

// Left is how many places are free; ok is false when there is no limit.
func (p Places) Left(capacity int) (n int, ok bool) {
	return max(0, capacity-p.Registered), capacity > 0
}

// Over is how many more are registered than there are places, 0 when they fit:
// they keep their places, and nobody new gets one.
func (p Places) Over(capacity int) int {
	if capacity == 0 {
		return 0
	}
	return max(0, p.Registered-capacity)
}

// Places counts who has a place and who waits.
func (s *Service) Places(ctx context.Context, id process.ID, activity process.ActivityID) (Places, error) {
	return countPlaces(ctx, s.domain.DB(), process.Activity{ProcessID: id, ID: activity})
}

// Registrations lists those of an activity: who has a place by name, then the
// queue in its order, then those who left.
func (s *Service) Registrations(ctx context.Context, id process.ID, activity process.ActivityID) ([]Registration, error) {
	return listRegistrations(ctx, s.domain.DB(), id, activity)
}

// Registration finds that of a person; ok is false when there is none.
func (s *Service) Registration(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (r Registration, ok bool, err error) {
	return personRegistration(ctx, s.domain.DB(), process.Activity{ProcessID: id, ID: activity}, person)
}
