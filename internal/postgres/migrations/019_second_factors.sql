-- Second factors: a secret that a phone has too, and hashes of recovery codes.
CREATE TABLE second_factors (
    user_name    text PRIMARY KEY,
    secret       bytea NOT NULL,
    confirmed_at timestamptz,
    step         bigint NOT NULL,
    recovery     bytea[] NOT NULL
);
