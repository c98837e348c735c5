package roster

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// ContactState narrows a list of contacts.
type ContactState string

// The states; the empty one is everybody. They overlap.
const (
	ContactReachable ContactState = "reachable"
	ContactOptedOut  ContactState = "opted_out"
	ContactBounced   ContactState = "bounced"  // nothing is sent to the address, see Trouble
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
// person came from. OptedOut is also who called our messages unwanted; Bounced is
// whose address does not work.
type Contact struct {
	Person       process.PersonID
	PublicID     string
	Name         string
	Email        string
	Locale       string
	Territory    process.TerritoryID
	Municipality string
	Source       string
	OptedOut     bool
	Bounced      bool
	Trouble      Trouble `bun:"embed:trouble_"`
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

// Leaver is a person to take off the list. Asked is that they wanted it
// themselves, so that they are told that it is done.
type Leaver struct {
	Person process.PersonID
	Asked  bool
}

// RemoveContact takes a person off the list and withdraws the invitations that
// they have not answered: their links stop working. Refusals:
// fault.NotFound "roster.contact_gone" and those of the policy.
func (s *Service) RemoveContact(ctx context.Context, id process.ID, who process.Actor, gone Leaver) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		was, err := deleteContact(ctx, tx, id, gone.Person, now)
		if err == nil && !was {
			err = fault.New(fault.NotFound, "roster.contact_gone")
		}
		if err != nil || !gone.Asked {
			return err
		}
		payload, err := json.Marshal(process.Payload{Extra: map[string]string{"list_only": "yes", process.ExtraPath: "/miei-dati"}})
		if err != nil {
			return err
		}
		return s.outbox.Add(ctx, tx, notify.Notice{
			ProcessID: int64(id), Kind: "erasure-done", PersonID: int64(gone.Person), Payload: payload,
			Key: personKey("contact.gone."+stamp(now), gone.Person), DueAt: now, CreatedAt: now,
		})
	})
}

// Card is what the staff writes of one person: Email and Name as typed, Locale
// one of notify.Locales, Territory 0 for none. FormKey, on adding, is that of the form.
type Card struct {
	Email     string
	Name      string
	Locale    string
	Territory process.TerritoryID
	FormKey   string
}

// clean is the card as it would be saved. places are those in which contacts of
// the process may live; where somebody lives already they may stay.
func (c Card) clean(places []Territory, stays process.TerritoryID) (Card, error) {
	var bad fault.List
	email, err := process.CleanEmail(c.Email)
	if e, ok := fault.As(err); ok {
		bad = append(bad, e)
	}
	c.Email, c.Name = email, plain(c.Name)
	if utf8.RuneCountInString(c.Name) > maxName {
		bad = append(bad, fault.Field("name", "roster.name_long", "max", maxName))
	}
	if !slices.Contains(notify.Locales(), c.Locale) {
		bad = append(bad, fault.Field("language", "roster.language_unknown"))
	}
	if c.Territory != 0 && c.Territory != stays && !slices.ContainsFunc(places, func(t Territory) bool { return t.ID == c.Territory }) {
		bad = append(bad, fault.Field("place", "roster.place_unknown"))
	}
	return c, bad.Err()
}

// AddContact puts one person on the list as a row of a file would: whom we know
// keeps name and language. Already is true when the same form was sent before.
// Refusals: fault.Invalid at "email" ("person.email_bad",
// "roster.contact_listed"), "name", "language" and "place", and those of the
// policy.
func (s *Service) AddContact(ctx context.Context, id process.ID, who process.Actor, c Card) (already bool, err error) {
	err = s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		form := once.Form{Process: int64(id), Person: int64(who.Person), Name: "contact", Key: c.FormKey}
		_, already, err = once.Do(ctx, tx, form, now, func() (string, error) {
			return "", s.addContact(ctx, tx, saving{id, "", now}, c)
		})
		return err
	})
	return already, err
}

