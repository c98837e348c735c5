package codesign

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

func insertLab(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID) error {
	_, err := tx.NewRaw(`INSERT INTO codesign (process_id, activity_id) VALUES (?, ?)`, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("insert lab: %w", err)
	}
	return nil
}

func loadLab(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Lab, error) {
	var l Lab
	err := db.NewRaw(`SELECT process_id, activity_id, dots, dots_a_card, revision FROM codesign
		WHERE process_id = ? AND activity_id = ?`, id, activity).Scan(ctx, &l)
	if pg.NoRows(err) {
		return l, fault.New(fault.NotFound, "activity.not_found")
	}
	if err != nil {
		return l, fmt.Errorf("load lab: %w", err)
	}
	return l, nil
}

func updateLab(ctx context.Context, tx bun.IDB, l Lab) error {
	res, err := tx.NewRaw(`UPDATE codesign SET dots = ?, dots_a_card = ?, revision = revision + 1
		WHERE process_id = ? AND activity_id = ? AND revision = ?`,
		l.Dots, l.DotsACard, l.ProcessID, l.Activity, l.Revision).Exec(ctx)
	return expectOne(res, err, "update lab")
}

// expectOne turns "no such revision" into its refusal.
func expectOne(res interface{ RowsAffected() (int64, error) }, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "form.stale")
	}
	return err
}

func listTables(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Table, error) {
	var out []Table
	err := db.NewRaw(`SELECT t.process_id, t.id, t.activity_id, t.name, t.topic, t.facilitator, t.revision,
			(SELECT count(*) FROM codesign_seat s JOIN registration r ON r.process_id = s.process_id
				AND r.activity_id = s.activity_id AND r.person_id = s.person_id AND r.status = 'registered'
				WHERE s.process_id = t.process_id AND s.table_id = t.id) AS seated
		FROM codesign_table t WHERE t.process_id = ? AND t.activity_id = ? ORDER BY t.position, t.id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return out, nil
}

func saveTable(ctx context.Context, tx bun.IDB, t Table) error {
	var err error
	if t.ID == 0 {
		_, err = tx.NewRaw(`INSERT INTO codesign_table (process_id, activity_id, position, name, topic, facilitator)
			SELECT ?0, ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4 FROM codesign_table
			WHERE process_id = ?0 AND activity_id = ?1`, t.ProcessID, t.Activity, t.Name, t.Topic, t.Facilitator).Exec(ctx)
	} else {
		res, failed := tx.NewRaw(`UPDATE codesign_table SET name = ?, topic = ?, facilitator = ?, revision = revision + 1
			WHERE process_id = ? AND activity_id = ? AND id = ? AND revision = ?`,
			t.Name, t.Topic, t.Facilitator, t.ProcessID, t.Activity, t.ID, t.Revision).Exec(ctx)
		err = expectOne(res, failed, "update table")
	}
	if pg.Constraint(err) == "codesign_table_once" {
		return fault.Field("name", "codesign.table_twice")
	}
	return err
}

func deleteTable(ctx context.Context, tx bun.IDB, t Table) error {
	_, err := tx.NewRaw(`DELETE FROM codesign_seat s WHERE s.process_id = ?0 AND s.table_id = ?1 AND NOT EXISTS (
		SELECT 1 FROM registration r WHERE r.process_id = s.process_id AND r.activity_id = s.activity_id
			AND r.person_id = s.person_id AND r.status = 'registered')`, t.ProcessID, t.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget empty seats: %w", err)
	}
	res, err := tx.NewRaw(`DELETE FROM codesign_table WHERE process_id = ? AND activity_id = ? AND id = ? AND revision = ?`,
		t.ProcessID, t.Activity, t.ID, t.Revision).Exec(ctx)
	switch pg.Constraint(err) {
	case "codesign_seat_table", "codesign_card_table":
		return fault.New(fault.Conflict, "codesign.table_used")
	}
	return expectOne(res, err, "delete table")
}

func listSeats(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Seat, error) {
	var out []Seat
	err := db.NewRaw(`SELECT r.person_id, coalesce(nullif(p.name, ''), p.email) AS name, coalesce(c.territory_id, 0) AS territory,
			coalesce(t.name, '') AS municipality, coalesce(s.table_id, 0) AS table_id
		FROM registration r JOIN person p ON p.id = r.person_id
		LEFT JOIN contact c ON c.process_id = r.process_id AND c.person_id = r.person_id
		LEFT JOIN territory t ON t.id = c.territory_id
		LEFT JOIN codesign_seat s ON s.process_id = r.process_id AND s.activity_id = r.activity_id AND s.person_id = r.person_id
		WHERE r.process_id = ? AND r.activity_id = ? AND r.status = 'registered' ORDER BY 2, r.person_id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list seats: %w", err)
	}
	return out, nil
}

