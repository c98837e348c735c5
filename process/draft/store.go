package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow/definition"
)

// stored is the row of a draft; Source is "" where it is the definition that the
// process runs.
type stored struct {
	Revision    int64
	BaseName    string
	BaseVersion int
	Source      string
	UpdatedBy   process.PersonID
	UpdatedAt   time.Time
}

// of reports that the draft was made from a definition.
func (s stored) of(base *definition.Compiled) bool {
	return s.BaseName == base.Name && s.BaseVersion == base.Version
}

// load gives the row of a process, the zero one when there is none.
func load(ctx context.Context, db bun.IDB, id process.ID) (stored, error) {
	var s stored
	err := db.NewRaw(`SELECT revision, base_name, base_version, source, updated_by, updated_at FROM definition_draft WHERE process_id = ?`, id).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("load draft of definition: %w", err)
	}
	return s, nil
}

func save(ctx context.Context, tx bun.IDB, id process.ID, s stored) error {
	_, err := tx.NewRaw(`INSERT INTO definition_draft (process_id, revision, base_name, base_version, source, updated_by, updated_at)
		VALUES (?0, ?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (process_id) DO UPDATE SET revision = ?1, base_name = ?2, base_version = ?3, source = ?4, updated_by = ?5, updated_at = ?6`,
		id, s.Revision, s.BaseName, s.BaseVersion, s.Source, s.UpdatedBy, s.UpdatedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save draft of definition: %w", err)
	}
	return nil
}

// steps are the last changes of a process's draft, latest first.
func steps(ctx context.Context, db bun.IDB, id process.ID) ([]Step, error) {
	var out []Step
	err := db.NewRaw(`SELECT s.number, s.act, s.subject, s.source, s.done_at, p.name AS by FROM definition_draft_step s
		JOIN person p ON p.id = s.done_by WHERE s.process_id = ? ORDER BY s.number DESC`, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list steps of draft: %w", err)
	}
	return out, nil
}

// note keeps how a draft stood before a change, and the last keep of those.
func note(ctx context.Context, tx bun.IDB, id process.ID, s stored, was Step, keep int) error {
	_, err := tx.NewRaw(`INSERT INTO definition_draft_step (process_id, number, source, act, subject, done_by, done_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, id, s.Revision, was.Source, was.Act, was.Subject, s.UpdatedBy, s.UpdatedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note step of draft: %w", err)
	}
	_, err = tx.NewRaw(`DELETE FROM definition_draft_step WHERE process_id = ?0 AND number NOT IN
		(SELECT number FROM definition_draft_step WHERE process_id = ?0 ORDER BY number DESC LIMIT ?1)`, id, keep).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget steps of draft: %w", err)
	}
	return nil
}

// forget drops the step of a number, or all of them with 0.
func forget(ctx context.Context, tx bun.IDB, id process.ID, number int64) error {
	_, err := tx.NewRaw(`DELETE FROM definition_draft_step WHERE process_id = ?0 AND (number = ?1 OR ?1 = 0)`, id, number).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget steps of draft: %w", err)
	}
	return nil
}

// latest is the highest published version of a name with its source; 0 and ""
// when there is none.
func latest(ctx context.Context, db bun.IDB, name string) (version int, source string, err error) {
	err = db.NewRaw(`SELECT version, source FROM workflow_definition WHERE name = ? ORDER BY version DESC LIMIT 1`, name).Scan(ctx, &version, &source)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("latest version of %s: %w", name, err)
	}
	return version, source, nil
}
