-- How an activity's gatherings are run. Its row is the lock of the queue: who
-- registers, leaves or is promoted holds it. Capacity 0 is no limit.
create table meeting_setting (
    process_id        bigint  not null,
    activity_id       bigint  not null,
    capacity          int     not null default 0 check (capacity between 0 and 1000000),
    join_opens_before int     not null default 15 check (join_opens_before between 0 and 1440),
    invited_only      boolean not null default false,
    recorded          boolean not null default false,
    told              text    not null default 'registered',
    consent_text      text    not null default '',
    consent_version   int     not null default 1,
    revision          bigint  not null default 1,
    primary key (process_id, activity_id),
    foreign key (process_id, activity_id) references activity (process_id, id)
);

-- What a person agreed to, by purpose and version of the text; withdrawing
-- keeps the row, so that the register tells what held when.
create table consent (
    process_id   bigint not null,
    id           bigint generated always as identity,
    activity_id  bigint not null,
    person_id    bigint not null references person,
    purpose      text   not null check (purpose in ('participation', 'recording', 'quotation')),
    version      int    not null,
    given_at     timestamptz not null,
    withdrawn_at timestamptz,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id)
);
create unique index consent_live on consent (process_id, activity_id, person_id, purpose) where withdrawn_at is null;

-- The minutes of an activity's gatherings, Markdown; public once published.
-- Present is how many people were counted, registered or not.
create table minutes (
    process_id   bigint not null,
    activity_id  bigint not null,
    body         text   not null default '',
    present      int    not null default 0 check (present >= 0),
    revision     bigint not null default 1,
    updated_by   bigint not null references person,
    updated_at   timestamptz not null,
    published_at timestamptz,
    primary key (process_id, activity_id),
    foreign key (process_id, activity_id) references activity (process_id, id)
);
