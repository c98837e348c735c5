-- Why nothing is sent to an address, in words a program understands, so that a
-- person may be told and may try again. until is set for those that are left in
-- peace for a while only: the row is deleted when it is over.

ALTER TABLE suppression
    ADD COLUMN source text NOT NULL DEFAULT 'refused'
        CHECK (source IN ('refused', 'report', 'complaint', 'repeated')),
    -- The status of RFC 3463 that the other side gave, or ''.
    ADD COLUMN code   text NOT NULL DEFAULT '',
    ADD COLUMN until  timestamptz,
    ADD CONSTRAINT suppression_until CHECK ((until IS NOT NULL) = (source = 'repeated'));

CREATE INDEX suppression_until ON suppression (until) WHERE until IS NOT NULL;
