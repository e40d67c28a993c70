-- What lets programs and screens in, by the hash of its secret. A name is used
-- once, since the audit log has it.
CREATE TABLE tokens (
    id         bytea PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    scopes     text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at    timestamptz
);
