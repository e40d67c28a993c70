-- A call that the switch took with it, and one that has the place of a call that was dropped.
ALTER TABLE calls ADD COLUMN cut_at timestamptz, ADD COLUMN restored text NOT NULL DEFAULT '';
