-- What leaders wrote that were replaced before they could tell anybody: records
-- that can no longer follow the log. The present leader corrects with them what
-- is on record of the calls they are about.
CREATE TABLE testimony (
    pool       text        NOT NULL,
    epoch      bigint      NOT NULL,
    seq        bigint      NOT NULL,
    at         timestamptz NOT NULL,
    call       text        NOT NULL,
    type       text        NOT NULL,
    data       jsonb       NOT NULL,
    heard_at   timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (pool, epoch, seq)
);
CREATE INDEX testimony_open ON testimony (pool) WHERE settled_at IS NULL;
