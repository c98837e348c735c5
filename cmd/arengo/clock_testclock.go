//go:build testclock

// With the build tag testclock the program's time is the database's plus an
// interval that stands in the one row of the table test_clock, so that an
// end-to-end test can move time for the web and the workers at once:
//
//	UPDATE test_clock SET ahead = '14 days'
//	UPDATE test_clock SET ahead = '2026-11-29 22:59:50+00' - clock_timestamp()
//
// Time goes on from there. The table is made by this build alone, no migration
// knows it, and a build without the tag has none of this code. Leases and the
// mail's retries keep real time. Workers sweep every second, because Redis
// knows real time only.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
)

const sweepEvery = time.Second

const virtualTime = true

type rowClock struct{}

// Now reads the row each time: another process may have moved it.
func (rowClock) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	var now time.Time
	err := tx.NewRaw("SELECT clock_timestamp() + ahead FROM test_clock").Scan(ctx, &now)
	return now.UTC(), err
}

// openClock makes the table and its row unless they are there.
func openClock(ctx context.Context, db *bun.DB) (workflow.Clock, error) {
	_, err := db.ExecContext(ctx, `DO $$ BEGIN
		PERFORM pg_advisory_xact_lock(7594322641415987204);
		CREATE TABLE IF NOT EXISTS test_clock (
			one boolean PRIMARY KEY DEFAULT true CHECK (one),
			ahead interval NOT NULL DEFAULT '0'
		);
		INSERT INTO test_clock DEFAULT VALUES ON CONFLICT DO NOTHING;
	END $$`)
	if err != nil {
		return nil, fmt.Errorf("make the test clock: %w", err)
	}
	return rowClock{}, nil
}
