-- Remarks at moments of a recording.
CREATE TABLE recording_comments (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call       text        NOT NULL,
    at_ms      bigint      NOT NULL,
    comment    text        NOT NULL,
    who        text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    removed_by text        NOT NULL DEFAULT ''
);
CREATE INDEX recording_comments_call ON recording_comments (call, at_ms, id);

-- All that recordings are looked for by, in one row each, so that a million can
-- be searched. It follows calls, recordings, speech, marks and remarks by
-- triggers, and is never written otherwise.
CREATE TABLE recording_search (
    call         text        PRIMARY KEY,
    at           timestamptz NOT NULL, -- of the call's arrival
    agents       text[]      NOT NULL, -- all who had part in it
    queue        text        NOT NULL,
    number       text        NOT NULL, -- the customer's
    talk_ms      bigint      NOT NULL,
    over_rings   boolean     NOT NULL,
    release      text        NOT NULL,
    mark         integer     NOT NULL, -- of the survey; 0: none
    category     text        NOT NULL,
    state        text        NOT NULL, -- of the recording, or erased
    held         boolean     NOT NULL,
    score        double precision,     -- the latest of its evaluations, out of 100
    dead_air_ms  bigint,
    crosstalk_ms bigint,
    agent_share  integer,              -- of the time that both spoke, percent
    words        tsvector    NOT NULL
);

-- The words of a text: Latin words and numbers (of capitals only A to Z are made
-- small: what a server makes of others depends on its locale), Chinese (and other
-- writing without spaces) as single characters and pairs.
CREATE OR REPLACE FUNCTION search_words(t text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(DISTINCT w), '{}') FROM (
        SELECT left(m[1], 60) AS w FROM regexp_matches(translate(t, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), '[a-z0-9\u00c0-\u024f]+', 'g') m
        UNION ALL
        SELECT substr(run, i, n) FROM (SELECT m[1] AS run FROM regexp_matches(t, '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+', 'g') m) r,
            generate_series(1, 2) n, generate_series(1, length(run) - n + 1) i
    ) x
$$;

-- A fraction such as 425/6.
CREATE OR REPLACE FUNCTION search_score(fraction text) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT split_part(fraction, '/', 1)::double precision / coalesce(nullif(split_part(fraction, '/', 2), '')::double precision, 1)
$$;

CREATE OR REPLACE FUNCTION recording_search_refresh(which text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO recording_search
    SELECT r.call, coalesce(c.arrived_at, r.started_at, r.created_at),
        ARRAY(SELECT DISTINCT p.agent FROM parts p WHERE p.call = r.call UNION SELECT c.agent WHERE c.agent <> ''),
        CASE WHEN c.home <> '' THEN c.home ELSE c.queue END, CASE WHEN c.direction = 'out' THEN c.number ELSE c.caller END,
        r.talk_ms, NOT c.rings_within, c.release, c.score, c.category,
        CASE WHEN r.erased_at IS NOT NULL THEN 'erased' ELSE r.state END, r.held_at IS NOT NULL,
        (SELECT search_score(e.body #>> '{versions,-1,scored,Total}') FROM qa_evaluations e
            WHERE e.call = r.call AND e.body #>> '{versions,-1,scored,Total}' IS NOT NULL ORDER BY e.begun_at DESC LIMIT 1),
        s.dead_air_ms, s.crosstalk_ms, CASE WHEN s.agent_talk_ms + s.caller_talk_ms > 0 THEN round(100.0 * s.agent_talk_ms / (s.agent_talk_ms + s.caller_talk_ms)) END,
        array_to_tsvector(search_words(c.note || ' ' || coalesce((SELECT string_agg(x.comment, ' ') FROM recording_comments x WHERE x.call = r.call AND x.removed_at IS NULL), '')))
    FROM recordings r JOIN calls c ON c.call = r.call LEFT JOIN recording_speech s ON s.call = r.call AND s.agent = ''
    WHERE r.call = $1
    ON CONFLICT (call) DO UPDATE SET at = excluded.at, agents = excluded.agents, queue = excluded.queue, number = excluded.number, talk_ms = excluded.talk_ms,
        over_rings = excluded.over_rings, release = excluded.release, mark = excluded.mark, category = excluded.category, state = excluded.state, held = excluded.held, score = excluded.score,
        dead_air_ms = excluded.dead_air_ms, crosstalk_ms = excluded.crosstalk_ms, agent_share = excluded.agent_share, words = excluded.words
$$;

CREATE OR REPLACE FUNCTION recording_search_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recording_search_refresh(NEW.call);
    RETURN NULL;
END $$;

INSERT INTO recording_search (call, at, agents, queue, number, talk_ms, over_rings, release, mark, category, state, held, words)
    SELECT r.call, coalesce(r.started_at, r.created_at), '{}', '', '', 0, false, '', 0, '', r.state, false, '' FROM recordings r JOIN calls c ON c.call = r.call;
DO $$ BEGIN PERFORM recording_search_refresh(call) FROM recording_search; END $$;

CREATE INDEX recording_search_at ON recording_search (at DESC, call DESC);
CREATE INDEX recording_search_queue ON recording_search (queue, at DESC, call DESC);
CREATE INDEX recording_search_agents ON recording_search USING gin (agents);
CREATE INDEX recording_search_number ON recording_search (number text_pattern_ops, at DESC);
CREATE INDEX recording_search_number_end ON recording_search (reverse(number) text_pattern_ops);
CREATE INDEX recording_search_talk ON recording_search (talk_ms);
CREATE INDEX recording_search_mark ON recording_search (mark, at DESC) WHERE mark > 0;
CREATE INDEX recording_search_category ON recording_search (category, at DESC);
CREATE INDEX recording_search_state ON recording_search (state, at DESC) WHERE state <> 'kept';
CREATE INDEX recording_search_held ON recording_search (at DESC) WHERE held;
CREATE INDEX recording_search_score ON recording_search (score) WHERE score IS NOT NULL;
CREATE INDEX recording_search_dead_air ON recording_search (dead_air_ms);
CREATE INDEX recording_search_crosstalk ON recording_search (crosstalk_ms);
CREATE INDEX recording_search_words ON recording_search USING gin (words);

CREATE TRIGGER recording_search_recordings AFTER INSERT OR UPDATE ON recordings FOR EACH ROW EXECUTE FUNCTION recording_search_follow();
CREATE TRIGGER recording_search_calls AFTER INSERT OR UPDATE ON calls FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION recording_search_follow();
CREATE TRIGGER recording_search_speech AFTER INSERT OR UPDATE ON recording_speech FOR EACH ROW WHEN (NEW.agent = '') EXECUTE FUNCTION recording_search_follow();
CREATE TRIGGER recording_search_comments AFTER INSERT OR UPDATE ON recording_comments FOR EACH ROW EXECUTE FUNCTION recording_search_follow();
CREATE TRIGGER recording_search_evaluations AFTER INSERT OR UPDATE ON qa_evaluations FOR EACH ROW EXECUTE FUNCTION recording_search_follow();
