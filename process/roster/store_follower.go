package roster

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/pg"
)

func checkPublished(ctx context.Context, db bun.IDB, id process.ID) error {
	var published bool
	err := db.NewRaw(`SELECT published_at IS NOT NULL FROM process WHERE id = ?`, id).Scan(ctx, &published)
	if pg.NoRows(err) || (err == nil && !published) {
		return errNotPublished()
	}
	return err
}

func personEmail(ctx context.Context, db bun.IDB, who process.PersonID) (string, error) {
	var email string
	err := db.NewRaw(`SELECT email FROM person WHERE id = ?`, who).Scan(ctx, &email)
	if pg.NoRows(err) {
		return "", errBadLink()
	}
	return email, err
}

// requestFollow notes the request, and prolongs one that waits; false when the
// person follows already or got a mail a moment ago. The latter is told by the
// notice of that mail, not by the request, which strangers can repeat.
func requestFollow(ctx context.Context, tx bun.IDB, id process.ID, who process.PersonID, now time.Time) (bool, error) {
	var mail bool
	err := tx.NewRaw(`INSERT INTO follower AS f (process_id, person_id, requested_at) VALUES (?0, ?1, ?2)
		ON CONFLICT (process_id, person_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
		RETURNING f.confirmed_at IS NULL AND NOT EXISTS (SELECT 1 FROM notice n
			WHERE n.process_id = ?0 AND n.person_id = ?1 AND n.kind = 'follow-confirm' AND n.created_at > ?3)`,
		id, who, now, now.Add(-quiet)).Scan(ctx, &mail)
	if err != nil {
		return false, fmt.Errorf("request to follow: %w", err)
	}
	return mail, nil
}

// confirmFollow reports false when there is no request of the last day to
// confirm.
func confirmFollow(ctx context.Context, tx bun.IDB, f Followed, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`UPDATE follower SET confirmed_at = coalesce(confirmed_at, ?0)
		WHERE process_id = ?1 AND person_id = ?2 AND (confirmed_at IS NOT NULL OR requested_at > ?3)`,
		now, f.Process, f.Person, now.Add(-confirmable)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("confirm follower: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, removeOptOut(ctx, tx, f)
}

// stopFollow leaves nothing behind: the privacy notice says so.
func stopFollow(ctx context.Context, tx bun.IDB, f Followed) error {
	_, err := tx.NewRaw(`DELETE FROM follower WHERE process_id = ? AND person_id = ?`, f.Process, f.Person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("stop following: %w", err)
	}
	return nil
}

// forgetRequests deletes what nobody confirmed since an instant.
func forgetRequests(ctx context.Context, tx bun.IDB, id process.ID, before time.Time) error {
	_, err := tx.NewRaw(`DELETE FROM follower WHERE process_id = ? AND confirmed_at IS NULL AND requested_at < ?`,
		id, before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget requests to follow: %w", err)
	}
	return nil
}

func addOptOut(ctx context.Context, tx bun.IDB, f Followed, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO optout (process_id, person_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Process, f.Person, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("opt out: %w", err)
	}
	return nil
}

// removeOptOut undoes a refusal. Whoever had called our messages unwanted gets
// them again too: this is the later wish, and nobody else could say so.
func removeOptOut(ctx context.Context, tx bun.IDB, f Followed) error {
	_, err := tx.NewRaw(`DELETE FROM optout WHERE process_id = ? AND person_id = ?`, f.Process, f.Person).Exec(ctx)
	if err == nil {
		_, err = tx.NewRaw(`DELETE FROM suppression AS s USING person AS p
			WHERE p.id = ? AND s.address = p.email AND s.source = 'complaint'`, f.Person).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("opt in: %w", err)
	}
	return nil
}
