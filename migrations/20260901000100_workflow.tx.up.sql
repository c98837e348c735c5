-- The engine: definitions, instances, plans, deadlines, the transition log.
-- Activity 0 is the process itself. No foreign keys leave these tables.

CREATE FUNCTION workflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE workflow_definition (
    name       text        NOT NULL,
    version    integer     NOT NULL,
    sha256     text        NOT NULL,
    source     text        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT workflow_definition_pkey PRIMARY KEY (name, version),
    CONSTRAINT workflow_definition_version_check CHECK (version > 0)
);
CREATE TRIGGER workflow_definition_immutable BEFORE UPDATE OR DELETE ON workflow_definition
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER workflow_definition_untruncated BEFORE TRUNCATE ON workflow_definition
    FOR EACH STATEMENT EXECUTE FUNCTION workflow_refuse_change();

CREATE TABLE workflow_instance (
    process_id  bigint      NOT NULL,
    activity_id bigint      NOT NULL DEFAULT 0,
    definition  text        NOT NULL,
    version     integer     NOT NULL,
    zone        text        NOT NULL,
    state       text        NOT NULL,
    revision    bigint      NOT NULL,
    entry       integer     NOT NULL,
    entered_at  timestamptz NOT NULL,
    min_at      timestamptz,
    due_at      timestamptz,
    max_at      timestamptz,
    reason      text        NOT NULL,
    head        bytea,
    seq         bigint      NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT workflow_instance_pkey PRIMARY KEY (process_id, activity_id),
    CONSTRAINT workflow_instance_activity_check CHECK (activity_id >= 0),
    CONSTRAINT workflow_instance_head_check CHECK (activity_id = 0 OR (head IS NULL AND seq = 0))
);

CREATE TABLE workflow_plan (
    process_id    bigint      NOT NULL,
    activity_id   bigint      NOT NULL,
    state         text        NOT NULL,
    position      integer     NOT NULL,
    planned_start timestamptz,
    planned_end   timestamptz,
    source        text        NOT NULL,
    days          integer     NOT NULL,
    fixed         boolean     NOT NULL,
    started_at    timestamptz,
    ended_at      timestamptz,
    reason        text        NOT NULL,
    CONSTRAINT workflow_plan_pkey PRIMARY KEY (process_id, activity_id, state),
    CONSTRAINT workflow_plan_days_check CHECK (days >= 0),
    CONSTRAINT workflow_plan_order_check CHECK (planned_end >= planned_start)
);

CREATE TABLE deadline (
    process_id    bigint      NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    activity_id   bigint      NOT NULL,
    entry         integer     NOT NULL,
    name          text        NOT NULL,
    generation    integer     NOT NULL,
    wall_time     timestamp   NOT NULL,
    zone          text        NOT NULL,
    due_at        timestamptz NOT NULL,
    expires_at    timestamptz,
    action        text        NOT NULL,
    event         text        NOT NULL,
    notice        text        NOT NULL,
    audience      text        NOT NULL,
    fired_at      timestamptz,
    cancelled_at  timestamptz,
    cancelled_why text        NOT NULL,
    CONSTRAINT deadline_pkey PRIMARY KEY (process_id, id),
    CONSTRAINT deadline_name_key UNIQUE (process_id, activity_id, entry, name),
    CONSTRAINT deadline_generation_check CHECK (generation > 0),
    CONSTRAINT deadline_action_check CHECK (action IN ('event', 'notice', 'overdue')),
    CONSTRAINT deadline_done_check CHECK (fired_at IS NULL OR cancelled_at IS NULL)
);
CREATE INDEX deadline_open_idx ON deadline (due_at, process_id, id) WHERE fired_at IS NULL AND cancelled_at IS NULL;

CREATE TABLE transition_log (
    process_id        bigint      NOT NULL,
    seq               bigint      NOT NULL,
    activity_id       bigint      NOT NULL,
    at                timestamptz NOT NULL,
    effective_at      timestamptz NOT NULL,
    transition        text        NOT NULL,
    event             text        NOT NULL,
    from_state        text        NOT NULL,
    to_state          text        NOT NULL,
    actor_kind        text        NOT NULL,
    actor_role        text        NOT NULL,
    actor_commitment  text        NOT NULL,
    reason_commitment text        NOT NULL,
    facts             jsonb       NOT NULL,
    facts_digest      text        NOT NULL,
    deadline_id       bigint,
    idempotency_key   text,
    prev_hash         bytea       NOT NULL,
    hash              bytea       NOT NULL,
    CONSTRAINT transition_log_pkey PRIMARY KEY (process_id, seq),
    CONSTRAINT transition_log_key UNIQUE (process_id, idempotency_key),
    CONSTRAINT transition_log_actor_check CHECK (actor_kind IN ('person', 'timer', 'system'))
);
CREATE TRIGGER transition_log_append_only BEFORE UPDATE OR DELETE ON transition_log
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER transition_log_untruncated BEFORE TRUNCATE ON transition_log
    FOR EACH STATEMENT EXECUTE FUNCTION workflow_refuse_change();

-- The side table that erasure may empty: the log keeps only commitments.
CREATE TABLE transition_text (
    process_id    bigint  NOT NULL,
    seq           bigint  NOT NULL,
    person_id     bigint,
    reason        text    NOT NULL,
    public_reason boolean NOT NULL,
    salt          bytea,
    CONSTRAINT transition_text_pkey PRIMARY KEY (process_id, seq)
);

CREATE TABLE incident (
    process_id  bigint      NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    activity_id bigint      NOT NULL,
    deadline_id bigint      NOT NULL,
    transition  text        NOT NULL,
    blockers    jsonb       NOT NULL,
    opened_at   timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT incident_pkey PRIMARY KEY (process_id, id)
);
CREATE INDEX incident_open_idx ON incident (process_id, opened_at) WHERE resolved_at IS NULL;
