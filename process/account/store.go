package account

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

// staffByEmail finds a person who has something to do in the workspace, and
// locks them until the end of the transaction; 0 when there is none.
func staffByEmail(ctx context.Context, db bun.IDB, email string) (process.PersonID, error) {
	var id process.PersonID
	err := db.NewRaw(`SELECT p.id FROM person p WHERE p.email = ? AND (p.administrator
			OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = p.id)
			OR EXISTS (SELECT 1 FROM process_member m WHERE m.person_id = p.id)
			OR EXISTS (SELECT 1 FROM absence a WHERE a.deputy_id = p.id)) FOR NO KEY UPDATE OF p`, email).Scan(ctx, &id)
	if pg.NoRows(err) {
		return 0, nil
	}
	return id, err
}

// unused sums up the links asked for since an instant and since the last one
// that was used.
func unused(ctx context.Context, db bun.IDB, who process.PersonID, since time.Time) (sent, error) {
	var s sent
	err := db.NewRaw(`SELECT coalesce(max(id), 0) AS id, count(*) AS links, max(requested_at) AS last_at FROM sign_in
		WHERE person_id = ?0 AND requested_at > ?1
			AND id > coalesce((SELECT max(id) FROM sign_in WHERE person_id = ?0 AND used_at IS NOT NULL), 0)`,
		who, since).Scan(ctx, &s)
	if err != nil {
		return s, fmt.Errorf("read sign-ins: %w", err)
	}
	return s, nil
}

// prolong lets a link work until an instant, unless it was used meanwhile.
func prolong(ctx context.Context, tx bun.IDB, id int64, expires time.Time) error {
	_, err := tx.NewRaw(`UPDATE sign_in SET expires_at = greatest(expires_at, ?) WHERE id = ? AND used_at IS NULL`, expires, id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("prolong sign-in: %w", err)
	}
	return nil
}

func insertRequest(ctx context.Context, tx bun.IDB, who process.PersonID, now, expires time.Time) (int64, error) {
	var id int64
	err := tx.NewRaw(`INSERT INTO sign_in (person_id, requested_at, expires_at) VALUES (?, ?, ?) RETURNING id`,
		who, now, expires).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("insert sign-in: %w", err)
	}
	return id, nil
}

// useRequest marks a request used and gives its person; one of two at once
// finds it used.
func useRequest(ctx context.Context, tx bun.IDB, id int64, now time.Time) (process.PersonID, error) {
	var who process.PersonID
	err := tx.NewRaw(`UPDATE sign_in SET used_at = ?0 WHERE id = ?1 AND used_at IS NULL AND expires_at > ?0
		RETURNING person_id`, now, id).Scan(ctx, &who)
	if pg.NoRows(err) {
		return 0, usable(ctx, tx, id, now)
	}
	return who, err
}

// usable explains why a request cannot be used; nil when it can.
func usable(ctx context.Context, db bun.IDB, id int64, now time.Time) error {
	var row struct {
		Used    bool
		Expired bool
	}
	err := db.NewRaw(`SELECT used_at IS NOT NULL AS used, expires_at <= ? AS expired FROM sign_in WHERE id = ?`, now, id).
		Scan(ctx, &row)
	switch {
	case pg.NoRows(err):
		return fault.New(fault.NotFound, "signin.link_bad")
	case err != nil:
		return err
	case row.Used:
		return fault.New(fault.Closed, "signin.link_used")
	case row.Expired:
		return fault.New(fault.Closed, "signin.link_old")
	}
	return nil
}

// requestName is the name of the person who asked for a link.
func requestName(ctx context.Context, db bun.IDB, id int64) (name string, err error) {
	err = db.NewRaw(`SELECT p.name FROM sign_in s JOIN person p ON p.id = s.person_id WHERE s.id = ?`, id).Scan(ctx, &name)
	return name, err
}

// entered notes when a person first signed in.
func entered(ctx context.Context, tx bun.IDB, who process.PersonID, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE person SET entered_at = ? WHERE id = ? AND entered_at IS NULL`, now, who).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note first sign-in: %w", err)
	}
	return nil
}

// Holders is a query for the identifiers of the people with an account: who signed in
// at least once, and who works on anything, whether or not they did.
func Holders() schema.QueryAppender {
	return bun.SafeQuery(`SELECT id FROM person WHERE entered_at IS NOT NULL OR administrator
		UNION SELECT person_id FROM membership UNION SELECT person_id FROM process_member UNION SELECT deputy_id FROM absence`)
}

func insertSession(ctx context.Context, tx bun.IDB, s Session, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?)`,
		hash(s.Token), s.Person, now, s.ExpiresAt).Exec(ctx)
	return err
}

func sessionPerson(ctx context.Context, db bun.IDB, hash []byte, now time.Time) (process.PersonID, error) {
	var who process.PersonID
	err := db.NewRaw(`SELECT person_id FROM session WHERE token_hash = ? AND expires_at > ?`, hash, now).Scan(ctx, &who)
	if pg.NoRows(err) {
		return 0, nil
	}
	return who, err
}

func deleteSession(ctx context.Context, db bun.IDB, hash []byte) error {
	_, err := db.NewRaw(`DELETE FROM session WHERE token_hash = ?`, hash).Exec(ctx)
	return err
}

func purge(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	total := 0
	for _, sql := range []string{
		`DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at < ? LIMIT ?)`,
		`DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE expires_at < ? LIMIT ?)`,
	} {
		res, err := db.NewRaw(sql, before, limit).Exec(ctx)
		if err != nil {
			return total, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}
