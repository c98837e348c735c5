DROP INDEX deadline_failing_idx;
ALTER TABLE deadline DROP COLUMN failure;
ALTER TABLE deadline DROP COLUMN retry_at;
ALTER TABLE deadline DROP COLUMN failures;
