-- What callers heard and which keys they pressed: menus, waits that were told,
-- messages, marks.
ALTER TABLE calls
    ADD COLUMN path jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN estimate jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN message_at timestamptz,
    ADD COLUMN message_ms double precision NOT NULL DEFAULT 0,
    ADD COLUMN survey text NOT NULL DEFAULT '',
    ADD COLUMN score integer NOT NULL DEFAULT 0;
