-- Registrations asked for from the public page and not confirmed from the
-- address: they hold no place. Mails counts the messages sent, which go at
-- growing intervals.
create table registration_request (
    process_id  bigint not null,
    id          bigint generated always as identity,
    activity_id bigint not null,
    person_id   bigint not null references person,
    mails       int    not null default 0 check (mails >= 0),
    mailed_at   timestamptz,
    expires_at  timestamptz not null,
    primary key (process_id, id),
    foreign key (process_id, activity_id) references activity (process_id, id),
    constraint registration_request_once unique (process_id, activity_id, person_id)
);
create index registration_request_expiry on registration_request (process_id, activity_id, expires_at);

-- Confirmations are no longer counted by address.
drop index notice_visitor;
