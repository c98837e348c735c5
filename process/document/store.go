package document

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

func list(ctx context.Context, db bun.IDB, id process.ID) ([]Document, error) {
	var out []Document
	err := db.NewRaw(`SELECT process_id, code, title, body, revision, updated_at, published_at
		FROM artefact WHERE process_id = ? ORDER BY updated_at, code`, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	return out, nil
}

func save(ctx context.Context, tx bun.IDB, d Document, who process.PersonID) error {
	res, err := tx.NewRaw(`INSERT INTO artefact AS a (process_id, code, title, body, revision, updated_by, updated_at)
		VALUES (?0, ?1, ?2, ?3, 1, ?4, ?5)
		ON CONFLICT (process_id, code) DO UPDATE SET title = ?2, body = ?3, revision = a.revision + 1,
			updated_by = ?4, updated_at = ?5
		WHERE a.revision = ?6`, d.ProcessID, d.Code, d.Title, d.Body, who, d.UpdatedAt, d.Revision).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save document: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "form.stale")
	}
	return err
}

func publish(ctx context.Context, tx bun.IDB, id process.ID, code string, at *time.Time) error {
	res, err := tx.NewRaw(`UPDATE artefact
		SET published_at = CASE WHEN ?0::timestamptz IS NULL THEN NULL ELSE coalesce(published_at, ?0) END
		WHERE process_id = ?1 AND code = ?2 AND body <> ''`, at, id, code).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish document: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "document.not_found")
	}
	return err
}
