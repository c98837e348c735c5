-- What a definition that a process made for itself was made from: '' and 0 for
-- one that a program ships, and the version 0 where nobody wrote it down. A newer
-- version of the base can then take its place.
ALTER TABLE workflow_definition
    ADD COLUMN base_name    text    NOT NULL DEFAULT '',
    ADD COLUMN base_version integer NOT NULL DEFAULT 0;
