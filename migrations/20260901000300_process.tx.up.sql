-- Reference tables: people, organisations and territories belong to no process.
create table territory (
    id         bigint generated always as identity primary key,
    scheme     text   not null check (scheme in ('istat', 'bfs')),
    code       text   not null,
    kind       text   not null check (kind in ('country', 'region', 'province', 'municipality')),
    name       text   not null,
    parent_id  bigint references territory,
    zone       text   not null default '',
    population bigint not null default 0 check (population >= 0),
    constraint territory_code unique (scheme, kind, code)
);
create index territory_parent on territory (parent_id);

create table organisation (
    id           bigint generated always as identity primary key,
    public_id    text   not null constraint organisation_public unique,
    name         text   not null constraint organisation_name unique check (name <> ''),
    kind         text   not null check (kind in ('municipality', 'region', 'public_body', 'firm', 'association')),
    territory_id bigint references territory,
    created_at   timestamptz not null
);

create table person (
    id            bigint generated always as identity primary key,
    public_id     text    not null constraint person_public unique,
    email         text    not null check (email = lower(email) and email <> ''),
    name          text    not null default '',
    locale        text    not null default 'it',
    administrator boolean not null default false,
    created_at    timestamptz not null,
    constraint person_email unique (email)
);

-- A role on an organisation: only promoters for now.
create table membership (
    organisation_id bigint not null references organisation,
    person_id       bigint not null references person,
    role            text   not null check (role in ('promoter')),
    created_at      timestamptz not null,
    primary key (organisation_id, person_id, role)
);
create index membership_person on membership (person_id);

-- A request to sign in; its link is derived from the id, never stored.
create table sign_in (
    id           bigint generated always as identity primary key,
    person_id    bigint not null references person,
    requested_at timestamptz not null,
    expires_at   timestamptz not null,
    used_at      timestamptz
);
create index sign_in_person on sign_in (person_id, requested_at);

