-- The phases of a process as its promoter is changing them: the definition that
-- is being written, '' while it is the one that the process runs, and how it
-- stood before each of the last changes.
CREATE TABLE definition_draft (
    process_id   bigint      NOT NULL REFERENCES process,
    revision     bigint      NOT NULL,
    base_name    text        NOT NULL,
    base_version int         NOT NULL,
    source       text        NOT NULL,
    updated_by   bigint      NOT NULL REFERENCES person,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT definition_draft_pkey PRIMARY KEY (process_id)
);
CREATE TABLE definition_draft_step (
    process_id bigint      NOT NULL REFERENCES process,
    number     bigint      NOT NULL,
    source     text        NOT NULL,
    act        text        NOT NULL,
    subject    text        NOT NULL,
    done_by    bigint      NOT NULL REFERENCES person,
    done_at    timestamptz NOT NULL,
    CONSTRAINT definition_draft_step_pkey PRIMARY KEY (process_id, number)
);
