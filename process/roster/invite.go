package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

// Selection says whom of the contact list to invite: all, those of some
// municipalities, or some persons; exactly one of the three. Notice is the
// kind of notice ("invitation") that the new ones get at once when the
// activity already takes answers; when it does not yet, or Notice is empty,
// the activity's own opening tells them.
type Selection struct {
	All         bool
	Territories []process.TerritoryID
	Persons     []process.PersonID
	Notice      string
}

// Invite invites contacts who have not refused messages and returns how many
// were not invited before. An invitation that was withdrawn is renewed, with a
// new link, only for a person who is named. Refusals: fault.Invalid
// "roster.selection_empty", fault.Closed "roster.invite_closed" when the state
// of the activity allows neither editing nor inviting nor answering, and those
// of the policy.
func (s *Service) Invite(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, sel Selection) (int, error) {
	if !sel.All && len(sel.Territories) == 0 && len(sel.Persons) == 0 {
		return 0, fault.Field("selection", "roster.selection_empty")
	}
	added := 0
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActActivityRun)
		if err != nil {
			return err
		}
		a, err := s.domain.LoadActivity(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		if err := s.permits(ctx, tx, a, now, "roster.invite_closed", "edit", "invite", "respond"); err != nil {
			return err
		}
		fresh, err := insertInvitations(ctx, tx, a, sel, now)
		if err != nil {
			return err
		}
		added = len(fresh)
		_, err = s.tellLate(ctx, tx, a, sel.Notice, fresh, now)
		return err
	})
	return added, err
}

// permits refuses unless the activity's state allows one of the capabilities.
func (s *Service) permits(ctx context.Context, tx bun.IDB, a process.Activity, now time.Time, key string, any ...string) error {
	for _, capability := range any {
		ok, err := s.domain.Allows(ctx, tx, a, capability, now)
		if err != nil || ok {
			return err
		}
	}
	return process.Shut(ctx, tx, a, key)
}

// tellLate writes a notice for each of those invited after the opening and
// returns how many. While the opening's own notice has not been expanded it will
// find them by itself; the lock on its row keeps the expansion from passing in
// between.
func (s *Service) tellLate(ctx context.Context, tx bun.Tx, a process.Activity, kind string, fresh []invited, now time.Time) (int, error) {
	if kind == "" || len(fresh) == 0 {
		return 0, nil
	}
	open, err := s.domain.Allows(ctx, tx, a, "respond", now)
	if err != nil || !open {
		return 0, err
	}
	pending, err := lockPendingNotice(ctx, tx, a, kind)
	if err != nil || pending {
		return 0, err
	}
	for part := range slices.Chunk(fresh, 1000) {
		notices := make([]notify.Notice, len(part))
		for i, f := range part {
			notices[i] = notify.Notice{
				ProcessID: int64(a.ProcessID), ActivityID: int64(a.ID), Kind: kind, PersonID: int64(f.Person),
				Key:   personKey(fmt.Sprintf("late.%s/%d/v%d%s", kind, a.ID, f.Version, f.Again), f.Person),
				DueAt: now, CreatedAt: now,
			}
		}
		if err := s.outbox.Add(ctx, tx, notices...); err != nil {
			return 0, err
		}
	}
	return len(fresh), nil
}

// Scope narrows a reminder to municipalities; empty is everywhere.
type Scope struct {
	Territories []process.TerritoryID
}

// Reminder asks for one. Key names the occasion: a form draws it once, so that
// a double click reminds once. Expected is the count of the silent that the
// person saw and confirmed.
type Reminder struct {
	Key      string
	Scope    Scope
	Expected int
}

// pause is the least time between two reminders that people send by hand.
const pause = 24 * time.Hour

// Silent counts those whom a reminder would reach now: invited, not answered,
// not opted out, with an address that was not refused.
func (s *Service) Silent(ctx context.Context, id process.ID, activity process.ActivityID, scope Scope) (int, error) {
	return countSilent(ctx, s.db, id, activity, scope)
}

// NextReminder is the first instant at which a reminder by hand can be sent
// again; the zero time when none was sent, or the pause is over at now.
func (s *Service) NextReminder(ctx context.Context, a process.Activity, now time.Time) (time.Time, error) {
	last, err := lastReminder(ctx, s.db, a, "")
	if next := last.At.Add(pause); err == nil && !last.At.IsZero() && now.Before(next) {
		return next, nil
	}
	return time.Time{}, err
}

// Remind writes a reminder to the silent and returns how many they are now;
// who answers before it is sent does not get it. Refusals: fault.Invalid
// "roster.remind_key" without a key, fault.Closed "roster.remind_closed",
// fault.TooMany "roster.remind_soon" with the next possible instant as "when",
// fault.Conflict "roster.silent_changed" when more are silent than expected
// (fewer do no harm), fault.Conflict "roster.nobody_silent", and those of the
// policy. The same Key again is no error and sends nothing.
func (s *Service) Remind(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, r Reminder) (int, error) {
	if r.Key == "" || len(r.Key) > 64 || strings.Contains(r.Key, "/") {
		return 0, fault.New(fault.Invalid, "roster.remind_key")
	}
	silent := 0
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.domain.Begin(ctx, tx, id, who, process.ActActivityRun)
		if err != nil {
			return err
		}
		a, err := s.domain.LoadActivity(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		if silent, err = countSilent(ctx, tx, id, activity, r.Scope); err != nil {
			return err
		}
		return s.remind(ctx, tx, a, r, count{silent, now, p.Location()})
	})
	return silent, err
}

// count is how many are silent at an instant.
type count struct {
	silent int
	now    time.Time
	zone   *time.Location
}

func (s *Service) remind(ctx context.Context, tx bun.Tx, a process.Activity, r Reminder, c count) error {
	last, err := lastReminder(ctx, tx, a, manualKey(a, r.Key))
	if err != nil || last.Same {
		return err
	}
	if err := s.permits(ctx, tx, a, c.now, "roster.remind_closed", "remind", "respond"); err != nil {
		return err
	}
	if next := last.At.Add(pause); c.now.Before(next) {
		local := next.In(c.zone)
		return fault.New(fault.TooMany, "roster.remind_soon",
			"when", next, "time", local.Format("15:04"), "day", local.Format("02/01/2006"))
	}
	switch {
	case c.silent == 0:
		return fault.New(fault.Conflict, "roster.nobody_silent")
	case c.silent > r.Expected:
		return fault.New(fault.Conflict, "roster.silent_changed", "n", c.silent, "expected", r.Expected)
	}
	payload, err := scopePayload(r.Scope)
	if err != nil {
		return err
	}
	return s.outbox.Add(ctx, tx, notify.Notice{
		ProcessID: int64(a.ProcessID), ActivityID: int64(a.ID), Key: manualKey(a, r.Key), Kind: "reminder",
		Audience: "silent", Payload: payload, DueAt: c.now, CreatedAt: c.now,
	})
}
