-- A co-design lab: how many dots each participant has, and how many of them may
-- go to one card.
create table codesign (
    process_id  bigint not null,
    activity_id bigint not null,
    dots        int    not null default 8 check (dots between 1 and 100),
    dots_a_card int    not null default 3,
    revision    bigint not null default 1,
    primary key (process_id, activity_id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint codesign_dots_a_card check (dots_a_card between 1 and dots)
);

-- A working table.
create table codesign_table (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    position    int    not null,
    name        text   not null check (name <> ''),
    topic       text   not null default '',
    facilitator text   not null default '',
    revision    bigint not null default 1,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references codesign (process_id, activity_id),
    constraint codesign_table_once unique (process_id, activity_id, name)
);

-- Who sits where: one table a person.
create table codesign_seat (
    process_id  bigint not null,
    activity_id bigint not null,
    person_id   bigint not null references person,
    table_id    bigint not null,
    primary key (process_id, activity_id, person_id),
    foreign key (process_id, activity_id) references codesign (process_id, activity_id),
    constraint codesign_seat_table foreign key (process_id, table_id) references codesign_table (process_id, id)
);

-- A need, an idea or a proposal. The author is known so that they can correct
-- it; pages show the table.
create table codesign_card (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    kind        text   not null check (kind in ('need', 'idea', 'proposal')),
    title       text   not null check (title <> ''),
    body        text   not null default '',
    table_id    bigint,
    author_id   bigint not null references person,
    revision    bigint not null default 1,
    created_at  timestamptz not null,
    hidden_at   timestamptz,
    hidden_why  text   not null default '',
    primary key (process_id, id),
    foreign key (process_id, activity_id) references codesign (process_id, activity_id),
    constraint codesign_card_table foreign key (process_id, table_id) references codesign_table (process_id, id),
    constraint codesign_card_reason check (hidden_at is null or hidden_why <> '')
);
create index codesign_card_list on codesign_card (process_id, activity_id, id);

-- The dots that a person put on a card.
create table codesign_vote (
    process_id  bigint not null,
    activity_id bigint not null,
    person_id   bigint not null references person,
    card_id     bigint not null,
    dots        int    not null check (dots > 0),
    primary key (process_id, activity_id, person_id, card_id),
    foreign key (process_id, card_id) references codesign_card (process_id, id)
);
create index codesign_vote_card on codesign_vote (process_id, card_id);
