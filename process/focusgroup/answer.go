package focusgroup

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/roster"
)

// Accept registers an invited person, or puts them in the queue when the group
// is full, and notes the answer. Repeating it is harmless. The refusals are
// those of meeting.Service.Register.
func (s *Service) Accept(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (meeting.Registration, error) {
	var r meeting.Registration
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if r, err = s.meetings.RegisterIn(ctx, tx, id, activity, person); err != nil {
			return err
		}
		now, err := s.domain.Now(ctx, tx)
		if err != nil {
			return err
		}
		return answered(ctx, tx, id, activity, person, now)
	})
	return r, err
}

// Decline notes that a person does not come: their place, if they had one,
// goes to the first who waits. It is possible also while the group is suspended.
// Refusals: fault.Closed "focusgroup.closed_respond" and those of
// meeting.Service.Unregister.
func (s *Service) Decline(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.open(ctx, tx, id, activity, "withdraw")
		if err != nil {
			return err
		}
		if err := s.meetings.UnregisterIn(ctx, tx, id, activity, person); err != nil {
			return err
		}
		return answered(ctx, tx, id, activity, person, now)
	})
}

// answered marks the invitation, if the person has one.
func answered(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID, now time.Time) error {
	inv, found, err := personInvitation(ctx, tx, id, activity, person)
	if err != nil || !found {
		return err
	}
	_, err = roster.MarkAnswered(ctx, tx, inv, now)
	return err
}

// Opened notes that an invited person looked at their page.
func (s *Service) Opened(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.domain.Now(ctx, tx)
		if err != nil {
			return err
		}
		inv, found, err := personInvitation(ctx, tx, id, activity, person)
		if err != nil || !found {
			return err
		}
		_, err = roster.MarkOpened(ctx, tx, inv, now)
		return err
	})
}

// Reply is where an invited person stands.
type Reply string

// The replies.
const (
	Silent   Reply = "silent"
	Accepted Reply = "accepted" // has a place
	Queued   Reply = "queued"   // accepted, and waits for a place
	Declined Reply = "declined"
)

// Guest is an invited person with what they answered and agreed to. Consents
// holds for the present version of the text. Code is 0 before they arrive.
type Guest struct {
	Person       process.PersonID `bun:"person_id"`
	Invitation   int64
	Name         string
	Email        string
	Municipality string
	Reply        Reply
	Position     int // in the queue
	Code         int
	Present      bool
	Consents     []meeting.Purpose `bun:"consents,array"`
}

// Consented reports whether a consent holds.
func (g Guest) Consented(p meeting.Purpose) bool {
	for _, c := range g.Consents {
		if c == p {
			return true
		}
	}
	return false
}

// Guests lists the invited people, by name; invitations taken back are left out.
func (s *Service) Guests(ctx context.Context, id process.ID, activity process.ActivityID) ([]Guest, error) {
	return listGuests(ctx, s.domain.DB(), id, activity, 0)
}

// Guest finds one of them; ok is false for who is not invited.
func (s *Service) Guest(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (g Guest, ok bool, err error) {
	list, err := listGuests(ctx, s.domain.DB(), id, activity, person)
	if err != nil || len(list) == 0 {
		return Guest{}, false, err
	}
	return list[0], true, nil
}
