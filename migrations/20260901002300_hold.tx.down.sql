ALTER TABLE workflow_instance DROP COLUMN extensions;
ALTER TABLE workflow_instance DROP COLUMN first_due_at;
ALTER TABLE workflow_instance DROP COLUMN held_days;
ALTER TABLE workflow_instance DROP COLUMN held_at;
