package seat

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Save writes the phase of an activity. The process is locked.
func (s Seat) Save(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewRaw(`UPDATE activity SET phase = ? WHERE process_id = ? AND id = ?`, s.Phase, s.ProcessID, s.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("move activity %d to another phase: %w", s.ID, err)
	}
	return nil
}
