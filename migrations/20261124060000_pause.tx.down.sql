DROP INDEX delivery_parked, delivery_unsent, delivery_open;
UPDATE delivery SET due_at = clock_timestamp() WHERE due_at = 'infinity';
CREATE INDEX delivery_open ON delivery (channel, priority, (coalesce(lease_until, due_at)))
    WHERE status IN ('queued', 'sending', 'deferred');
DROP TABLE channel_pause, notice_pause;
