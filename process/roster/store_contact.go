package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

// territorySQL: the municipalities among lead and partners, with the reference
// population; a province or a region among them counts for all it contains,
// unless municipalities are named.
const territorySQL = `
WITH RECURSIVE part AS (
	SELECT t.id, t.kind FROM organisation o JOIN territory t ON t.id = o.territory_id
	WHERE o.id IN (SELECT organisation_id FROM process WHERE id = ?0
		UNION SELECT organisation_id FROM process_partner WHERE process_id = ?0)
	UNION SELECT t.id, t.kind FROM population n JOIN territory t ON t.id = n.territory_id WHERE n.process_id = ?0
), inside AS (
	SELECT id FROM part
	WHERE kind = 'municipality' OR NOT EXISTS (SELECT 1 FROM part WHERE kind = 'municipality')
	UNION SELECT c.id FROM territory c JOIN inside i ON c.parent_id = i.id
)
SELECT t.id, t.code, t.name, t.zone FROM territory t
WHERE t.kind = 'municipality' AND (t.id IN (SELECT id FROM inside) OR NOT EXISTS (SELECT 1 FROM inside))
ORDER BY t.name, t.id`

func listTerritories(ctx context.Context, db bun.IDB, id process.ID) ([]Territory, error) {
	var out []Territory
	if err := db.NewRaw(territorySQL, id).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("list territories of process: %w", err)
	}
	return out, nil
}

// knownPerson is what the database knows of an address.
type knownPerson struct {
	Email      string
	Person     process.PersonID // 0 for an address that only stands among the refused
	Name       string
	Listed     bool // on this process's list
	Territory  process.TerritoryID
	OptedOut   bool
	Suppressed bool
}

// batch is how many people one statement carries: about half a megabyte.
const batch = 5000

func findKnown(ctx context.Context, db bun.IDB, id process.ID, entries []entry) (map[string]knownPerson, error) {
	known := map[string]knownPerson{}
	for part := range slices.Chunk(entries, batch) {
		var rows []knownPerson
		err := db.NewRaw(`SELECT u.email, coalesce(p.id, 0) AS person, coalesce(p.name, '') AS name, c.person_id IS NOT NULL AS listed,
				coalesce(c.territory_id, 0) AS territory,
				o.person_id IS NOT NULL AS opted_out, s.address IS NOT NULL AS suppressed
			FROM unnest(?1::text[]) AS u (email)
			LEFT JOIN person p ON p.email = u.email
			LEFT JOIN contact c ON c.process_id = ?0 AND c.person_id = p.id
			LEFT JOIN optout o ON o.process_id = ?0 AND o.person_id = p.id
			LEFT JOIN suppression s ON s.address = u.email
			WHERE p.id IS NOT NULL OR s.address IS NOT NULL`, id, pgdialect.Array(emails(part))).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("find known contacts: %w", err)
		}
		for _, r := range rows {
			known[r.Email] = r
		}
	}
	return known, nil
}

func emails(entries []entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.email
	}
	return out
}

// saving is where and when contacts are saved.
type saving struct {
	process process.ID
	source  string
	now     time.Time
}

// saveContacts adds people and contacts that are missing and completes the
// others. Two statements a batch: what the first inserts only the second sees.
func saveContacts(ctx context.Context, tx bun.IDB, s saving, entries []entry) error {
	for part := range slices.Chunk(entries, batch) {
		n := len(part)
		ids, names, locales, territories := make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
		for i, e := range part {
			ids[i], names[i], locales[i], territories[i] = process.PublicID(), e.name, e.locale, int64(e.territory)
			if e.locale == "" {
				locales[i] = "it"
			}
		}
		addresses := pgdialect.Array(emails(part))
		_, err := tx.NewRaw(`INSERT INTO person AS p (public_id, email, name, locale, created_at)
			SELECT u.public_id, u.email, u.name, u.locale, ?::timestamptz
			FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS u (public_id, email, name, locale)
			ORDER BY u.email
			ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name WHERE p.name = '' AND EXCLUDED.name <> ''`,
			s.now, pgdialect.Array(ids), addresses, pgdialect.Array(names), pgdialect.Array(locales)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("save people: %w", err)
		}
		_, err = tx.NewRaw(`INSERT INTO contact AS c (process_id, person_id, territory_id, source, created_at)
			SELECT ?, p.id, nullif(u.territory_id, 0), ?, ?::timestamptz
			FROM unnest(?::text[], ?::bigint[]) AS u (email, territory_id) JOIN person p ON p.email = u.email
			ON CONFLICT (process_id, person_id) DO UPDATE SET territory_id = EXCLUDED.territory_id, source = EXCLUDED.source
			WHERE EXCLUDED.territory_id IS NOT NULL AND c.territory_id IS DISTINCT FROM EXCLUDED.territory_id`,
			s.process, s.source, s.now, addresses, pgdialect.Array(territories)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("save contacts: %w", err)
		}
	}
	return nil
}

