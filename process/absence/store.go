package absence

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

func save(ctx context.Context, tx bun.IDB, id process.ID, a Absence, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO absence (process_id, person_id, role, deputy_id, starts_at, ends_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (process_id, person_id, role) DO UPDATE
		SET deputy_id = EXCLUDED.deputy_id, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, created_at = EXCLUDED.created_at`,
		id, a.Person, a.Role, a.Deputy, a.Starts, a.Ends, now).Exec(ctx)
	if pg.Constraint(err) == "absence_holder" {
		return fault.New(fault.NotFound, "member.unknown").Because(err)
	}
	if err != nil {
		return fmt.Errorf("save absence: %w", err)
	}
	return nil
}

// worksOn reports whether a person holds a role of their own on a process.
func worksOn(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID) (bool, error) {
	var works bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM process_member WHERE process_id = ? AND person_id = ?)`, id, person).Scan(ctx, &works)
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
