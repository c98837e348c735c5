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

// requestFollow notes the request; false when the person follows already or
// asked a moment ago.
func requestFollow(ctx context.Context, tx bun.IDB, id process.ID, who process.PersonID, now time.Time) (bool, error) {
	res, err := tx.NewRaw(`INSERT INTO follower AS f (process_id, person_id, requested_at) VALUES (?, ?, ?)
		ON CONFLICT (process_id, person_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
		WHERE f.confirmed_at IS NULL AND f.requested_at <= ?`, id, who, now, now.Add(-quiet)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("request to follow: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// confirmFollow also serves whoever stopped and clicks the old link again.
func confirmFollow(ctx context.Context, tx bun.IDB, f Followed, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO follower AS f (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (process_id, person_id) DO UPDATE SET confirmed_at = coalesce(f.confirmed_at, EXCLUDED.confirmed_at)`,
		f.Process, f.Person, now, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("confirm follower: %w", err)
	}
	return removeOptOut(ctx, tx, f)
}

func stopFollow(ctx context.Context, tx bun.IDB, f Followed) error {
	_, err := tx.NewRaw(`DELETE FROM follower WHERE process_id = ? AND person_id = ?`, f.Process, f.Person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("stop following: %w", err)
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

func removeOptOut(ctx context.Context, tx bun.IDB, f Followed) error {
	_, err := tx.NewRaw(`DELETE FROM optout WHERE process_id = ? AND person_id = ?`, f.Process, f.Person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("opt in: %w", err)
	}
	return nil
}

func countFollowers(ctx context.Context, db bun.IDB, id process.ID) (int, error) {
	var n int
	err := db.NewRaw(`SELECT count(*) FROM follower WHERE process_id = ? AND confirmed_at IS NOT NULL`, id).Scan(ctx, &n)
	return n, err
}
