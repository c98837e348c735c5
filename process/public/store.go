package public

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

const gatheringsSQL = `SELECT m.process_id, m.activity_id, p.slug, p.title AS process, p.zone, a.kind, a.public_id, a.title AS activity,
	m.title, m.starts_at, m.ends_at, m.place, m.join_url <> '' AS online, coalesce(s.invited_only, false) AS invited_only,
	w.definition, w.version, w.state
	FROM meeting m JOIN process p ON p.id = m.process_id
	JOIN activity a ON a.process_id = m.process_id AND a.id = m.activity_id
	JOIN workflow_instance w ON w.process_id = m.process_id AND w.activity_id = m.activity_id
	LEFT JOIN meeting_setting s ON s.process_id = m.process_id AND s.activity_id = m.activity_id
	WHERE m.cancelled_at IS NULL AND `

// processGatherings lists those of one process, by start.
func processGatherings(ctx context.Context, db bun.IDB, id process.ID) ([]Gathering, error) {
	var out []Gathering
	if err := db.NewRaw(gatheringsSQL+`m.process_id = ? ORDER BY m.starts_at, m.id`, id).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("list gatherings: %w", err)
	}
	return out, nil
}

// comingGatherings lists the next of all published processes that are open to
// everybody, whatever the state of their activity.
func comingGatherings(ctx context.Context, db bun.IDB, now time.Time, limit int) ([]Gathering, error) {
	var out []Gathering
	err := db.NewRaw(gatheringsSQL+`p.published_at IS NOT NULL AND m.ends_at > ? AND coalesce(s.invited_only, false) = false
		ORDER BY m.starts_at, m.process_id, m.id LIMIT ?`, now, limit).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list coming gatherings: %w", err)
	}
	return out, nil
}

// listCalls gives the activities of published processes whose state is one of
// states ("definition/state"), whose term has not run out and that are not
// suspended, the first to end first.
func listCalls(ctx context.Context, db bun.IDB, states []string, now time.Time) ([]Call, error) {
	var out []Call
	if len(states) == 0 {
		return nil, nil
	}
	err := db.NewRaw(`SELECT a.process_id, a.kind, a.title, w.definition, w.version, w.state, w.due_at,
			(SELECT min(m.starts_at) FROM meeting m WHERE m.process_id = a.process_id AND m.activity_id = a.id
				AND m.cancelled_at IS NULL AND m.ends_at > ?0) AS meets_at
		FROM activity a JOIN process p ON p.id = a.process_id
		JOIN workflow_instance w ON w.process_id = a.process_id AND w.activity_id = a.id
		LEFT JOIN meeting_setting s ON s.process_id = a.process_id AND s.activity_id = a.id
		WHERE p.published_at IS NOT NULL AND coalesce(s.invited_only, false) = false
			AND w.definition || '/' || w.state IN (?1) AND (w.due_at IS NULL OR w.due_at > ?0) AND w.held_at IS NULL
		ORDER BY coalesce(w.due_at, 'infinity'), a.process_id, a.id`, now, bun.List(states)).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	return out, nil
}

// listAreas counts the published processes of each region and province, from
// the places of the bodies that lead them or take part.
func listAreas(ctx context.Context, db bun.IDB) ([]Area, error) {
	var out []Area
	err := db.NewRaw(`WITH RECURSIVE inside AS (
			SELECT p.id AS process_id, o.territory_id AS id FROM process p JOIN organisation o ON o.id = p.organisation_id
			WHERE p.published_at IS NOT NULL
			UNION SELECT p.id, o.territory_id FROM process p JOIN process_partner pp ON pp.process_id = p.id
			JOIN organisation o ON o.id = pp.organisation_id WHERE p.published_at IS NOT NULL AND o.kind = 'municipality'
			UNION SELECT i.process_id, t.parent_id FROM inside i JOIN territory t ON t.id = i.id)
		SELECT t.code, t.name, t.kind, count(*) AS processes, array_agg(i.process_id) AS running
		FROM inside i JOIN territory t ON t.id = i.id WHERE t.kind IN ('region', 'province')
		GROUP BY t.id ORDER BY t.kind DESC, count(*) DESC, t.name`).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list areas: %w", err)
	}
	return out, nil
}

// listFruits gives the published processes with published outcomes, the latest
// first.
func listFruits(ctx context.Context, db bun.IDB, limit int) ([]Fruit, error) {
	var out []Fruit
	err := db.NewRaw(`SELECT p.slug, p.title, count(*) AS outcomes, count(*) FILTER (WHERE o.status <> 'open') AS answered,
			max(o.published_at) AS last
		FROM outcome o JOIN process p ON p.id = o.process_id
		WHERE p.published_at IS NOT NULL AND o.published_at IS NOT NULL
		GROUP BY p.id ORDER BY max(o.published_at) DESC LIMIT ?`, limit).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list fruits: %w", err)
	}
	return out, nil
}

// organisationName is how the body that leads a process calls itself.
func organisationName(ctx context.Context, db bun.IDB, id process.OrganisationID) (string, error) {
	var name string
	err := db.NewRaw(`SELECT name FROM organisation WHERE id = ?`, id).Scan(ctx, &name)
	return name, err
}
