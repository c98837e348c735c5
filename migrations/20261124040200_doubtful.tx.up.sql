-- A message that may have arrived without our knowing: its acknowledgement was
-- lost, or a worker died with it in hand. It goes again under the same Message-ID
-- and as it was; what it tells goes in no other.
ALTER TABLE delivery ADD COLUMN doubtful boolean NOT NULL DEFAULT FALSE;
