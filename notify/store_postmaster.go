package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/bounce"
	"arengo/notify/channel/email"
)

// loadDelivery finds a delivery by mail and keeps it as it is until the end of
// the transaction.
func loadDelivery(ctx context.Context, tx bun.IDB, processID, id int64) (d Delivery, found bool, err error) {
	var rows []Delivery
	err = tx.NewRaw(`SELECT * FROM delivery WHERE process_id = ? AND id = ? AND channel = ? FOR NO KEY UPDATE`,
		processID, id, email.Name).Scan(ctx, &rows)
	if err != nil {
		return d, false, fmt.Errorf("find delivery: %w", err)
	}
	if len(rows) == 0 {
		return d, false, nil
	}
	return rows[0], true, nil
}

// processes are the processes that sent anything. The ledger has no index by
// Message-ID, which each message sent would pay for; going through the processes
// costs what comes back, which is little.
const processes = `WITH RECURSIVE sending (process_id) AS (
		(SELECT process_id FROM delivery ORDER BY process_id LIMIT 1)
		UNION ALL
		SELECT (SELECT d.process_id FROM delivery AS d WHERE d.process_id > s.process_id ORDER BY d.process_id LIMIT 1)
		FROM sending AS s WHERE s.process_id IS NOT NULL
	)`

// findDelivery finds what a person was sent by its Message-ID.
func findDelivery(ctx context.Context, tx bun.IDB, person int64, messageID string) (d Delivery, found bool, err error) {
	var ids []struct{ ProcessID, ID int64 }
	err = tx.NewRaw(processes+` SELECT d.process_id, d.id FROM sending AS s
		JOIN delivery AS d ON d.process_id = s.process_id AND d.person_id = ?
		WHERE d.message_id = ? AND d.channel = ? LIMIT 1`, person, messageID, email.Name).Scan(ctx, &ids)
	if err != nil {
		return d, false, fmt.Errorf("find delivery by message: %w", err)
	}
	if len(ids) == 0 {
		return d, false, nil
	}
	return loadDelivery(ctx, tx, ids[0].ProcessID, ids[0].ID)
}

// addEvent writes what a report says; false when it had been written before.
func addEvent(ctx context.Context, tx bun.IDB, d Delivery, s Status, r bounce.Report) (bool, error) {
	res, err := tx.NewRaw(`INSERT INTO delivery_event (process_id, delivery_id, at, status, code, reply)
		SELECT ?0, ?1, clock_timestamp(), ?2, nullif(?3, 0), ?4
		WHERE NOT EXISTS (SELECT FROM delivery_event WHERE process_id = ?0 AND delivery_id = ?1 AND status = ?2
			AND coalesce(code, 0) = ?3 AND coalesce(reply, '') = ?4)`,
		d.ProcessID, d.ID, string(s), r.Code, words(r)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("add event of delivery: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// comeBack changes where a delivery stands. One that a worker still holds, or
// whose hand-over was never acknowledged, has arrived somewhere after all: it is
// not sent again.
func comeBack(ctx context.Context, tx bun.IDB, d Delivery, s Status, r bounce.Report) error {
	if s == Delayed {
		return nil
	}
	_, err := tx.NewRaw(`UPDATE delivery SET status = ?, claimed_by = NULL, lease_until = NULL,
			reply_code = coalesce(nullif(?, 0), reply_code), reply = coalesce(nullif(?, ''), reply)
		WHERE process_id = ? AND id = ? AND status IN ('queued', 'sending', 'deferred', 'sent', 'failed')`,
		string(s), r.Code, words(r), d.ProcessID, d.ID).Exec(ctx)
	if err == nil && d.ProcessID == Account {
		// A digest takes what it told with it.
		_, err = tx.NewRaw(`UPDATE delivery SET status = ? WHERE digest_id = ? AND status = 'sent'`, string(s), d.ID).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("record what came back: %w", err)
	}
	return nil
}

// suppression is an address to which nothing is sent, but for what answers
// somebody. Until is zero for those that stay.
type suppression struct {
	Address, Source, Code, Reason string
	Until                         time.Duration // from now
}

// suppress adds an address; false when it was there. What rests for a while is
// made to stay, and a complaint outweighs the rest.
func suppress(ctx context.Context, tx bun.IDB, s suppression) (bool, error) {
	res, err := tx.NewRaw(`
		INSERT INTO suppression AS s (address, source, code, reason, since, until)
		VALUES (?, ?, ?, ?, clock_timestamp(), clock_timestamp() + nullif(?, 0) * interval '1 second')
		ON CONFLICT (address) DO UPDATE SET source = EXCLUDED.source, code = EXCLUDED.code, reason = EXCLUDED.reason,
			since = EXCLUDED.since, until = EXCLUDED.until
		WHERE s.until IS NOT NULL OR EXCLUDED.source = 'complaint' AND s.source <> 'complaint'`,
		s.Address, s.Source, s.Code, s.Reason, int64(s.Until.Seconds())).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("suppress address: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// An address to which so many messages failed within so long, one after the
// other, rests for as long.
const (
	failures = 5
	resting  = 30 * 24 * time.Hour
)

// rest leaves an address in peace for a while when nothing has reached it lately,
// although nobody says that it is gone: its mailbox is full, or a server judges
// us. A message that went out between two failures and did not come back ends the
// row. Only what the same person was sent is looked at.
func rest(ctx context.Context, tx bun.IDB, d Delivery, address string, r bounce.Report) error {
	var row struct{ Failed int }
	err := tx.NewRaw(processes+`, lately AS (
			SELECT d.status, coalesce(d.sent_at, d.queued_at) AS at FROM sending AS s
			JOIN delivery AS d ON d.process_id = s.process_id AND d.person_id = ?0
			WHERE d.channel = ?1 AND lower(d.address) = ?2 AND d.status IN ('sent', 'bounced')
				AND d.queued_at > clock_timestamp() - ?3 * interval '1 second'
		)
		SELECT count(*) AS failed FROM lately WHERE status = 'bounced' AND at >= coalesce(
			(SELECT max(at) FROM lately WHERE status = 'sent' AND at < (SELECT max(at) FROM lately WHERE status = 'bounced')),
			'-infinity')`,
		d.PersonID, email.Name, address, int64(resting.Seconds())).Scan(ctx, &row)
	if err != nil {
		return fmt.Errorf("count what failed: %w", err)
	}
	if row.Failed < failures {
		return nil
	}
	_, err = suppress(ctx, tx, suppression{Address: address, Source: SourceRepeated, Code: r.Status, Reason: words(r), Until: resting})
	return err
}

// endRests deletes suppressions whose time is over.
func endRests(ctx context.Context, db bun.IDB, limit int) (int, error) {
	res, err := db.NewRaw(`DELETE FROM suppression WHERE address IN
		(SELECT address FROM suppression WHERE until <= clock_timestamp() LIMIT ?)`, limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("end suppressions: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
