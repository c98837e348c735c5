package roster

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// ContactState narrows a list of contacts.
type ContactState string

// The states; the empty one is everybody. They overlap.
const (
	ContactReachable ContactState = "reachable"
	ContactOptedOut  ContactState = "opted_out"
	ContactBounced   ContactState = "bounced"  // the address was refused for good
	ContactUnplaced  ContactState = "unplaced" // no municipality
)

// ContactStates are those that a page offers.
var ContactStates = []ContactState{ContactReachable, ContactOptedOut, ContactBounced, ContactUnplaced}

// ContactFilter narrows a list of contacts; empty fields do not. Text is
// searched in name, address and municipality. Limit is 50 when 0, at most 500.
type ContactFilter struct {
	Text      string
	Territory process.TerritoryID
	State     ContactState
	Offset    int
	Limit     int
}

// Contact is a person on the list of a process. Source is the file that the
// person came from.
type Contact struct {
	Person       process.PersonID
	Name         string
	Email        string
	Locale       string
	Territory    process.TerritoryID
	Municipality string
	Source       string
	OptedOut     bool
	Bounced      bool
	CreatedAt    time.Time
}

// ContactPage is a part of a list and how long the whole is.
type ContactPage struct {
	Contacts []Contact
	Total    int
}

// Contacts lists the people of a process's list, by name.
func (s *Service) Contacts(ctx context.Context, id process.ID, f ContactFilter) (ContactPage, error) {
	return listContacts(ctx, s.db, id, f)
}

// Place counts the contacts of one municipality; Territory 0 are those without
// one. Reachable leaves out opt-outs and refused addresses. Units is the
// reference population, 0 when unknown.
type Place struct {
	Territory process.TerritoryID
	Name      string
	Zone      string
	Contacts  int
	Reachable int
	Units     int64
}

// Places counts the contacts by municipality, by name, those without one last.
func (s *Service) Places(ctx context.Context, id process.ID) ([]Place, error) {
	return countPlaces(ctx, s.db, id)
}

// RemoveContact takes a person off the list and withdraws the invitations that
// they have not answered: their links stop working. Refusals:
// fault.NotFound "roster.contact_gone" and those of the policy.
func (s *Service) RemoveContact(ctx context.Context, id process.ID, who process.Actor, person process.PersonID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		gone, err := deleteContact(ctx, tx, id, person, now)
		if err == nil && !gone {
			err = fault.New(fault.NotFound, "roster.contact_gone")
		}
		return err
	})
}
