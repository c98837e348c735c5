package roster

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
)

// troubleSQL is what a suppression s, where there is one, says of an address.
const troubleSQL = `coalesce(s.source <> 'complaint', FALSE) AS bounced, coalesce(s.source, '') AS trouble_source,
	coalesce(s.code, '') AS trouble_code, coalesce(s.reason, '') AS trouble_words, s.since AS trouble_since, s.until AS trouble_until`

// lift lets messages go to addresses again, but for those whose owner called one
// unwanted.
func lift(ctx context.Context, tx bun.IDB, addresses ...string) error {
	_, err := tx.NewRaw(`DELETE FROM suppression WHERE address IN (?) AND source <> 'complaint'`, bun.List(addresses)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}

// openInvitations are those that a person has not answered.
func openInvitations(ctx context.Context, tx bun.IDB, id process.ID, person process.PersonID) ([]renewed, error) {
	var out []renewed
	err := tx.NewRaw(`SELECT i.activity_id AS activity, i.version, `+askedBySQL+` FROM invitation i
		WHERE i.process_id = ?0 AND i.person_id = ?1 AND i.answered_at IS NULL AND i.withdrawn_at IS NULL
		ORDER BY i.id`, id, person).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("find open invitations: %w", err)
	}
	return out, nil
}
