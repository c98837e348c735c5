-- A focus group: who leads it, who takes notes, and the guide, in Markdown, that
-- only they read.
create table focusgroup (
    process_id     bigint not null,
    activity_id    bigint not null,
    facilitator_id bigint references person,
    note_taker_id  bigint references person,
    guide          text   not null default '',
    revision       bigint not null default 1,
    primary key (process_id, activity_id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint focusgroup_two_people check (facilitator_id <> note_taker_id)
);

-- What the group talks about, in order.
create table focusgroup_theme (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    position    int    not null,
    title       text   not null check (title <> ''),
    primary key (process_id, id),
    foreign key (process_id, activity_id) references focusgroup (process_id, activity_id),
    constraint focusgroup_theme_once unique (process_id, activity_id, title)
);

-- The code that stands for a person in the notes: P1, P2, … in order of
-- arrival. The only place that links notes to people.
create table focusgroup_speaker (
    process_id  bigint not null,
    activity_id bigint not null,
    person_id   bigint not null references person,
    code        int    not null check (code > 0),
    primary key (process_id, activity_id, person_id),
    foreign key (process_id, activity_id) references focusgroup (process_id, activity_id),
    constraint focusgroup_speaker_code unique (process_id, activity_id, code)
);

-- What was said, by theme. Speaker 0 is the group. Quote asks to print the
-- statement word for word; it holds only while the speaker consents to it.
create table focusgroup_note (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    theme_id    bigint not null,
    speaker     int    not null default 0 check (speaker >= 0),
    statement   text   not null check (statement <> ''),
    quote       boolean not null default false,
    revision    bigint not null default 1,
    created_by  bigint not null references person,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references focusgroup (process_id, activity_id),
    constraint focusgroup_note_theme foreign key (process_id, theme_id) references focusgroup_theme (process_id, id),
    constraint focusgroup_note_quote check (not quote or speaker > 0)
);
create index focusgroup_note_by_theme on focusgroup_note (process_id, activity_id, theme_id, id);