// writeSeats gives seats to those of the people who have a place in the lab.
func writeSeats(ctx context.Context, tx bun.IDB, a process.Activity, seats map[process.PersonID]TableID) error {
	for person, table := range seats {
		var err error
		if table == 0 {
			_, err = tx.NewRaw(`DELETE FROM codesign_seat WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
				a.ProcessID, a.ID, person).Exec(ctx)
		} else {
			_, err = tx.NewRaw(`INSERT INTO codesign_seat (process_id, activity_id, person_id, table_id)
				SELECT process_id, activity_id, person_id, ? FROM registration
				WHERE process_id = ? AND activity_id = ? AND person_id = ? AND status = 'registered'
				ON CONFLICT (process_id, activity_id, person_id) DO UPDATE SET table_id = EXCLUDED.table_id`,
				table, a.ProcessID, a.ID, person).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("write seat: %w", err)
		}
	}
	return nil
}

func seatOf(ctx context.Context, db bun.IDB, a process.Activity, person process.PersonID) (TableID, error) {
	var table TableID
	err := db.NewRaw(`SELECT table_id FROM codesign_seat WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
		a.ProcessID, a.ID, person).Scan(ctx, &table)
	if err != nil && !pg.NoRows(err) {
		return 0, fmt.Errorf("find seat: %w", err)
	}
	return table, nil
}

func countLabs(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	out := make(map[process.ActivityID]map[string]int64, len(activities))
	for _, a := range activities {
		out[a] = map[string]int64{"tables": 0, "seated": 0, "cards": 0, "votes": 0, "voters": 0}
	}
	if len(activities) == 0 {
		return out, nil
	}
	var rows []struct {
		ActivityID process.ActivityID
		Name       string
		N          int64
	}
	err := db.NewRaw(`SELECT activity_id, 'tables' AS name, count(*) AS n FROM codesign_table
			WHERE process_id = ?0 AND activity_id IN (?1) GROUP BY activity_id
		UNION ALL SELECT s.activity_id, 'seated', count(*) FROM codesign_seat s JOIN registration r
			ON r.process_id = s.process_id AND r.activity_id = s.activity_id AND r.person_id = s.person_id
			WHERE s.process_id = ?0 AND s.activity_id IN (?1) AND r.status = 'registered' GROUP BY s.activity_id
		UNION ALL SELECT activity_id, 'cards', count(*) FROM codesign_card
			WHERE process_id = ?0 AND activity_id IN (?1) AND hidden_at IS NULL GROUP BY activity_id
		UNION ALL SELECT activity_id, 'votes', sum(dots) FROM codesign_vote
			WHERE process_id = ?0 AND activity_id IN (?1) GROUP BY activity_id
		UNION ALL SELECT activity_id, 'voters', count(DISTINCT person_id) FROM codesign_vote
			WHERE process_id = ?0 AND activity_id IN (?1) GROUP BY activity_id`, id, bun.List(activities)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count labs: %w", err)
	}
	for _, r := range rows {
		out[r.ActivityID][r.Name] = r.N
	}
	return out, nil
}
