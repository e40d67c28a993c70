-- What each day's recordings were, as a tree of hashes (RFC 6962), chained day
-- by day. Never changed or removed.
CREATE TABLE recording_roots (
    day       text        PRIMARY KEY,
    leaves    integer     NOT NULL,
    root      text        NOT NULL,
    previous  text        NOT NULL UNIQUE, -- so that none forks the chain
    hash      text        NOT NULL,
    closed_at timestamptz NOT NULL
);
CREATE TABLE recording_leaves (
    day           text    NOT NULL, -- of the tree
    n             integer NOT NULL, -- counts from 0
    call          text    NOT NULL,
    call_day      text    NOT NULL, -- before the tree's: it came late
    sha256        text    NOT NULL,
    object_sha256 text    NOT NULL,
    length_ms     bigint  NOT NULL,
    talk_ms       bigint  NOT NULL,
    state         text    NOT NULL,
    PRIMARY KEY (day, n)
);
CREATE INDEX recording_leaves_call ON recording_leaves (call, day, n);
CREATE TRIGGER recording_roots_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recording_roots
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();
CREATE TRIGGER recording_leaves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recording_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();

-- The house's day of the call, and the hash of the leaf that says what the row
-- says: '' when no tree has it yet.
ALTER TABLE recordings
    ADD COLUMN day  text NOT NULL DEFAULT '',
    ADD COLUMN leaf text NOT NULL DEFAULT '';
CREATE INDEX recordings_in_no_tree ON recordings (day, call) WHERE leaf = '';
