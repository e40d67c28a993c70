-- Matters that somebody must see to, such as messages left (R3.4).
CREATE TABLE cases (
    pool      text NOT NULL,
    id        text NOT NULL,
    kind      text NOT NULL,
    queue     text NOT NULL,
    caller    text NOT NULL,
    opened_at timestamptz,
    closed_at timestamptz,
    note      text NOT NULL,
    closed_by text NOT NULL,
    PRIMARY KEY (pool, id)
);
CREATE INDEX cases_open ON cases (pool, opened_at) WHERE closed_at IS NULL;
