-- A score's total has a small letter now; what was stored before is brought along.
UPDATE qa_evaluations SET body = replace(body::text, '"Total":', '"total":')::jsonb WHERE body #> '{versions,0,scored,Total}' IS NOT NULL;

CREATE OR REPLACE FUNCTION recording_search_refresh(which text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO recording_search
    SELECT r.call, coalesce(c.arrived_at, r.started_at, r.created_at),
        ARRAY(SELECT DISTINCT p.agent FROM parts p WHERE p.call = r.call UNION SELECT c.agent WHERE c.agent <> ''),
        CASE WHEN c.home <> '' THEN c.home ELSE c.queue END, CASE WHEN c.direction = 'out' THEN c.number ELSE c.caller END,
        r.talk_ms, NOT c.rings_within, c.release, c.score, c.category,
        CASE WHEN r.erased_at IS NOT NULL THEN 'erased' ELSE r.state END, r.held_at IS NOT NULL,
        (SELECT search_score(e.body #>> '{versions,-1,scored,total}') FROM qa_evaluations e
            WHERE e.call = r.call AND e.body #>> '{versions,-1,scored,total}' IS NOT NULL ORDER BY e.begun_at DESC LIMIT 1),
        s.dead_air_ms, s.crosstalk_ms, CASE WHEN s.agent_talk_ms + s.caller_talk_ms > 0 THEN round(100.0 * s.agent_talk_ms / (s.agent_talk_ms + s.caller_talk_ms)) END,
        array_to_tsvector(search_words(c.note || ' ' || coalesce((SELECT string_agg(x.comment, ' ') FROM recording_comments x WHERE x.call = r.call AND x.removed_at IS NULL), '')))
    FROM recordings r JOIN calls c ON c.call = r.call LEFT JOIN recording_speech s ON s.call = r.call AND s.agent = ''
    WHERE r.call = $1
    ON CONFLICT (call) DO UPDATE SET at = excluded.at, agents = excluded.agents, queue = excluded.queue, number = excluded.number, talk_ms = excluded.talk_ms,
        over_rings = excluded.over_rings, release = excluded.release, mark = excluded.mark, category = excluded.category, state = excluded.state, held = excluded.held, score = excluded.score,
        dead_air_ms = excluded.dead_air_ms, crosstalk_ms = excluded.crosstalk_ms, agent_share = excluded.agent_share, words = excluded.words
$$;

DO $$ BEGIN PERFORM recording_search_refresh(call) FROM recording_search WHERE call IN (SELECT call FROM qa_evaluations); END $$;
