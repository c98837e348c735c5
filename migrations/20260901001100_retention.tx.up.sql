-- What participants are told of how long their names are kept: days after the
-- end of the process. erased_at says that it was done.
alter table process add column keep_days int not null default 365 constraint process_keep_days check (keep_days between 0 and 3650);
alter table process add column erased_at timestamptz;

-- Erasure keeps that somebody agreed, and forgets who.
alter table consent alter column person_id drop not null;

-- The document by which the results became public: each questionnaire its own.
alter table questionnaire add column results_code text;
update questionnaire q set results_code = 'results' where results_published_at is not null
    and not exists (select from questionnaire o where o.process_id = q.process_id and o.results_published_at is not null
        and (o.results_published_at, o.activity_id) < (q.results_published_at, q.activity_id));
create unique index questionnaire_results_code on questionnaire (process_id, results_code);
