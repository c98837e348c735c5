// Package meeting holds what gatherings have in common, whatever their kind:
// a time and a place, registrations with a waiting list, the link to join,
// attendance, consent, materials and minutes.
//
// Every exported method of Service is one use case and begins its own
// transaction; those whose names end in In are part of a caller's. Locks are taken in one order: process (staff only), activity,
// setting row, the rest. The setting row is the lock of the queue. Who can move
// dates or the activity keeps the visitors out from the start, who else shares
// the activity with them: a lock is never made stronger on the way.
package meeting

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// ID identifies a meeting within its process.
type ID int64

// Meeting is one gathering. Position counts from 1 in the order of making;
// Sequence is iCalendar's and grows with every change of time or status; a new
// place leaves it, and calendars go by the later stamp of the file.
type Meeting struct {
	ProcessID   process.ID
	ID          ID
	Activity    process.ActivityID `bun:"activity_id"`
	Position    int
	Title       string
	StartsAt    time.Time
	EndsAt      time.Time
	Place       string
	JoinURL     string
	Agenda      string
	UID         string
	Sequence    int
	Revision    int64 // rises at each change; a form names the one it was made from
	CancelledAt *time.Time

	Already bool `bun:"-"` // the form that was to add it had added it before
}

// Cancelled reports whether the meeting was called off.
func (m Meeting) Cancelled() bool { return m.CancelledAt != nil }

// Begun reports whether the meeting has started at now.
func (m Meeting) Begun(now time.Time) bool { return !now.Before(m.StartsAt) }

// Over reports whether the meeting has ended at now.
func (m Meeting) Over(now time.Time) bool { return !now.Before(m.EndsAt) }

// Service holds the use cases of gatherings. It has no state of its own.
type Service struct{ domain *process.Service }

// New makes the service on top of the domain's.
func New(s *process.Service) *Service { return &Service{domain: s} }

// floor is what a use case stands on once it holds its locks.
type floor struct {
	activity process.Activity
	setting  Setting
	meetings []Meeting // not cancelled, by start
	now      time.Time
}

// lock takes the locks of a visitor's use case and gives what it stands on.
func (s *Service) lock(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID) (*floor, error) {
	return s.hold(ctx, tx, id, activity, process.ShareActivity)
}

// hold takes the locks of a use case, that of the activity as take does, reads
// the clock after the last of them and loads what the use case decides on.
func (s *Service) hold(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, take locker) (*floor, error) {
	// Loaded first for its refusal: locks and a setting row hang on an activity.
	if _, err := s.domain.LoadActivity(ctx, tx, id, activity); err != nil {
		return nil, err
	}
	if err := take(ctx, tx, id, activity); err != nil {
		return nil, err
	}
	f := &floor{}
	var err error
	if f.setting, err = lockSetting(ctx, tx, id, activity); err != nil {
		return nil, err
	}
	if f.now, err = s.domain.Now(ctx, tx); err != nil {
		return nil, err
	}
	if f.activity, err = s.domain.LoadActivity(ctx, tx, id, activity); err != nil {
		return nil, err
	}
	f.meetings, err = liveMeetings(ctx, tx, id, activity)
	return f, err
}

// locker takes the lock of an activity: process.ShareActivity or ExcludeActivity.
type locker func(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID) error

// staff opens a use case of those who run the activity: the policy, the locks,
// and the capability that the state must grant ("" for any state).
func (s *Service) staff(ctx context.Context, tx bun.IDB, on target, act process.Act, capability string) (process.Process, *floor, error) {
	p, _, err := s.domain.Begin(ctx, tx, on.id, on.who, act)
	if err != nil {
		return p, nil, err
	}
	take := process.ShareActivity
	if capability == "convene" { // dates move, and what hangs on them
		take = process.ExcludeActivity
	}
	f, err := s.hold(ctx, tx, on.id, on.activity, take)
	if err != nil || capability == "" {
		return p, f, err
	}
	return p, f, s.may(ctx, tx, f, capability)
}

// target is the activity that a member of the staff works on.
type target struct {
	id       process.ID
	activity process.ActivityID
	who      process.Actor
}

// closed gives the refusal of each capability that the package asks for.
var closed = map[string]string{
	"convene": "meeting.closed_convene", "register": "meeting.closed_register", "withdraw": "meeting.closed_withdraw",
	"join": "meeting.closed_join", "consent": "meeting.closed_consent", "attend": "meeting.closed_attend",
	"publish": "meeting.closed_publish", "minute": "meeting.closed_minute",
}

