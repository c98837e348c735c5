package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

type over struct {
	ProcessID  process.ID
	Definition string
	Version    int
	State      string
	EnteredAt  time.Time
	ErasedAt   bun.NullTime // the last time
}

// named says that a process p with instance w holds names: whoever took part
// after a reopening came after the last erasure.
const named = `(p.erased_at IS NULL OR p.erased_at < w.entered_at)`

// noted says that the log of a process p names who acted too long ago: after an
// erasure some acts are still possible, and it takes all the texts there are.
const noted = `EXISTS (SELECT FROM transition_text t JOIN transition_log l ON l.process_id = t.process_id AND l.seq = t.seq
	WHERE t.process_id = p.id AND l.at + make_interval(days => p.keep_days) <= ?0)`

// ended lists the processes that entered their present state long enough ago
// and still hold names; the caller asks the definition whether it is final.
func ended(ctx context.Context, db bun.IDB, now time.Time) ([]over, error) {
	var out []over
	err := db.NewRaw(`SELECT p.id AS process_id, w.definition, w.version, w.state, w.entered_at, p.erased_at
		FROM process p JOIN workflow_instance w ON w.process_id = p.id AND w.activity_id = 0
		WHERE (`+named+` OR `+noted+`) AND w.entered_at + make_interval(days => p.keep_days) <= ?0 ORDER BY p.id`, now).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list ended processes: %w", err)
	}
	return out, nil
}

// step is one kind of row to erase, at most ?1 of process ?0 at a time. It
// matches nothing once it is done.
type step struct{ name, sql string }

