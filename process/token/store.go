package token

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

type row struct {
	bun.BaseModel `bun:"table:api_token,alias:t"`

	ID             int64 `bun:"id,pk,autoincrement"`
	PublicID       string
	OrganisationID process.OrganisationID
	PersonID       process.PersonID
	Name           string
	Scopes         []string `bun:",array"`
	TokenHash      []byte
	CreatedAt      time.Time
	ExpiresAt      time.Time
	LastUsedAt     *time.Time
	RevokedAt      *time.Time
}

func insert(ctx context.Context, tx bun.IDB, r *row) error {
	if _, err := tx.NewInsert().Model(r).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("insert token: %w", err)
	}
	return nil
}

// list gives those of an organisation, the newest first.
func list(ctx context.Context, db bun.IDB, o process.OrganisationID) ([]Token, error) {
	var rows []struct {
		row
		By string
	}
	err := db.NewSelect().Model(&rows).ModelTableExpr("api_token AS t").Join("JOIN person AS p ON p.id = t.person_id").
		ColumnExpr("t.*, coalesce(nullif(p.name, ''), p.email) AS by").
		Where("t.organisation_id = ?", o).Order("t.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	out := make([]Token, len(rows))
	for i, r := range rows {
		out[i] = Token{
			PublicID: r.PublicID, Name: r.Name, By: r.By, Scopes: r.Scopes, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
			LastUsedAt: r.LastUsedAt, RevokedAt: r.RevokedAt,
		}
	}
	return out, nil
}

// byHash finds a token; fault.Unauthenticated "api.token_bad" when there is none.
func byHash(ctx context.Context, db bun.IDB, hash []byte) (row, error) {
	var r row
	err := db.NewSelect().Model(&r).Where("t.token_hash = ?", hash).Scan(ctx)
	if pg.NoRows(err) {
		return r, fault.New(fault.Unauthenticated, "api.token_bad")
	}
	if err != nil {
		return r, fmt.Errorf("load token: %w", err)
	}
	return r, nil
}

func touch(ctx context.Context, db bun.IDB, id int64, now time.Time) error {
	if _, err := db.NewRaw(`UPDATE api_token SET last_used_at = ? WHERE id = ?`, now, id).Exec(ctx); err != nil {
		return fmt.Errorf("note the use of a token: %w", err)
	}
	return nil
}

// revoke keeps the first time of those that a token is revoked at.
func revoke(ctx context.Context, tx bun.IDB, o process.OrganisationID, publicID string, now time.Time) error {
	res, err := tx.NewRaw(`UPDATE api_token SET revoked_at = coalesce(revoked_at, ?) WHERE organisation_id = ? AND public_id = ?`,
		now, o, publicID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return err
		}
		return fault.New(fault.NotFound, "connect.token_unknown")
	}
	return nil
}

func purge(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	res, err := db.NewRaw(`DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE least(expires_at, revoked_at) < ? LIMIT ?)`,
		before, limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget tokens: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
