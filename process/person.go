package process

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Person is someone we can write to. Locale is one of notify.Locales.
type Person struct {
	ID            PersonID
	Email         string
	Name          string
	Locale        string
	Administrator bool
}

// Organisation is a body that leads processes, as its own pages name it.
type Organisation struct {
	ID       OrganisationID
	PublicID string
	Name     string
}

// EnterOrganisation finds an organisation by its public identifier and asks the
// policy whether the actor may do act there, by the roles held on it; the
// refusals are those of Allow, and fault.NotFound "connect.organisation_unknown".
func (s *Service) EnterOrganisation(ctx context.Context, publicID string, who Actor, act Act) (Organisation, error) {
	o, err := selectOrganisation(ctx, s.db, "o.public_id = ?", publicID)
	if fault.Is(err, fault.NotFound) && !who.SignedIn() {
		return o, Allow(act, Standing{}, Situation{Published: true})
	}
	if err != nil {
		return o, err
	}
	return o, s.AllowOrganisation(ctx, s.db, o.ID, who, act)
}

// LoadOrganisation gives one organisation by its identifier in the database.
func (s *Service) LoadOrganisation(ctx context.Context, db bun.IDB, id OrganisationID) (Organisation, error) {
	return selectOrganisation(ctx, db, "o.id = ?", id)
}

// AllowOrganisation asks the policy about an act on an organisation itself.
func (s *Service) AllowOrganisation(ctx context.Context, db bun.IDB, id OrganisationID, who Actor, act Act) error {
	roles, err := rolesAt(ctx, db, id, who.Person)
	if err != nil {
		return err
	}
	return Allow(act, Standing{Actor: who, Roles: roles}, Situation{Published: true})
}

// Connect opens a use case on the programs that an organisation lets in or tells:
// it asks the policy and gives do the time. The refusals are those of Allow for
// ActConnect and do's.
func (s *Service) Connect(ctx context.Context, id OrganisationID, who Actor, do func(ctx context.Context, tx bun.Tx, now time.Time) error) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.AllowOrganisation(ctx, tx, id, who, ActConnect); err != nil {
			return err
		}
		now, err := s.Now(ctx, tx)
		if err != nil {
			return err
		}
		return do(ctx, tx, now)
	})
}

// CleanEmail trims and lowers an address and checks its form: one mailbox, no
// display name, a domain with a dot, at most 254 characters (RFC 5321 §4.5.3.1).
// The refusal is fault.Invalid "person.email_bad" at field "email".
func CleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	bad := fault.Field("email", "person.email_bad", "value", s)
	if len(s) > 254 || strings.ContainsAny(s, " \t\r\n,;<>") {
		return "", bad
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", bad
	}
	_, domain, _ := strings.Cut(s, "@")
	if !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return "", bad
	}
	return s, nil
}

// Members lists the people of a process, promoters first.
func (s *Service) Members(ctx context.Context, id ID) ([]Member, error) {
	return listMembers(ctx, s.db, id)
}

// AddMember gives a person, known by address, a role on a process and tells
// them. Refusals: fault.Invalid at "email" or "role", fault.Conflict
// "member.already" when they have the role, and those of Allow.
func (s *Service) AddMember(ctx context.Context, id ID, who Actor, p Person, role string) error {
	email, err := CleanEmail(p.Email)
	if err != nil {
		return err
	}
	if !slices.Contains(definition.Staff, role) {
		return fault.Field("role", "member.role_bad", "role", role)
	}
	p.Email = email
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		proc, now, err := s.begin(ctx, tx, id, who, ActPeopleEdit)
		if err != nil {
			return err
		}
		person, err := FindOrAddPerson(ctx, tx, p, now)
		if err != nil {
			return err
		}
		added, err := addMember(ctx, tx, id, person, role, now)
		if err != nil {
			return err
		}
		if !added {
			return fault.New(fault.Conflict, "member.already", "email", email)
		}
		return s.TellRole(ctx, tx, RoleGiven{Process: proc.ID, Person: person, Role: role, Now: now})
	})
}

// RemoveMember takes a role away. The last promoter cannot be removed:
// fault.Conflict "member.last_promoter".
func (s *Service) RemoveMember(ctx context.Context, id ID, who Actor, person PersonID, role string) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.begin(ctx, tx, id, who, ActPeopleEdit); err != nil {
			return err
		}
		members, err := listMembers(ctx, tx, id)
		if err != nil {
			return err
		}
		if role == RolePromoter && count(members, RolePromoter) < 2 {
			return fault.New(fault.Conflict, "member.last_promoter")
		}
		return removeMember(ctx, tx, id, person, role)
	})
}

func count(members []Member, role string) int {
	n := 0
	for _, m := range members {
		if m.Role == role {
			n++
		}
	}
	return n
}

// RoleGiven is a role that a person has now or, with From and Until, will have
// as a deputy between two days, both included.
type RoleGiven struct {
	Process     ID
	Person      PersonID
	Role        string
	Now         time.Time
	From, Until civil.Date
}

// TellRole tells a person of a role, in the caller's transaction.
func (s *Service) TellRole(ctx context.Context, tx bun.IDB, g RoleGiven) error {
	extra := map[string]string{"role": g.Role}
	if g.Until != (civil.Date{}) {
		extra["from"], extra["until"] = g.From.String(), g.Until.String()
	}
	return s.Tell(ctx, tx, Telling{
		Process: g.Process, Person: g.Person, Kind: "role-assigned", Now: g.Now,
		Occasion: "role." + g.Role + "." + g.Now.UTC().Format("20060102T150405"),
		Payload:  Payload{Extra: extra},
	})
}

// standing adds to an actor the roles that they have on a process now. The
// clock is asked only for deputies, who are few.
func (s *Service) standing(ctx context.Context, db bun.IDB, id ID, who Actor) (Standing, error) {
	out := Standing{Actor: who}
	if !who.SignedIn() {
		return out, nil
	}
	held, err := heldRoles(ctx, db, id, who.Person)
	if err != nil {
		return out, err
	}
	return s.standingWith(ctx, db, who, held)
}

// standingWith is standing with the roles that were read already.
func (s *Service) standingWith(ctx context.Context, db bun.IDB, who Actor, held []heldRole) (Standing, error) {
	out, now, err := Standing{Actor: who}, time.Time{}, error(nil)
	for _, h := range held {
		if !h.EndsAt.IsZero() && now.IsZero() {
			if now, err = s.Now(ctx, db); err != nil {
				return out, err
			}
		}
		if h.at(now) {
			out.Roles = append(out.Roles, h.Role)
		}
	}
	return out, nil
}

// Everywhere gives an actor with the roles held on any process: what decides
// about the workspace itself, never about one process.
func (s *Service) Everywhere(ctx context.Context, who Actor) (Standing, error) {
	if !who.SignedIn() {
		return Standing{Actor: who}, nil
	}
	roles, err := anyRoles(ctx, s.db, who.Person)
	return Standing{Actor: who, Roles: roles}, err
}

// worker is the standing as the workflow knows it. An administrator acts as a
// promoter: the log must name an office.
func (s Standing) worker() workflow.Actor {
	roles := s.Roles
	if s.Administrator && !s.Has(RolePromoter) {
		roles = append([]string{RolePromoter, RoleFacilitator}, roles...)
	}
	return workflow.Person(int64(s.Person), roles...)
}
