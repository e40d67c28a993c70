-- A recording is kept of every conversation, also of one with a number outside.
ALTER TABLE calls ADD COLUMN spoke_at timestamptz;
UPDATE calls SET spoke_at = connected_at;
DROP INDEX calls_to_keep;
CREATE INDEX calls_to_keep ON calls (ended_at, call) WHERE spoke_at IS NOT NULL AND NOT unrecorded;
