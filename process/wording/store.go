package wording

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/fault"
)

// Version is one text as it was saved: a row that nobody changes. Subject and Body
// are both "" where somebody went back to the kind's own text. By is who saved it,
// and Name what they are called now.
type Version struct {
	bun.BaseModel `bun:"table:notice_text,alias:t"`

	ProcessID int64            `bun:"process_id"`
	Kind      string           `bun:"kind"`
	Locale    string           `bun:"locale"`
	Revision  int              `bun:"revision"`
	Subject   string           `bun:"subject,nullzero"`
	Body      string           `bun:"body,nullzero"`
	At        time.Time        `bun:"at"`
	By        process.PersonID `bun:"by_person"`
	Name      string           `bun:"name,scanonly"`
}

// Standard reports that the kind's own text holds: nobody adapted it, or somebody
// went back.
func (v Version) Standard() bool { return v.Body == "" }

// Wording is what the version says.
func (v Version) Wording() templates.Wording {
	return templates.Wording{Subject: v.Subject, Body: v.Body}
}

const versionColumns = `t.process_id, t.kind, t.locale, t.revision, coalesce(t.subject, '') AS subject, coalesce(t.body, '') AS body, t.at, t.by_person`

// listCurrent gives the newest version of each language of a kind.
func listCurrent(ctx context.Context, db bun.IDB, processID int64, kind string) ([]Version, error) {
	var rows []Version
	err := db.NewRaw(`SELECT DISTINCT ON (locale) `+versionColumns+` FROM notice_text t
		WHERE process_id = ? AND kind = ? ORDER BY locale, revision DESC`, processID, kind).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("texts of %s: %w", kind, err)
	}
	return rows, nil
}

// listAll gives the newest version of each text of a process.
func listAll(ctx context.Context, db bun.IDB, id process.ID) ([]Version, error) {
	var rows []Version
	err := db.NewRaw(`SELECT DISTINCT ON (t.kind, t.locale) `+versionColumns+`, p.name FROM notice_text t JOIN person p ON p.id = t.by_person
		WHERE t.process_id = ? ORDER BY t.kind, t.locale, t.revision DESC`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("texts of process %d: %w", id, err)
	}
	return rows, nil
}

// listVersions gives all versions of one text, the newest first.
func listVersions(ctx context.Context, db bun.IDB, id process.ID, kind, locale string) ([]Version, error) {
	var rows []Version
	err := db.NewRaw(`SELECT `+versionColumns+`, p.name FROM notice_text t JOIN person p ON p.id = t.by_person
		WHERE t.process_id = ? AND t.kind = ? AND t.locale = ? ORDER BY t.revision DESC`, id, kind, locale).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", kind, err)
	}
	return rows, nil
}

// insert writes a version. fault.Conflict "form.stale" when there is one of that
// number.
func insert(ctx context.Context, tx bun.IDB, v Version) error {
	res, err := tx.NewInsert().Model(&v).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("save text of %s: %w", v.Kind, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "form.stale")
}

// trialsSince counts the trials that somebody sent themselves since an instant.
func trialsSince(ctx context.Context, tx bun.IDB, who process.PersonID, since time.Time) (int, error) {
	var n int
	err := tx.NewRaw(`SELECT count(*) FROM notice WHERE process_id = 0 AND kind = ? AND person_id = ? AND created_at > ?`,
		Trial, who, since).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count trials: %w", err)
	}
	return n, nil
}