create table session (
    token_hash bytea  primary key,
    person_id  bigint not null references person,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index session_person on session (person_id);

-- A process; its state, terms and log are the workflow's.
create table process (
    id              bigint generated always as identity primary key,
    slug            text   not null constraint process_slug unique,
    title           text   not null check (title <> ''),
    summary         text   not null default '',
    organisation_id bigint not null references organisation,
    zone            text   not null,
    starts_on       date,
    contact_name    text   not null default '',
    contact_email   text   not null default '',
    decider         text   not null default '',
    revision        bigint not null default 1,
    created_by      bigint not null references person,
    created_at      timestamptz not null,
    published_at    timestamptz
);

create table process_partner (
    process_id      bigint not null references process,
    organisation_id bigint not null references organisation,
    part            text   not null default '',
    position        int    not null default 0,
    primary key (process_id, organisation_id)
);

create table process_member (
    process_id bigint not null references process,
    person_id  bigint not null references person,
    role       text   not null check (role in ('promoter', 'facilitator', 'editor', 'expert')),
    created_at timestamptz not null,
    primary key (process_id, person_id, role)
);
create index process_member_person on process_member (person_id);

-- The reference population, by municipality.
create table population (
    process_id   bigint not null references process,
    territory_id bigint not null references territory,
    units        bigint not null check (units >= 0),
    primary key (process_id, territory_id)
);

-- A document that a phase asks for: Markdown text, public once published.
create table artefact (
    process_id   bigint not null references process,
    code         text   not null,
    title        text   not null,
    body         text   not null default '',
    revision     bigint not null default 1,
    updated_by   bigint references person,
    updated_at   timestamptz not null,
    published_at timestamptz,
    primary key (process_id, code)
);

create table activity (
    process_id bigint not null references process,
    id         bigint generated always as identity,
    public_id  text   not null,
    kind       text   not null,
    title      text   not null check (title <> ''),
    intro      text   not null default '',
    phase      text   not null,
    revision   bigint not null default 1,
    created_by bigint not null references person,
    created_at timestamptz not null,
    primary key (process_id, id),
    constraint activity_public unique (process_id, public_id)
);

-- Who may be asked: the contact list of a process.
create table contact (
    process_id   bigint not null references process,
    person_id    bigint not null references person,
    territory_id bigint references territory,
    source       text   not null default '',
    created_at   timestamptz not null,
    primary key (process_id, person_id)
);

-- Those who asked to be told of each phase.
create table follower (
    process_id   bigint not null references process,
    person_id    bigint not null references person,
    requested_at timestamptz not null,
    confirmed_at timestamptz,
    primary key (process_id, person_id)
);

-- Those who want no more messages from a process, statutory ones apart.
create table optout (
    process_id bigint not null references process,
    person_id  bigint not null references person,
    created_at timestamptz not null,
    primary key (process_id, person_id)
);

-- Who is asked: one person, one activity. The version rises when the link must
-- change; the link itself is derived, never stored.
create table invitation (
    process_id   bigint not null,
    id           bigint generated always as identity,
    activity_id  bigint not null,
    person_id    bigint not null references person,
    territory_id bigint references territory,
    version      int    not null default 1,
    created_at   timestamptz not null,
    opened_at    timestamptz,
    drafted_at   timestamptz,
    answered_at  timestamptz,
    withdrawn_at timestamptz,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint invitation_once unique (process_id, activity_id, person_id)
);

-- A gathering with a time: of a webinar, a focus group, a lab, an assembly.
create table meeting (
    process_id   bigint not null,
    id           bigint generated always as identity,
    activity_id  bigint not null,
    position     int    not null,
    title        text   not null default '',
    starts_at    timestamptz not null,
    ends_at      timestamptz not null,
    place        text   not null default '',
    join_url     text   not null default '',
    agenda       text   not null default '',
    uid          text   not null,
    sequence     int    not null default 0,
    cancelled_at timestamptz,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint meeting_position unique (process_id, activity_id, position),
    constraint meeting_order check (ends_at > starts_at)
);

-- What a person does about an activity's meetings. The queue's order is that of
-- joining the list, and ties go to the smaller id.
create table registration (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    person_id   bigint not null references person,
    status      text   not null check (status in ('registered', 'waiting', 'cancelled')),
    version     int    not null default 1,
    queued_at   timestamptz not null,
    changed_at  timestamptz not null,
    consent_at  timestamptz,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint registration_once unique (process_id, activity_id, person_id)
);
create index registration_queue on registration (process_id, activity_id, status, queued_at, id);

create table attendance (
    process_id bigint not null,
    meeting_id bigint not null,
    person_id  bigint not null references person,
    noted_at   timestamptz not null,
    noted_by   bigint not null references person,
    primary key (process_id, meeting_id, person_id),
    foreign key (process_id, meeting_id) references meeting (process_id, id)
);

-- A recording, a set of slides, a reading: an address with a title.
create table material (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    kind        text   not null check (kind in ('recording', 'slides', 'document')),
    title       text   not null check (title <> ''),
    url         text   not null check (url <> ''),
    created_at  timestamptz not null,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id)
);

create table outcome (
    process_id bigint not null references process,
    id         bigint generated always as identity,
    public_id  text   not null,
    kind       text   not null check (kind in ('need', 'idea', 'proposal', 'decision', 'commitment')),
    title      text   not null check (title <> ''),
    body       text   not null default '',
    status     text   not null default 'open' check (status in ('open', 'accepted', 'partly', 'rejected')),
    answer     text   not null default '',
    revision   bigint not null default 1,
    created_by bigint not null references person,
    created_at timestamptz not null,
    published_at timestamptz,
    primary key (process_id, id),
    constraint outcome_public unique (process_id, public_id),
    constraint outcome_answer check (status = 'open' or answer <> '')
);

-- What an outcome stands on: the label is kept as it read on the day.
create table outcome_evidence (
    process_id  bigint not null,
    outcome_id  bigint not null,
    position    int    not null,
    activity_id bigint not null,
    ref         text   not null,
    label       text   not null,
    primary key (process_id, outcome_id, position),
    foreign key (process_id, outcome_id) references outcome (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint evidence_once unique (process_id, outcome_id, activity_id, ref)
);
