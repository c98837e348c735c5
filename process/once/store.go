package once

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// scope is a table of keys with the condition that finds one.
type scope struct{ table, insert, where string }

var (
	ofProcess = scope{
		"form_key",
		`INSERT INTO form_key (process_id, person_id, form, key, target, sent_at) VALUES (?0, ?1, ?2, ?3, '', ?4) ON CONFLICT DO NOTHING`,
		"process_id = ?0 AND person_id = ?1 AND form = ?2 AND key = ?3",
	}
	ofPerson = scope{
		"person_form_key",
		`INSERT INTO person_form_key (person_id, form, key, target, sent_at) VALUES (?1, ?2, ?3, '', ?4) ON CONFLICT DO NOTHING`,
		"person_id = ?1 AND form = ?2 AND key = ?3",
	}
)

func (f Form) scope() scope {
	if f.Process == 0 {
		return ofPerson
	}
	return ofProcess
}

// args are those of a condition, and one more. The key is whatever a browser
// sent, so its hash is kept: that has one length and no bytes that are refused.
func (f Form) args(more any) []any {
	sum := sha256.Sum256([]byte(f.Key))
	return []any{f.Process, f.Person, f.Name, sum[:], more}
}

// claim takes the key; it waits for another who is taking it, and is false when
// that one has.
func claim(ctx context.Context, tx bun.IDB, f Form, now time.Time) (bool, error) {
	res, err := tx.NewRaw(f.scope().insert, f.args(now)...).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("claim a form's key: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func point(ctx context.Context, tx bun.IDB, f Form, name string) error {
	s := f.scope()
	_, err := tx.NewRaw(`UPDATE `+s.table+` SET target = ?4 WHERE `+s.where, f.args(name)...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note what a form made: %w", err)
	}
	return nil
}

func target(ctx context.Context, tx bun.IDB, f Form) (string, error) {
	s := f.scope()
	var name string
	err := tx.NewRaw(`SELECT target FROM `+s.table+` WHERE `+s.where, f.args(nil)...).Scan(ctx, &name)
	if err != nil {
		return "", fmt.Errorf("find what a form made: %w", err)
	}
	return name, nil
}

func purge(ctx context.Context, db bun.IDB, s scope, before time.Time, limit int) (int, error) {
	res, err := db.NewRaw(`DELETE FROM `+s.table+` WHERE ctid IN (SELECT ctid FROM `+s.table+` WHERE sent_at < ? LIMIT ?)`,
		before, limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget the keys of forms: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
