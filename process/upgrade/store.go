package upgrade

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
)

// seat is an activity in its phase.
type seat struct {
	ID           process.ActivityID
	Title, Phase string
}

// seated are the activities of a process with their phases.
func seated(ctx context.Context, db bun.IDB, id process.ID) ([]seat, error) {
	var out []seat
	if err := db.NewRaw(`SELECT id, title, phase FROM activity WHERE process_id = ? ORDER BY id`, id).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("list phases of activities: %w", err)
	}
	return out, nil
}

func (s seat) save(ctx context.Context, tx bun.IDB, id process.ID) error {
	_, err := tx.NewRaw(`UPDATE activity SET phase = ? WHERE process_id = ? AND id = ?`, s.Phase, id, s.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("move activity %d to another phase: %w", s.ID, err)
	}
	return nil
}
