package meeting

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// Schedule adds a meeting to an activity. When the activity is already
// announced, those registered get its calendar file. A form that the actor sent
// before gives what it added, Already, and nobody is told again. Refusals: those of the
// policy, of Draft, and fault.Closed "meeting.closed_convene".
func (s *Service) Schedule(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, d Draft) (Meeting, error) {
	var m Meeting
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEdit, "convene")
		if err != nil {
			return err
		}
		m = Meeting{ProcessID: id, Activity: activity, UID: s.uid()}
		if err := d.apply(&m, p.Location(), f.now); err != nil {
			return err
		}
		form := once.Form{Process: int64(id), Person: int64(who.Person), Name: "meeting", Key: d.FormKey}
		name, already, err := once.Do(ctx, tx, form, f.now, func() (string, error) {
			err := s.add(ctx, tx, f, who, &m)
			return strconv.FormatInt(int64(m.ID), 10), err
		})
		if err != nil || !already {
			return err
		}
		first, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			return fmt.Errorf("read the meeting %q of a form: %w", name, err)
		}
		m, err = f.find(ID(first))
		m.Already = true
		return err
	})
	return m, err
}

func (s *Service) add(ctx context.Context, tx bun.IDB, f *floor, who process.Actor, m *Meeting) error {
	if err := insertMeeting(ctx, tx, m); err != nil {
		return err
	}
	if err := s.rearm(ctx, tx, f, who); err != nil {
		return err
	}
	return s.tellAdded(ctx, tx, f, *m)
}

// Rescheduling is a meeting with what a form says of it now, and the revision
// that the form was made from.
type Rescheduling struct {
	Meeting  ID
	Revision int64
	Draft    Draft
}

// Reschedule changes a meeting that has not begun. A new time raises
// the sequence and moves the reminders; a new time or place is told to those
// concerned. Other words change silently, and what stands already changes
// nothing. Refusals: as
// Schedule, fault.NotFound "meeting.not_found", fault.Closed "meeting.begun" and
// fault.Conflict "form.stale" when somebody changed the meeting first.
func (s *Service) Reschedule(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, r Rescheduling) (Meeting, error) {
	var m Meeting
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityRun, "convene")
		if err != nil {
			return err
		}
		old, err := f.pending(r.Meeting)
		if err != nil {
			return err
		}
		m = old
		if err := r.Draft.apply(&m, p.Location(), f.now); err != nil {
			return err
		}
		if same(m, old) {
			return nil
		}
		if r.Revision != old.Revision {
			return fault.New(fault.Conflict, "form.stale")
		}
		moved, told := !sameTime(m, old), m.Moved(old)
		if moved {
			m.Sequence++
		}
		if err := updateMeeting(ctx, tx, &m); err != nil {
			return err
		}
		if moved {
			if err := s.rearm(ctx, tx, f, who); err != nil {
				return err
			}
		}
		if !told {
			return nil
		}
		why := change{}
		if moved {
			why.oldStart = old.StartsAt.Format(time.RFC3339)
		}
		return s.tellChanged(ctx, tx, f, m, why)
	})
	return m, err
}

// Moved reports whether a meeting differs from before in what people are told
// of: its time or its place.
func (m Meeting) Moved(before Meeting) bool { return !sameTime(m, before) || m.Place != before.Place }

func sameTime(a, b Meeting) bool { return a.StartsAt.Equal(b.StartsAt) && a.EndsAt.Equal(b.EndsAt) }

// same reports whether two versions of a meeting say the same.
func same(a, b Meeting) bool {
	return !a.Moved(b) && a.Title == b.Title && a.JoinURL == b.JoinURL && a.Agenda == b.Agenda
}

// Cancellation is a meeting that will not be, and why: those told read it.
type Cancellation struct {
	Meeting ID
	Reason  string
}

// Cancel calls one meeting off: its reminders are gone and those concerned are
// told, with the reason. Refusals: fault.Invalid "meeting.reason_missing" at
// "reason" once the activity is announced, and those of Reschedule.
func (s *Service) Cancel(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, c Cancellation) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "convene")
		if err != nil {
			return err
		}
		m, err := f.pending(c.Meeting)
		if err != nil {
			return err
		}
		return s.cancel(ctx, tx, f, who, []Meeting{m}, c.Reason)
	})
}

// CallOff cancels every meeting of the activity and the activity itself, all or
// nothing. Of what people have heard of, only what has not begun can be called
// off: fault.Closed "meeting.call_off_begun" once a meeting has, after which
// those that remain are cancelled one by one and the activity is concluded. The
// other refusals are those of Cancel and of process.Service.Advance.
func (s *Service) CallOff(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, reason string) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "convene")
		if err != nil {
			return err
		}
		announced, err := s.announced(ctx, tx, f)
		if err != nil {
			return err
		}
		coming := f.upcoming()
		if announced && len(coming) < len(f.meetings) {
			return fault.New(fault.Closed, "meeting.call_off_begun")
		}
		if err := s.cancel(ctx, tx, f, who, coming, reason); err != nil {
			return err
		}
		_, err = s.domain.AdvanceIn(ctx, tx, id, who, process.Move{Activity: activity, Event: "cancel", Reason: reason})
		return err
	})
}

func (s *Service) cancel(ctx context.Context, tx bun.IDB, f *floor, who process.Actor, list []Meeting, reason string) error {
	announced, err := s.announced(ctx, tx, f)
	if err != nil {
		return err
	}
	if announced && reason == "" {
		return fault.Field("reason", "meeting.reason_missing")
	}
	for _, m := range list {
		m.Sequence++
		m.CancelledAt = &f.now
		if err := updateMeeting(ctx, tx, &m); err != nil {
			return err
		}
		if err := s.tellChanged(ctx, tx, f, m, change{reason: reason}); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.rearm(ctx, tx, f, who)
}

// Meetings lists an activity's meetings by start, cancelled ones included.
func (s *Service) Meetings(ctx context.Context, id process.ID, activity process.ActivityID) ([]Meeting, error) {
	return listMeetings(ctx, s.domain.DB(), id, activity)
}

// pending finds a meeting that can still change.
func (f *floor) pending(id ID) (Meeting, error) {
	m, err := f.find(id)
	if err == nil && m.Begun(f.clock()) {
		return m, fault.New(fault.Closed, "meeting.begun")
	}
	return m, err
}

func (s *Service) rearm(ctx context.Context, tx bun.IDB, f *floor, who process.Actor) error {
	_, err := s.domain.Reschedule(ctx, tx, f.activity.Ref(), who.Person)
	if err != nil {
		return fmt.Errorf("move the deadlines of activity %d: %w", f.activity.ID, err)
	}
	return nil
}

// uid makes a calendar identifier: it never changes in a meeting's life.
func (s *Service) uid() string {
	host := "localhost"
	if u, err := url.Parse(s.domain.BaseURL()); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return process.PublicID() + "@" + host
}
