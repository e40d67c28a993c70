-- What a call was about (R3.1).
ALTER TABLE calls
    ADD COLUMN category text NOT NULL DEFAULT '',
    ADD COLUMN registered_by text NOT NULL DEFAULT '',
    ADD COLUMN registered_at timestamptz,
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN registration_missed boolean NOT NULL DEFAULT false;
