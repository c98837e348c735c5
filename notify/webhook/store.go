package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

type hookRow struct {
	bun.BaseModel `bun:"table:webhook,alias:w"`

	ID             int64 `bun:"id,pk,autoincrement"`
	PublicID       string
	OrganisationID int64
	CreatedBy      int64
	URL            string
	Events         []string `bun:",array"`
	Generation     int
	CreatedAt      time.Time
	PausedAt       *time.Time
	PausedWhy      string `bun:",nullzero"`
	FailingSince   *time.Time
}

func (r hookRow) hook() Hook {
	return Hook{
		ID: r.ID, PublicID: r.PublicID, OrganisationID: r.OrganisationID, CreatedBy: r.CreatedBy, URL: r.URL, Events: r.Events,
		Generation: r.Generation, CreatedAt: r.CreatedAt, PausedAt: r.PausedAt, PausedWhy: r.PausedWhy, FailingSince: r.FailingSince,
	}
}

// Insert adds an address, with its first secret.
func Insert(ctx context.Context, tx bun.IDB, h Hook) error {
	row := hookRow{
		PublicID: h.PublicID, OrganisationID: h.OrganisationID, CreatedBy: h.CreatedBy, URL: h.URL, Events: h.Events,
		Generation: 1, CreatedAt: h.CreatedAt,
	}
	if _, err := tx.NewInsert().Model(&row).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("insert webhook: %w", err)
	}
	return nil
}

// List gives the addresses of an organisation, the newest first.
func List(ctx context.Context, db bun.IDB, organisation int64) ([]Hook, error) {
	var rows []hookRow
	if err := db.NewSelect().Model(&rows).Where("organisation_id = ?", organisation).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	out := make([]Hook, len(rows))
	for i, r := range rows {
		out[i] = r.hook()
	}
	return out, nil
}

// Find gives one of an organisation; fault.NotFound "connect.webhook_unknown".
func Find(ctx context.Context, db bun.IDB, organisation int64, publicID string) (Hook, error) {
	var row hookRow
	err := db.NewSelect().Model(&row).Where("organisation_id = ? AND public_id = ?", organisation, publicID).Scan(ctx)
	if pg.NoRows(err) {
		return Hook{}, fault.New(fault.NotFound, "connect.webhook_unknown")
	}
	if err != nil {
		return Hook{}, fmt.Errorf("load webhook: %w", err)
	}
	return row.hook(), nil
}

// Pause stops an address by hand; what waits keeps waiting.
func Pause(ctx context.Context, tx bun.IDB, id int64, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE webhook SET paused_at = ?, paused_why = ? WHERE id = ? AND paused_at IS NULL`, now, ByPerson, id).Exec(ctx)
	return wrap("pause webhook", err)
}

// Resume goes on with what waits, at once.
func Resume(ctx context.Context, tx bun.IDB, id int64) error {
	_, err := tx.NewRaw(`UPDATE webhook SET paused_at = NULL, paused_why = NULL, failing_since = NULL WHERE id = ?`, id).Exec(ctx)
	if err == nil {
		_, err = tx.NewRaw(`UPDATE webhook_delivery SET due_at = clock_timestamp() WHERE webhook_id = ? AND status = 'pending'`, id).Exec(ctx)
	}
	return wrap("resume webhook", err)
}

// Rotate gives an address another secret.
func Rotate(ctx context.Context, tx bun.IDB, id int64) error {
	_, err := tx.NewRaw(`UPDATE webhook SET generation = generation + 1 WHERE id = ?`, id).Exec(ctx)
	return wrap("rotate the secret of a webhook", err)
}

// Remove forgets an address with its deliveries.
func Remove(ctx context.Context, tx bun.IDB, id int64) error {
	_, err := tx.NewRaw(`DELETE FROM webhook WHERE id = ?`, id).Exec(ctx)
	return wrap("remove webhook", err)
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
