package notify

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/process/pg"
)

// pause is one row of a notice's pauses that concerns deliveries still.
type pause struct {
	ProcessID, NoticeID, ID int64
	Open                    bool
}

// notPaused is the condition that a notice is not paused, by the names of its
// columns. The set is read once for a statement, and mostly empty.
const notPaused = `NOT IN (SELECT process_id, notice_id FROM notice_pause WHERE until IS NULL)`

// channelGoes is the condition that a channel is not paused.
const channelGoes = `NOT EXISTS (SELECT FROM channel_pause WHERE channel = ? AND until IS NULL)`

func pauseNotice(ctx context.Context, tx bun.IDB, processID, noticeID int64, s Stop) (bool, error) {
	return changed(ctx, tx, `
		INSERT INTO notice_pause (process_id, notice_id, since, by_person, why)
		SELECT n.process_id, n.id, ?2, nullif(?3, 0), ?4 FROM notice AS n
		WHERE n.process_id = ?0 AND n.id = ?1 AND n.cancelled_at IS NULL
			AND (n.expanded_at IS NULL OR EXISTS (SELECT FROM delivery AS d
				WHERE d.process_id = n.process_id AND d.notice_id = n.id AND `+open+`)
				OR EXISTS (SELECT FROM delivery AS d WHERE d.process_id = n.process_id AND d.notice_id = n.id AND `+parked+`))
		ON CONFLICT (process_id, notice_id) WHERE until IS NULL DO NOTHING`,
		processID, noticeID, s.At, s.By, s.Why)
}

func resumeNotice(ctx context.Context, tx bun.IDB, processID, noticeID int64, s Stop) (bool, error) {
	return changed(ctx, tx, `UPDATE notice_pause SET until = greatest(since, ?2), until_by = nullif(?3, 0)
		WHERE process_id = ?0 AND notice_id = ?1 AND until IS NULL`, processID, noticeID, s.At, s.By)
}

func isPaused(ctx context.Context, db bun.IDB, processID, noticeID int64) (paused bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM notice_pause WHERE process_id = ? AND notice_id = ? AND until IS NULL)`,
		processID, noticeID).Scan(ctx, &paused)
	return paused, err
}

func pauseChannel(ctx context.Context, tx bun.IDB, channel string, s Stop) (bool, error) {
	return changed(ctx, tx, `INSERT INTO channel_pause (channel, since, by_person, why) VALUES (?, ?, nullif(?, 0), ?)
		ON CONFLICT (channel) WHERE until IS NULL DO NOTHING`, channel, s.At, s.By, s.Why)
}

func resumeChannel(ctx context.Context, tx bun.IDB, channel string, s Stop) (bool, error) {
	return changed(ctx, tx, `UPDATE channel_pause SET until = greatest(since, ?1), until_by = nullif(?2, 0)
		WHERE channel = ?0 AND until IS NULL`, channel, s.At, s.By)
}

func changed(ctx context.Context, db bun.IDB, sql string, args ...any) (bool, error) {
	count, err := affected(ctx, db, sql, args...)
	return count > 0, err
}

func affected(ctx context.Context, db bun.IDB, sql string, args ...any) (int, error) {
	res, err := db.NewRaw(sql, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	count, err := res.RowsAffected()
	return int(count), err
}

// The deliveries d that are still to be sent: those that become due, and those
// that are parked. The words are those of the indexes.
const (
	open   = `d.status IN ('queued', 'sending', 'deferred') AND d.due_at < 'infinity'`
	parked = `d.status IN ('queued', 'sending', 'deferred') AND d.due_at = 'infinity'`
)

// unsettled lists the pauses that go on, and those whose end has not reached all
// deliveries.
func unsettled(ctx context.Context, db bun.IDB) ([]pause, error) {
	var list []pause
	err := db.NewRaw(`SELECT process_id, notice_id, id, until IS NULL AS open FROM notice_pause
		WHERE NOT settled ORDER BY process_id, notice_id, id`).Scan(ctx, &list)
	return list, err
}

// park takes a parcel out of the way. The pause cannot end meanwhile, so that
// nothing is parked that nobody makes due.
func park(ctx context.Context, db *bun.DB, p pause) (count int, err error) {
	err = pg.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) (err error) {
		stands, err := changed(ctx, tx, `SELECT FROM notice_pause WHERE process_id = ? AND notice_id = ? AND id = ?
			AND until IS NULL FOR SHARE`, p.ProcessID, p.NoticeID, p.ID)
		if err != nil || !stands {
			return err
		}
		count, err = affected(ctx, tx, `
			WITH parcel AS MATERIALIZED (
				SELECT d.process_id, d.id FROM delivery AS d
				WHERE d.process_id = ? AND d.notice_id = ? AND `+open+` AND d.status <> 'sending'
				LIMIT ? FOR NO KEY UPDATE SKIP LOCKED
			)
			UPDATE delivery AS d SET due_at = 'infinity' FROM parcel
			WHERE d.process_id = parcel.process_id AND d.id = parcel.id`, p.ProcessID, p.NoticeID, parcel)
		return err
	})
	return count, err
}

// unpark makes a parcel due, unless the notice is paused again: then that pause's
// end does.
func unpark(ctx context.Context, db bun.IDB, p pause) (int, error) {
	return affected(ctx, db, `
		WITH parcel AS MATERIALIZED (
			SELECT d.process_id, d.id FROM delivery AS d
			WHERE d.process_id = ?0 AND d.notice_id = ?1 AND `+parked+` AND (d.process_id, d.notice_id) `+notPaused+`
			LIMIT ?2 FOR NO KEY UPDATE SKIP LOCKED
		)
		UPDATE delivery AS d SET due_at = clock_timestamp() FROM parcel
		WHERE d.process_id = parcel.process_id AND d.id = parcel.id`, p.ProcessID, p.NoticeID, parcel)
}

// settled notes that a pause concerns no delivery any more. One that somebody
// holds at this moment is left for the next time.
func settled(ctx context.Context, db bun.IDB, p pause) error {
	_, err := affected(ctx, db, `UPDATE notice_pause AS n SET settled = TRUE
		WHERE n.process_id = ?0 AND n.notice_id = ?1 AND n.id = ?2 AND n.until IS NOT NULL
			AND NOT EXISTS (SELECT FROM delivery AS d WHERE d.process_id = ?0 AND d.notice_id = ?1 AND `+parked+`
				AND (d.process_id, d.notice_id) `+notPaused+`)`, p.ProcessID, p.NoticeID, p.ID)
	return err
}
