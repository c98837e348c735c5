package migrations_test

import (
	"slices"
	"testing"

	"arengo/migrations"
	"arengo/process/processtest"
)

// What followed the question for an unknown end had the name of what follows an end
// that is over; it keeps what it is under a name of its own.
func TestWhatFollowsAnUnknownEndIsRenamed(t *testing.T) {
	t.Parallel()
	db, ctx := processtest.EmptyDatabase(t), t.Context()
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	for {
		done, err := migrations.Down(ctx, db, 1)
		if err != nil || len(done) != 1 {
			t.Fatalf("down: %v, %v", done, err)
		}
		if done[0].Version == "20260901003380" {
			break
		}
	}
	_, err := db.ExecContext(ctx, `INSERT INTO deadline (process_id, activity_id, entry, name, generation, wall_time, zone, due_at, action, event, notice, audience, cancelled_why)
		SELECT 1, 0, entry, name, 1, now(), 'Europe/Rome', now(), 'overdue', '', notice, 'promoter', '' FROM (VALUES
			(1, 'end-unknown', 'end-unknown'), (1, 'escalation', 'end-unknown'), (1, 'escalation.2', 'end-unknown'),
			(2, 'escalation', 'action-overdue'), (2, 'escalation.2', 'action-overdue')) v (entry, name, notice)`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := db.NewRaw(`SELECT entry || ' ' || name FROM deadline ORDER BY 1`).Scan(ctx, &got); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1 end-unknown", "1 end-unknown.2", "1 end-unknown.3", "2 escalation", "2 escalation.2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
