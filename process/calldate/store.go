package calldate

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow/civil"
)

func load(ctx context.Context, db bun.IDB, id process.ID) (map[string]civil.Date, error) {
	var rows []struct {
		Code string
		Day  time.Time
	}
	if err := db.NewRaw(`SELECT code, day FROM call_date WHERE process_id = ?`, id).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("load dates of the call: %w", err)
	}
	days := make(map[string]civil.Date, len(rows))
	for _, r := range rows {
		days[r.Code] = civil.DateOf(r.Day, time.UTC)
	}
	return days, nil
}

// set writes a date, or takes it away where the day is zero.
func set(ctx context.Context, tx bun.IDB, id process.ID, code string, day civil.Date) error {
	q := tx.NewRaw(`INSERT INTO call_date (process_id, code, day) VALUES (?0, ?1, ?2)
		ON CONFLICT (process_id, code) DO UPDATE SET day = ?2`, id, code, day.String())
	if day == (civil.Date{}) {
		q = tx.NewRaw(`DELETE FROM call_date WHERE process_id = ? AND code = ?`, id, code)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("set date %s of the call: %w", code, err)
	}
	return nil
}
