package meeting

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/process"
)

// noteAttendance lets the primary key speak: the row that is there already
// keeps its time.
func noteAttendance(ctx context.Context, tx bun.IDB, a Attendance) (Attendance, error) {
	res, err := tx.NewRaw(`INSERT INTO attendance (process_id, meeting_id, person_id, noted_at, noted_by)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, a.ProcessID, a.Meeting, a.Person, a.NotedAt, a.NotedBy).Exec(ctx)
	if err != nil {
		return a, fmt.Errorf("note attendance: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return a, err
	}
	err = tx.NewRaw(`SELECT process_id, meeting_id, person_id, noted_at, noted_by FROM attendance
		WHERE process_id = ? AND meeting_id = ? AND person_id = ?`, a.ProcessID, a.Meeting, a.Person).Scan(ctx, &a)
	if err != nil {
		return a, fmt.Errorf("read attendance: %w", err)
	}
	a.Already = true
	return a, nil
}

func deleteAttendance(ctx context.Context, tx bun.IDB, id process.ID, meeting ID, person process.PersonID) error {
	_, err := tx.NewRaw(`DELETE FROM attendance WHERE process_id = ? AND meeting_id = ? AND person_id = ?`,
		id, meeting, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take attendance back: %w", err)
	}
	return nil
}

// registrationsLive tells, of those registrations that the activity has, which
// are not taken back.
func registrationsLive(ctx context.Context, db bun.IDB, a process.Activity, ids []RegistrationID) (map[RegistrationID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID   RegistrationID
		Live bool
	}
	err := db.NewRaw(`SELECT id, status <> 'cancelled' AS live FROM registration
		WHERE process_id = ? AND activity_id = ? AND id IN (?)`, a.ProcessID, a.ID, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find registrations: %w", err)
	}
	live := make(map[RegistrationID]bool, len(rows))
	for _, r := range rows {
		live[r.ID] = r.Live
	}
	return live, nil
}

// noteRoll writes the presences of a page, each once, and takes others back.
func noteRoll(ctx context.Context, tx bun.IDB, f *floor, by process.PersonID, r Roll) error {
	if len(r.Here) > 0 {
		_, err := tx.NewRaw(`INSERT INTO attendance (process_id, meeting_id, person_id, noted_at, noted_by)
			SELECT process_id, ?, person_id, ?, ? FROM registration WHERE process_id = ? AND id IN (?)
			ON CONFLICT DO NOTHING`, r.Meeting, f.now, by, f.activity.ProcessID, bun.List(r.Here)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("note attendance: %w", err)
		}
	}
	if len(r.Gone) > 0 {
		_, err := tx.NewRaw(`DELETE FROM attendance WHERE process_id = ?0 AND meeting_id = ?1 AND person_id IN
			(SELECT person_id FROM registration WHERE process_id = ?0 AND id IN (?2))`,
			f.activity.ProcessID, r.Meeting, bun.List(r.Gone)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("take attendance back: %w", err)
		}
	}
	return nil
}

func listAttendance(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Attendance, error) {
	var out []Attendance
	err := db.NewRaw(`SELECT t.process_id, t.meeting_id, t.person_id, t.noted_at, t.noted_by
		FROM attendance t JOIN meeting m ON m.process_id = t.process_id AND m.id = t.meeting_id
		WHERE t.process_id = ? AND m.activity_id = ? ORDER BY t.noted_at, t.person_id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list attendance: %w", err)
	}
	return out, nil
}

type attendanceCount struct {
	MeetingID ID
	Title     string
	Day       string // DD/MM/YYYY in the process's zone
	N         int
}

// countAttendance counts the presences of the meetings that somebody attended.
func countAttendance(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]attendanceCount, error) {
	var out []attendanceCount
	err := db.NewRaw(`SELECT m.id AS meeting_id, coalesce(nullif(m.title, ''), a.title) AS title,
			to_char(m.starts_at AT TIME ZONE p.zone, 'DD/MM/YYYY') AS day, count(*) AS n
		FROM meeting m
		JOIN attendance t ON t.process_id = m.process_id AND t.meeting_id = m.id
		JOIN activity a ON a.process_id = m.process_id AND a.id = m.activity_id
		JOIN process p ON p.id = m.process_id
		WHERE m.process_id = ? AND m.activity_id = ?
		GROUP BY m.process_id, m.id, a.title, p.zone ORDER BY m.starts_at, m.id`, id, activity).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("count attendance: %w", err)
	}
	return out, nil
}

// giveConsent leaves consent to the present text alone and replaces consent to
// an earlier one.
func giveConsent(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID, purpose Purpose) error {
	_, err := tx.NewRaw(`UPDATE consent SET withdrawn_at = ? WHERE process_id = ? AND activity_id = ? AND person_id = ?
			AND purpose = ? AND withdrawn_at IS NULL AND version <> ?`,
		f.now, f.activity.ProcessID, f.activity.ID, person, purpose, f.setting.ConsentVersion).Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace consent: %w", err)
	}
	_, err = tx.NewRaw(`INSERT INTO consent (process_id, activity_id, person_id, purpose, version, given_at)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (process_id, activity_id, person_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING`,
		f.activity.ProcessID, f.activity.ID, person, purpose, f.setting.ConsentVersion, f.now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give consent: %w", err)
	}
	return nil
}

func withdrawConsent(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID, purpose Purpose) error {
	_, err := tx.NewRaw(`UPDATE consent SET withdrawn_at = ? WHERE process_id = ? AND activity_id = ? AND person_id = ?
		AND purpose = ? AND withdrawn_at IS NULL`, f.now, f.activity.ProcessID, f.activity.ID, person, purpose).Exec(ctx)
	if err != nil {
		return fmt.Errorf("withdraw consent: %w", err)
	}
	return nil
}

// markConsent copies consent to participation onto the registration, where the
// common counts and the lists read it.
func markConsent(ctx context.Context, tx bun.IDB, a process.Activity, person process.PersonID) error {
	_, err := tx.NewRaw(`UPDATE registration SET consent_at = (SELECT given_at FROM consent
			WHERE process_id = ?0 AND activity_id = ?1 AND person_id = ?2
				AND purpose = 'participation' AND withdrawn_at IS NULL)
		WHERE process_id = ?0 AND activity_id = ?1 AND person_id = ?2`, a.ProcessID, a.ID, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark consent: %w", err)
	}
	return nil
}

// heldConsents gives what a person consents to at the present text.
func heldConsents(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) ([]Purpose, error) {
	var out []Purpose
	err := tx.NewRaw(`SELECT purpose FROM consent WHERE process_id = ? AND activity_id = ? AND person_id = ?
		AND version = ? AND withdrawn_at IS NULL`, f.activity.ProcessID, f.activity.ID, person, f.setting.ConsentVersion).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list consents of a person: %w", err)
	}
	return out, nil
}
