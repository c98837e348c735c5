-- Who changed the days on which an organisation is closed, when and why: they
-- decide when statutory terms end. Days are as organisation.closed_days has them.
CREATE TABLE closed_days_change (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint      NOT NULL REFERENCES organisation,
    process_id      bigint      NOT NULL,
    person_id       bigint      NOT NULL REFERENCES person,
    before          text        NOT NULL,
    after           text        NOT NULL,
    reason          text        NOT NULL CHECK (reason <> '' AND length(reason) <= 1000),
    changed_at      timestamptz NOT NULL
);
CREATE INDEX closed_days_change_organisation ON closed_days_change (organisation_id, id);
CREATE TRIGGER closed_days_change_append_only BEFORE UPDATE OR DELETE ON closed_days_change
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER closed_days_change_untruncated BEFORE TRUNCATE ON closed_days_change
    FOR EACH STATEMENT EXECUTE FUNCTION workflow_refuse_change();
