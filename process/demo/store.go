package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

// settle writes that the letters of a process, expanded on the loader's clock,
// were handed over then, and that those to refused addresses came back. No use
// case can date a delivery, since deliveries keep real time.
func settle(ctx context.Context, db bun.IDB, id process.ID, now time.Time) error {
	_, err := db.NewRaw(`UPDATE delivery AS d SET
			status = CASE WHEN s.address IS NULL THEN 'sent' ELSE 'bounced' END,
			queued_at = ?0, sent_at = CASE WHEN s.address IS NULL THEN ?0::timestamptz END,
			due_at = ?0, attempts = 1, reply_code = CASE WHEN s.address IS NULL THEN 250 ELSE 550 END,
			message_id = 'demo-' || d.process_id || '-' || d.id || '@example.org'
		FROM delivery AS e LEFT JOIN suppression AS s ON s.address = lower(e.address)
		WHERE d.process_id = ?1 AND d.status = 'queued' AND d.channel = 'mail' AND e.process_id = d.process_id AND e.id = d.id`, now, id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("settle deliveries: %w", err)
	}
	return nil
}

// leaf writes that people read the messages of a process on the site within the hour,
// but for the newest of each.
func leaf(ctx context.Context, db bun.IDB, id process.ID) error {
	_, err := db.NewRaw(`UPDATE inbox_item AS i SET read_at = at + interval '1 hour'
		WHERE process_id = ?0 AND read_at IS NULL AND EXISTS (SELECT FROM inbox_item n
			WHERE n.process_id = ?0 AND n.person_id = i.person_id AND (n.at, n.delivery_id) > (i.at, i.delivery_id))`, id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("read messages: %w", err)
	}
	return nil
}
