package upgrade

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
)

// seat is an activity in its phase. One that was discarded or called off, Off,
// needs none.
type seat struct {
	ID           process.ActivityID
	Title, Phase string
	Off          bool
}

// seated are the activities of a process with their phases.
func seated(ctx context.Context, db bun.IDB, core *process.Service, id process.ID) ([]seat, error) {
	list, err := process.ActivitiesIn(ctx, db, id)
	if err != nil {
		return nil, fmt.Errorf("list phases of activities: %w", err)
	}
	out := make([]seat, len(list))
	for i, a := range list {
		def, err := core.Engine().Resolve(ctx, db, a.Definition, a.Version)
		if err != nil {
			return nil, err
		}
		out[i] = seat{a.ID, a.Title, a.Phase, def.CalledOff(a.State)}
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
