DROP INDEX suppression_until;
ALTER TABLE suppression DROP COLUMN source, DROP COLUMN code, DROP COLUMN until;
