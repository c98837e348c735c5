package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

func insertMaterial(ctx context.Context, tx bun.IDB, m *Material) error {
	err := tx.NewRaw(`INSERT INTO material (process_id, activity_id, kind, title, url, created_at)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		m.ProcessID, m.Activity, m.Kind, m.Title, m.URL, m.CreatedAt).Scan(ctx, &m.ID)
	if err != nil {
		return fmt.Errorf("insert material: %w", err)
	}
	return nil
}

func deleteMaterial(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, material MaterialID) error {
	_, err := tx.NewRaw(`DELETE FROM material WHERE process_id = ? AND activity_id = ? AND id = ?`,
		id, activity, material).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete material: %w", err)
	}
	return nil
}

func listMaterials(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Material, error) {
	var out []Material
	err := db.NewRaw(`SELECT process_id, id, activity_id, kind, title, url, created_at FROM material
		WHERE process_id = ? AND activity_id = ? ORDER BY id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list materials: %w", err)
	}
	return out, nil
}

func loadMinutes(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Minutes, error) {
	var m Minutes
	err := db.NewRaw(`SELECT process_id, activity_id, body, present, revision, updated_by, updated_at, published_at
		FROM minutes WHERE process_id = ? AND activity_id = ?`, id, activity).Scan(ctx, &m)
	if pg.NoRows(err) {
		return Minutes{}, nil
	}
	if err != nil {
		return m, fmt.Errorf("load minutes: %w", err)
	}
	return m, nil
}

// saveMinutes writes over the revision that was read; 0 is the first saving.
func saveMinutes(ctx context.Context, tx bun.IDB, m Minutes) error {
	res, err := tx.NewRaw(`INSERT INTO minutes (process_id, activity_id, body, present, updated_by, updated_at)
		SELECT ?0, ?1, ?2, ?3, ?4, ?5 WHERE ?6 = 0
		ON CONFLICT DO NOTHING`,
		m.ProcessID, m.Activity, m.Body, m.Present, m.UpdatedBy, m.UpdatedAt, m.Revision).Exec(ctx)
	if err == nil && m.Revision > 0 {
		res, err = tx.NewRaw(`UPDATE minutes SET body = ?, present = ?, updated_by = ?, updated_at = ?, revision = revision + 1
			WHERE process_id = ? AND activity_id = ? AND revision = ?`,
			m.Body, m.Present, m.UpdatedBy, m.UpdatedAt, m.ProcessID, m.Activity, m.Revision).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("save minutes: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "form.stale")
	}
	return err
}

func publishMinutes(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE minutes SET published_at = ? WHERE process_id = ? AND activity_id = ?`, now, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish minutes: %w", err)
	}
	return nil
}

// paperCounts counts, by activity, the minutes that have a text, those
// published and the live meetings that have an agenda.
const paperCounts = `SELECT activity_id, name, count(*)::bigint AS n FROM (
		SELECT activity_id, unnest(array_remove(ARRAY['minutes',
			CASE WHEN published_at IS NOT NULL THEN 'minutes_published' END], NULL)) AS name
		FROM minutes WHERE process_id = ?0 AND body <> ''
		UNION ALL SELECT activity_id, 'agendas' FROM meeting
		WHERE process_id = ?0 AND cancelled_at IS NULL AND agenda <> '') c
	WHERE activity_id IN (?1) GROUP BY activity_id, name`

func countPapers(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	out := make(map[process.ActivityID]map[string]int64, len(activities))
	for _, a := range activities {
		out[a] = map[string]int64{"minutes": 0, "minutes_published": 0, "agendas": 0}
	}
	if len(activities) == 0 {
		return out, nil
	}
	var rows []struct {
		ActivityID process.ActivityID
		Name       string
		N          int64
	}
	if err := db.NewRaw(paperCounts, id, bun.List(activities)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("count minutes and agendas: %w", err)
	}
	for _, r := range rows {
		out[r.ActivityID][r.Name] = r.N
	}
	return out, nil
}
