-- Suspensions: since when an instance rests, and how many civil days earlier
-- ones of the same entry added to what counts from it.
ALTER TABLE workflow_instance ADD COLUMN held_at timestamptz;
ALTER TABLE workflow_instance ADD COLUMN held_days integer NOT NULL DEFAULT 0;
-- What bounds extensions: the end as it was at the entry, and how many there were.
ALTER TABLE workflow_instance ADD COLUMN first_due_at timestamptz;
ALTER TABLE workflow_instance ADD COLUMN extensions integer NOT NULL DEFAULT 0;
UPDATE workflow_instance SET first_due_at = due_at;
ALTER TABLE workflow_instance ADD CONSTRAINT workflow_instance_held_days_check CHECK (held_days >= 0);
