package document

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
)

// Issue writes a document and makes it public at d.UpdatedAt, in the caller's
// transaction and on its policy: for what a use case elsewhere produces, such
// as results. It takes the place of an earlier text and keeps the first date of
// publication. fault.Invalid at "title", "body" or "code".
func Issue(ctx context.Context, tx bun.IDB, d Document, who process.PersonID) error {
	d.Title, d.Body = strings.TrimSpace(d.Title), strings.TrimSpace(d.Body)
	if err := check(d); err != nil {
		return err
	}
	_, err := tx.NewRaw(`INSERT INTO artefact AS a (process_id, code, title, body, revision, updated_by, updated_at, published_at)
		VALUES (?0, ?1, ?2, ?3, 1, ?4, ?5, ?5)
		ON CONFLICT (process_id, code) DO UPDATE SET title = ?2, body = ?3, revision = a.revision + 1,
			updated_by = ?4, updated_at = ?5, published_at = coalesce(a.published_at, ?5)`,
		d.ProcessID, d.Code, d.Title, d.Body, who, d.UpdatedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("issue document: %w", err)
	}
	return nil
}
