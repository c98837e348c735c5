-- Showings of forms that made something, so that a form sent twice makes one
-- thing: what the first made is in target. The key is a hash of the random text
-- in the form. Rows are forgotten after some days.
create table form_key (
    process_id bigint not null references process,
    person_id  bigint not null references person,
    form       text   not null,
    key        bytea  not null,
    target     text   not null,
    sent_at    timestamptz not null,
    primary key (process_id, person_id, form, key)
);
create index form_key_sent on form_key (sent_at);

-- The same for the form that makes a process, which belongs to none yet.
create table person_form_key (
    person_id bigint not null references person,
    form      text   not null,
    key       bytea  not null,
    target    text   not null,
    sent_at   timestamptz not null,
    primary key (person_id, form, key)
);
create index person_form_key_sent on person_form_key (sent_at);