// may asks the state and the clock for a capability. The refusal is
// fault.Closed with a key of closed.
func (s *Service) may(ctx context.Context, tx bun.IDB, f *floor, capability string) error {
	ok, err := s.domain.Allows(ctx, tx, f.activity, capability, f.now)
	if err != nil {
		return err
	}
	if !ok {
		return process.Shut(ctx, tx, f.activity, closed[capability])
	}
	return nil
}

// clock is the instant by which meetings have begun or are over: while the
// activity is suspended it stands, and what was to come then has not been.
func (f *floor) clock() time.Time { return f.activity.Clock(f.now) }

// upcoming gives the meetings that have not begun.
func (f *floor) upcoming() []Meeting {
	var out []Meeting
	for _, m := range f.meetings {
		if !m.Begun(f.clock()) {
			out = append(out, m)
		}
	}
	return out
}

// unfinished gives the meetings that are not over.
func (f *floor) unfinished() []Meeting {
	var out []Meeting
	for _, m := range f.meetings {
		if !m.Over(f.clock()) {
			out = append(out, m)
		}
	}
	return out
}

// find gives one of the activity's live meetings.
func (f *floor) find(id ID) (Meeting, error) {
	for _, m := range f.meetings {
		if m.ID == id {
			return m, nil
		}
	}
	return Meeting{}, fault.New(fault.NotFound, "meeting.not_found")
}

// Setting is how the gatherings of an activity are run. Capacity 0 is no
// limit. JoinOpensBefore is in minutes. Told is the audience of news about the
// meetings, in the words of notices, joined by commas; it is the kind's choice
// and no form's. Recorded says that people are told of a recording when they
// register. ConsentVersion rises when ConsentText changes.
type Setting struct {
	Capacity        int
	JoinOpensBefore int
	InvitedOnly     bool
	Recorded        bool
	Told            string
	ConsentText     string
	ConsentVersion  int
	Revision        int64
}

// Default is what a new activity begins with: no limit of places, the link to
// join from 15 minutes before, news to those registered.
func Default() Setting { return Setting{JoinOpensBefore: 15, Told: "registered", ConsentVersion: 1} }

// Prepare writes the setting of a new activity; a kind calls it from Create.
func Prepare(ctx context.Context, tx bun.IDB, a process.Activity, d Setting) error {
	return insertSetting(ctx, tx, a.ProcessID, a.ID, d)
}

const (
	maxCapacity    = 1_000_000
	maxOpensBefore = 24 * 60
)

// Setting reads how the activity's gatherings are run.
func (s *Service) Setting(ctx context.Context, id process.ID, activity process.ActivityID) (Setting, error) {
	return loadSetting(ctx, s.domain.DB(), id, activity)
}

// SetSetting changes everything but Told. More places promote those who wait,
// in their order; fewer turn nobody out. Refusals: fault.Invalid at "capacity",
// "join_opens_before", "consent_text" and "recorded" (it can no longer be
// announced once a meeting has begun), fault.Conflict "form.stale",
// fault.Closed "meeting.closed_convene" and those of the policy.
func (s *Service) SetSetting(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, d Setting) (Setting, error) {
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEdit, "convene")
		if err != nil {
			return err
		}
		d.ConsentText = strings.TrimSpace(d.ConsentText)
		if err := d.check(f); err != nil {
			return err
		}
		if d.Revision != f.setting.Revision {
			return fault.New(fault.Conflict, "form.stale")
		}
		d.Told, d.ConsentVersion = f.setting.Told, f.setting.ConsentVersion
		if d.ConsentText != f.setting.ConsentText {
			d.ConsentVersion++
		}
		d.Revision++
		if err := updateSetting(ctx, tx, id, activity, d); err != nil {
			return err
		}
		f.setting = d
		return s.promote(ctx, tx, f, 0)
	})
	return d, err
}

func (d Setting) check(f *floor) error {
	var bad fault.List
	if d.Capacity < 0 || d.Capacity > maxCapacity {
		bad = append(bad, fault.Field("capacity", "meeting.capacity_bad", "max", maxCapacity))
	}
	if d.JoinOpensBefore < 0 || d.JoinOpensBefore > maxOpensBefore {
		bad = append(bad, fault.Field("join_opens_before", "meeting.opens_before_bad", "max", maxOpensBefore))
	}
	bad = append(bad, short("consent_text", d.ConsentText, maxAgenda)...)
	if d.Recorded && !f.setting.Recorded && len(f.meetings) > 0 && f.meetings[0].Begun(f.now) {
		bad = append(bad, fault.Field("recorded", "meeting.recorded_late"))
	}
	return bad.Err()
}
