ALTER TABLE workflow_instance DROP COLUMN end_given;
