-- What became of deliveries, minute by minute on the database's real clock: rates
-- are read from here, because counting a day of the ledger reads a day of the
-- ledger. Each node counts in rows of its own, so that none waits for another.
CREATE TABLE channel_minute (
    channel    text        NOT NULL,
    minute     timestamptz NOT NULL,
    node       text        NOT NULL,
    status     text        NOT NULL,
    deliveries integer     NOT NULL CHECK (deliveries > 0),
    PRIMARY KEY (channel, minute, node, status)
);
CREATE INDEX channel_minute_age ON channel_minute (minute);

-- The nodes that look after a channel, when each last did, and what was in its way.
CREATE TABLE channel_node (
    channel       text        NOT NULL,
    node          text        NOT NULL,
    seen_at       timestamptz NOT NULL,
    trouble       text        NOT NULL,
    trouble_since timestamptz,
    PRIMARY KEY (channel, node),
    CONSTRAINT channel_node_trouble CHECK ((trouble = '') = (trouble_since IS NULL))
);

-- The newest outcomes that were none of the plain sort.
CREATE INDEX delivery_event_at ON delivery_event (at);
