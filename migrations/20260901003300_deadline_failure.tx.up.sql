-- A deadline that could not be carried out rests before it is tried again, and
-- after a few times is set aside: others do not wait for it. failure is what the
-- program said, for who mends it.
ALTER TABLE deadline ADD COLUMN failures integer NOT NULL DEFAULT 0;
ALTER TABLE deadline ADD COLUMN retry_at timestamptz;
ALTER TABLE deadline ADD COLUMN failure text NOT NULL DEFAULT '';
CREATE INDEX deadline_failing_idx ON deadline (process_id, id) WHERE failures > 0 AND fired_at IS NULL AND cancelled_at IS NULL;
