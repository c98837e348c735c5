-- When a person first proved, by a link that signs in, that an account is theirs:
-- from then on they are written to on the site too. Whoever works here is so at once.
ALTER TABLE person ADD COLUMN entered_at timestamptz;
UPDATE person p SET entered_at = s.first
FROM (SELECT person_id, min(used_at) AS first FROM sign_in WHERE used_at IS NOT NULL GROUP BY person_id) s
WHERE s.person_id = p.id;

-- What a person was told on the site. A delivery is kept once, however often it is
-- handed over. The text holds no personal link: that is derived when it is followed.
-- Nothing refers to the person from here, so that messages keep nobody's name.
CREATE TABLE inbox_item (
    process_id  bigint      NOT NULL,
    delivery_id bigint      NOT NULL,
    notice_id   bigint      NOT NULL,
    person_id   bigint      NOT NULL,
    -- What its page is called: a digest of process, notice and person.
    ref         text        NOT NULL CHECK (ref <> ''),
    locale      text        NOT NULL,
    -- The process as it was called then, '' for what belongs to none.
    sender      text        NOT NULL,
    subject     text        NOT NULL,
    preview     text        NOT NULL,
    body        text        NOT NULL,
    at          timestamptz NOT NULL,
    read_at     timestamptz,
    PRIMARY KEY (process_id, delivery_id),
    CONSTRAINT inbox_item_ref UNIQUE (process_id, person_id, ref),
    CONSTRAINT inbox_item_delivery FOREIGN KEY (process_id, delivery_id)
        REFERENCES delivery (process_id, id) ON DELETE CASCADE
);

CREATE INDEX inbox_item_list ON inbox_item (person_id, at DESC, process_id, delivery_id);

-- The number in the header of every page.
CREATE INDEX inbox_item_unread ON inbox_item (person_id) WHERE read_at IS NULL;

CREATE INDEX inbox_item_page ON inbox_item (ref);
