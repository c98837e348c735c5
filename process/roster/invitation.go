package roster

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Invitation is one person asked to take part in one activity. The times are
// those at which something first happened; nil when it has not.
type Invitation struct {
	Process   process.ID
	ID        int64
	Activity  process.ActivityID
	Person    process.PersonID
	Name      string
	Email     string
	Locale    string
	Territory process.TerritoryID
	Version   int

	CreatedAt   time.Time
	OpenedAt    *time.Time
	DraftedAt   *time.Time
	AnsweredAt  *time.Time
	WithdrawnAt *time.Time
}

// ByToken finds the invitation of a personal link; purpose is
// process.LinkAnswer or process.LinkInvited. It changes nothing: a mail filter
// that follows links leaves no trace. Refusals: fault.NotFound "link.bad" for
// a forgery, fault.Closed "link.withdrawn" when the invitation was withdrawn
// and "link.replaced" when a later link took its place.
func (s *Service) ByToken(ctx context.Context, token string, purpose process.Purpose) (Invitation, error) {
	return s.ReadToken(ctx, s.db, token, purpose)
}

// ReadToken is ByToken in the caller's transaction.
func (s *Service) ReadToken(ctx context.Context, db bun.IDB, token string, purpose process.Purpose) (Invitation, error) {
	if purpose != process.LinkAnswer && purpose != process.LinkInvited {
		return Invitation{}, errBadLink()
	}
	link, err := s.links.Read(purpose, token)
	if err != nil {
		return Invitation{}, err
	}
	inv, err := loadInvitation(ctx, db, link.Process, link.Subject)
	switch {
	case err != nil:
		return Invitation{}, err
	case inv.WithdrawnAt != nil:
		return Invitation{}, fault.New(fault.Closed, "link.withdrawn")
	case inv.Version != link.Version:
		return Invitation{}, fault.New(fault.Closed, "link.replaced")
	}
	return inv, nil
}

// MarkOpened notes, in the caller's transaction, that the person looked; only
// the first time counts. True when this was it. A withdrawn invitation stays
// as it is.
func MarkOpened(ctx context.Context, tx bun.IDB, inv Invitation, now time.Time) (bool, error) {
	return mark(ctx, tx, inv, "opened_at", now)
}

// MarkAnswered notes the answer, likewise: false means that somebody, perhaps
// the same click, had answered already, or that the invitation is withdrawn.
func MarkAnswered(ctx context.Context, tx bun.IDB, inv Invitation, now time.Time) (bool, error) {
	return mark(ctx, tx, inv, "answered_at", now)
}

// Withdraw takes an invitation back: its link stops working and no reminder
// goes. Refusals: fault.NotFound "roster.withdraw_gone" for one that is not
// there or already withdrawn, fault.Conflict "roster.withdraw_answered", and
// those of the policy.
func (s *Service) Withdraw(ctx context.Context, id process.ID, who process.Actor, invitation int64) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActActivityRun)
		if err != nil {
			return err
		}
		done, err := withdraw(ctx, tx, id, invitation, now)
		if err != nil || done {
			return err
		}
		inv, err := loadInvitation(ctx, tx, id, invitation)
		if err == nil && inv.AnsweredAt != nil && inv.WithdrawnAt == nil {
			return fault.New(fault.Conflict, "roster.withdraw_answered")
		}
		if err == nil || fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "roster.withdraw_gone")
		}
		return err
	})
}

// InvitationStatus is how far an invitation got. Each invitation has one.
type InvitationStatus string

// The statuses, in the order in which the first that fits is taken.
const (
	Withdrawn InvitationStatus = "withdrawn"
	Answered  InvitationStatus = "answered"
	Bounced   InvitationStatus = "bounced" // the address was refused for good
	OptedOut  InvitationStatus = "opted_out"
	Drafted   InvitationStatus = "drafted"
	Opened    InvitationStatus = "opened"
	Waiting   InvitationStatus = "waiting" // nothing happened yet
)

// InvitationStatuses are all of them, in the order of a filter.
var InvitationStatuses = []InvitationStatus{Answered, Drafted, Opened, Waiting, Bounced, OptedOut, Withdrawn}

// StatusFilter narrows a list of invitations; empty fields do not. Limit is 50
// when 0, at most 500.
type StatusFilter struct {
	Status    InvitationStatus
	Text      string
	Territory process.TerritoryID
	Offset    int
	Limit     int
}

// Listed is an invitation in a list. PublicID is the person's.
type Listed struct {
	Invitation
	PublicID     string
	Municipality string
	Status       InvitationStatus
}

// StatusPage is a part of a list and how long the whole is.
type StatusPage struct {
	Invitations []Listed
	Total       int
}

// Statuses lists the invitations of an activity, by name of the person.
func (s *Service) Statuses(ctx context.Context, id process.ID, activity process.ActivityID, f StatusFilter) (StatusPage, error) {
	return listStatuses(ctx, s.db, id, activity, f)
}
