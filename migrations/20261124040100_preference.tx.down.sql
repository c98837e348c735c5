-- What waits for a digest goes by itself.
DROP INDEX delivery_lately, delivery_told_in, delivery_taken, delivery_collected;
ALTER TABLE delivery DROP CONSTRAINT delivery_digest, DROP COLUMN digest_id;
UPDATE delivery SET channel = 'mail' WHERE channel = 'digest';
DROP TABLE preference;
