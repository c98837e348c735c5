ALTER TABLE workflow_definition DROP COLUMN base_version, DROP COLUMN base_name;
