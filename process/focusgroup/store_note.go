package focusgroup

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/roster"
)

// quotableSQL finds the consent to quotation, at the present text, of whoever
// has the code that note n names.
const quotableSQL = `SELECT 1 FROM focusgroup_speaker s
	JOIN meeting_setting d ON d.process_id = s.process_id AND d.activity_id = s.activity_id
	JOIN consent c ON c.process_id = s.process_id AND c.activity_id = s.activity_id AND c.person_id = s.person_id
		AND c.purpose = 'quotation' AND c.withdrawn_at IS NULL AND c.version = d.consent_version
	WHERE s.process_id = n.process_id AND s.activity_id = n.activity_id AND s.code = n.speaker`

func listNotes(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Note, error) {
	var out []Note
	err := db.NewRaw(`SELECT n.process_id, n.id, n.activity_id, n.theme_id, t.title AS theme_title, n.speaker, n.statement,
			n.quote, n.quote AND EXISTS (`+quotableSQL+`) AS quotable, n.revision, n.created_by, n.created_at, n.updated_at
		FROM focusgroup_note n JOIN focusgroup_theme t ON t.process_id = n.process_id AND t.id = n.theme_id
		WHERE n.process_id = ? AND n.activity_id = ? ORDER BY t.position, t.id, n.id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return out, nil
}

func contributors(id process.ID) schema.QueryAppender {
	return bun.SafeQuery(`SELECT s.person_id FROM focusgroup_speaker s
		JOIN focusgroup_note n ON n.process_id = s.process_id AND n.activity_id = s.activity_id AND n.speaker = s.code
		WHERE s.process_id = ?`, id)
}

func insertNote(ctx context.Context, tx bun.IDB, n *Note) error {
	err := tx.NewRaw(`INSERT INTO focusgroup_note (process_id, activity_id, theme_id, speaker, statement, quote,
			created_by, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id, revision`,
		n.ProcessID, n.Activity, n.Theme, n.Speaker, n.Statement, n.Quote, n.CreatedBy, n.CreatedAt, n.UpdatedAt).
		Scan(ctx, &n.ID, &n.Revision)
	if err != nil {
		return fmt.Errorf("insert note: %w", err)
	}
	return nil
}

func updateNote(ctx context.Context, tx bun.IDB, n *Note) error {
	res, err := tx.NewRaw(`UPDATE focusgroup_note SET theme_id = ?, speaker = ?, statement = ?, quote = ?, updated_at = ?,
			revision = revision + 1 WHERE process_id = ? AND activity_id = ? AND id = ? AND revision = ?`,
		n.Theme, n.Speaker, n.Statement, n.Quote, n.UpdatedAt, n.ProcessID, n.Activity, n.ID, n.Revision).Exec(ctx)
	if err := expectOne(res, err, "update note", errMoved); err != nil {
		return goneOrStale(ctx, tx, *n, err)
	}
	n.Revision++
	return nil
}

func deleteNote(ctx context.Context, tx bun.IDB, n Note) error {
	res, err := tx.NewRaw(`DELETE FROM focusgroup_note WHERE process_id = ? AND activity_id = ? AND id = ? AND revision = ?`,
		n.ProcessID, n.Activity, n.ID, n.Revision).Exec(ctx)
	if err := expectOne(res, err, "delete note", errMoved); err != nil {
		return goneOrStale(ctx, tx, n, err)
	}
	return nil
}

var errMoved = fault.New(fault.Conflict, "form.stale")

// goneOrStale tells a note that was deleted from one that somebody changed.
func goneOrStale(ctx context.Context, tx bun.IDB, n Note, err error) error {
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	var there bool
	if e := tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM focusgroup_note WHERE process_id = ? AND activity_id = ? AND id = ?)`,
		n.ProcessID, n.Activity, n.ID).Scan(ctx, &there); e != nil {
		return fmt.Errorf("look for note: %w", e)
	}
	if !there {
		return fault.New(fault.NotFound, "focusgroup.note_gone")
	}
	return err
}

func noteCited(ctx context.Context, tx bun.IDB, n Note) (bool, error) {
	var cited bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM outcome_evidence WHERE process_id = ? AND activity_id = ? AND ref = ?)`,
		n.ProcessID, n.Activity, n.Ref()).Scan(ctx, &cited)
	if err != nil {
		return false, fmt.Errorf("look for citations: %w", err)
	}
	return cited, nil
}

func listSpeakers(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Speaker, error) {
	var out []Speaker
	err := db.NewRaw(`SELECT n.person_id, n.code, EXISTS (`+quotableSQL+`) AS quotable
		FROM (SELECT process_id, activity_id, person_id, code, code AS speaker FROM focusgroup_speaker
			WHERE process_id = ? AND activity_id = ?) n ORDER BY n.code`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list speakers: %w", err)
	}
	return out, nil
}

// giveCode gives the next code; the caller holds the process, so no other can
// take it.
func giveCode(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) error {
	_, err := tx.NewRaw(`INSERT INTO focusgroup_speaker (process_id, activity_id, person_id, code)
		SELECT ?0, ?1, ?2, coalesce(max(code), 0) + 1 FROM focusgroup_speaker WHERE process_id = ?0 AND activity_id = ?1
		ON CONFLICT (process_id, activity_id, person_id) DO NOTHING`, id, activity, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give a code: %w", err)
	}
	return nil
}

func personInvitation(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) (roster.Invitation, bool, error) {
	var inv roster.Invitation
	err := db.NewRaw(`SELECT process_id AS process, id, activity_id AS activity, person_id AS person, version
		FROM invitation WHERE process_id = ? AND activity_id = ? AND person_id = ? AND withdrawn_at IS NULL`,
		id, activity, person).Scan(ctx, &inv)
	if pg.NoRows(err) {
		return inv, false, nil
	}
	if err != nil {
		return inv, false, fmt.Errorf("find invitation: %w", err)
	}
	return inv, true, nil
}

// listGuests lists all, or the one person asked about.
func listGuests(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) ([]Guest, error) {
	var out []Guest
	err := db.NewRaw(`SELECT i.person_id, i.id AS invitation, p.name, p.email, coalesce(t.name, '') AS municipality,
			CASE WHEN r.status = 'registered' THEN 'accepted' WHEN r.status = 'waiting' THEN 'queued'
				WHEN i.answered_at IS NOT NULL OR r.status = 'cancelled' THEN 'declined' ELSE 'silent' END AS reply,
			CASE WHEN r.status = 'waiting' THEN (SELECT count(*) FROM registration w WHERE w.process_id = i.process_id
				AND w.activity_id = i.activity_id AND w.status = 'waiting' AND (w.queued_at, w.id) <= (r.queued_at, r.id))
				ELSE 0 END AS position,
			coalesce(s.code, 0) AS code,
			EXISTS (SELECT 1 FROM attendance h JOIN meeting m ON m.process_id = h.process_id AND m.id = h.meeting_id
				WHERE h.process_id = i.process_id AND m.activity_id = i.activity_id AND h.person_id = i.person_id) AS present,
			ARRAY(SELECT c.purpose FROM consent c JOIN meeting_setting d ON d.process_id = c.process_id
					AND d.activity_id = c.activity_id AND d.consent_version = c.version
				WHERE c.process_id = i.process_id AND c.activity_id = i.activity_id AND c.person_id = i.person_id
					AND c.withdrawn_at IS NULL) AS consents
		FROM invitation i JOIN person p ON p.id = i.person_id
		LEFT JOIN territory t ON t.id = i.territory_id
		LEFT JOIN registration r ON r.process_id = i.process_id AND r.activity_id = i.activity_id AND r.person_id = i.person_id
		LEFT JOIN focusgroup_speaker s ON s.process_id = i.process_id AND s.activity_id = i.activity_id AND s.person_id = i.person_id
		WHERE i.process_id = ?0 AND i.activity_id = ?1 AND i.withdrawn_at IS NULL AND (?2 = 0 OR i.person_id = ?2)
		ORDER BY coalesce(nullif(p.name, ''), p.email), i.id`, id, activity, person).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list guests: %w", err)
	}
	return out, nil
}
