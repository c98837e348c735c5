-- Two offices that statutes know: the guarantor, and the body that decides.
ALTER TABLE process_member DROP CONSTRAINT process_member_role_check;
ALTER TABLE process_member ADD CONSTRAINT process_member_role_check
    CHECK (role IN ('promoter', 'facilitator', 'editor', 'expert', 'guarantor', 'deciding-body'));

-- Who holds a role and is away, for how long, and who stands in meanwhile. The
-- role stays with its holder: only notices and permissions pass to the deputy.
CREATE TABLE absence (
    process_id bigint      NOT NULL,
    person_id  bigint      NOT NULL REFERENCES person,
    role       text        NOT NULL,
    deputy_id  bigint      NOT NULL REFERENCES person,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT absence_pkey PRIMARY KEY (process_id, person_id, role),
    CONSTRAINT absence_holder FOREIGN KEY (process_id, person_id, role) REFERENCES process_member ON DELETE CASCADE,
    CONSTRAINT absence_order_check CHECK (ends_at > starts_at),
    CONSTRAINT absence_deputy_check CHECK (deputy_id <> person_id)
);
CREATE INDEX absence_deputy_idx ON absence (deputy_id);
CREATE INDEX absence_person_idx ON absence (person_id);
