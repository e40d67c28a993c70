-- What conversations are judged by. A published version is final (R16.1).
CREATE TABLE qa_forms (
    id           text NOT NULL,
    version      integer NOT NULL,
    form         jsonb NOT NULL,
    author       text NOT NULL,
    reason       text NOT NULL,
    saved_at     timestamptz NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (id, version)
);

-- Judgements of one agent's part of a call. body is the evaluation folded from
-- its log; the other columns are what lists and results select by.
CREATE TABLE qa_evaluations (
    id        text PRIMARY KEY,
    task      text NOT NULL,
    call      text NOT NULL,
    agent     text NOT NULL,
    call_at   timestamptz NOT NULL,
    origin    text NOT NULL,
    scorer    text NOT NULL,
    state     text NOT NULL,
    begun_at  timestamptz NOT NULL,
    body      jsonb NOT NULL,
    UNIQUE (call, agent, scorer)
);
CREATE INDEX qa_evaluations_agent ON qa_evaluations (agent, call_at DESC);
CREATE INDEX qa_evaluations_call_at ON qa_evaluations (call_at DESC);
CREATE INDEX qa_evaluations_task ON qa_evaluations (task) WHERE task <> '';

-- The log of each evaluation from its submission on. Lines are never changed.
CREATE TABLE qa_evaluation_events (
    evaluation text NOT NULL,
    n          integer NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,
    data       jsonb NOT NULL,
    PRIMARY KEY (evaluation, n)
);
CREATE INDEX qa_evaluation_events_kind ON qa_evaluation_events (kind, at);
CREATE TRIGGER qa_evaluation_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON qa_evaluation_events
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();

-- Talks that shall change something, and what came of them (R15.2).
CREATE TABLE qa_coaching (
    id      text PRIMARY KEY,
    agent   text NOT NULL,
    owner   text NOT NULL,
    due     text NOT NULL,
    done_at timestamptz,
    body    jsonb NOT NULL
);
CREATE INDEX qa_coaching_agent ON qa_coaching (agent, due);

-- One call judged by several who do not see each other's answers.
CREATE TABLE qa_calibrations (
    id        text PRIMARY KEY,
    at        timestamptz NOT NULL,
    closed_at timestamptz,
    body      jsonb NOT NULL
);
