-- Browsers that are signed in, so that a restart or another node signs nobody out.
CREATE TABLE sessions (
    id        bytea PRIMARY KEY,
    user_name text NOT NULL,
    proof     bytea NOT NULL,
    began     timestamptz NOT NULL,
    used      timestamptz NOT NULL,
    address   text NOT NULL,
    browser   text NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_name);
