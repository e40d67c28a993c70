-- Which conversations are listened to. body is the plan; draws keep the version
-- that they were made by.
CREATE TABLE qa_plans (
    id       text PRIMARY KEY,
    ended_at timestamptz,
    body     jsonb NOT NULL
);

-- A period of a plan. The seed is there from the beginning, but told to nobody
-- before it is used; its hash is told to everybody.
CREATE TABLE qa_draws (
    id           text PRIMARY KEY,
    plan         text NOT NULL,
    since        timestamptz NOT NULL,
    until        timestamptz NOT NULL,
    committed_at timestamptz NOT NULL,
    commitment   text NOT NULL,
    seed         bytea NOT NULL,
    drawn_at     timestamptz,
    body         jsonb NOT NULL,
    population   bytea, -- its lines, byte for byte as they were hashed
    UNIQUE (plan, since, until)
);
CREATE INDEX qa_draws_due ON qa_draws (until) WHERE drawn_at IS NULL;

-- A promise is kept once, and not changed.
CREATE OR REPLACE FUNCTION qa_draws_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.drawn_at IS NOT NULL
        OR (OLD.id, OLD.plan, OLD.since, OLD.until, OLD.committed_at, OLD.commitment, OLD.seed) IS DISTINCT FROM (NEW.id, NEW.plan, NEW.since, NEW.until, NEW.committed_at, NEW.commitment, NEW.seed) THEN
        RAISE EXCEPTION 'draws are final: % is not allowed', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER qa_draws_final BEFORE UPDATE OR DELETE ON qa_draws FOR EACH ROW EXECUTE FUNCTION qa_draws_final();
CREATE TRIGGER qa_draws_not_emptied BEFORE TRUNCATE ON qa_draws FOR EACH STATEMENT EXECUTE FUNCTION qa_draws_final();

-- Who judges what was drawn. How far a task is follows from its evaluation.
CREATE TABLE qa_tasks (
    id      text PRIMARY KEY,
    draw    text NOT NULL,
    call    text NOT NULL,
    agent   text NOT NULL,
    reason  text NOT NULL,
    scorer  text NOT NULL,
    due     text NOT NULL,
    dropped timestamptz,
    body    jsonb NOT NULL,
    UNIQUE (draw, call, agent, reason)
);
CREATE INDEX qa_tasks_scorer ON qa_tasks (scorer, due);
CREATE INDEX qa_tasks_call ON qa_tasks (call);
