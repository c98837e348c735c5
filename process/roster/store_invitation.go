package roster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

const invitationColumns = `i.process_id AS process, i.id, i.activity_id AS activity, i.person_id AS person,
	p.name, p.email, p.locale, coalesce(i.territory_id, 0) AS territory, i.version,
	i.created_at, i.opened_at, i.drafted_at, i.answered_at, i.withdrawn_at`

func loadInvitation(ctx context.Context, db bun.IDB, id process.ID, invitation int64) (Invitation, error) {
	var rows []Invitation
	err := db.NewRaw(`SELECT `+invitationColumns+` FROM invitation i JOIN person p ON p.id = i.person_id
		WHERE i.process_id = ? AND i.id = ?`, id, invitation).Scan(ctx, &rows)
	if err != nil {
		return Invitation{}, fmt.Errorf("load invitation: %w", err)
	}
	if len(rows) == 0 {
		return Invitation{}, fault.New(fault.NotFound, "link.bad")
	}
	return rows[0], nil
}

// mark writes a time that is not there yet; column is one of ours.
func mark(ctx context.Context, tx bun.IDB, inv Invitation, column string, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`UPDATE invitation SET ? = ? WHERE process_id = ? AND id = ? AND ? IS NULL AND withdrawn_at IS NULL`,
		bun.Ident(column), now, inv.Process, inv.ID, bun.Ident(column)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("mark invitation %s: %w", column, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func withdraw(ctx context.Context, tx bun.IDB, id process.ID, invitation int64, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`UPDATE invitation SET withdrawn_at = ?
		WHERE process_id = ? AND id = ? AND withdrawn_at IS NULL AND answered_at IS NULL`, now, id, invitation).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("withdraw invitation: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// invited is who an insertion added. Again tells occasions apart on which the same
// invitation is sent, and is empty on the first.
type invited struct {
	Person  process.PersonID
	Version int
	Again   string
}

// insertInvitations invites the selection by one statement; it returns those
// who are invited now and were not before.
func insertInvitations(ctx context.Context, tx bun.IDB, a process.Activity, sel Selection, now time.Time) ([]invited, error) {
	where, conflict := "TRUE", "DO NOTHING"
	args := []any{a.ID, now, a.ProcessID}
	switch {
	case len(sel.Persons) > 0:
		where, args = "c.person_id IN (?)", append(args, bun.List(sel.Persons))
		conflict = `DO UPDATE SET withdrawn_at = NULL, version = i.version + 1, territory_id = EXCLUDED.territory_id
			WHERE i.withdrawn_at IS NOT NULL AND i.answered_at IS NULL`
	case len(sel.Territories) > 0:
		where, args = "c.territory_id IN (?)", append(args, bun.List(sel.Territories))
	}
	var out []invited
	err := tx.NewRaw(`INSERT INTO invitation AS i (process_id, activity_id, person_id, territory_id, created_at)
		SELECT c.process_id, ?, c.person_id, c.territory_id, ? FROM contact c
		WHERE c.process_id = ? AND `+where+` AND NOT EXISTS (SELECT 1 FROM optout o
			WHERE o.process_id = c.process_id AND o.person_id = c.person_id)
		ORDER BY c.person_id
		ON CONFLICT (process_id, activity_id, person_id) `+conflict+`
		RETURNING i.person_id AS person, i.version`, args...).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("insert invitations: %w", err)
	}
	return out, nil
}

// lockPendingNotice reports whether the activity has a notice of the kind to
// all the invited that is still to be expanded, and holds it until the end of
// the transaction.
func lockPendingNotice(ctx context.Context, tx bun.IDB, a process.Activity, kind string) (bool, error) {
	var ids []int64
	err := tx.NewRaw(`SELECT id FROM notice WHERE process_id = ? AND activity_id = ? AND kind = ? AND person_id IS NULL
		AND 'invited' = ANY (string_to_array(audience, ','))
		AND expanded_at IS NULL AND cancelled_at IS NULL FOR NO KEY UPDATE`, a.ProcessID, a.ID, kind).Scan(ctx, &ids)
	if err != nil {
		return false, fmt.Errorf("find pending notice: %w", err)
	}
	return len(ids) > 0, nil
}

// reminded is the last reminder by hand, the zero time when there is none; Same
// when the one asked for has been written already.
type reminded struct {
	At   time.Time
	Same bool
}

func lastReminder(ctx context.Context, tx bun.IDB, a process.Activity, key string) (reminded, error) {
	var row struct {
		At   bun.NullTime
		Same bool
	}
	err := tx.NewRaw(`SELECT max(created_at) FILTER (WHERE cancelled_at IS NULL) AS at,
			coalesce(bool_or(key = ?), false) AS same
		FROM notice WHERE process_id = ? AND activity_id = ? AND starts_with(key, ?)`,
		key, a.ProcessID, a.ID, manualPrefix(a)).Scan(ctx, &row)
	if err != nil {
		return reminded{}, fmt.Errorf("find last reminder: %w", err)
	}
	return reminded{At: row.At.Time, Same: row.Same}, nil
}

// standing joins to each invitation i what is known of the person and of the
// address as it is now: whether the last message of this activity came back, and
// whether nothing is sent there in general.
const standing = `
	JOIN person p ON p.id = i.person_id
	LEFT JOIN optout o ON o.process_id = i.process_id AND o.person_id = i.person_id
	LEFT JOIN suppression s ON s.address = p.email
	LEFT JOIN (SELECT DISTINCT d.person_id FROM delivery d
		JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
		JOIN person q ON q.id = d.person_id AND q.email = d.address
		WHERE n.process_id = ?0 AND n.activity_id = ?1 AND d.process_id = ?0 AND d.status = 'bounced'
			AND NOT EXISTS (SELECT FROM delivery e JOIN notice m ON m.process_id = e.process_id AND m.id = e.notice_id
				WHERE e.process_id = ?0 AND e.person_id = d.person_id AND e.id > d.id AND e.channel = d.channel
					AND e.address = d.address AND m.activity_id = ?1 AND e.status NOT IN ('suppressed', 'expired'))
	) b ON b.person_id = i.person_id`

// statusSQL is the status of an invitation, see InvitationStatus.
const statusSQL = `CASE
	WHEN i.withdrawn_at IS NOT NULL THEN 'withdrawn'
	WHEN i.answered_at IS NOT NULL THEN 'answered'
	WHEN s.source <> 'complaint' OR b.person_id IS NOT NULL THEN 'bounced'
	WHEN o.person_id IS NOT NULL OR s.source = 'complaint' THEN 'opted_out'
	WHEN i.drafted_at IS NOT NULL THEN 'drafted'
	WHEN i.opened_at IS NOT NULL THEN 'opened'
	ELSE 'waiting' END`

// countFunnel counts by municipality in one query.
func countFunnel(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]PlaceStage, error) {
	var out []PlaceStage
	err := db.NewRaw(`SELECT coalesce(t.id, 0) AS territory, coalesce(t.code, '') AS code, coalesce(t.name, '') AS name,
			coalesce(t.zone, '') AS zone, coalesce(n.units, 0) AS units,
			k.invited, k.opened, k.drafted, k.answered, k.bounced, k.opted_out, k.silent
		FROM (SELECT territory_id, count(*) AS invited,
				count(*) FILTER (WHERE coalesce(opened_at, drafted_at, answered_at) IS NOT NULL) AS opened,
				count(*) FILTER (WHERE coalesce(drafted_at, answered_at) IS NOT NULL) AS drafted,
				count(*) FILTER (WHERE status = 'answered') AS answered,
				count(*) FILTER (WHERE status = 'bounced') AS bounced,
				count(*) FILTER (WHERE status = 'opted_out') AS opted_out,
				count(*) FILTER (WHERE status IN ('drafted', 'opened', 'waiting')) AS silent
			FROM (SELECT i.territory_id, i.opened_at, i.drafted_at, i.answered_at, `+statusSQL+` AS status
				FROM invitation i `+standing+`
				WHERE i.process_id = ?0 AND i.activity_id = ?1 AND i.withdrawn_at IS NULL) j
			GROUP BY territory_id) k
		LEFT JOIN territory t ON t.id = k.territory_id
		LEFT JOIN population n ON n.process_id = ?0 AND n.territory_id = k.territory_id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("count funnel: %w", err)
	}
	return out, nil
}

func countSilent(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, scope Scope) (int, error) {
	where, args := "", []any{id, activity}
	if len(scope.Territories) > 0 {
		where, args = " AND i.territory_id IN (?2)", append(args, bun.List(scope.Territories))
	}
	var n int
	err := db.NewRaw(`SELECT count(*) FROM invitation i `+standing+`
		WHERE i.process_id = ?0 AND i.activity_id = ?1`+where+`
		AND `+statusSQL+` IN ('drafted', 'opened', 'waiting')`, args...).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count silent: %w", err)
	}
	return n, nil
}

func listStatuses(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, f StatusFilter) (StatusPage, error) {
	where, args := "", []any{id, activity, pageSize(f.Limit), f.Offset, like(strings.TrimSpace(f.Text)), f.Territory, f.Status}
	if strings.TrimSpace(f.Text) != "" {
		where += " AND (p.name ILIKE ?4 OR p.email ILIKE ?4)"
	}
	if f.Territory != 0 {
		where += " AND i.territory_id = ?5"
	}
	if f.Status != "" {
		where += " AND " + statusSQL + " = ?6"
	}
	var rows []struct {
		Listed
		Total int
	}
	err := db.NewRaw(`SELECT `+invitationColumns+`, p.public_id, coalesce(t.name, '') AS municipality, `+statusSQL+` AS status,
			count(*) OVER () AS total
		FROM invitation i `+standing+` LEFT JOIN territory t ON t.id = i.territory_id
		WHERE i.process_id = ?0 AND i.activity_id = ?1`+where+`
		ORDER BY coalesce(nullif(p.name, ''), p.email), i.id LIMIT ?2 OFFSET ?3`, args...).Scan(ctx, &rows)
	if err != nil {
		return StatusPage{}, fmt.Errorf("list invitations: %w", err)
	}
	page := StatusPage{Invitations: make([]Listed, len(rows))}
	for i, r := range rows {
		page.Invitations[i], page.Total = r.Listed, r.Total
	}
	return page, nil
}
