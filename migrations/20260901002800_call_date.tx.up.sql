-- The civil dates of a call that a definition asks its promoter for, by their
-- code. One that nobody filled in has no row.
CREATE TABLE call_date (
    process_id bigint NOT NULL REFERENCES process,
    code       text   NOT NULL,
    day        date   NOT NULL,
    CONSTRAINT call_date_pkey PRIMARY KEY (process_id, code)
);
