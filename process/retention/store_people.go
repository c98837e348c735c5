package retention

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// part is a column of a process's table that says who took part.
type part struct{ table, column, where string }

// parts are all such columns that stand for a count, and hence stay. Columns
// that say which of the staff did something are not among them.
var parts = []part{
	{"contact", "person_id", ""},
	{"invitation", "person_id", ""},
	{"registration", "person_id", ""},
	{"attendance", "person_id", ""},
	{"optout", "person_id", ""},
	{"codesign_seat", "person_id", ""},
	{"codesign_card", "author_id", ""},
	{"codesign_vote", "person_id", ""},
	{"delivery", "person_id", "AND t.status NOT IN ('queued', 'sending', 'deferred')"},
	{"notice", "person_id", "AND (t.expanded_at IS NOT NULL OR t.cancelled_at IS NOT NULL)"},
}

// partedSQL gives each person who is still named a nameless twin, and the
// process's rows to the twin: whoever is kept for another process's sake, or as
// staff, leaves this one's lists, and the counts stay.
func partedSQL() string {
	var named, moved []string
	for _, p := range parts {
		if p.where == "" { // messages alone are no part: the staff gets them too
			named = append(named, fmt.Sprintf("SELECT %s AS id FROM %s WHERE process_id = ?0", p.column, p.table))
		}
		moved = append(moved, fmt.Sprintf("%[1]s_moved AS (UPDATE %[1]s t SET %[2]s = m.twin FROM twins m WHERE t.process_id = ?0 AND t.%[2]s = m.id %[3]s)",
			p.table, p.column, p.where))
	}
	return `WITH who AS MATERIALIZED (SELECT x.id, gen_random_uuid()::text AS code FROM person x
			WHERE x.email NOT LIKE 'erased-%@erased.invalid' AND x.id IN (` + strings.Join(named, " UNION ") + `) LIMIT ?1),
		made AS (INSERT INTO person (public_id, email, created_at)
			SELECT w.code, 'erased-' || w.code || '@erased.invalid', p.created_at FROM who w, process p WHERE p.id = ?0 RETURNING id, public_id),
		twins AS (SELECT w.id, m.id AS twin FROM who w JOIN made m ON m.public_id = w.code),
		` + strings.Join(moved, ",\n\t\t") + `
		SELECT id FROM twins`
}

// forgetExpired deletes requests, at most limit of each sort, that nobody
// confirmed and whose link expired a while ago.
func forgetExpired(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	total := 0
	for _, sql := range []string{
		`DELETE FROM follower WHERE (process_id, person_id) IN (SELECT process_id, person_id FROM follower
			WHERE confirmed_at IS NULL AND requested_at < ? LIMIT ?)`,
		`DELETE FROM registration_request WHERE (process_id, id) IN (SELECT process_id, id FROM registration_request
			WHERE expires_at < ? LIMIT ?)`,
	} {
		res, err := db.NewRaw(sql, before, limit).Exec(ctx)
		if err != nil {
			return total, fmt.Errorf("forget requests: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// unreferenced is the condition that no row leads to person x, but for those that
// go with them, and that nothing is still to be said to them. It is made from the
// schema, so that a new table cannot be forgotten.
func unreferenced(ctx context.Context, db bun.IDB) (string, error) {
	var out string
	err := db.NewRaw(`SELECT string_agg(format('NOT EXISTS (SELECT FROM %s r WHERE r.%I = x.id)', c.conrelid::regclass, a.attname), ' AND ')
		FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = 'person'::regclass AND c.confdeltype <> 'c'`).Scan(ctx, &out)
	if err != nil {
		return "", fmt.Errorf("list references to people: %w", err)
	}
	return out + ` AND NOT EXISTS (SELECT FROM transition_text r WHERE r.person_id = x.id)
		AND NOT EXISTS (SELECT FROM notice r WHERE r.person_id = x.id AND r.expanded_at IS NULL AND r.cancelled_at IS NULL)
		AND NOT EXISTS (SELECT FROM delivery r WHERE r.person_id = x.id AND r.status IN ('queued', 'sending', 'deferred'))
		AND NOT x.administrator`, nil
}

// forgetPeople deletes people whom nothing refers to and who came before an
// instant, with what was noted of their address. It locks them first: whoever
// is being given something to do is passed over, and cannot be until the end.
func forgetPeople(ctx context.Context, tx bun.IDB, before time.Time, limit int) (int, error) {
	alone, err := unreferenced(ctx, tx)
	if err != nil {
		return 0, err
	}
	var locked []int64
	err = tx.NewRaw(`SELECT x.id FROM person x WHERE x.created_at < ? AND `+alone+` ORDER BY x.id LIMIT ? FOR UPDATE SKIP LOCKED`,
		before, limit).Scan(ctx, &locked)
	if err != nil || len(locked) == 0 {
		return 0, err
	}
	res, err := tx.NewRaw(`WITH gone AS (DELETE FROM person x WHERE x.id IN (?) AND `+alone+` RETURNING x.id, x.email),
		bounced AS (DELETE FROM suppression s USING gone g WHERE s.address = g.email),
		kept AS (DELETE FROM inbox_item i USING gone g WHERE i.person_id = g.id),
		told AS (UPDATE delivery d SET address = '', name = '', reply = NULL FROM gone g WHERE d.person_id = g.id),
		answered AS (UPDATE delivery_event e SET reply = NULL FROM delivery d JOIN gone g ON g.id = d.person_id
			WHERE e.process_id = d.process_id AND e.delivery_id = d.id AND e.reply IS NOT NULL)
		SELECT id FROM gone`, bun.List(locked)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget people: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
