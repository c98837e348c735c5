package process

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

type personRow struct {
	bun.BaseModel `bun:"table:person,alias:p"`

	ID            PersonID `bun:"id,pk,autoincrement"`
	PublicID      string
	Email         string
	Name          string
	Locale        string
	Administrator bool
	CreatedAt     time.Time
}

// FindOrAddPerson gives the person with an address, adding one when there is
// none; an existing person's name and locale stay as they are unless empty.
func FindOrAddPerson(ctx context.Context, tx bun.IDB, p Person, now time.Time) (PersonID, error) {
	row := personRow{
		PublicID: PublicID(), Email: p.Email, Name: p.Name,
		Locale: p.Locale, Administrator: p.Administrator, CreatedAt: now,
	}
	if row.Locale == "" {
		row.Locale = "it"
	}
	_, err := tx.NewInsert().Model(&row).
		On("CONFLICT (email) DO UPDATE").
		Set("name = CASE WHEN p.name = '' THEN EXCLUDED.name ELSE p.name END").
		Returning("id").Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("add person: %w", err)
	}
	return row.ID, nil
}

// FindOrAddVisitor is FindOrAddPerson for an address that somebody typed and
// nobody confirmed: nothing of an existing person changes. It locks the person
// until the end of the transaction.
func FindOrAddVisitor(ctx context.Context, tx bun.IDB, p Person, now time.Time) (PersonID, error) {
	_, err := tx.NewRaw(`INSERT INTO person (public_id, email, name, locale, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (email) DO NOTHING`, PublicID(), p.Email, p.Name, cmp.Or(p.Locale, "it"), now).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("add visitor: %w", err)
	}
	var id PersonID
	if err := tx.NewRaw(`SELECT id FROM person WHERE email = ? FOR NO KEY UPDATE`, p.Email).Scan(ctx, &id); err != nil {
		return 0, fmt.Errorf("find visitor: %w", err)
	}
	return id, nil
}

// visitorMails is how many letters a process sends at most in an hour to
// addresses that strangers typed, whoever they are and however many clients
// they use.
const visitorMails = 2000

// CheckVisitorMail refuses with fault.TooMany "limit.mail" while a process has
// sent strangers' letters enough for an hour. Callers ask it before they look
// the address up, so that the answer tells nothing about it.
func CheckVisitorMail(ctx context.Context, tx bun.IDB, id ID, now time.Time) error {
	var n int
	err := tx.NewRaw(`SELECT count(*) FROM notice WHERE process_id = ? AND created_at > ?
		AND kind IN ('follow-confirm', 'registration-confirm')`, id, now.Add(-time.Hour)).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("count letters to visitors: %w", err)
	}
	if n >= visitorMails {
		return fault.New(fault.TooMany, "limit.mail")
	}
	return nil
}

// NameVisitor names a person who proved that an address is theirs; who has a
// name keeps it.
func NameVisitor(ctx context.Context, tx bun.IDB, id PersonID, name string) error {
	if _, err := tx.NewRaw(`UPDATE person SET name = ? WHERE id = ? AND name = ''`, name, id).Exec(ctx); err != nil {
		return fmt.Errorf("name visitor: %w", err)
	}
	return nil
}

// LoadActor gives the actor that a person is; fault.NotFound when there is none.
func LoadActor(ctx context.Context, db bun.IDB, id PersonID) (Actor, error) {
	var row struct {
		personRow
		Promoter, Works bool
	}
	err := db.NewSelect().Model(&row.personRow).ModelTableExpr("person AS p").
		ColumnExpr("p.id, p.public_id, p.email, p.name, p.locale, p.administrator, p.created_at").
		ColumnExpr("EXISTS (SELECT 1 FROM membership m WHERE m.person_id = p.id AND m.role = 'promoter') AS promoter").
		ColumnExpr("p.administrator OR EXISTS (SELECT FROM membership m WHERE m.person_id = p.id)"+
			" OR EXISTS (SELECT FROM process_member m WHERE m.person_id = p.id)"+
			" OR EXISTS (SELECT FROM absence a WHERE a.deputy_id = p.id) AS works").
		Where("p.id = ?", id).Scan(ctx, &row)
	if pg.NoRows(err) {
		return Actor{}, fault.New(fault.NotFound, "person.not_found")
	}
	if err != nil {
		return Actor{}, fmt.Errorf("load actor: %w", err)
	}
	return Actor{
		Person: row.ID, Name: row.Name, Email: row.Email, Locale: row.Locale,
		Administrator: row.Administrator, Promoter: row.Promoter, Works: row.Works,
	}, nil
}

