-- Keys by which other programs call the API. One belongs to an organisation and
-- acts as the person who made it. Only its hash is kept: it is shown once.
create table api_token (
    id              bigint generated always as identity primary key,
    public_id       text   not null constraint api_token_public unique,
    organisation_id bigint not null references organisation,
    person_id       bigint not null references person,
    name            text   not null check (name <> '' and length(name) <= 100),
    scopes          text[] not null check (scopes <@ array['read', 'advance'] and 'read' = any (scopes)),
    token_hash      bytea  not null constraint api_token_hash unique,
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    constraint api_token_life check (expires_at > created_at)
);
create index api_token_organisation on api_token (organisation_id, id);
create index api_token_person on api_token (person_id);
