-- What a recording's audio was measured to be, beside what it should be: the
-- proof that it is whole, or not.
CREATE TABLE recording_coverage (
    call             text   PRIMARY KEY,
    length_ms        double precision NOT NULL, -- of the audio
    span_ms          double precision NOT NULL, -- from answer to hang-up, by the ledger
    switch_ms        double precision,          -- the same by the switch's own clock; NULL: not known
    left_sound_ms    bigint NOT NULL,           -- in the conversation, not digital silence
    left_silence_ms  bigint NOT NULL,           -- the longest
    right_sound_ms   bigint NOT NULL,
    right_silence_ms bigint NOT NULL,
    sides            text   NOT NULL            -- right, swapped, or unknown
);
