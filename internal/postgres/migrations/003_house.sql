-- What the house decides and keeps beside the ledger.
CREATE TABLE users (
    name          text PRIMARY KEY,
    role          text NOT NULL,
    agent         text,
    password_hash text NOT NULL,
    disabled      boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sip_accounts (
    agent    text NOT NULL,
    account  text PRIMARY KEY,
    password text NOT NULL
);

CREATE TABLE centres (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    text NOT NULL,
    settings   jsonb NOT NULL,
    source     text NOT NULL,
    applied_by text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recordings (
    call           text PRIMARY KEY,
    path           text NOT NULL,
    started_at     timestamptz,
    length_ms      bigint NOT NULL,
    bytes          bigint NOT NULL,
    sha256         text NOT NULL,
    talk_offset_ms bigint NOT NULL,
    talk_ms        bigint NOT NULL,
    state          text NOT NULL,
    gap_reason     text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);