// contactStates are the conditions of the states that a list can be narrowed to.
var contactStates = map[ContactState]string{
	ContactReachable: "o.person_id IS NULL AND s.address IS NULL",
	ContactOptedOut:  "(o.person_id IS NOT NULL OR s.source = 'complaint')",
	ContactBounced:   "s.source <> 'complaint'",
	ContactUnplaced:  "c.territory_id IS NULL",
}

func listContacts(ctx context.Context, db bun.IDB, id process.ID, f ContactFilter) (ContactPage, error) {
	var page ContactPage
	q := db.NewSelect().TableExpr("contact AS c").
		Join("JOIN person AS p ON p.id = c.person_id").
		Join("LEFT JOIN territory AS t ON t.id = c.territory_id").
		Join("LEFT JOIN optout AS o ON o.process_id = c.process_id AND o.person_id = c.person_id").
		Join("LEFT JOIN suppression AS s ON s.address = p.email").
		ColumnExpr("c.person_id AS person, p.public_id, p.name, p.email, p.locale, coalesce(c.territory_id, 0) AS territory").
		ColumnExpr("coalesce(t.name, '') AS municipality, c.source, c.created_at").
		ColumnExpr("o.person_id IS NOT NULL OR coalesce(s.source = 'complaint', FALSE) AS opted_out").
		ColumnExpr(troubleSQL).
		Where("c.process_id = ?", id)
	if text := strings.TrimSpace(f.Text); text != "" {
		q = q.Where("(p.name ILIKE ?0 OR p.email ILIKE ?0 OR t.name ILIKE ?0)", like(text))
	}
	if f.Territory != 0 {
		q = q.Where("c.territory_id = ?", f.Territory)
	}
	if where := contactStates[f.State]; where != "" {
		q = q.Where(where)
	}
	n, err := q.OrderExpr("coalesce(nullif(p.name, ''), p.email), p.id").
		Offset(int64(f.Offset)).Limit(int64(pageSize(f.Limit))).ScanAndCount(ctx, &page.Contacts)
	if err != nil {
		return page, fmt.Errorf("list contacts: %w", err)
	}
	page.Total = int(n)
	return page, nil
}

func countPlaces(ctx context.Context, db bun.IDB, id process.ID) ([]Place, error) {
	var out []Place
	err := db.NewRaw(`SELECT coalesce(t.id, 0) AS territory, coalesce(t.name, '') AS name, coalesce(t.zone, '') AS zone,
			k.contacts, k.reachable, coalesce(n.units, 0) AS units
		FROM (SELECT c.territory_id, count(*) AS contacts,
				count(*) FILTER (WHERE o.person_id IS NULL AND s.address IS NULL) AS reachable
			FROM contact c JOIN person p ON p.id = c.person_id
			LEFT JOIN optout o ON o.process_id = c.process_id AND o.person_id = c.person_id
			LEFT JOIN suppression s ON s.address = p.email
			WHERE c.process_id = ?0 GROUP BY c.territory_id) k
		LEFT JOIN territory t ON t.id = k.territory_id
		LEFT JOIN population n ON n.process_id = ?0 AND n.territory_id = k.territory_id
		ORDER BY t.name NULLS LAST`, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("count contacts by municipality: %w", err)
	}
	return out, nil
}

