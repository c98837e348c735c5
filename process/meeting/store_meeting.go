package meeting

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

const meetingColumns = `process_id, id, activity_id, position, title, starts_at, ends_at, place, join_url, agenda,
	uid, sequence, revision, cancelled_at`

// insertMeeting adds a meeting after the others; the caller holds the setting
// row, so the position is free.
func insertMeeting(ctx context.Context, tx bun.IDB, m *Meeting) error {
	err := tx.NewRaw(`INSERT INTO meeting (process_id, activity_id, position, title, starts_at, ends_at, place, join_url, agenda, uid)
		SELECT ?0, ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM meeting
		WHERE process_id = ?0 AND activity_id = ?1
		RETURNING id, position`,
		m.ProcessID, m.Activity, m.Title, m.StartsAt, m.EndsAt, m.Place, m.JoinURL, m.Agenda, m.UID).Scan(ctx, &m.ID, &m.Position)
	if err != nil {
		return fmt.Errorf("insert meeting: %w", err)
	}
	return nil
}

// updateMeeting writes everything that can change in a meeting's life and
// raises its revision.
func updateMeeting(ctx context.Context, tx bun.IDB, m *Meeting) error {
	err := tx.NewRaw(`UPDATE meeting SET title = ?, starts_at = ?, ends_at = ?, place = ?, join_url = ?, agenda = ?,
			sequence = ?, cancelled_at = ?, revision = revision + 1 WHERE process_id = ? AND id = ? RETURNING revision`,
		m.Title, m.StartsAt, m.EndsAt, m.Place, m.JoinURL, m.Agenda, m.Sequence, m.CancelledAt, m.ProcessID, m.ID).Scan(ctx, &m.Revision)
	if err != nil {
		return fmt.Errorf("update meeting: %w", err)
	}
	return nil
}

func listMeetings(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Meeting, error) {
	var out []Meeting
	err := db.NewRaw(`SELECT `+meetingColumns+` FROM meeting WHERE process_id = ? AND activity_id = ?
		ORDER BY starts_at, id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	return out, nil
}

// liveMeetings gives those that were not cancelled, by start.
func liveMeetings(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Meeting, error) {
	all, err := listMeetings(ctx, db, id, activity)
	live := all[:0]
	for _, m := range all {
		if !m.Cancelled() {
			live = append(live, m)
		}
	}
	return live, err
}

const settingColumns = `capacity, join_opens_before, invited_only, recorded, told, consent_text, consent_version, revision`

func insertSetting(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, d Setting) error {
	_, err := tx.NewRaw(`INSERT INTO meeting_setting (process_id, activity_id, capacity, join_opens_before, invited_only,
			recorded, told, consent_text)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, activity, d.Capacity, d.JoinOpensBefore, d.InvitedOnly, d.Recorded, d.Told, d.ConsentText).Exec(ctx)
	if err != nil {
		return fmt.Errorf("insert meeting setting: %w", err)
	}
	return nil
}

// lockSetting takes the lock of the queue; a row that is missing is added.
func lockSetting(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID) (Setting, error) {
	const sql = `SELECT ` + settingColumns + ` FROM meeting_setting WHERE process_id = ? AND activity_id = ? FOR NO KEY UPDATE`
	var d Setting
	err := tx.NewRaw(sql, id, activity).Scan(ctx, &d)
	if pg.NoRows(err) {
		if err := insertSetting(ctx, tx, id, activity, Default()); err != nil {
			return d, err
		}
		err = tx.NewRaw(sql, id, activity).Scan(ctx, &d)
	}
	if err != nil {
		return d, fmt.Errorf("lock meeting setting: %w", err)
	}
	return d, nil
}

func loadSetting(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Setting, error) {
	var d Setting
	err := db.NewRaw(`SELECT `+settingColumns+` FROM meeting_setting WHERE process_id = ? AND activity_id = ?`,
		id, activity).Scan(ctx, &d)
	if pg.NoRows(err) {
		d = Default()
		d.Revision = 1
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("load meeting setting: %w", err)
	}
	return d, nil
}

func updateSetting(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, d Setting) error {
	_, err := tx.NewRaw(`UPDATE meeting_setting SET capacity = ?, join_opens_before = ?, invited_only = ?, recorded = ?,
			consent_text = ?, consent_version = ?, revision = ? WHERE process_id = ? AND activity_id = ?`,
		d.Capacity, d.JoinOpensBefore, d.InvitedOnly, d.Recorded, d.ConsentText, d.ConsentVersion, d.Revision, id, activity).Exec(ctx)
	if err != nil {
		return fmt.Errorf("update meeting setting: %w", err)
	}
	return nil
}

// invited asks that a person has an invitation: fault.Forbidden
// "meeting.invited_only" otherwise.
func invited(ctx context.Context, db bun.IDB, a process.Activity, person process.PersonID) error {
	var found bool
	err := db.NewRaw(`SELECT EXISTS (SELECT 1 FROM invitation WHERE process_id = ? AND activity_id = ? AND person_id = ?
		AND withdrawn_at IS NULL)`, a.ProcessID, a.ID, person).Scan(ctx, &found)
	if err != nil {
		return fmt.Errorf("look for invitation: %w", err)
	}
	if !found {
		return fault.New(fault.Forbidden, "meeting.invited_only")
	}
	return nil
}
