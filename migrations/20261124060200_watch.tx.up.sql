-- How many deliveries a notice became: how large it is without counting them.
ALTER TABLE notice ADD COLUMN deliveries integer NOT NULL DEFAULT 0;
UPDATE notice AS n SET deliveries = d.n
FROM (SELECT process_id, notice_id, count(*) AS n FROM delivery GROUP BY 1, 2) AS d
WHERE n.process_id = d.process_id AND n.id = d.notice_id;

-- The newest of those that went to many: what an operator may want to stop.
CREATE INDEX notice_large ON notice (expanded_at) WHERE deliveries >= 10;
-- Those whose audience could not be found.
CREATE INDEX notice_failing ON notice (failures) WHERE failures > 0 AND expanded_at IS NULL AND cancelled_at IS NULL;

-- The newest outcomes that went wrong: not sending on purpose, and only putting
-- off, are none.
DROP INDEX delivery_event_at;
CREATE INDEX delivery_event_wrong ON delivery_event (at)
    WHERE status <> 'suppressed' AND (status <> 'deferred' OR code IS NOT NULL OR reply IS NOT NULL);

-- What somebody was told of and is not over yet, so that it is told once, and once
-- an hour, whichever node looks.
CREATE TABLE alarm (
    name    text        PRIMARY KEY CHECK (name <> ''),
    since   timestamptz NOT NULL,
    told_at timestamptz NOT NULL
);
