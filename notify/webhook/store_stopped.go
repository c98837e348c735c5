package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// StoppedHook is an address that is told of nothing because of its answers, with
// the public identifiers that lead to it.
type StoppedHook struct {
	Webhook, Organisation string
	Name                  string // of the organisation
	URL                   string
	Why                   string // Failing or Gone
	Since                 time.Time
}

// Stopped lists the addresses that are told of nothing because of their answers,
// of the organisations that a person promotes unless 0, or the one with an
// identifier unless 0; the oldest first.
func Stopped(ctx context.Context, db bun.IDB, promoter, hook int64) ([]StoppedHook, error) {
	var out []StoppedHook
	err := db.NewRaw(`SELECT w.public_id AS webhook, o.public_id AS organisation, o.name, w.url, w.paused_why AS why, w.paused_at AS since
		FROM webhook w JOIN organisation o ON o.id = w.organisation_id
		WHERE w.paused_at IS NOT NULL AND w.paused_why <> ?0 AND (?1 = 0 OR w.id = ?1) AND (?2 = 0 OR EXISTS (
			SELECT FROM membership m WHERE m.organisation_id = o.id AND m.person_id = ?2 AND m.role = 'promoter'))
		ORDER BY w.paused_at, w.id`, ByPerson, hook, promoter).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list stopped webhooks: %w", err)
	}
	return out, nil
}

// Keepers are the people who promote the organisation of an address; where
// nobody does, those who run the platform.
func Keepers(ctx context.Context, db bun.IDB, hook int64) ([]int64, error) {
	var out []int64
	err := db.NewRaw(`WITH keeper AS (SELECT DISTINCT m.person_id FROM webhook w JOIN membership m ON m.organisation_id = w.organisation_id
			WHERE w.id = ? AND m.role = 'promoter')
		SELECT person_id FROM keeper UNION ALL
		SELECT id FROM person WHERE administrator AND NOT EXISTS (SELECT FROM keeper) ORDER BY 1`, hook).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("find who keeps a webhook: %w", err)
	}
	return out, nil
}
