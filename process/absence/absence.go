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
// tells the deputy. Refusals: fault.Invalid at "deputy" (absence.deputy_self), at
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
		a := Absence{
			Person: away.Person, Role: away.Role,
			Starts: away.From.Start(p.Location()), Ends: away.Until.Add(1).Start(p.Location()),
		}
		switch {
		case !a.Ends.After(a.Starts):
			return fault.Field("until", "absence.order")
		case !a.Ends.After(now):
			return fault.Field("until", "absence.past")
		}
		if a.Deputy, err = process.FindOrAddPerson(ctx, tx, away.Deputy, now); err != nil {
			return err
		}
		if a.Deputy == a.Person {
			return fault.Field("deputy", "absence.deputy_self")
		}
		if err := save(ctx, tx, id, a, now); err != nil {
			return err
		}
		return core.TellRole(ctx, tx, process.RoleGiven{
			Process: id, Person: a.Deputy, Role: a.Role, Now: now,
			From: away.From, Until: away.Until,
		})
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

// List gives the absences of a process that are not over at an instant, the
// earliest first.
func List(ctx context.Context, db bun.IDB, id process.ID, now time.Time) ([]Absence, error) {
	all, err := list(ctx, db, id)
	return slices.DeleteFunc(all, func(a Absence) bool { return !a.Ends.After(now) }), err
}
