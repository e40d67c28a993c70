-- Projections: rows folded from events in the same transaction; they can be
-- thrown away and rebuilt. Durations are milliseconds, to the microsecond, so
-- that sums over rows equal the sums on the wallboard.
CREATE TABLE calls (
    pool             text NOT NULL,
    call             text NOT NULL,
    arrival          bigint NOT NULL,
    day              text NOT NULL,
    queue            text NOT NULL,
    passed           jsonb NOT NULL,
    number           text NOT NULL,
    caller           text NOT NULL,
    name             text NOT NULL,
    endpoint         text NOT NULL,
    addr             text NOT NULL,
    by_agent         text NOT NULL,
    state            text NOT NULL,
    arrived_at       timestamptz,
    line_answered_at timestamptz,
    line_answered_by text NOT NULL,
    budget_spent_at  timestamptz,
    accepted_at      timestamptz,
    connected_at     timestamptz,
    ended_at         timestamptz,
    offers           integer NOT NULL,
    offer            text NOT NULL,
    agent            text NOT NULL,
    outcome          text NOT NULL,
    release          text NOT NULL,
    cause            text NOT NULL,
    short            boolean NOT NULL,
    wait_ms          double precision NOT NULL,
    ring_ms          double precision NOT NULL,
    rings            integer NOT NULL,
    rings_within     boolean NOT NULL,
    rings_strict     boolean NOT NULL,
    talk_ms          double precision NOT NULL,
    PRIMARY KEY (pool, call)
);
CREATE INDEX calls_arrived ON calls (arrived_at DESC, call DESC);
CREATE INDEX calls_agent ON calls (agent, arrived_at DESC) WHERE agent <> '';
CREATE INDEX calls_day ON calls (pool, day);
CREATE INDEX calls_caller ON calls (caller, arrived_at DESC);

CREATE TABLE offers (
    pool         text NOT NULL,
    offer        text NOT NULL,
    call         text NOT NULL,
    agent        text NOT NULL,
    queue        text NOT NULL,
    day          text NOT NULL,
    state        text NOT NULL,
    made_at      timestamptz,
    alerting_at  timestamptz,
    closed_at    timestamptz,
    reason       text NOT NULL,
    ring_ms      double precision NOT NULL,
    rings        integer NOT NULL,
    rings_within boolean NOT NULL,
    rings_strict boolean NOT NULL,
    fine         bigint NOT NULL,
    why          jsonb NOT NULL,
    PRIMARY KEY (pool, offer)
);
CREATE INDEX offers_call ON offers (call);
CREATE INDEX offers_made ON offers (made_at DESC, offer DESC);
CREATE INDEX offers_day ON offers (pool, day);

CREATE TABLE agent_intervals (
    pool    text NOT NULL,
    agent   text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at   timestamptz,
    state   text NOT NULL,
    reason  text NOT NULL,
    call    text NOT NULL,
    PRIMARY KEY (pool, agent, from_at)
);
CREATE INDEX agent_intervals_from ON agent_intervals (from_at);

CREATE TABLE violations (
    pool         text NOT NULL,
    at           timestamptz NOT NULL,
    agent        text NOT NULL,
    call         text NOT NULL,
    offer        text NOT NULL,
    queue        text NOT NULL,
    rule         text NOT NULL,
    ring_ms      double precision NOT NULL,
    rings        integer NOT NULL,
    rings_within boolean NOT NULL,
    rings_strict boolean NOT NULL,
    fine         bigint NOT NULL,
    PRIMARY KEY (pool, offer, rule, at)
);
CREATE INDEX violations_at ON violations (at);