// deleteContact takes a person off the list and withdraws what they were asked
// and have not answered; false when they were not on it.
func deleteContact(ctx context.Context, tx bun.IDB, id process.ID, who process.PersonID, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`DELETE FROM contact WHERE process_id = ? AND person_id = ?`, id, who).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("delete contact: %w", err)
	}
	_, err = tx.NewRaw(`UPDATE invitation SET withdrawn_at = ? WHERE process_id = ? AND person_id = ?
		AND answered_at IS NULL AND withdrawn_at IS NULL`, now, id, who).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("withdraw invitations of contact: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// foreignSQL: a person who is somebody beyond this one list. Invitations of this
// process do not count, and neither does a wish for no more messages.
const foreignSQL = `(p.administrator
	OR EXISTS (SELECT 1 FROM membership x WHERE x.person_id = p.id)
	OR EXISTS (SELECT 1 FROM process_member x WHERE x.person_id = p.id)
	OR EXISTS (SELECT 1 FROM absence x WHERE x.deputy_id = p.id)
	OR EXISTS (SELECT 1 FROM contact x WHERE x.person_id = p.id AND x.process_id <> c.process_id)
	OR EXISTS (SELECT 1 FROM follower x WHERE x.person_id = p.id)
	OR EXISTS (SELECT 1 FROM registration x WHERE x.person_id = p.id)
	OR EXISTS (SELECT 1 FROM session x WHERE x.person_id = p.id))`

// loadContact finds a person on the list; held keeps person and contact as they
// are until the end of the transaction.
func loadContact(ctx context.Context, db bun.IDB, id process.ID, publicID string, held bool) (Correction, error) {
	lock := ""
	if held {
		lock = " FOR UPDATE OF c, p"
	}
	var rows []Correction
	err := db.NewRaw(`SELECT c.person_id AS person, p.public_id, p.name, p.email, p.locale, coalesce(c.territory_id, 0) AS territory,
			coalesce(t.name, '') AS municipality, c.source, c.created_at, `+troubleSQL+`, `+foreignSQL+` AS foreign
		FROM contact c JOIN person p ON p.id = c.person_id
		LEFT JOIN territory t ON t.id = c.territory_id LEFT JOIN suppression s ON s.address = p.email
		WHERE c.process_id = ? AND p.public_id = ?`+lock, id, publicID).Scan(ctx, &rows)
	if err != nil {
		return Correction{}, fmt.Errorf("load contact: %w", err)
	}
	if len(rows) == 0 {
		return Correction{}, fault.New(fault.NotFound, "roster.contact_gone")
	}
	return rows[0], nil
}

// updateContact writes a card over a contact. What was asked and is unanswered
// counts for the municipality in which the person lives.
func updateContact(ctx context.Context, tx bun.IDB, id process.ID, was Correction, c Card) error {
	_, err := tx.NewRaw(`UPDATE person SET email = ?, name = ?, locale = ? WHERE id = ?`, c.Email, c.Name, c.Locale, was.Person).Exec(ctx)
	if err == nil {
		_, err = tx.NewRaw(`UPDATE contact SET territory_id = nullif(?, 0) WHERE process_id = ? AND person_id = ?`, c.Territory, id, was.Person).Exec(ctx)
	}
	if err == nil {
		_, err = tx.NewRaw(`UPDATE invitation SET territory_id = nullif(?, 0) WHERE process_id = ? AND person_id = ? AND answered_at IS NULL`,
			c.Territory, id, was.Person).Exec(ctx)
	}
	if pg.Constraint(err) == "person_email" { // somebody took the address since we looked
		return fault.Field("email", "roster.contact_elsewhere")
	}
	if err != nil {
		return fmt.Errorf("correct contact: %w", err)
	}
	return nil
}

// renewed is an invitation that is sent again, most often with another link. Kind
// is the notice that asked, "" when none has gone out yet; Again is as in invited.
type renewed struct {
	Activity process.ActivityID
	Version  int
	Kind     string
	Again    string
}

// askedBySQL is the kind of notice that brought invitation i to its person, or ”.
const askedBySQL = `coalesce((SELECT n.kind FROM delivery d
	JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
	WHERE d.process_id = ?0 AND d.person_id = ?1 AND n.activity_id = i.activity_id
		AND n.kind ~ '(^|-)invitation$' AND d.channel IN ('mail', 'digest') AND d.status NOT IN ('queued', 'deferred')
	ORDER BY d.id DESC LIMIT 1), '') AS kind`

// renewInvitations replaces the links of what the person has not answered.
func renewInvitations(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID) ([]renewed, error) {
	var out []renewed
	err := tx.NewRaw(`UPDATE invitation i SET version = version + 1
		WHERE i.process_id = ?0 AND i.person_id = ?1 AND i.answered_at IS NULL AND i.withdrawn_at IS NULL
		RETURNING i.activity_id AS activity, i.version, `+askedBySQL, id, person).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("renew invitations: %w", err)
	}
	return out, nil
}

// like makes a contains-pattern in which the person's own % and _ mean
// themselves.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// pageSize keeps a page of a list between 1 and 500 rows; 50 when unsaid.
func pageSize(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 500)
}
