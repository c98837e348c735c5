package absence

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

func save(ctx context.Context, tx bun.IDB, id process.ID, a Absence, now time.Time) error {
	res, err := tx.NewRaw(`INSERT INTO absence (process_id, person_id, role, deputy_id, starts_at, ends_at, created_at)
		SELECT ?0, ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (`+holders+` AND h.person_id = ?1 AND h.role = ?2)
		ON CONFLICT (process_id, person_id, role) DO UPDATE
		SET deputy_id = EXCLUDED.deputy_id, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, created_at = EXCLUDED.created_at`,
		id, a.Person, a.Role, a.Deputy, a.Starts, a.Ends, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save absence: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.New(fault.NotFound, "member.unknown").Because(err)
	}
	return nil
}

// holders are those who hold a role of their own on the process ?0: on itself, or
// of the organisation that leads it.
const holders = `SELECT h.person_id, h.role FROM (SELECT person_id, role FROM process_member WHERE process_id = ?0
	UNION SELECT s.person_id, s.role FROM process p JOIN membership s ON s.organisation_id = p.organisation_id
		WHERE p.id = ?0 AND s.role = 'promoter') h WHERE true`

// awayIn reports whether a person is noted as away from a process at any time of
// a span.
func awayIn(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID, from, until time.Time) (bool, error) {
	var away bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM absence WHERE process_id = ? AND person_id = ? AND starts_at < ? AND ends_at > ?)`,
		id, person, until, from).Scan(ctx, &away)
	if err != nil {
		return false, fmt.Errorf("find absences of a deputy: %w", err)
	}
	return away, nil
}

func selectHolders(ctx context.Context, db bun.IDB, id process.ID) ([]process.Member, error) {
	var out []process.Member
	err := db.NewRaw(`SELECT h.person_id, p.name, p.email, h.role FROM (`+holders+`) h JOIN person p ON p.id = h.person_id
		ORDER BY array_position(ARRAY['promoter','facilitator','editor','expert','guarantor','deciding-body'], h.role), p.name, p.id`, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list holders of roles: %w", err)
	}
	return out, nil
}

// worksOn reports whether a person holds a role of their own on a process.
func worksOn(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID) (bool, error) {
	var works bool
	err := tx.NewRaw(`SELECT EXISTS (`+holders+` AND h.person_id = ?1)`, id, person).Scan(ctx, &works)
	if err != nil {
		return false, fmt.Errorf("find deputy: %w", err)
	}
	return works, nil
}

func remove(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID, role string) error {
	_, err := tx.NewRaw(`DELETE FROM absence WHERE process_id = ? AND person_id = ? AND role = ?`, id, person, role).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end absence: %w", err)
	}
	return nil
}

func list(ctx context.Context, db bun.IDB, id process.ID) ([]Absence, error) {
	var rows []struct {
		PersonID, DeputyID process.PersonID
		Role, Name, Email  string
		StartsAt, EndsAt   time.Time
	}
	err := db.NewRaw(`SELECT a.person_id, a.role, a.deputy_id, a.starts_at, a.ends_at, p.name, p.email
		FROM absence a JOIN person p ON p.id = a.deputy_id WHERE a.process_id = ? ORDER BY a.starts_at, a.person_id, a.role`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list absences: %w", err)
	}
	out := make([]Absence, len(rows))
	for i, r := range rows {
		out[i] = Absence{
			Person: r.PersonID, Role: r.Role, Deputy: r.DeputyID, DeputyName: r.Name, DeputyEmail: r.Email,
			Starts: r.StartsAt.UTC(), Ends: r.EndsAt.UTC(),
		}
		if r.Name == "" {
			out[i].DeputyName = r.Email
		}
	}
	return out, nil
}
