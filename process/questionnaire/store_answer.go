package questionnaire

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/questionnaire/form"
	"arengo/workflow/store"
)

// newID is a UUID of version 4, all chance: one in the order of time would tell
// who answered when.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// situation is all that decides about one person's answers: the invitation, the
// state of the activity, the draft, the receipt.
type situation struct {
	InvitationID int64
	ActivityID   process.ActivityID
	PersonID     process.PersonID
	TerritoryID  *process.TerritoryID
	LinkVersion  int
	AnsweredAt   *time.Time
	WithdrawnAt  *time.Time

	Definition        string
	DefinitionVersion int
	State             string
	Zone              string
	EnteredAt         time.Time
	DueAt             *time.Time
	HeldAt            *time.Time

	DraftVersion  *int
	DraftAnswers  *string
	DraftRevision *int64
	Position      string
	StartedAt     *time.Time
	UpdatedAt     *time.Time

	Receipt     *string
	SubmittedAt *time.Time
}

const (
	situated = `SELECT i.id, i.activity_id, i.person_id, i.territory_id, i.version,
			i.answered_at, i.withdrawn_at,
			w.definition, w.version, w.state, w.zone, w.entered_at, w.due_at, w.held_at,
			d.version, d.answers, d.revision,
			coalesce(d.position, ''), d.started_at, d.updated_at, `
	situatedIn = ` FROM invitation i
		JOIN workflow_instance w ON w.process_id = i.process_id AND w.activity_id = i.activity_id
		LEFT JOIN draft d ON d.process_id = i.process_id AND d.activity_id = i.activity_id AND d.invitation_id = i.id`
	situatedBy = ` WHERE i.process_id = $1 AND i.id = $2`

	// withReceipt reads a situation whole.
	withReceipt = situated + `r.receipt, r.submitted_at` + situatedIn + `
		LEFT JOIN response_identity r ON r.process_id = i.process_id AND r.activity_id = i.activity_id AND r.invitation_id = i.id` +
		situatedBy
	// underLocks reads it for an act: the receipt of what was sent already is
	// asked for when it is.
	underLocks = situated + `NULL::text, NULL::timestamptz` + situatedIn + situatedBy
)

// claimed begins an act of a link's bearer: its locks, and then what is read
// under them, into at. alone keeps this person's other acts out until the end
// of the transaction; sending needs no such lock, since it takes the draft away.
func claimed(link process.Link, alone bool, at *situation) []pg.Step {
	steps := []pg.Step{store.ShareOf(int64(link.Process), new(int64),
		`SELECT activity_id FROM invitation WHERE process_id = $2 AND id = $3`, link.Process, link.Subject)}
	if alone {
		steps = append(steps, pg.Step{
			Query: `SELECT id FROM invitation WHERE process_id = $1 AND id = $2 FOR NO KEY UPDATE`,
			Args:  []any{link.Process, link.Subject}, Into: []any{new(int64)},
		})
	}
	return append(steps, pg.Step{Query: underLocks, Args: []any{link.Process, link.Subject}, Into: at.into()})
}

// into is where the columns of a situation go.
func (s *situation) into() []any {
	return []any{
		&s.InvitationID, &s.ActivityID, &s.PersonID, &s.TerritoryID, &s.LinkVersion,
		&s.AnsweredAt, &s.WithdrawnAt,
		&s.Definition, &s.DefinitionVersion, &s.State, &s.Zone, &s.EnteredAt, &s.DueAt, &s.HeldAt,
		&s.DraftVersion, &s.DraftAnswers, &s.DraftRevision,
		&s.Position, &s.StartedAt, &s.UpdatedAt, &s.Receipt, &s.SubmittedAt,
	}
}

// readSituation reads it whole, in one statement.
func readSituation(ctx context.Context, db bun.IDB, id process.ID, invitation int64) (situation, error) {
	var s situation
	row, err := pg.QueryRow(ctx, db, withReceipt, id, invitation)
	if err != nil {
		return s, err
	}
	err = row.Scan(s.into()...)
	if pg.NoRows(err) {
		return s, fault.New(fault.NotFound, "link.bad")
	}
	if err != nil {
		return s, fmt.Errorf("read where somebody stands: %w", err)
	}
	return s, nil
}

// InvitationKey names the invitation in the key of a notice.
func (s situation) InvitationKey() string { return strconv.FormatInt(s.InvitationID, 10) }

func (s situation) answered() bool { return s.AnsweredAt != nil }

