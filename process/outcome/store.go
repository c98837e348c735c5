package outcome

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

func selectOutcomes(ctx context.Context, db bun.IDB, id process.ID, public bool) ([]Outcome, error) {
	var out []Outcome
	err := db.NewRaw(`SELECT process_id, id, public_id, kind, title, body, status, answer, revision, created_at, published_at
		FROM outcome WHERE process_id = ? AND (NOT ? OR published_at IS NOT NULL) ORDER BY created_at, id`, id, public).
		Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list outcomes: %w", err)
	}
	return out, nil
}

func listEvidence(ctx context.Context, db bun.IDB, id process.ID) ([]Evidence, error) {
	var out []Evidence
	err := db.NewRaw(`SELECT e.outcome_id, e.activity_id, a.title AS activity_title, a.kind AS activity_kind,
			a.public_id AS activity_ref, e.ref, e.label
		FROM outcome_evidence e JOIN activity a ON a.process_id = e.process_id AND a.id = e.activity_id
		WHERE e.process_id = ? ORDER BY e.outcome_id, e.position`, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list evidence: %w", err)
	}
	return out, nil
}

func insert(ctx context.Context, tx bun.IDB, o *Outcome, who process.PersonID) error {
	err := tx.NewRaw(`INSERT INTO outcome (process_id, public_id, kind, title, body, status, answer, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id, revision`,
		o.ProcessID, o.PublicID, o.Kind, o.Title, o.Body, o.Status, o.Answer, who, o.CreatedAt).
		Scan(ctx, &o.ID, &o.Revision)
	if err != nil {
		return fmt.Errorf("insert outcome: %w", err)
	}
	return nil
}

func update(ctx context.Context, tx bun.IDB, o *Outcome) error {
	res, err := tx.NewRaw(`UPDATE outcome SET kind = ?, title = ?, body = ?, status = ?, answer = ?, revision = revision + 1
		WHERE process_id = ? AND id = ? AND revision = ?`,
		o.Kind, o.Title, o.Body, o.Status, o.Answer, o.ProcessID, o.ID, o.Revision).Exec(ctx)
	if err != nil {
		return fmt.Errorf("update outcome: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "form.stale")
	}
	o.Revision++
	return err
}

func replaceEvidence(ctx context.Context, tx bun.IDB, o Outcome) error {
	_, err := tx.NewRaw(`DELETE FROM outcome_evidence WHERE process_id = ? AND outcome_id = ?`, o.ProcessID, o.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("clear evidence: %w", err)
	}
	for i, e := range o.Evidence {
		_, err := tx.NewRaw(`INSERT INTO outcome_evidence (process_id, outcome_id, position, activity_id, ref, label)
			VALUES (?, ?, ?, ?, ?, ?)`, o.ProcessID, o.ID, i, e.ActivityID, e.Ref, e.Label).Exec(ctx)
		if err != nil {
			return fmt.Errorf("add evidence: %w", err)
		}
	}
	return nil
}

func publish(ctx context.Context, tx bun.IDB, id process.ID, publicID string, at *time.Time) error {
	res, err := tx.NewRaw(`UPDATE outcome
		SET published_at = CASE WHEN ?0::timestamptz IS NULL THEN NULL ELSE coalesce(published_at, ?0) END
		WHERE process_id = ?1 AND public_id = ?2`, at, id, publicID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("publish outcome: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "outcome.not_found")
	}
	return err
}
