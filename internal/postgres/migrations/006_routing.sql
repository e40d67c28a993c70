-- Why a call left a queue by policy, and what routing made of it (R4.1).
ALTER TABLE calls
    ADD COLUMN overflow text NOT NULL DEFAULT '',
    ADD COLUMN level text NOT NULL DEFAULT '',
    ADD COLUMN extra integer NOT NULL DEFAULT 0,
    ADD COLUMN last_agent text NOT NULL DEFAULT '',
    ADD COLUMN overtaken integer NOT NULL DEFAULT 0,
    ADD COLUMN overtaken_at timestamptz;