func (s situation) begun() bool { return s.DraftVersion != nil }

// pinned is the version that the draft was begun with, 0 for the latest.
func (s situation) pinned() int {
	if s.DraftVersion == nil {
		return 0
	}
	return *s.DraftVersion
}

func (s situation) receipt() *Receipt {
	if s.Receipt == nil || s.SubmittedAt == nil {
		return nil
	}
	return &Receipt{Code: *s.Receipt, At: *s.SubmittedAt}
}

func (s situation) answers() (form.Answers, error) {
	out := form.Answers{}
	if s.DraftAnswers == nil {
		return out, nil
	}
	if err := json.Unmarshal([]byte(*s.DraftAnswers), &out); err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	return out, nil
}

// kept is answers on their way into a draft; position is the last item's code,
// and known how many of them the form has.
type kept struct {
	version  int
	answers  form.Answers
	position string
	known    int
}

// saveAnswers writes items of the draft, begins the draft when they are the
// first, and notes that on the invitation.
func saveAnswers(ctx context.Context, tx bun.IDB, a attempt, k kept) error {
	raw, err := json.Marshal(k.answers)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`WITH saved AS (
			INSERT INTO draft AS d (process_id, activity_id, invitation_id, version, answers, position, started_at, updated_at)
			VALUES (?0, ?1, ?2, ?3, ?4::jsonb, ?5, ?6, ?6)
			ON CONFLICT (process_id, activity_id, invitation_id) DO UPDATE
				SET answers = d.answers || ?4::jsonb, position = ?5, revision = d.revision + 1, updated_at = ?6
			RETURNING 1)
		UPDATE invitation SET drafted_at = ?6, opened_at = coalesce(opened_at, ?6)
		FROM saved WHERE process_id = ?0 AND id = ?2 AND drafted_at IS NULL`,
		a.link.Process, a.at.ActivityID, a.at.InvitationID, k.version, string(raw), k.position, a.now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// insertResponse moves a draft into a response in one statement: the answers
// and the day on one side, whose they are and the receipt on the other. The
// invitation is taken first, and only once, so that a second click waits and
// then finds nothing to send. The step's rows go into stored: one, or none when
// the person typed on or sent, or the link was withdrawn or replaced, meanwhile.
func insertResponse(a attempt, s sending, stored *int64) (pg.Step, error) {
	raw, err := json.Marshal(s.answers)
	return pg.Step{Affected: stored, Query: `WITH taken AS (
			UPDATE invitation SET answered_at = $10::timestamptz
			WHERE process_id = $1 AND id = $3 AND version = $11 AND answered_at IS NULL AND withdrawn_at IS NULL
			RETURNING id),
		gone AS (
			DELETE FROM draft d USING taken t
			WHERE d.process_id = $1 AND d.activity_id = $2 AND d.invitation_id = t.id AND d.revision = $4
			RETURNING d.version),
		stored AS (
			INSERT INTO response (process_id, activity_id, id, version, answers, territory_id, submitted_on)
			SELECT $1::bigint, $2::bigint, $5::uuid, version, $6::jsonb, $7::bigint, $8::date FROM gone)
		INSERT INTO response_identity (process_id, activity_id, response_id, invitation_id, receipt, submitted_at)
		SELECT $1, $2, $5::uuid, $3, $9::text, $10::timestamptz FROM gone`, Args: []any{
		a.link.Process, a.at.ActivityID, a.at.InvitationID, *a.at.DraftRevision, s.id, string(raw), a.at.TerritoryID,
		s.day, s.receipt.Code, s.receipt.At, a.at.LinkVersion,
	}}, err
}

var errChanged = errors.New("the draft changed while it was being sent")

func organisations(ctx context.Context, db bun.IDB, p process.Process) (name string, partners int, err error) {
	err = db.NewRaw(`SELECT o.name, (SELECT count(*) FROM process_partner t WHERE t.process_id = ?)
		FROM organisation o WHERE o.id = ?`, p.ID, p.OrganisationID).Scan(ctx, &name, &partners)
	if err != nil {
		return "", 0, fmt.Errorf("load who asks: %w", err)
	}
	return name, partners, nil
}

func contributors(id process.ID) schema.QueryAppender {
	return bun.SafeQuery(`SELECT i.person_id FROM invitation i
		JOIN questionnaire q ON q.process_id = i.process_id AND q.activity_id = i.activity_id
		WHERE i.process_id = ? AND i.answered_at IS NOT NULL`, id)
}
