-- What happens to a call beside one agent's conversation: hold, transfers,
-- consultations, numbers outside, call-backs, calls placed by agents.
ALTER TABLE calls
    ADD COLUMN leg text NOT NULL DEFAULT '',
    ADD COLUMN direction text NOT NULL DEFAULT '',
    ADD COLUMN queued_at timestamptz,
    ADD COLUMN home text NOT NULL DEFAULT '',
    ADD COLUMN hold_ms double precision NOT NULL DEFAULT 0,
    ADD COLUMN transfers integer NOT NULL DEFAULT 0,
    ADD COLUMN parts integer NOT NULL DEFAULT 0,
    ADD COLUMN outside jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN callback jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN callback_of text NOT NULL DEFAULT '';
UPDATE calls SET leg = call, queued_at = arrived_at WHERE queue <> '';
ALTER TABLE offers ADD COLUMN kind text NOT NULL DEFAULT '';

-- Talk time belongs to who talked: one row for each agent's part of a call.
CREATE TABLE parts (
    pool    text NOT NULL,
    call    text NOT NULL,
    n       integer NOT NULL,
    agent   text NOT NULL,
    offer   text NOT NULL,
    queue   text NOT NULL,
    day     text NOT NULL,
    from_at timestamptz,
    to_at   timestamptz,
    talk_ms double precision NOT NULL,
    hold_ms double precision NOT NULL,
    ended   text NOT NULL,
    PRIMARY KEY (pool, call, n)
);
CREATE INDEX parts_agent ON parts (pool, agent, day);
