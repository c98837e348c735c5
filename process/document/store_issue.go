package document

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

// Issue writes a document and makes it public at d.UpdatedAt, in the caller's
// transaction and on its policy, and that of process.Service.Document: for what a use case elsewhere produces, such
// as results. d.Revision is the one that the form was made from, 0 for a new
// one. It keeps the first date of publication; the same text again changes
// nothing else, whatever the revision. Refusals: fault.Invalid at "title",
// "body" or "code"; fault.Conflict "form.stale" when somebody wrote another text
// meanwhile.
func Issue(ctx context.Context, tx bun.IDB, core *process.Service, p process.Process, who process.Actor, d Document) error {
	d.Title, d.Body = strings.TrimSpace(d.Title), strings.TrimSpace(d.Body)
	if err := check(d); err != nil {
		return err
	}
	return noted(ctx, tx, core, p, who, d.Code, func() error { return issue(ctx, tx, d, who.Person) })
}

func issue(ctx context.Context, tx bun.IDB, d Document, who process.PersonID) error {
	res, err := tx.NewRaw(`INSERT INTO artefact AS a (process_id, code, title, body, revision, updated_by, updated_at, published_at)
		VALUES (?0, ?1, ?2, ?3, 1, ?4, ?5, ?5)
		ON CONFLICT (process_id, code) DO UPDATE SET title = ?2, body = ?3, updated_by = ?4, updated_at = ?5,
			revision = a.revision + CASE WHEN (a.title, a.body) = (?2, ?3) THEN 0 ELSE 1 END,
			published_at = coalesce(a.published_at, ?5)
		WHERE a.revision = ?6 OR (a.title, a.body) = (?2, ?3)`,
		d.ProcessID, d.Code, d.Title, d.Body, who, d.UpdatedAt, d.Revision).Exec(ctx)
	if err != nil {
		return fmt.Errorf("issue document: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "form.stale")
	}
	return err
}

// Written gives a document as it stands, for the use case that issues it;
// Revision is 0 when nobody wrote it.
func Written(ctx context.Context, db bun.IDB, id process.ID, code string) (Document, error) {
	d := Document{ProcessID: id, Code: code}
	err := db.NewRaw(`SELECT title, body, revision, updated_at, published_at FROM artefact
		WHERE process_id = ? AND code = ?`, id, code).Scan(ctx, &d)
	if err != nil && !pg.NoRows(err) {
		return d, fmt.Errorf("load document: %w", err)
	}
	return d, nil
}
