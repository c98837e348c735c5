ALTER TABLE delivery DROP COLUMN doubtful;
