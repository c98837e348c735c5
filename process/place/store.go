// Package place holds organisations and territories: reference data that no
// process owns.
package place

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

// Organisation is a public body, a firm or an association.
type Organisation struct {
	ID        process.OrganisationID
	PublicID  string
	Name      string
	Kind      string // municipality, region, public_body, firm, association
	Territory process.TerritoryID
}

// Territory is a node of the tree of places. Code is ISTAT's or BFS's by
// Scheme; Zone is the name of the zone that a municipality belongs to, or "".
type Territory struct {
	ID         process.TerritoryID
	Scheme     string
	Code       string
	Kind       string // country, region, province, municipality
	Name       string
	Parent     process.TerritoryID
	Zone       string
	Population int64
}

const organisationColumns = `id, public_id, name, kind, coalesce(territory_id, 0) AS territory`

// Organisations gives all, by name, or those of which a person is a promoter
// when promoter is not 0.
func Organisations(ctx context.Context, db bun.IDB, promoter process.PersonID) ([]Organisation, error) {
	var out []Organisation
	err := db.NewRaw(`SELECT `+organisationColumns+` FROM organisation o
		WHERE ?0 = 0 OR EXISTS (SELECT 1 FROM membership m WHERE m.organisation_id = o.id AND m.person_id = ?0 AND m.role = 'promoter')
		ORDER BY name`, promoter).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return out, nil
}

// Leading gives the organisations that lead a process, by name.
func Leading(ctx context.Context, db bun.IDB) ([]Organisation, error) {
	var out []Organisation
	err := db.NewRaw(`SELECT `+organisationColumns+` FROM organisation o
		WHERE EXISTS (SELECT FROM process p WHERE p.organisation_id = o.id) ORDER BY name`).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list leading organisations: %w", err)
	}
	return out, nil
}

// FindOrAdd gives the organisation of a name, adding it when there
// is none.
func FindOrAdd(ctx context.Context, tx bun.IDB, o Organisation, now time.Time) (process.OrganisationID, error) {
	var id process.OrganisationID
	err := tx.NewRaw(`INSERT INTO organisation (public_id, name, kind, territory_id, created_at)
		VALUES (?, ?, ?, nullif(?, 0), ?)
		ON CONFLICT (name) DO UPDATE SET kind = EXCLUDED.kind RETURNING id`,
		process.PublicID(), o.Name, o.Kind, o.Territory, now).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("add organisation: %w", err)
	}
	return id, nil
}

// AddPromoter makes a person a promoter of an organisation.
func AddPromoter(ctx context.Context, tx bun.IDB, o process.OrganisationID, who process.PersonID, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO membership (organisation_id, person_id, role, created_at)
		VALUES (?, ?, 'promoter', ?) ON CONFLICT DO NOTHING`, o, who, now).Exec(ctx)
	return err
}

// AddTerritories adds places that are not there yet and refreshes the others.
// Parents come before children in the list; Parent is ignored in favour of
// parents, the code of each place's parent within the same scheme.
func AddTerritories(ctx context.Context, tx bun.IDB, list []Territory, parents []string) error {
	ids := map[string]process.TerritoryID{}
	for i, t := range list {
		var id process.TerritoryID
		err := tx.NewRaw(`INSERT INTO territory (scheme, code, kind, name, parent_id, zone, population)
			VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?)
			ON CONFLICT ON CONSTRAINT territory_code DO UPDATE SET name = EXCLUDED.name, parent_id = EXCLUDED.parent_id,
				zone = EXCLUDED.zone, population = EXCLUDED.population
			RETURNING id`, t.Scheme, t.Code, t.Kind, t.Name, ids[t.Scheme+parents[i]], t.Zone, t.Population).Scan(ctx, &id)
		if err != nil {
			return fmt.Errorf("add territory %s: %w", t.Code, err)
		}
		ids[t.Scheme+t.Code] = id
	}
	return nil
}

// Territories gives the places of a kind, by name; those under a place
// when its code is given.
func Territories(ctx context.Context, db bun.IDB, kind, under string) ([]Territory, error) {
	var out []Territory
	err := db.NewRaw(`WITH RECURSIVE inside AS (
			SELECT t.* FROM territory t WHERE (?1 = '' AND t.parent_id IS NULL) OR t.code = ?1
			UNION SELECT c.* FROM territory c JOIN inside i ON c.parent_id = i.id)
		SELECT id, scheme, code, kind, name, coalesce(parent_id, 0) AS parent, zone, population
		FROM inside WHERE kind = ?0 ORDER BY name`, kind, under).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list territories: %w", err)
	}
	return out, nil
}

func closedDays(ctx context.Context, db bun.IDB, id process.OrganisationID) (string, error) {
	var text string
	if err := db.NewRaw(`SELECT closed_days FROM organisation WHERE id = ?`, id).Scan(ctx, &text); err != nil {
		return "", fmt.Errorf("read closed days: %w", err)
	}
	return text, nil
}

// saveClosedDays writes the days and who changed them; what changes nothing leaves
// no trace.
func saveClosedDays(ctx context.Context, tx bun.IDB, p process.Process, c ClosedChange) error {
	err := tx.NewRaw(`SELECT closed_days FROM organisation WHERE id = ? FOR NO KEY UPDATE`, p.OrganisationID).Scan(ctx, &c.Before)
	if err != nil {
		return fmt.Errorf("read closed days: %w", err)
	}
	if c.Before != c.After {
		_, err = tx.NewRaw(`WITH trace AS (INSERT INTO closed_days_change (organisation_id, process_id, person_id, before, after, reason, changed_at)
				VALUES (?0, ?1, ?2, ?3, ?4, ?5, ?6))
			UPDATE organisation SET closed_days = ?4 WHERE id = ?0`,
			p.OrganisationID, p.ID, c.Person, c.Before, c.After, c.Reason, c.At).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("save closed days: %w", err)
	}
	if _, err := tx.NewRaw(`UPDATE workflow_instance SET closed_days = ? WHERE process_id = ?`, c.After, p.ID).Exec(ctx); err != nil {
		return fmt.Errorf("save closed days of the process: %w", err)
	}
	return nil
}

func closedChanges(ctx context.Context, db bun.IDB, id process.OrganisationID, limit int) ([]ClosedChange, error) {
	var out []ClosedChange
	err := db.NewRaw(`SELECT c.person_id, coalesce(nullif(p.name, ''), p.email) AS name, c.before, c.after, c.reason, c.changed_at
		FROM closed_days_change c JOIN person p ON p.id = c.person_id
		WHERE c.organisation_id = ? ORDER BY c.id DESC LIMIT ?`, id, limit).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list changes of closed days: %w", err)
	}
	return out, nil
}
