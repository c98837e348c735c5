-- What a process says in words of its own in the place of a kind's text, by kind
-- and language. Every version is a row and none is ever changed: the newest holds.
-- One without words goes back to the kind's own text. Two who save at once meet at
-- the key.
CREATE TABLE notice_text (
    process_id bigint      NOT NULL REFERENCES process,
    kind       text        NOT NULL CHECK (kind <> ''),
    locale     text        NOT NULL CHECK (locale ~ '^[a-z]{2}$'),
    revision   integer     NOT NULL CHECK (revision > 0),
    subject    text        CHECK (length(subject) BETWEEN 1 AND 120),
    body       text        CHECK (octet_length(body) BETWEEN 1 AND 10240),
    at         timestamptz NOT NULL,
    by_person  bigint      NOT NULL REFERENCES person,
    PRIMARY KEY (process_id, kind, locale, revision),
    CONSTRAINT notice_text_whole CHECK ((subject IS NULL) = (body IS NULL))
);
