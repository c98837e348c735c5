package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

// refuse notes addresses that mail systems have turned away for good, which no
// use case of a person can.
func refuse(ctx context.Context, db bun.IDB, addresses []string, now time.Time) error {
	for _, address := range addresses {
		_, err := db.NewRaw(`INSERT INTO suppression (address, source, code, reason, since)
			VALUES (lower(?), 'report', '5.1.1', '550 5.1.1 User unknown', ?)
			ON CONFLICT DO NOTHING`, address, now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("refuse addresses: %w", err)
		}
	}
	return nil
}

// invitations finds those of an activity, by person.
func invitations(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (map[process.PersonID]int64, error) {
	var rows []struct {
		PersonID process.PersonID
		ID       int64
	}
	err := db.NewRaw(`SELECT person_id, id FROM invitation WHERE process_id = ? AND activity_id = ?`, id, activity).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find invitations: %w", err)
	}
	out := make(map[process.PersonID]int64, len(rows))
	for _, r := range rows {
		out[r.PersonID] = r.ID
	}
	return out, nil
}
