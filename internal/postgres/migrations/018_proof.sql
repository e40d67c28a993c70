-- What was found in the audio of a conversation. Times are milliseconds from the
-- recording's first sample. What is not in it although it was said:
CREATE TABLE recording_gaps (
    call      text        NOT NULL,
    n         integer     NOT NULL, -- counts from 1
    channel   text        NOT NULL, -- left: the caller, right: the agent's side, both
    at_ms     bigint      NOT NULL,
    length_ms bigint      NOT NULL,
    reason    text        NOT NULL, -- words of package recording
    detail    text        NOT NULL,
    found_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (call, n)
);
CREATE INDEX recording_gaps_found ON recording_gaps (found_at DESC, call, n);

-- Who spoke how: a row for each agent's part, and one without an agent for the
-- whole conversation. What was not measured for want of speech is NULL.
CREATE TABLE recording_speech (
    call                 text    NOT NULL,
    agent                text    NOT NULL,
    length_ms            bigint  NOT NULL, -- of the part, time on hold left out
    agent_talk_ms        bigint  NOT NULL,
    caller_talk_ms       bigint  NOT NULL,
    crosstalk_ms         bigint  NOT NULL,
    dead_air_ms          bigint  NOT NULL,
    longest_dead_air_ms  bigint  NOT NULL,
    longest_monologue_ms bigint  NOT NULL,
    first_word_ms        bigint,
    agent_dbfs           integer,
    caller_dbfs          integer,
    interruptions        integer NOT NULL,
    PRIMARY KEY (call, agent)
);

-- The wave form for players: bytes, left and right in turn, compressed (deflate).
CREATE TABLE recording_peaks (
    call   text    PRIMARY KEY,
    rate   integer NOT NULL, -- values a second and channel
    levels bytea   NOT NULL
);
