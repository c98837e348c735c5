-- How often a person wants to hear of a topic, of those in notify/catalogue. No row
-- is "immediate": nobody has to choose anything.
CREATE TABLE preference (
    person_id  bigint      NOT NULL REFERENCES person ON DELETE CASCADE,
    topic      text        NOT NULL CHECK (topic <> ''),
    cadence    text        NOT NULL CHECK (cadence IN ('immediate', 'daily', 'weekly', 'none')),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, topic)
);

-- What waits for a digest is a delivery on the channel "digest". This is the
-- delivery of process 0, a mail, in which it is told.
ALTER TABLE delivery ADD COLUMN digest_id bigint,
    ADD CONSTRAINT delivery_digest CHECK (digest_id IS NULL OR channel = 'digest');
CREATE INDEX delivery_collected ON delivery (person_id, due_at)
    WHERE channel = 'digest' AND status = 'queued' AND digest_id IS NULL;
CREATE INDEX delivery_taken ON delivery (digest_id)
    WHERE channel = 'digest' AND status = 'queued' AND digest_id IS NOT NULL;
CREATE INDEX delivery_told_in ON delivery (digest_id) WHERE digest_id IS NOT NULL;

-- What a person got lately, or is about to get, over all processes.
CREATE INDEX delivery_lately ON delivery (person_id, sent_at) WHERE status = 'sending' OR sent_at IS NOT NULL;
