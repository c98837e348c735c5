package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

// registrationSQL reads registrations with the person's name and the place in
// the queue.
const registrationSQL = `SELECT r.process_id, r.id, r.activity_id, r.person_id, p.name, p.email, r.status, r.version,
	r.queued_at, r.changed_at, r.consent_at,
	CASE WHEN r.status = 'waiting' THEN (SELECT count(*) FROM registration w
		WHERE w.process_id = r.process_id AND w.activity_id = r.activity_id AND w.status = 'waiting'
			AND (w.queued_at, w.id) <= (r.queued_at, r.id)) ELSE 0 END AS position
	FROM registration r JOIN person p ON p.id = r.person_id `

func personRegistration(ctx context.Context, db bun.IDB, a process.Activity, person process.PersonID) (r Registration, found bool, err error) {
	err = db.NewRaw(registrationSQL+`WHERE r.process_id = ? AND r.activity_id = ? AND r.person_id = ?`,
		a.ProcessID, a.ID, person).Scan(ctx, &r)
	if pg.NoRows(err) {
		return Registration{}, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("find registration: %w", err)
	}
	return r, true, nil
}

func loadRegistration(ctx context.Context, db bun.IDB, id process.ID, registration RegistrationID) (Registration, error) {
	var r Registration
	err := db.NewRaw(registrationSQL+`WHERE r.process_id = ? AND r.id = ?`, id, registration).Scan(ctx, &r)
	if pg.NoRows(err) {
		return r, fault.New(fault.NotFound, "meeting.registration_not_found")
	}
	if err != nil {
		return r, fmt.Errorf("load registration: %w", err)
	}
	return r, nil
}

// listRegistrations counts the queue once for the whole list.
func listRegistrations(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Registration, error) {
	var out []Registration
	err := db.NewRaw(`SELECT r.process_id, r.id, r.activity_id, r.person_id, p.name, p.email, r.status, r.version,
			r.queued_at, r.changed_at, r.consent_at,
			CASE WHEN r.status = 'waiting'
				THEN row_number() OVER (PARTITION BY r.status ORDER BY r.queued_at, r.id) ELSE 0 END AS position
		FROM registration r JOIN person p ON p.id = r.person_id
		WHERE r.process_id = ? AND r.activity_id = ?
		ORDER BY array_position(ARRAY['registered', 'waiting', 'cancelled'], r.status), position, p.name, p.email`,
		id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list registrations: %w", err)
	}
	return out, nil
}

func countPlaces(ctx context.Context, db bun.IDB, a process.Activity) (Places, error) {
	var n Places
	err := db.NewRaw(`SELECT count(*) FILTER (WHERE status = 'registered') AS registered,
			count(*) FILTER (WHERE status = 'waiting') AS waiting
		FROM registration WHERE process_id = ? AND activity_id = ?`, a.ProcessID, a.ID).Scan(ctx, &n)
	if err != nil {
		return n, fmt.Errorf("count places: %w", err)
	}
	return n, nil
}

// enqueue puts a person at the end of the queue, also one who left before. The
// time of joining is later than everyone's, whatever the clock says, so that
// the order of the list is the order in which the lock was won.
func enqueue(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) (RegistrationID, error) {
	var id RegistrationID
	err := tx.NewRaw(`INSERT INTO registration (process_id, activity_id, person_id, status, queued_at, changed_at, consent_at)
		SELECT ?0, ?1, ?2, 'waiting',
			greatest(?3::timestamptz, (SELECT max(queued_at) + interval '1 microsecond' FROM registration
				WHERE process_id = ?0 AND activity_id = ?1)), ?3,
			(SELECT given_at FROM consent WHERE process_id = ?0 AND activity_id = ?1 AND person_id = ?2
				AND purpose = 'participation' AND withdrawn_at IS NULL)
		ON CONFLICT ON CONSTRAINT registration_once DO UPDATE SET status = 'waiting',
			queued_at = EXCLUDED.queued_at, changed_at = EXCLUDED.changed_at, consent_at = EXCLUDED.consent_at
		RETURNING id`, f.activity.ProcessID, f.activity.ID, person, f.now).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("queue registration: %w", err)
	}
	return id, nil
}

// promoteFirst gives places to the first n who wait and returns them in order.
func promoteFirst(ctx context.Context, tx bun.IDB, f *floor, n int) ([]Registration, error) {
	var out []Registration
	err := tx.NewRaw(`WITH first AS (
			SELECT process_id, id FROM registration
			WHERE process_id = ?0 AND activity_id = ?1 AND status = 'waiting'
			ORDER BY queued_at, id LIMIT ?2
		), promoted AS (
			UPDATE registration AS r SET status = 'registered', changed_at = ?3
			FROM first WHERE r.process_id = first.process_id AND r.id = first.id
			RETURNING r.process_id, r.id, r.activity_id, r.person_id, r.status, r.version, r.queued_at, r.changed_at
		)
		SELECT * FROM promoted ORDER BY queued_at, id`,
		f.activity.ProcessID, f.activity.ID, n, f.now).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("promote from the queue: %w", err)
	}
	return out, nil
}

func cancelRegistration(ctx context.Context, tx bun.IDB, r Registration, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE registration SET status = 'cancelled', changed_at = ? WHERE process_id = ? AND id = ?`,
		now, r.ProcessID, r.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("cancel registration: %w", err)
	}
	return nil
}

const requestSQL = `SELECT q.process_id, q.id, q.activity_id, q.person_id, p.name, p.email, q.expires_at, q.mails, q.mailed_at
	FROM registration_request q JOIN person p ON p.id = q.person_id WHERE q.process_id = ? AND q.id = ?`

func loadRequest(ctx context.Context, db bun.IDB, id process.ID, request RequestID) (Request, error) {
	var r Request
	err := db.NewRaw(requestSQL, id, request).Scan(ctx, &r)
	if pg.NoRows(err) {
		return r, fault.New(fault.NotFound, "link.bad")
	}
	if err != nil {
		return r, fmt.Errorf("load registration request: %w", err)
	}
	return r, nil
}

// keepRequest adds a person's request, or prolongs the one that there is.
func keepRequest(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) (Request, error) {
	var id RequestID
	err := tx.NewRaw(`INSERT INTO registration_request (process_id, activity_id, person_id, expires_at) VALUES (?, ?, ?, ?)
		ON CONFLICT ON CONSTRAINT registration_request_once DO UPDATE SET expires_at = EXCLUDED.expires_at
		RETURNING id`, f.activity.ProcessID, f.activity.ID, person, f.now.Add(confirmable)).Scan(ctx, &id)
	if err != nil {
		return Request{}, fmt.Errorf("keep registration request: %w", err)
	}
	return loadRequest(ctx, tx, f.activity.ProcessID, id)
}

func noteMail(ctx context.Context, tx bun.IDB, r Request) error {
	_, err := tx.NewRaw(`UPDATE registration_request SET mails = ?, mailed_at = ? WHERE process_id = ? AND id = ?`,
		r.Mails, r.MailedAt, r.ProcessID, r.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the mail of a request: %w", err)
	}
	return nil
}

// forgetRequests deletes the activity's requests that expired before an instant.
func forgetRequests(ctx context.Context, tx bun.IDB, f *floor, before time.Time) error {
	_, err := tx.NewRaw(`DELETE FROM registration_request WHERE process_id = ? AND activity_id = ? AND expires_at < ?`,
		f.activity.ProcessID, f.activity.ID, before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget registration requests: %w", err)
	}
	return nil
}
