DROP TABLE alarm;
DROP INDEX delivery_event_wrong;
CREATE INDEX delivery_event_at ON delivery_event (at);
DROP INDEX notice_failing, notice_large;
ALTER TABLE notice DROP COLUMN deliveries;