// heldRole is a role that somebody has on a process; as a deputy only from
// StartsAt until EndsAt, which are zero for one's own.
type heldRole struct {
	Role             string
	StartsAt, EndsAt time.Time `bun:",nullzero"`
}

func (h heldRole) at(now time.Time) bool {
	return h.EndsAt.IsZero() || !now.Before(h.StartsAt) && now.Before(h.EndsAt)
}

// heldRoles reads the roles that a person has on a process: their own, promoter
// for the promoters of the lead organisation, and those they stand in for.
func heldRoles(ctx context.Context, db bun.IDB, id ID, who PersonID) ([]heldRole, error) {
	var roles []heldRole
	if err := pg.Send(ctx, db, heldRolesStep(id, who, &roles)); err != nil {
		return nil, fmt.Errorf("load roles: %w", err)
	}
	return roles, nil
}

// heldRolesStep is heldRoles as a step.
func heldRolesStep(id ID, who PersonID, into *[]heldRole) pg.Step {
	return pg.Step{
		Query: `SELECT role, NULL::timestamptz AS starts_at, NULL::timestamptz AS ends_at FROM process_member
				WHERE process_id = $1 AND person_id = $2
			UNION ALL SELECT m.role, NULL, NULL FROM membership m JOIN process p ON p.organisation_id = m.organisation_id
				WHERE p.id = $1 AND m.person_id = $2
			UNION ALL SELECT role, starts_at, ends_at FROM absence WHERE process_id = $1 AND deputy_id = $2`,
		Args: []any{int64(id), int64(who)},
		Each: func(scan pg.Scan) error {
			var h heldRole
			err := scan(&h.Role, pg.Time(&h.StartsAt), pg.Time(&h.EndsAt))
			*into = append(*into, h)
			return err
		},
	}
}

// Member is a person with a role on a process.
type Member struct {
	Person PersonID `bun:"person_id"`
	Name   string
	Email  string
	Role   string
}

// listMembers gives the people of a process, promoters first, then by name.
func listMembers(ctx context.Context, db bun.IDB, id ID) ([]Member, error) {
	var members []Member
	err := db.NewSelect().TableExpr("process_member AS m").Join("JOIN person AS p ON p.id = m.person_id").
		ColumnExpr("m.person_id, p.name, p.email, m.role").
		Where("m.process_id = ?", id).
		OrderExpr("array_position(ARRAY['promoter','facilitator','editor','expert','guarantor','deciding-body'], m.role), p.name, p.id").
		Scan(ctx, &members)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return members, nil
}

// addMember gives a role; false when the person already had it.
func addMember(ctx context.Context, tx bun.IDB, id ID, who PersonID, role string, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`INSERT INTO process_member (process_id, person_id, role, created_at)
		VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, who, role, now).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("add member: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// removeMember takes a role away; nothing happens when the person had none.
func removeMember(ctx context.Context, tx bun.IDB, id ID, who PersonID, role string) error {
	_, err := tx.NewRaw(`DELETE FROM process_member WHERE process_id = ? AND person_id = ? AND role = ?`,
		id, who, role).Exec(ctx)
	return err
}

// anyRoles gives the roles that a person holds, or ever stands in for, on any
// process.
func anyRoles(ctx context.Context, db bun.IDB, who PersonID) ([]string, error) {
	var roles []string
	err := db.NewRaw(`SELECT role FROM process_member WHERE person_id = ?0
		UNION SELECT role FROM absence WHERE deputy_id = ?0`, who).Scan(ctx, &roles)
	if err != nil {
		return nil, fmt.Errorf("load roles: %w", err)
	}
	return roles, nil
}

// selectOrganisation gives one organisation; fault.NotFound when there is none.
func selectOrganisation(ctx context.Context, db bun.IDB, where string, arg any) (Organisation, error) {
	var o Organisation
	err := db.NewSelect().TableExpr("organisation AS o").ColumnExpr("o.id, o.public_id, o.name").Where(where, arg).Scan(ctx, &o)
	if pg.NoRows(err) {
		return o, fault.New(fault.NotFound, "connect.organisation_unknown")
	}
	if err != nil {
		return o, fmt.Errorf("load organisation: %w", err)
	}
	return o, nil
}

// rolesAt gives the roles that a person holds on an organisation.
func rolesAt(ctx context.Context, db bun.IDB, id OrganisationID, who PersonID) ([]string, error) {
	var roles []string
	err := db.NewRaw(`SELECT role FROM membership WHERE organisation_id = ? AND person_id = ?`, id, who).Scan(ctx, &roles)
	if err != nil {
		return nil, fmt.Errorf("load roles on the organisation: %w", err)
	}
	return roles, nil
}
