-- The ledger: everything that ever became true, per pool, in order.
CREATE TABLE events (
    pool  text        NOT NULL,
    seq   bigint      NOT NULL,
    at    timestamptz NOT NULL,
    epoch bigint      NOT NULL,
    call  text        NOT NULL,
    agent text        NOT NULL,
    offer text        NOT NULL,
    type  text        NOT NULL,
    data  jsonb       NOT NULL,
    PRIMARY KEY (pool, seq)
);
CREATE INDEX events_call ON events (call, seq) WHERE call <> '';
CREATE INDEX events_offer ON events (offer, seq) WHERE offer <> '' AND call = '';
CREATE INDEX events_at ON events (at);
CREATE INDEX events_rare ON events (pool, type, seq) WHERE type IN ('Configured', 'DayBegan');

CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % is not allowed', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();

-- Who may write: only the newest epoch of a pool. One row per pool, so that
-- taking an epoch waits for a transaction that still writes under the old one.
CREATE TABLE pools (
    pool  text   PRIMARY KEY,
    epoch bigint NOT NULL
);
CREATE TABLE epochs (
    pool     text        NOT NULL REFERENCES pools,
    epoch    bigint      NOT NULL,
    node     text        NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pool, epoch)
);

-- State to start from, so that a start need not fold the whole log.
CREATE TABLE checkpoints (
    pool  text        NOT NULL,
    seq   bigint      NOT NULL,
    at    timestamptz NOT NULL DEFAULT now(),
    state jsonb       NOT NULL,
    PRIMARY KEY (pool, seq)
);
