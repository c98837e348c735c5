// Package absence is what happens while somebody who holds a role is away: a
// deputy receives the notices of that role and may do what it may. The role
// stays with its holder, who has it back when the days are over.
package absence

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow/civil"
)

// Absence is one holder of a role who is away. Starts and Ends are instants in
// UTC, half-open.
type Absence struct {
	Person       process.PersonID
	Role         string
	Deputy       process.PersonID
	DeputyName   string // the address when no name is known
	DeputyEmail  string
	Starts, Ends time.Time
}

// Days are those of the absence in a zone, both included.
func (a Absence) Days(zone *time.Location) (from, until civil.Date) {
	return civil.DateOf(a.Starts, zone), civil.DateOf(a.Ends, zone).Add(-1)
}

// Away is what a form says of an absence: from a day until another, both
// included, in the process's zone. Deputy is known by address.
type Away struct {
	Person      process.PersonID
	Role        string
	Deputy      process.Person
	From, Until civil.Date
}

// Set notes an absence, in the place of an earlier one of the same role, and
// tells the deputy. Refusals: fault.Invalid at "deputy" (absence.deputy_self,
// absence.deputy_away for whoever is noted as away in those days), at
// "until" (absence.order, absence.past), person.email_bad; fault.NotFound
// "member.unknown" when the person does not hold the role; those of the policy.
func Set(ctx context.Context, core *process.Service, id process.ID, who process.Actor, away Away) error {
	email, err := process.CleanEmail(away.Deputy.Email)
	if err != nil {
		return fault.Field("deputy", "person.email_bad", "value", away.Deputy.Email)
	}
	away.Deputy.Email = email
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := core.Begin(ctx, tx, id, who, process.ActPeopleEdit)
		if err != nil {
			return err
		}
		return note(ctx, tx, core, opened{p, now}, away, func() (process.PersonID, error) {
			return process.FindOrAddPerson(ctx, tx, away.Deputy, now)
		})
	})
}

// Own is what somebody says of their own absence from a role: the deputy is one
// of those who work on the process.
type Own struct {
	Role        string
	Deputy      process.PersonID
	From, Until civil.Date
}

// SetOwn notes the absence of the actor. Refusals: as Set, but for the address;
// fault.Invalid at "deputy" "absence.deputy_member" for whoever does not work on
// the process. A deputy does not hold the role and cannot pass it on.
func SetOwn(ctx context.Context, core *process.Service, id process.ID, who process.Actor, own Own) error {
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := core.Begin(ctx, tx, id, who, process.ActAbsenceOwn)
		if err != nil {
			return err
		}
		away := Away{Person: who.Person, Role: own.Role, From: own.From, Until: own.Until}
		return note(ctx, tx, core, opened{p, now}, away, func() (process.PersonID, error) {
			works, err := worksOn(ctx, tx, id, own.Deputy)
			if err == nil && !works {
				err = fault.Field("deputy", "absence.deputy_member")
			}
			return own.Deputy, err
		})
	})
}

// EndOwn takes the actor's own absence from a role away. Nothing happens when
// there is none. The refusals are those of the policy.
func EndOwn(ctx context.Context, core *process.Service, id process.ID, who process.Actor, role string) error {
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := core.Begin(ctx, tx, id, who, process.ActAbsenceOwn); err != nil {
			return err
		}
		return remove(ctx, tx, id, who.Person, role)
	})
}

// opened is a process under its lock, and the time of the use case.
type opened struct {
	process process.Process
	now     time.Time
}

// note checks an absence, keeps it and tells the deputy, whom find gives.
func note(ctx context.Context, tx bun.IDB, core *process.Service, in opened, away Away, find func() (process.PersonID, error)) error {
	zone := in.process.Location()
	a := Absence{Person: away.Person, Role: away.Role, Starts: away.From.Start(zone), Ends: away.Until.Add(1).Start(zone)}
	switch {
	case !a.Ends.After(a.Starts):
		return fault.Field("until", "absence.order")
	case !a.Ends.After(in.now):
		return fault.Field("until", "absence.past")
	}
	var err error
	if a.Deputy, err = find(); err != nil {
		return err
	}
	if a.Deputy == a.Person {
		return fault.Field("deputy", "absence.deputy_self")
	}
	gone, err := awayIn(ctx, tx, in.process.ID, a.Deputy, a.Starts, a.Ends)
	if err == nil && gone {
		err = fault.Field("deputy", "absence.deputy_away")
	}
	if err != nil {
		return err
	}
	if err := save(ctx, tx, in.process.ID, a, in.now); err != nil {
		return err
	}
	return core.TellRole(ctx, tx, process.RoleGiven{
		Process: in.process.ID, Person: a.Deputy, Role: a.Role, Now: in.now, From: away.From, Until: away.Until,
	})
}

// End takes an absence away: its holder is back. Nothing happens when there is
// none. The refusals are those of the policy.
func End(ctx context.Context, core *process.Service, id process.ID, who process.Actor, person process.PersonID, role string) error {
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := core.Begin(ctx, tx, id, who, process.ActPeopleEdit); err != nil {
			return err
		}
		return remove(ctx, tx, id, person, role)
	})
}

// Holders are those who hold a role of their own on a process: given on it, or
// by promoting the organisation that leads it. A person with several stands in it
// as often.
func Holders(ctx context.Context, db bun.IDB, id process.ID) ([]process.Member, error) {
	return selectHolders(ctx, db, id)
}

// List gives the absences of a process that are not over at an instant, the
// earliest first.
func List(ctx context.Context, db bun.IDB, id process.ID, now time.Time) ([]Absence, error) {
	all, err := list(ctx, db, id)
	return slices.DeleteFunc(all, func(a Absence) bool { return !a.Ends.After(now) }), err
}
