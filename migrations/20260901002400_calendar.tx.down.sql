ALTER TABLE workflow_instance DROP COLUMN closed_days;
ALTER TABLE organisation DROP COLUMN closed_days;
