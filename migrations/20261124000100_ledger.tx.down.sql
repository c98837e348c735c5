DROP TABLE delivery_event;
ALTER TABLE delivery DROP CONSTRAINT delivery_status, DROP CONSTRAINT delivery_claim,
    DROP CONSTRAINT delivery_sent, DROP CONSTRAINT delivery_suppressed;
DROP INDEX delivery_open;
UPDATE delivery SET sent_at = NULL WHERE status = 'bounced';
UPDATE delivery SET status = CASE status WHEN 'queued' THEN 'pending' WHEN 'sending' THEN 'claimed'
    WHEN 'complained' THEN 'sent' ELSE 'skipped' END
WHERE status IN ('queued', 'sending', 'complained', 'suppressed');
ALTER TABLE delivery DROP COLUMN queued_at;
ALTER TABLE delivery RENAME COLUMN suppressed_why TO skipped_why;
ALTER TABLE delivery
    ADD CONSTRAINT delivery_status_check CHECK (status IN
        ('pending', 'claimed', 'sent', 'deferred', 'failed', 'bounced', 'skipped', 'expired')),
    ADD CONSTRAINT delivery_claim CHECK ((status = 'claimed') = (lease_until IS NOT NULL)),
    ADD CONSTRAINT delivery_sent CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
    ADD CONSTRAINT delivery_skipped CHECK ((status = 'skipped') = (skipped_why IS NOT NULL));
CREATE INDEX delivery_open ON delivery (priority, (coalesce(lease_until, due_at)))
    WHERE status IN ('pending', 'claimed', 'deferred');
