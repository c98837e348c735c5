package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process/fault"
	"arengo/process/pg"
)

// withAccount keeps those of an audience who have an account.
func withAccount(who, accounts schema.QueryAppender) schema.QueryAppender {
	return bun.SafeQuery(`SELECT a.person_id, '' AS address, a.name, a.locale, NULL::text AS why
		FROM (?) AS a WHERE a.person_id IN (?)`, who, accounts)
}

// keep writes an item down, once a delivery.
func keep(ctx context.Context, db bun.IDB, i Item) error {
	_, err := db.NewRaw(`INSERT INTO inbox_item
			(process_id, delivery_id, notice_id, person_id, ref, locale, sender, subject, preview, body, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		i.ProcessID, i.DeliveryID, i.NoticeID, i.PersonID, i.Ref, i.Locale, i.Sender, i.Subject, i.Preview, i.Text, i.At).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep delivery %d/%d: %w", i.ProcessID, i.DeliveryID, err)
	}
	return nil
}

const columns = `process_id, delivery_id, notice_id, person_id, ref, locale, sender, subject, preview, body, at, read_at`

// List gives a person's items, the newest first, and how many there are in all.
func List(ctx context.Context, db bun.IDB, person int64, limit, offset int) (items []Item, total int, err error) {
	if err := db.NewRaw(`SELECT count(*) FROM inbox_item WHERE person_id = ?`, person).Scan(ctx, &total); err != nil {
		return nil, 0, fmt.Errorf("count messages: %w", err)
	}
	err = db.NewRaw(`SELECT `+columns+` FROM inbox_item WHERE person_id = ?
		ORDER BY at DESC, process_id, delivery_id LIMIT ? OFFSET ?`, person, limit, offset).Scan(ctx, &items)
	if err != nil {
		return nil, 0, fmt.Errorf("list messages: %w", err)
	}
	return items, total, nil
}

// Unread counts what a person has not read.
func Unread(ctx context.Context, db bun.IDB, person int64) (n int, err error) {
	err = db.NewRaw(`SELECT count(*) FROM inbox_item WHERE person_id = ? AND read_at IS NULL`, person).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count unread messages: %w", err)
	}
	return n, nil
}

// Find gives one of a person's items; fault.NotFound "inbox.not_found" when they
// have none of that name, whoever else has.
func Find(ctx context.Context, db bun.IDB, person int64, ref string) (i Item, err error) {
	err = db.NewRaw(`SELECT `+columns+` FROM inbox_item WHERE ref = ? AND person_id = ?`, ref, person).Scan(ctx, &i)
	if pg.NoRows(err) {
		return i, fault.New(fault.NotFound, "inbox.not_found")
	}
	if err != nil {
		return i, fmt.Errorf("find message: %w", err)
	}
	return i, nil
}

// Mark notes that a person read one of their items at an instant, or, with the zero
// time, that it is unread. One that was read before keeps its time. What is not theirs
// stays as it is.
func Mark(ctx context.Context, tx bun.IDB, person int64, ref string, at time.Time) error {
	_, err := tx.NewRaw(`UPDATE inbox_item SET read_at = CASE WHEN ?0::timestamptz IS NOT NULL THEN coalesce(read_at, ?0) END
		WHERE ref = ?1 AND person_id = ?2`, bun.NullTime{Time: at}, ref, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark message: %w", err)
	}
	return nil
}

// MarkAll notes that a person read at an instant what they had until another, and
// gives how many items it was.
func MarkAll(ctx context.Context, tx bun.IDB, person int64, until, at time.Time) (int, error) {
	res, err := tx.NewRaw(`UPDATE inbox_item SET read_at = ? WHERE person_id = ? AND read_at IS NULL AND at <= ?`, at, person, until).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("mark all messages: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Purge forgets items of no process from before an instant, at most limit, and gives
// how many; those of processes go with the names of these.
func Purge(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	res, err := db.NewRaw(`DELETE FROM inbox_item WHERE (process_id, delivery_id) IN
		(SELECT process_id, delivery_id FROM inbox_item WHERE process_id = 0 AND at < ? LIMIT ?)`, before, limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("purge messages: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
