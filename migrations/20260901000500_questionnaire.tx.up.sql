-- The working copy of a questionnaire. closes_at is the end that somebody chose
-- for it, half-open; the workflow's own deadline is what closes.
create table questionnaire (
    process_id           bigint not null,
    activity_id          bigint not null,
    definition           jsonb  not null,
    revision             bigint not null default 1,
    level                text   not null default 'confidential' check (level = 'confidential'),
    closes_at            timestamptz,
    updated_by           bigint not null references person,
    updated_at           timestamptz not null,
    results_published_at timestamptz,
    primary key (process_id, activity_id),
    foreign key (process_id, activity_id) references activity (process_id, id)
);

-- What was published: answers are pinned to it, so it never changes.
create table questionnaire_version (
    process_id   bigint not null,
    activity_id  bigint not null,
    version      int    not null,
    definition   jsonb  not null,
    sha256       text   not null check (sha256 ~ '^[0-9a-f]{64}$'),
    published_by bigint not null references person,
    published_at timestamptz not null,
    primary key (process_id, activity_id, version),
    foreign key (process_id, activity_id) references questionnaire (process_id, activity_id)
);
create trigger questionnaire_version_fixed before update or delete on questionnaire_version
    for each row execute function workflow_refuse_change();
create trigger questionnaire_version_kept before truncate on questionnaire_version
    for each statement execute function workflow_refuse_change();

-- What one person has written so far; gone at the moment it is sent. Position
-- is the code of the item last seen.
create table draft (
    process_id    bigint not null,
    activity_id   bigint not null,
    invitation_id bigint not null,
    version       int    not null,
    answers       jsonb  not null,
    position      text   not null default '',
    revision      bigint not null default 1,
    started_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (process_id, activity_id, invitation_id),
    foreign key (process_id, invitation_id) references invitation (process_id, id),
    foreign key (process_id, activity_id, version) references questionnaire_version (process_id, activity_id, version)
);

-- Answers, without anybody's name: no column leads to a person or to an
-- invitation. The id is random, never in the order of time, and the day is all
-- that is kept of the moment, since the invitation holds the moment itself.
create table response (
    process_id   bigint not null,
    activity_id  bigint not null,
    id           uuid   not null,
    version      int    not null,
    answers      jsonb  not null,
    territory_id bigint references territory,
    submitted_on date   not null,
    primary key (process_id, activity_id, id),
    foreign key (process_id, activity_id, version) references questionnaire_version (process_id, activity_id, version)
);

-- Whose each response is: read to give a receipt, to export and to erase at the
-- person's own request. Analysis never joins it.
create table response_identity (
    process_id    bigint not null,
    activity_id   bigint not null,
    response_id   uuid   not null,
    invitation_id bigint not null,
    receipt       text   not null check (receipt <> ''),
    submitted_at  timestamptz not null,
    primary key (process_id, activity_id, response_id),
    foreign key (process_id, activity_id, response_id) references response (process_id, activity_id, id),
    foreign key (process_id, invitation_id) references invitation (process_id, id),
    constraint response_identity_once unique (process_id, activity_id, invitation_id)
);
