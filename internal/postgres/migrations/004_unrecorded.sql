-- Whether a call was to be recorded is decided when it comes (R9.1), not by the
-- house as it is when somebody looks.
ALTER TABLE calls ADD COLUMN unrecorded boolean NOT NULL DEFAULT false;

-- Until now that was not on record. Conversations without a row were looked for
-- each minute, and a file that is still there is kept in any case: what has no
-- row by now was not to be recorded.
UPDATE calls SET unrecorded = true
    WHERE connected_at IS NOT NULL AND ended_at IS NOT NULL AND NOT EXISTS (SELECT FROM recordings r WHERE r.call = calls.call);

-- The search for conversations without a recording, each minute.
CREATE INDEX calls_to_keep ON calls (ended_at, call) WHERE connected_at IS NOT NULL AND NOT unrecorded;