func (s *Service) addContact(ctx context.Context, tx bun.Tx, to saving, c Card) error {
	places, err := listTerritories(ctx, tx, to.process)
	if err != nil {
		return err
	}
	if c, err = c.clean(places, 0); err != nil {
		return err
	}
	entries := []entry{{email: c.Email, name: c.Name, locale: c.Locale, territory: c.Territory}}
	known, err := findKnown(ctx, tx, to.process, entries)
	if err != nil {
		return err
	}
	if known[c.Email].Listed {
		return fault.Field("email", "roster.contact_listed")
	}
	return saveContacts(ctx, tx, to, entries)
}

// Correction is a contact as it is and what may be changed of it: Foreign is
// true for somebody who has a role, takes part by themselves or is on the list
// of another process. Their name, address and language are their own.
type Correction struct {
	Contact
	Foreign bool
}

// Contact finds a person on the list of a process by public identifier.
// Refusals: fault.NotFound "roster.contact_gone".
func (s *Service) Contact(ctx context.Context, id process.ID, publicID string) (Correction, error) {
	return loadContact(ctx, s.db, id, publicID, false)
}

// CorrectContact changes what is written of a person on the list. At a new
// address the old links stop working, and what the person was asked and has not
// answered is asked again where answers are taken; what waits to be sent goes to
// the new address. It returns how many invitations are sent again. Refusals:
// fault.NotFound "roster.contact_gone", fault.Conflict "roster.contact_foreign",
// fault.Invalid at "email" ("person.email_bad", "roster.contact_listed",
// "roster.contact_elsewhere"), "name", "language" and "place", and those of the
// policy.
func (s *Service) CorrectContact(ctx context.Context, id process.ID, who process.Actor, publicID string, c Card) (again int, err error) {
	err = s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		was, err := loadContact(ctx, tx, id, publicID, true)
		if err != nil {
			return err
		}
		places, err := listTerritories(ctx, tx, id)
		if err != nil {
			return err
		}
		if c, err = c.clean(places, was.Territory); err != nil {
			return err
		}
		if was.Foreign && (c.Email != was.Email || c.Name != was.Name || c.Locale != was.Locale) {
			return fault.New(fault.Conflict, "roster.contact_foreign")
		}
		if err := s.free(ctx, tx, id, was.Email, c.Email); err != nil {
			return err
		}
		if err := updateContact(ctx, tx, id, was, c); err != nil || c.Email == was.Email {
			return err
		}
		// Nobody has the old address any more, and the new one is meant to work.
		if err := lift(ctx, tx, was.Email, c.Email); err != nil {
			return err
		}
		again, err = s.askAgain(ctx, tx, id, was.Person, c.Email, now)
		return err
	})
	return again, err
}

// free refuses a new address that somebody has.
func (s *Service) free(ctx context.Context, tx bun.Tx, id process.ID, old, address string) error {
	if address == old {
		return nil
	}
	known, err := findKnown(ctx, tx, id, []entry{{email: address}})
	if err != nil {
		return err
	}
	switch k := known[address]; {
	case k.Listed:
		return fault.Field("email", "roster.contact_listed")
	case k.Person != 0:
		return fault.Field("email", "roster.contact_elsewhere")
	}
	return nil
}

// askAgain makes the links sent to an old address worthless and sends what
// asked this person once more.
func (s *Service) askAgain(ctx context.Context, tx bun.Tx, id process.ID, person process.PersonID, address string, now time.Time) (int, error) {
	if err := s.outbox.Readdress(ctx, tx, int64(id), int64(person), address); err != nil {
		return 0, err
	}
	asked, err := renewInvitations(ctx, tx, id, person)
	if err != nil {
		return 0, err
	}
	return s.ask(ctx, tx, id, person, asked, now)
}

// ask sends invitations once more where answers are taken, and returns how many.
func (s *Service) ask(ctx context.Context, tx bun.Tx, id process.ID, person process.PersonID, asked []renewed, now time.Time) (int, error) {
	again := 0
	for _, one := range asked {
		if one.Kind == "" {
			continue
		}
		a, err := s.domain.LoadActivity(ctx, tx, id, one.Activity)
		if err != nil {
			return 0, err
		}
		told, err := s.tellLate(ctx, tx, a, one.Kind, []invited{{Person: person, Version: one.Version, Again: one.Again}}, now)
		if err != nil {
			return 0, err
		}
		again += told
	}
	return again, nil
}