// steps in their order. Whoever has a role anywhere, or is on a list of a
// process whose names are kept still, stays a person, and a twin without a name
// takes their place in this one. The texts of the log go last: by them it is found
// again what was interrupted.
var steps = []step{
	{"identities", `DELETE FROM response_identity WHERE (process_id, activity_id, response_id) IN
		(SELECT process_id, activity_id, response_id FROM response_identity WHERE process_id = ?0 LIMIT ?1)`},
	{"drafts", `DELETE FROM draft WHERE (process_id, activity_id, invitation_id) IN
		(SELECT process_id, activity_id, invitation_id FROM draft WHERE process_id = ?0 LIMIT ?1)`},
	{"consents", `UPDATE consent SET person_id = NULL WHERE (process_id, id) IN
		(SELECT process_id, id FROM consent WHERE process_id = ?0 AND person_id IS NOT NULL LIMIT ?1)`},
	{"speakers", `DELETE FROM focusgroup_speaker WHERE (process_id, activity_id, person_id) IN
		(SELECT process_id, activity_id, person_id FROM focusgroup_speaker WHERE process_id = ?0 LIMIT ?1)`},
	{"messages", `DELETE FROM inbox_item WHERE (process_id, delivery_id) IN
		(SELECT process_id, delivery_id FROM inbox_item WHERE process_id = ?0 LIMIT ?1)`},
	{"deliveries", `UPDATE delivery SET address = '', name = '', reply = NULL WHERE (process_id, id) IN
		(SELECT process_id, id FROM delivery WHERE process_id = ?0 AND (address <> '' OR name <> '')
			AND status NOT IN ('queued', 'sending', 'deferred') LIMIT ?1)`},
	{"replies", `UPDATE delivery_event SET reply = NULL WHERE (process_id, delivery_id, id) IN
		(SELECT process_id, delivery_id, id FROM delivery_event WHERE process_id = ?0 AND reply IS NOT NULL LIMIT ?1)`},
	{"tellings", `DELETE FROM webhook_delivery WHERE (process_id, id) IN
		(SELECT process_id, id FROM webhook_delivery WHERE process_id = ?0 LIMIT ?1)`},
	{"state_reasons", `UPDATE workflow_instance SET reason = '' WHERE (process_id, activity_id) IN
		(SELECT process_id, activity_id FROM workflow_instance WHERE process_id = ?0 AND reason <> '' LIMIT ?1)`},
	{"plan_reasons", `UPDATE workflow_plan SET reason = '' WHERE (process_id, activity_id, state) IN
		(SELECT process_id, activity_id, state FROM workflow_plan WHERE process_id = ?0 AND reason <> '' LIMIT ?1)`},
	{"notice_reasons", `UPDATE notice SET payload = payload - 'reason' - 'by' WHERE (process_id, id) IN
		(SELECT process_id, id FROM notice WHERE process_id = ?0 AND (payload->>'reason' IS NOT NULL OR payload->>'by' IS NOT NULL)
			AND (expanded_at IS NOT NULL OR cancelled_at IS NOT NULL) LIMIT ?1)`},
	{"pause_reasons", `UPDATE notice_pause SET why = '' WHERE (process_id, notice_id, id) IN
		(SELECT process_id, notice_id, id FROM notice_pause WHERE process_id = ?0 AND why <> '' AND until IS NOT NULL LIMIT ?1)`},
	{"people", `WITH gone AS (SELECT x.id, x.email FROM person x WHERE x.email NOT LIKE 'erased-%@erased.invalid' AND NOT x.administrator
			AND (EXISTS (SELECT FROM contact c WHERE c.process_id = ?0 AND c.person_id = x.id)
				OR EXISTS (SELECT FROM follower f WHERE f.process_id = ?0 AND f.person_id = x.id)
				OR EXISTS (SELECT FROM invitation i WHERE i.process_id = ?0 AND i.person_id = x.id)
				OR EXISTS (SELECT FROM registration r WHERE r.process_id = ?0 AND r.person_id = x.id))
			AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = x.id)
			AND NOT EXISTS (SELECT FROM process_member m WHERE m.person_id = x.id)
			AND NOT EXISTS (SELECT FROM absence a WHERE a.deputy_id = x.id)
			AND NOT EXISTS (SELECT FROM process p JOIN workflow_instance w ON w.process_id = p.id AND w.activity_id = 0
				WHERE p.id <> ?0 AND ` + named + ` AND (
				EXISTS (SELECT FROM contact c WHERE c.process_id = p.id AND c.person_id = x.id)
				OR EXISTS (SELECT FROM follower f WHERE f.process_id = p.id AND f.person_id = x.id)
				OR EXISTS (SELECT FROM invitation i WHERE i.process_id = p.id AND i.person_id = x.id)
				OR EXISTS (SELECT FROM registration r WHERE r.process_id = p.id AND r.person_id = x.id)))
			LIMIT ?1),
		bounced AS (DELETE FROM suppression s USING gone g WHERE s.address = g.email),
		told AS (DELETE FROM inbox_item i USING gone g WHERE i.person_id = g.id),
		wished AS (DELETE FROM preference w USING gone g WHERE w.person_id = g.id),
		digested AS (UPDATE delivery d SET address = '', name = '', reply = NULL FROM gone g
			WHERE d.process_id = 0 AND d.person_id = g.id AND d.status NOT IN ('queued', 'sending', 'deferred'))
		UPDATE person p SET email = 'erased-' || lower(p.public_id) || '@erased.invalid', name = '', entered_at = NULL FROM gone g WHERE p.id = g.id`},
	{"links", partedSQL()},
	{"requests", `DELETE FROM registration_request WHERE (process_id, id) IN
		(SELECT process_id, id FROM registration_request WHERE process_id = ?0 LIMIT ?1)`},
	{"followers", `DELETE FROM follower WHERE (process_id, person_id) IN
		(SELECT process_id, person_id FROM follower WHERE process_id = ?0 LIMIT ?1)`},
	{"contacts", `UPDATE contact SET source = '' WHERE (process_id, person_id) IN
		(SELECT process_id, person_id FROM contact WHERE process_id = ?0 AND source <> '' LIMIT ?1)`},
	{"log_texts", `DELETE FROM transition_text WHERE (process_id, seq) IN
		(SELECT process_id, seq FROM transition_text WHERE process_id = ?0 LIMIT ?1)`},
}

func run(ctx context.Context, tx bun.IDB, s step, id process.ID) (int, error) {
	res, err := tx.NewRaw(s.sql, id, batch).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// stillOver reports that a process is where it was found, and that nobody else
// erased it since, and keeps it there until the transaction ends. Without it one that is
// reopened while its names are being erased would lose those who take part again.
func stillOver(ctx context.Context, tx bun.IDB, o over) (bool, error) {
	var found []int
	err := tx.NewRaw(`SELECT 1 FROM process p JOIN workflow_instance w ON w.process_id = p.id AND w.activity_id = 0
		WHERE p.id = ? AND w.state = ? AND w.entered_at = ? AND p.erased_at IS NOT DISTINCT FROM ? FOR UPDATE OF w`, o.ProcessID, o.State, o.EnteredAt, o.ErasedAt).Scan(ctx, &found)
	if err != nil {
		return false, fmt.Errorf("ask whether process %d is over: %w", o.ProcessID, err)
	}
	return len(found) == 1, nil
}

// mark notes that a process is done.
func mark(ctx context.Context, tx bun.IDB, id process.ID, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE process SET erased_at = ? WHERE id = ?`, now, id).Exec(ctx)
	return err
}
