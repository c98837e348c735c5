package message

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/workflow/definition"
)

// listChanges gives the notices of a changed end of what a notice is about, the
// first first, since an instant.
func listChanges(ctx context.Context, db bun.IDB, n notify.Notice, since time.Time) ([]change, error) {
	var rows []change
	err := db.NewRaw(`SELECT id, (payload->>'old_end')::timestamptz AS old_end, (payload->>'due_at')::timestamptz AS new_end,
			coalesce((payload->>'by')::bigint, 0) AS "by"
		FROM notice WHERE process_id = ? AND activity_id IS NOT DISTINCT FROM nullif(?, 0) AND kind IN (?, ?)
			AND created_at >= ? AND cancelled_at IS NULL ORDER BY id`,
		n.ProcessID, n.ActivityID, definition.NoticeExtended, definition.NoticeShortened, since).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("changes of the end of notice %q: %w", n.Key, err)
	}
	return rows, nil
}

// finalReport is the document in which a process says what it came to.
const finalReport = "final-report"

// reported tells whether the public can read the final report of a process.
func reported(ctx context.Context, db bun.IDB, id process.ID) (out bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM artefact WHERE process_id = ? AND code = ? AND published_at IS NOT NULL)`, id, finalReport).Scan(ctx, &out)
	if err != nil {
		return false, fmt.Errorf("final report of process %d: %w", id, err)
	}
	return out, nil
}

// knownEnds gives the end that each person was told by mail or set last, or that
// stood before all changes. What the notice itself told on another channel leaves it
// to be told on this one.
func knownEnds(ctx context.Context, db bun.IDB, n notify.Notice, changes []change, persons []int64) (map[int64]time.Time, error) {
	known, ids := map[int64]time.Time{}, []int64{}
	if len(changes) == 0 {
		return known, nil
	}
	for _, c := range changes {
		ids = append(ids, c.ID)
	}
	var rows []struct{ PersonID, NoticeID int64 }
	err := db.NewRaw(`SELECT person_id, max(notice_id) AS notice_id FROM delivery
		WHERE process_id = ? AND notice_id IN (?) AND person_id IN (?) AND status = 'sent'
			AND channel = 'mail' AND notice_id <> ? GROUP BY person_id`,
		n.ProcessID, bun.List(ids), bun.List(persons), n.ID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("ends told before notice %q: %w", n.Key, err)
	}
	told := map[int64]int64{}
	for _, r := range rows {
		told[r.PersonID] = r.NoticeID
	}
	for _, p := range persons {
		known[p] = changes[0].OldEnd
		for _, c := range changes {
			if c.By == p || c.ID == told[p] {
				known[p] = c.NewEnd
			}
		}
	}
	return known, nil
}

// writtenTitle is how the author of a document called it, "" when it is gone.
func writtenTitle(ctx context.Context, db bun.IDB, n notify.Notice, code string) (string, error) {
	var title string
	err := db.NewRaw(`SELECT title FROM artefact WHERE process_id = ? AND code = ?`, n.ProcessID, code).Scan(ctx, &title)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("title of document %q: %w", code, err)
	}
	return title, nil
}

// uninvited gives those whose invitation to the activity has not been mailed yet
// and still will be: what they do not know of cannot rest or go on for them.
func uninvited(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) ([]int64, error) {
	var out []int64
	err := db.NewRaw(`SELECT d.person_id FROM notice n JOIN delivery d ON d.process_id = n.process_id AND d.notice_id = n.id
		WHERE n.process_id = ? AND n.activity_id = ? AND n.kind = 'invitation' AND n.cancelled_at IS NULL AND d.person_id IN (?)
			AND d.channel IN ('mail', 'digest')
		GROUP BY d.person_id HAVING bool_and(d.status <> 'sent')
			AND bool_or(d.status IN ('queued', 'sending', 'deferred') OR d.suppressed_why = ?)`,
		n.ProcessID, n.ActivityID, bun.List(persons), notify.HeldBack).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("who was not invited yet: %w", err)
	}
	return out, nil
}
