package questionnaire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/questionnaire/result"
)

// What is read here is for analysis: it never touches response_identity.

// rows streams responses; the order is that of random identifiers.
func rows(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) iter.Seq2[result.Row, error] {
	return func(yield func(result.Row, error) bool) {
		list, err := db.QueryContext(ctx, `SELECT r.version, coalesce(t.code, ''), r.answers
			FROM response r LEFT JOIN territory t ON t.id = r.territory_id
			WHERE r.process_id = ? AND r.activity_id = ? ORDER BY r.id`, id, activity)
		if err != nil {
			yield(result.Row{}, fmt.Errorf("read responses: %w", err))
			return
		}
		defer func() { _ = list.Close() }()
		for list.Next() {
			var row result.Row
			var answers string
			err := list.Scan(&row.Version, &row.Stratum, &answers)
			if err == nil {
				err = json.Unmarshal([]byte(answers), &row.Answers)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := errors.Join(list.Err(), list.Close()); err != nil {
			yield(result.Row{}, fmt.Errorf("read responses: %w", err))
		}
	}
}

// countResponses also gives the latest version, 0 before the first.
func countResponses(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (n int64, version int, err error) {
	err = db.NewRaw(`SELECT (SELECT count(*) FROM response WHERE process_id = ?0 AND activity_id = ?1),
			(SELECT coalesce(max(version), 0) FROM questionnaire_version WHERE process_id = ?0 AND activity_id = ?1)`,
		id, activity).Scan(ctx, &n, &version)
	if err != nil {
		return 0, 0, fmt.Errorf("count responses: %w", err)
	}
	return n, version, nil
}

// strata names the municipalities that responses came from, by code.
func strata(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (map[string]string, error) {
	var list []struct{ Code, Name string }
	err := db.NewRaw(`SELECT code, name FROM territory WHERE id IN (
		SELECT territory_id FROM response WHERE process_id = ? AND activity_id = ?)`, id, activity).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("name the strata: %w", err)
	}
	names := make(map[string]string, len(list))
	for _, t := range list {
		names[t.Code] = t.Name
	}
	return names, nil
}

// resultsCode is the code of an activity's document: the one it has, else
// ResultsDocument unless another questionnaire has that. Who writes holds the
// process.
func resultsCode(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (code string, err error) {
	err = db.NewRaw(`SELECT coalesce((SELECT results_code FROM questionnaire WHERE process_id = ?0 AND activity_id = ?1),
		CASE WHEN EXISTS (SELECT FROM questionnaire WHERE process_id = ?0 AND results_code = ?2)
			THEN ?2 || '-' || lower(public_id) ELSE ?2 END) FROM activity WHERE process_id = ?0 AND id = ?1`,
		id, activity, ResultsDocument).Scan(ctx, &code)
	if err != nil {
		return "", fmt.Errorf("name the results: %w", err)
	}
	return code, nil
}

// resultsPublic reports whether the results of a questionnaire are published.
func resultsPublic(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (public bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM questionnaire WHERE process_id = ? AND activity_id = ? AND results_published_at IS NOT NULL)`,
		id, activity).Scan(ctx, &public)
	if err != nil {
		return false, fmt.Errorf("look whether results are public: %w", err)
	}
	return public, nil
}

func markResults(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, code string, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE questionnaire SET results_published_at = coalesce(results_published_at, ?), results_code = ?
		WHERE process_id = ? AND activity_id = ?`, now, code, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note that results are public: %w", err)
	}
	return nil
}
