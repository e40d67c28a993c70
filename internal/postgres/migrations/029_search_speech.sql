-- More of how people spoke can be looked for: the longest monologue, how long
-- until the agent's first word, how loud the agent is.
ALTER TABLE recording_search
    ADD COLUMN monologue_ms bigint,
    ADD COLUMN first_word_ms bigint,
    ADD COLUMN agent_dbfs integer;

CREATE OR REPLACE FUNCTION recording_search_refresh(which text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO recording_search (call, at, agents, queue, number, talk_ms, over_rings, release, mark, category, state, held, score, dead_air_ms, crosstalk_ms, agent_share, words,
        monologue_ms, first_word_ms, agent_dbfs)
    SELECT r.call, coalesce(c.arrived_at, r.started_at, r.created_at),
        ARRAY(SELECT DISTINCT p.agent FROM parts p WHERE p.call = r.call UNION SELECT c.agent WHERE c.agent <> ''),
        CASE WHEN c.home <> '' THEN c.home ELSE c.queue END, CASE WHEN c.direction = 'out' THEN c.number ELSE c.caller END,
        r.talk_ms, NOT c.rings_within, c.release, c.score, c.category,
        CASE WHEN r.erased_at IS NOT NULL THEN 'erased' ELSE r.state END, r.held_at IS NOT NULL,
        (SELECT search_score(e.body #>> '{versions,-1,scored,total}') FROM qa_evaluations e
            WHERE e.call = r.call AND e.body #>> '{versions,-1,scored,total}' IS NOT NULL ORDER BY e.begun_at DESC LIMIT 1),
        s.dead_air_ms, s.crosstalk_ms, CASE WHEN s.agent_talk_ms + s.caller_talk_ms > 0 THEN round(100.0 * s.agent_talk_ms / (s.agent_talk_ms + s.caller_talk_ms)) END,
        array_to_tsvector(search_words(c.note || ' ' || coalesce((SELECT string_agg(x.comment, ' ') FROM recording_comments x WHERE x.call = r.call AND x.removed_at IS NULL), ''))),
        s.longest_monologue_ms, s.first_word_ms, s.agent_dbfs
    FROM recordings r JOIN calls c ON c.call = r.call LEFT JOIN recording_speech s ON s.call = r.call AND s.agent = ''
    WHERE r.call = $1
    ON CONFLICT (call) DO UPDATE SET at = excluded.at, agents = excluded.agents, queue = excluded.queue, number = excluded.number, talk_ms = excluded.talk_ms,
        over_rings = excluded.over_rings, release = excluded.release, mark = excluded.mark, category = excluded.category, state = excluded.state, held = excluded.held, score = excluded.score,
        dead_air_ms = excluded.dead_air_ms, crosstalk_ms = excluded.crosstalk_ms, agent_share = excluded.agent_share, words = excluded.words,
        monologue_ms = excluded.monologue_ms, first_word_ms = excluded.first_word_ms, agent_dbfs = excluded.agent_dbfs
$$;

UPDATE recording_search x SET monologue_ms = s.longest_monologue_ms, first_word_ms = s.first_word_ms, agent_dbfs = s.agent_dbfs
    FROM recording_speech s WHERE s.call = x.call AND s.agent = '';
CREATE INDEX recording_search_monologue ON recording_search (monologue_ms);
CREATE INDEX recording_search_first_word ON recording_search (first_word_ms);
