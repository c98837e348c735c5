-- The end of the present term is the date that an act gave: it stays when what
-- the term counts from moves.
ALTER TABLE workflow_instance ADD COLUMN end_given boolean NOT NULL DEFAULT false;
UPDATE workflow_instance SET end_given = true WHERE extensions > 0 OR due_at <> first_due_at;
