package questionnaire

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/questionnaire/form"
)

func insertQuestionnaire(ctx context.Context, tx bun.IDB, a process.Activity, def form.Definition) error {
	raw, err := def.Canonical()
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO questionnaire (process_id, activity_id, definition, updated_by, updated_at)
		VALUES (?, ?, ?::jsonb, ?, ?)`, a.ProcessID, a.ID, string(raw), a.CreatedBy, a.CreatedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("insert questionnaire: %w", err)
	}
	return nil
}

type questionnaireRow struct {
	Definition         string
	Revision           int64
	UpdatedAt          time.Time
	ClosesAt           *time.Time
	ResultsPublishedAt *time.Time
}

func loadQuestionnaire(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Questionnaire, error) {
	q := Questionnaire{ProcessID: id, ActivityID: activity}
	var rows []questionnaireRow
	err := db.NewRaw(`SELECT definition, revision, updated_at, closes_at, results_published_at
		FROM questionnaire WHERE process_id = ? AND activity_id = ?`, id, activity).Scan(ctx, &rows)
	if err != nil {
		return q, fmt.Errorf("load questionnaire: %w", err)
	}
	if len(rows) == 0 {
		return q, fault.New(fault.NotFound, "activity.not_found")
	}
	r := rows[0]
	q.Revision, q.UpdatedAt, q.ClosesAt, q.ResultsPublishedAt = r.Revision, r.UpdatedAt, r.ClosesAt, r.ResultsPublishedAt
	if q.Definition, err = form.ParseJSON([]byte(r.Definition)); err != nil {
		return q, err
	}
	v, err := loadVersion(ctx, db, id, activity, 0)
	switch {
	case fault.Is(err, fault.NotFound):
		q.Changed = true
		return q, nil
	case err != nil:
		return q, err
	}
	hash, err := q.Definition.Hash()
	q.Published, q.Changed = &v, hash != v.SHA256
	return q, err
}

func updateDefinition(ctx context.Context, tx bun.IDB, q Questionnaire, who process.PersonID, now time.Time) error {
	raw, err := q.Definition.Canonical()
	if err != nil {
		return err
	}
	res, err := tx.NewRaw(`UPDATE questionnaire SET definition = ?::jsonb, revision = revision + 1, updated_by = ?, updated_at = ?
		WHERE process_id = ? AND activity_id = ? AND revision = ?`,
		string(raw), who, now, q.ProcessID, q.ActivityID, q.Revision).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save questionnaire: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "form.stale")
}

func updateEnd(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, end time.Time) error {
	_, err := tx.NewRaw(`UPDATE questionnaire SET closes_at = ? WHERE process_id = ? AND activity_id = ?`, end, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set the end of a questionnaire: %w", err)
	}
	return nil
}

func insertVersion(ctx context.Context, tx bun.IDB, q Questionnaire, v *Version, who process.PersonID) error {
	raw, err := v.Definition.Canonical()
	if err != nil {
		return err
	}
	if v.SHA256, err = v.Definition.Hash(); err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO questionnaire_version (process_id, activity_id, version, definition, sha256, published_by, published_at)
		VALUES (?, ?, ?, ?::jsonb, ?, ?, ?)`, q.ProcessID, q.ActivityID, v.Number, string(raw), v.SHA256, who, v.PublishedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish questionnaire: %w", err)
	}
	return nil
}

type versionRow struct {
	Version     int
	Definition  string
	SHA256      string `bun:"sha256"`
	PublishedAt time.Time
}

func (r versionRow) version() (Version, error) {
	def, err := form.ParseJSON([]byte(r.Definition))
	return Version{Number: r.Version, Definition: def, SHA256: r.SHA256, PublishedAt: r.PublishedAt}, err
}

// loadVersion finds a version; 0 is the latest.
func loadVersion(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, number int) (Version, error) {
	var rows []versionRow
	err := db.NewRaw(`SELECT version, definition, sha256, published_at FROM questionnaire_version
		WHERE process_id = ?0 AND activity_id = ?1 AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1`,
		id, activity, number).Scan(ctx, &rows)
	if err != nil {
		return Version{}, fmt.Errorf("load version of questionnaire: %w", err)
	}
	if len(rows) == 0 {
		return Version{}, fault.New(fault.NotFound, "answer.not_published")
	}
	return rows[0].version()
}

func listVersions(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]int, error) {
	var out []int
	err := db.NewRaw(`SELECT version FROM questionnaire_version WHERE process_id = ? AND activity_id = ? ORDER BY version`,
		id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list versions of questionnaire: %w", err)
	}
	return out, nil
}

func countQuestionnaires(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	counts := map[process.ActivityID]map[string]int64{}
	if len(activities) == 0 {
		return counts, nil
	}
	var rows []struct {
		ActivityID                         process.ActivityID
		Published, Questions, Ends, Public int64
	}
	err := db.NewRaw(`SELECT q.activity_id, coalesce(v.version, 0) AS published,
			(SELECT count(*) FROM jsonb_array_elements(v.definition -> 'sections') s, jsonb_array_elements(s -> 'items') i
				WHERE i ->> 'type' <> 'note') AS questions,
			(q.closes_at IS NOT NULL)::int AS ends, (q.results_published_at IS NOT NULL)::int AS public
		FROM questionnaire q LEFT JOIN LATERAL (
			SELECT version, definition FROM questionnaire_version v
			WHERE v.process_id = q.process_id AND v.activity_id = q.activity_id ORDER BY version DESC LIMIT 1) v ON true
		WHERE q.process_id = ? AND q.activity_id IN (?)`, id, bun.List(activities)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count questionnaires: %w", err)
	}
	for _, r := range rows {
		counts[r.ActivityID] = map[string]int64{
			"published": r.Published, "questions": r.Questions, "ends": r.Ends, "results_published": r.Public,
		}
	}
	return counts, nil
}
