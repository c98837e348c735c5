package focusgroup

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

func insertGroup(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID) error {
	_, err := tx.NewRaw(`INSERT INTO focusgroup (process_id, activity_id) VALUES (?, ?)`, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("insert focus group: %w", err)
	}
	return nil
}

func loadGroup(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Group, error) {
	var g Group
	err := db.NewRaw(`SELECT g.process_id, g.activity_id, coalesce(g.facilitator_id, 0) AS facilitator_id,
			coalesce(g.note_taker_id, 0) AS note_taker_id, coalesce(f.name, '') AS facilitated_by,
			coalesce(n.name, '') AS noted_by, g.guide, g.revision
		FROM focusgroup g LEFT JOIN person f ON f.id = g.facilitator_id LEFT JOIN person n ON n.id = g.note_taker_id
		WHERE g.process_id = ? AND g.activity_id = ?`, id, activity).Scan(ctx, &g)
	if pg.NoRows(err) {
		return g, fault.New(fault.NotFound, "activity.not_found")
	}
	if err != nil {
		return g, fmt.Errorf("load focus group: %w", err)
	}
	err = db.NewRaw(`SELECT id, title FROM focusgroup_theme WHERE process_id = ? AND activity_id = ? ORDER BY position, id`,
		id, activity).Scan(ctx, &g.Themes)
	if err != nil {
		return g, fmt.Errorf("list themes: %w", err)
	}
	return g, nil
}

func updateGroup(ctx context.Context, tx bun.IDB, g Group) error {
	res, err := tx.NewRaw(`UPDATE focusgroup SET facilitator_id = nullif(?, 0), note_taker_id = nullif(?, 0), guide = ?,
			revision = revision + 1 WHERE process_id = ? AND activity_id = ? AND revision = ?`,
		g.Facilitator, g.NoteTaker, g.Guide, g.ProcessID, g.Activity, g.Revision).Exec(ctx)
	return expectOne(res, err, "update focus group", fault.New(fault.Conflict, "form.stale"))
}

// expectOne turns "no such row" into its refusal.
func expectOne(res interface{ RowsAffected() (int64, error) }, err error, doing string, none *fault.Error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return none
	}
	return err
}

// replaceThemes makes the themes those of g, in their order; the group's row
// is locked. Titles are first made unlike any other, so that two can be
// exchanged.
func replaceThemes(ctx context.Context, tx bun.IDB, g Group) error {
	keep := []ThemeID{0}
	for _, t := range g.Themes {
		keep = append(keep, t.ID)
	}
	_, err := tx.NewRaw(`DELETE FROM focusgroup_theme WHERE process_id = ? AND activity_id = ? AND id NOT IN (?)`,
		g.ProcessID, g.Activity, bun.List(keep)).Exec(ctx)
	if pg.Constraint(err) == "focusgroup_note_theme" {
		return fault.New(fault.Conflict, "focusgroup.theme_used")
	}
	if err != nil {
		return fmt.Errorf("delete themes: %w", err)
	}
	_, err = tx.NewRaw(`UPDATE focusgroup_theme SET title = E'\x01' || id WHERE process_id = ? AND activity_id = ?`,
		g.ProcessID, g.Activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("free titles of themes: %w", err)
	}
	for i, t := range g.Themes {
		if t.ID == 0 {
			_, err = tx.NewRaw(`INSERT INTO focusgroup_theme (process_id, activity_id, position, title) VALUES (?, ?, ?, ?)`,
				g.ProcessID, g.Activity, i+1, t.Title).Exec(ctx)
		} else {
			_, err = tx.NewRaw(`UPDATE focusgroup_theme SET position = ?, title = ? WHERE process_id = ? AND activity_id = ? AND id = ?`,
				i+1, t.Title, g.ProcessID, g.Activity, t.ID).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("write theme: %w", err)
		}
	}
	return nil
}

// meetingBegun reports whether one of the activity's meetings has started.
func meetingBegun(ctx context.Context, db bun.IDB, a process.Activity, now time.Time) (bool, error) {
	var begun bool
	err := db.NewRaw(`SELECT EXISTS (SELECT 1 FROM meeting WHERE process_id = ? AND activity_id = ?
		AND cancelled_at IS NULL AND starts_at <= ?)`, a.ProcessID, a.ID, now).Scan(ctx, &begun)
	if err != nil {
		return false, fmt.Errorf("look for a meeting that began: %w", err)
	}
	return begun, nil
}

func countGroups(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID, into map[process.ActivityID]map[string]int64) error {
	var rows []struct {
		ActivityID                                      process.ActivityID
		Themes, Facilitators, NoteTakers, Notes, Quotes int64
	}
	err := db.NewRaw(`SELECT g.activity_id,
			(g.facilitator_id IS NOT NULL)::int AS facilitators, (g.note_taker_id IS NOT NULL)::int AS note_takers,
			(SELECT count(*) FROM focusgroup_theme t WHERE t.process_id = g.process_id AND t.activity_id = g.activity_id) AS themes,
			(SELECT count(*) FROM focusgroup_note n WHERE n.process_id = g.process_id AND n.activity_id = g.activity_id) AS notes,
			(SELECT count(*) FROM focusgroup_note n WHERE n.process_id = g.process_id AND n.activity_id = g.activity_id
				AND n.quote AND EXISTS (`+quotableSQL+`)) AS quotes
		FROM focusgroup g WHERE g.process_id = ? AND g.activity_id IN (?)`, id, bun.List(activities)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("count focus groups: %w", err)
	}
	for _, r := range rows {
		c := into[r.ActivityID]
		c["themes"], c["facilitators"], c["note_takers"] = r.Themes, r.Facilitators, r.NoteTakers
		c["notes"], c["quotes"] = r.Notes, r.Quotes
	}
	return nil
}
