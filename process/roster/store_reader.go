package roster

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Readers is what the roster knows of those who are written to, see
// notify.Readers.
type Readers struct{}

// Named finds the person whose mail address it is, in lower case; 0 is nobody.
func (Readers) Named(ctx context.Context, db bun.IDB, address string) (int64, error) {
	var ids []int64
	if err := db.NewRaw(`SELECT id FROM person WHERE email = ?`, address).Scan(ctx, &ids); err != nil {
		return 0, fmt.Errorf("find person by address: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return ids[0], nil
}

// Refuse notes, in the caller's transaction, that a person wants no more messages
// of a process. Nobody acts here: the person told their provider and not us. Of
// somebody who is known no more nothing is noted.
func (Readers) Refuse(ctx context.Context, tx bun.IDB, processID, personID int64, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO optout (process_id, person_id, created_at)
		SELECT r.id, p.id, ? FROM process AS r, person AS p WHERE r.id = ? AND p.id = ? ON CONFLICT DO NOTHING`,
		now, processID, personID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("opt out after a complaint: %w", err)
	}
	return nil
}
