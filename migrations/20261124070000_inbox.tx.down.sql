DELETE FROM delivery WHERE channel = 'inbox';
DROP TABLE inbox_item;
ALTER TABLE person DROP COLUMN entered_at;
