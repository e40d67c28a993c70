-- Recordings are encrypted, each with a key of its own, which is wrapped by a
-- master key of the house: without "wrapped" the object in the store is noise.
ALTER TABLE recordings
    ADD COLUMN form          text   NOT NULL DEFAULT '', -- '': a plain WAV file of a version before
    ADD COLUMN object_bytes  bigint NOT NULL DEFAULT 0,
    ADD COLUMN object_sha256 text   NOT NULL DEFAULT '',
    ADD COLUMN source_sha256 text   NOT NULL DEFAULT '',
    ADD COLUMN note          text   NOT NULL DEFAULT '',
    ADD COLUMN master        text   NOT NULL DEFAULT '',
    ADD COLUMN wrapped       bytea,
    ADD COLUMN steps         jsonb  NOT NULL DEFAULT '{}',
    ADD COLUMN held_at       timestamptz,
    ADD COLUMN held_by       text   NOT NULL DEFAULT '',
    ADD COLUMN held_why      text   NOT NULL DEFAULT '',
    ADD COLUMN erased_at     timestamptz,
    ADD COLUMN erased_by     text   NOT NULL DEFAULT '',
    ADD COLUMN erased_why    text   NOT NULL DEFAULT '';
CREATE INDEX recordings_to_convert ON recordings (call) WHERE path <> '' AND (form = '' OR form = 'wav' AND note = '');
